//! From events to entities: the typed graph of accounts and what they share.
//!
//! Every signal is a shared entity. A plain entity (device, address, owner) is shared by whoever ever
//! had it; a windowed entity is a key together with a moment, shared by those who acted on the key
//! at most `within` apart. A relation is a plain entity that is itself an account: whoever names it
//! has it, and is besides related to it (`relations.rs`).

use rayon::prelude::*;

use crate::entities::keys::Keys;
use crate::entities::relations;
use crate::entities::rhythm::Rhythm;
use crate::events::{EventLog, NONE, UNKNOWN_TIME};
use crate::kernels::company::Company;
use crate::recipe::{EntityPlan, Kind, Plan, WeightRule};
use crate::sparse::postings::{Actions, Beside, Crowds, Postings};
use crate::sparse::rows::Rows;

/// Accounts × entities, by type.
#[derive(Debug)]
pub struct EntityGraph<'log> {
    /// The events behind it.
    pub log: &'log EventLog,
    /// One per entity that is on, in the order of the definition.
    pub types: Vec<EntityType<'log>>,
}

impl EntityGraph<'_> {
    /// The types by which accounts name each other, as bits: bit `t` for type `t`, the last one for all from there on, as
    /// [`Pairs::sources`](crate::kernels::pairs::Pairs::sources) has them.
    pub fn relations(&self) -> u32 {
        let types = self.types.iter().zip(0u32..);
        types
            .filter(|(of, _)| of.plan.kind == Kind::Relation)
            .fold(0, |bits, (_, number)| bits | 1 << number.min(31))
    }
}

/// All entities of one type.
#[derive(Debug)]
pub struct EntityType<'log> {
    /// What the definition says of it; for a relation without `max_accounts`, with the cap that the data
    /// asks for.
    pub plan: EntityPlan,
    /// Which entity each event touches.
    pub keys: Keys<'log>,
    /// Who has what.
    pub sharing: Sharing,
}

/// How accounts come to share entities of a type.
#[derive(Debug)]
pub enum Sharing {
    /// By ever having had the same one.
    Plain {
        /// Entities of each account.
        of_account: Rows,
        /// Accounts of each entity: the transpose.
        of_entity: Rows,
    },
    /// By acting on the same key at nearly the same time.
    Windowed {
        /// Who acted on each key, by time; empty where there is `company`.
        postings: Postings,
        /// Who acted near whom, where that is all that is asked for.
        company: Option<Box<Company>>,
        /// The platform's own rhythm.
        rhythm: Rhythm,
        /// For each event row the content id that must differ, and the content that *is* a key.
        contents: Option<Contents>,
    },
}

/// The second id of an action where co-actions count pairs of different contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Content by event row, [`NONE`] if empty.
    pub rows: Vec<u32>,
    /// For each content the key that has the same bytes, or [`NONE`].
    pub as_key: Vec<u32>,
}

/// Builds the graph that `plan` describes. Time `O(E log E)` in events; memory 8 bytes per account–entity
/// incidence and 20 per timed action.
pub fn entities<'log>(log: &'log EventLog, plan: &Plan) -> EntityGraph<'log> {
    graph(log, plan, For::Anything)
}

/// The same for linking accounts alone, without what only judging rings asks for: the rhythm of the platform, and which event
/// is behind an action, where contents need not differ; and crowds are counted only as far as the definition asks. Where it does not ask for
/// them at all, only the actions with company are kept. Memory is four to twenty bytes per timed action less.
pub fn entities_to_link<'log>(log: &'log EventLog, plan: &Plan) -> EntityGraph<'log> {
    graph(log, plan, For::Links)
}

/// What a graph will be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    Anything,
    Links,
}

fn graph<'log>(log: &'log EventLog, plan: &Plan, needed: For) -> EntityGraph<'log> {
    let types = plan
        .entities
        .par_iter()
        .map(|plan| entity_type(log, plan, needed))
        .collect();
    EntityGraph { log, types }
}

fn entity_type<'log>(log: &'log EventLog, plan: &EntityPlan, needed: For) -> EntityType<'log> {
    let mut plan = plan.clone();
    let columns: Vec<_> = plan
        .columns
        .iter()
        .filter_map(|name| log.key(name))
        .collect();
    let keys = Keys::new(log, columns, plan.required);
    let sharing = match plan.within_micros {
        Some(within) => windowed(log, &plan, &keys, within, needed),
        None => plain(log, plan.kind, &keys),
    };
    if let (Kind::Relation, Sharing::Plain { of_entity, .. }) = (plan.kind, &sharing) {
        let cap = || relations::cap_of_thirds(of_entity);
        plan.max_accounts = Some(plan.max_accounts.unwrap_or_else(cap));
    }
    EntityType {
        plan,
        keys,
        sharing,
    }
}

fn plain(log: &EventLog, kind: Kind, keys: &Keys<'_>) -> Sharing {
    let rows = keys.rows();
    let of_account = match kind {
        Kind::Relation => relations::names(log, rows),
        Kind::Infrastructure | Kind::Behaviour => {
            Rows::build(log.accounts.len(), |account, row| {
                let entities = rows[log.rows_of(account)].iter().copied();
                row.extend(entities.filter(|&entity| entity != NONE));
            })
        }
    };
    let of_entity = of_account.transpose(keys.count());
    Sharing::Plain {
        of_account,
        of_entity,
    }
}

fn windowed(
    log: &EventLog,
    plan: &EntityPlan,
    keys: &Keys<'_>,
    within: i64,
    needed: For,
) -> Sharing {
    let no_times = Vec::new();
    let times = plan
        .time
        .as_ref()
        .and_then(|name| log.time(name))
        .map_or(&no_times, |t| &t.micros);
    let rows = keys.rows();
    let all_known = !times.par_iter().any(|&time| time == UNKNOWN_TIME);
    let is_known = |row: usize| all_known || times[row] != UNKNOWN_TIME;
    let actions = Actions {
        key: |row: usize| (rows[row] != NONE && is_known(row)).then(|| rows[row]),
        times,
        nodes: &log.account,
    };
    // Where crowds are neither capped nor weighed, links ask only whether anybody is near.
    let counts_crowds = plan.max_accounts.is_some() || plan.weight != WeightRule::Count;
    let contents = plan
        .content
        .as_ref()
        .and_then(|name| contents(log, name, keys));
    let sizes = (keys.count(), log.accounts.len());
    if needed == For::Links && !counts_crowds && contents.is_none() {
        return Sharing::Windowed {
            postings: Postings::default(),
            company: Some(Box::new(Company::of_actions(&actions, sizes, within))),
            rhythm: Rhythm::default(),
            contents,
        };
    }
    let crowds = if needed == For::Links && !counts_crowds {
        Crowds::UpToTwo
    } else {
        Crowds::Whole
    };
    let beside = Beside {
        crowds,
        rows: needed == For::Anything || contents.is_some(),
    };
    let postings = Postings::build_with(&actions, sizes, within, beside);
    let rhythm = match needed {
        For::Anything => Rhythm::new(&postings.times, within),
        For::Links => Rhythm::default(),
    };
    Sharing::Windowed {
        postings,
        company: None,
        rhythm,
        contents,
    }
}

fn contents(log: &EventLog, name: &str, keys: &Keys<'_>) -> Option<Contents> {
    let content = log.key(name)?;
    let as_key = match keys.single_column() {
        Some(key) if !key.accounts => (0..content.dictionary.len() as u32)
            .into_par_iter()
            .map(|id| {
                key.dictionary
                    .find(content.dictionary.get(id))
                    .unwrap_or(NONE)
            })
            .collect(),
        _ => vec![NONE; content.dictionary.len()],
    };
    Some(Contents {
        rows: content.ids.clone(),
        as_key,
    })
}
