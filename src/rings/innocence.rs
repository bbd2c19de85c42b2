//! Innocent togetherness: which groups of this platform say how far decent people live on things of their own.
//!
//! Groups that nothing but infrastructure holds together are families, flats and offices, with a farm among
//! them here and there; how their strengths are spread says what is usual ([`Usual`]). On a small
//! platform too few of them have evidence enough to stand up at all. There whoever else shares a device or an
//! address is asked as well: a family that is not worth a report is a family all the same.

use rayon::prelude::*;

use crate::entities::{EntityGraph, Sharing};
use crate::events::NONE;
use crate::recipe::Kind;
use crate::rings::nulls::Usual;
use crate::rings::weigh::{Scales, Weighed, taken};
use crate::rings::witnesses::HOUSEHOLD;

/// Where fewer groups than this stand up, others are asked: five above the bulk are the least that a tail
/// is read off.
const ENOUGH_GROUPS: usize = 100;

/// What the median of people who do all they do at home counts at most, on an address and a tablet: whoever counts more is no family, and no
/// customer of a provider either.
const FLAT: f64 = 1.0;

/// How far innocent groups of this platform live on things of their own.
pub struct Innocence {
    /// Of all groups.
    strengths: Vec<f64>,
    usual: Option<Usual>,
    /// The same with rings among few groups in mind.
    usual_of_few: Option<Usual>,
    busy: f64,
}

impl Innocence {
    /// Of those of `sets` that no deed speaks against, and of whoever else lives together where they are few. A group with more
    /// bad seeds than chance is none that says what innocent people do.
    pub fn of(scales: &Scales<'_>, sets: &[Weighed], speaks: impl Fn(&Weighed) -> bool) -> Self {
        let together: Vec<&Weighed> = sets
            .iter()
            .filter(|set| set.together.strength > 0.0)
            .collect();
        let (busy, groups): (Vec<&Weighed>, Vec<&Weighed>) =
            together.iter().partition(|set| speaks(set));
        let busy = busy.iter().filter(|set| set.size() <= HOUSEHOLD).count() as f64;
        let (caught, others): (Vec<&Weighed>, Vec<&Weighed>) =
            groups.into_iter().partition(|set| set.seed_nats() > 0.0);
        let strength = |set: &&Weighed| set.together.strength;
        let mut strengths: Vec<f64> = others.iter().map(strength).collect();
        if !together.is_empty() && strengths.len() < ENOUGH_GROUPS {
            strengths.extend(strengths_beside(scales, sets));
        }
        let busy = busy / (busy + strengths.len() as f64).max(1.0);
        let usual = Usual::of(&strengths);
        let usual_of_few = Usual::of_few(&strengths);
        strengths.extend(caught.iter().map(strength));
        Innocence {
            strengths,
            usual,
            usual_of_few,
            busy,
        }
    }

    /// Of the handfuls who live together here, the share of those whose deeds speak as well: how usual it is that a family
    /// does things together.
    pub fn busy(&self) -> f64 {
        self.busy
    }

    /// The q-value of `set`, whatever else holds it together; 1 where nothing of its own does.
    pub fn q_of(&self, set: &Weighed) -> f64 {
        if set.together.strength <= 0.0 {
            return 1.0;
        }
        let usual = if set.together.typical > FLAT {
            &self.usual_of_few
        } else {
            &self.usual
        };
        let usual = usual.as_ref();
        let q = usual.map_or(1.0, |usual| usual.q(set.together.strength));
        q.min(with_seeds(set, q, &self.strengths))
    }
}

/// Strengths of whoever lives together and has no account in `sets`, as far as they live on things of their
/// own. Cost: the events.
fn strengths_beside(scales: &Scales<'_>, sets: &[Weighed]) -> Vec<f64> {
    let taken = taken(sets, scales.entities.log.accounts.len());
    let mut at_home: Vec<(Home, u32)> = (0..taken.len() as u32)
        .into_par_iter()
        .filter(|&account| !taken[account as usize])
        .filter_map(|account| Some((home(scales.entities, account)?, account)))
        .collect();
    at_home.par_sort_unstable();
    let homes: Vec<&[(Home, u32)]> = at_home.chunk_by(|a, b| a.0 == b.0).collect();
    homes
        .into_par_iter()
        .filter(|home| home.len() > 1)
        .map(|home| {
            let accounts: Vec<u32> = home.iter().map(|&(_, account)| account).collect();
            scales.together(&accounts).strength
        })
        .filter(|&strength| strength > 0.0)
        .collect()
}

/// An entity type and an entity of it.
type Home = (usize, u32);

/// The shared infrastructure that most events of `account` run through, hubs left out; of equals the first.
fn home(entities: &EntityGraph<'_>, account: u32) -> Option<Home> {
    let mut most: Option<(usize, Home)> = None;
    for (number, entity_type) in entities.types.iter().enumerate() {
        let (Sharing::Plain { of_entity, .. }, Kind::Infrastructure) =
            (&entity_type.sharing, entity_type.plan.kind)
        else {
            continue;
        };
        let cap = entity_type.plan.max_accounts.unwrap_or(u32::MAX);
        let keys = &entity_type.keys.rows()[entities.log.rows_of(account)];
        let mut used: Vec<u32> = keys.iter().copied().filter(|&key| key != NONE).collect();
        used.sort_unstable();
        for events in used.chunk_by(|a, b| a == b) {
            let is_shared = (2..=cap).contains(&of_entity.degree(events[0]));
            if is_shared && most.is_none_or(|(best, _)| events.len() > best) {
                most = Some((events.len(), (number, events[0])));
            }
        }
    }
    most.map(|(_, home)| home)
}

/// Innocent groups that are to be expected as strong as `set` and with as much said by seeds, given its q-value and
/// the strengths of all groups: of any number of innocent groups, one in `e^nats` at most.
fn with_seeds(set: &Weighed, q: f64, strengths: &[f64]) -> f64 {
    if set.seeds.is_empty() {
        return 1.0;
    }
    let as_strong = |&&strength: &&f64| strength >= set.together.strength;
    q * strengths.iter().filter(as_strong).count() as f64 * (-set.seed_nats()).exp()
}
