//! The graph definition: which columns name accounts, entities and times, and how rings are judged.
//!
//! The types mirror the TOML one to one; text, overrides and checks are in the files beside this.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

use super::duration;

/// A whole graph definition (`graphs/*.toml`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// The name it is known by: the shipped name, or the file's stem.
    #[serde(skip)]
    pub name: String,
    /// Rows an account needs to count at all; rows of other accounts are *filtered*.
    #[serde(default = "one")]
    pub min_participation: u32,
    /// The columns that every entity relies on.
    pub columns: Columns,
    /// The things accounts can share, in the order they are reported.
    #[serde(rename = "entity")]
    pub entities: Vec<Entity>,
    /// How candidates are found.
    #[serde(default)]
    pub detection: Detection,
    /// What makes a ring.
    #[serde(default)]
    pub rings: Rings,
    /// Which evidence puts a ring in which tier.
    #[serde(default)]
    pub tiers: Tiers,
    /// What is handed to enforcement.
    #[serde(default)]
    pub publication: Publication,
}

/// `[columns]`: the roles that are not entities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// Who acted; required in every input.
    pub account: String,
    /// When; without it windowed entities are off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
}

/// One `[[entity]]`: a thing several accounts can have in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// Unique, `[a-z][a-z0-9_]*`; used in evidence, reasons and `--set entity.NAME.key=value`.
    pub name: String,
    /// Which kind of evidence sharing it gives.
    pub kind: Kind,
    /// The columns whose values together are the key.
    pub columns: Vec<String>,
    /// Columns that join the key where the input has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub optional: Vec<String>,
    /// Columns used instead of `columns` where the input lacks one of those.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallback: Vec<String>,
    /// Shared only when acted on at most so far apart (closed); text such as `60s`, `5m`, `1h30m`,
    /// or a whole number of seconds.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "text_or_seconds"
    )]
    pub within: Option<String>,
    /// The time column for `within` where it is not the event's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// A co-action is counted between two *different* values of this column, neither being the
    /// key itself (`coshare`: two posts of one link), and participation is counted on them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// An entity with more accounts makes no links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_accounts: Option<u32>,
    /// A link needs at least so many shared entities (windowed: co-actions) of this type.
    #[serde(default = "one")]
    pub min_shared: u32,
    /// What one shared entity adds to a link.
    #[serde(default)]
    pub weight: WeightRule,
}

impl Entity {
    /// [`Self::within`] in microseconds; `None` when the entity is not windowed.
    pub fn within_micros(&self) -> Option<i64> {
        self.within.as_deref().and_then(duration::micros)
    }
}

/// The kind of evidence an entity gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// What accounts run on: devices, addresses, cards.
    Infrastructure,
    /// What accounts do: targets, owners, windows of synchronous action.
    Behaviour,
    /// Whom accounts deal with: the column holds another account's id.
    Relation,
}

impl Kind {
    /// Whether sharing such an entity is about what accounts do, and not only where from.
    pub fn is_deed(self) -> bool {
        self != Kind::Infrastructure
    }
}

/// What one shared entity of degree `d` among `N` accounts adds to a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WeightRule {
    /// `ln(N / d)`: the nats it says about two accounts that both have it.
    #[default]
    Evidence,
    /// 1.
    Count,
    /// `1 / (d − 1)` (Newman 2001).
    Newman,
    /// `1 / ln d` (Adamic and Adar 2003).
    AdamicAdar,
}

/// `[detection]`: how candidate communities are found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Detection {
    /// Which communities are candidates.
    pub algorithm: Algorithm,
    /// Constant Potts: the nats a pair inside a community must share on average.
    pub resolution: f64,
    /// Rounds at the most, for algorithms that have rounds.
    pub rounds: u32,
    /// Dense blocks of accounts and popular things that are judged at most; 0: none are looked for.
    pub blocks: u32,
}

impl Default for Detection {
    fn default() -> Self {
        Detection {
            algorithm: Algorithm::Leiden,
            resolution: 1.0,
            rounds: 32,
            blocks: 32,
        }
    }
}

/// A community detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// Leiden with the constant Potts objective: no resolution limit.
    Leiden,
    /// Semi-synchronous label propagation.
    LabelPropagation,
    /// Connected components.
    Components,
}

/// `[rings]`: what makes a ring.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rings {
    /// Accounts a ring has at least.
    pub min_size: u32,
    /// Bits of evidence below which nothing is reported.
    pub min_bits: f64,
}

impl Default for Rings {
    fn default() -> Self {
        Rings {
            min_size: 2,
            min_bits: 0.0,
        }
    }
}

/// `[tiers]`: which evidence puts a ring in which tier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tiers {
    /// `act` needs a q-value at most this, and corroboration.
    pub act_q: f64,
    /// `review` needs a q-value at most this.
    pub review_q: f64,
    /// Independent entities of one kind that corroborate where only one kind speaks.
    pub repetition: u32,
}

impl Default for Tiers {
    fn default() -> Self {
        Tiers {
            act_q: 0.01,
            review_q: 0.05,
            repetition: 3,
        }
    }
}

/// `[publication]`: what is handed to enforcement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Publication {
    /// The action that directives recommend.
    pub action: String,
    /// Days after the sweep's last event at which a directive expires.
    pub expiry_days: u32,
}

impl Default for Publication {
    fn default() -> Self {
        Publication {
            action: "review".into(),
            expiry_days: 30,
        }
    }
}

fn one() -> u32 {
    1
}

/// A duration as text; a bare whole number is taken for seconds.
fn text_or_seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    struct Duration;

    impl Visitor<'_> for Duration {
        type Value = Option<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a duration such as \"60s\", or seconds")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Some(text.to_owned()))
        }

        fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Self::Value, E> {
            Ok(Some(format!("{seconds}s")))
        }
    }

    from.deserialize_any(Duration)
}
