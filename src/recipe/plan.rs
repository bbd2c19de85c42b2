//! Placeholder until the recipe branch lands.
use super::{Kind, WeightRule};
/// x
#[derive(Debug, Clone, PartialEq)]
pub struct Plan { /// x
pub entities: Vec<EntityPlan>, /// x
pub off: Vec<(String,String)> }
/// x
#[derive(Debug, Clone, PartialEq)]
pub struct EntityPlan { /// x
pub index: usize, /// x
pub name: String, /// x
pub kind: Kind, /// x
pub columns: Vec<String>, /// x
pub within_micros: Option<i64>, /// x
pub time: Option<String>, /// x
pub content: Option<String>, /// x
pub max_accounts: Option<u32>, /// x
pub min_shared: u32, /// x
pub weight: WeightRule }
