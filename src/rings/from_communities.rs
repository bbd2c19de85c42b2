//! From communities to rings: every community is refined, judged as a set, and put in its tier.

use std::sync::Arc;

use rayon::prelude::*;

use crate::base::run::{Interrupted, Run};
use crate::entities::EntityGraph;
use crate::recipe::Definition;
use crate::rings::caught::caught_q;
use crate::rings::innocence::Innocence;
use crate::rings::kind_sum::KindSum;
use crate::rings::parts::members;
use crate::rings::population::Population;
use crate::rings::relations::Friends;
use crate::rings::seeded::SeedEvidence;
use crate::rings::select::{Candidates, Selection, Selector};
use crate::rings::subjects::Subjects;
use crate::rings::tier::Tier;
use crate::rings::tiers::{Ground, Standing, is_reported, ring_tier};
use crate::rings::weigh::{Scales, Weighed};
use crate::rings::{meetings, nulls, residents, rooms};
use crate::seeds::SeedScores;

/// A set of accounts that stood up, with what speaks for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Ring {
    /// Its accounts and their parts, ascending by account.
    pub members: Vec<Member>,
    /// What speaks for it, most first; ties in the order of the definition, then by entity and time.
    pub evidence: Vec<Evidence>,
    /// What seeds among its members contribute.
    pub seeds: Vec<SeedEvidence>,
    /// Nats paid for having been free to pick it.
    pub cost: f64,
    /// Sum of the contributions, those of seeds included, less the cost, nats.
    pub nats: f64,
    /// By kind, those that contribute.
    pub kinds: Vec<KindSum>,
    /// Expected share of rings that chance, or innocent togetherness where nothing but infrastructure
    /// speaks, would explain, among those at least as strong.
    pub q_value: f64,
    /// How far the evidence carries.
    pub tier: Tier,
}

/// One account of a ring.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The account.
    pub account: u32,
    /// Nats that the ring would lose without it.
    pub nats: f64,
    /// The account's own tier.
    pub tier: Tier,
    /// Indices of the evidence it has a part in, ascending.
    pub evidence: Vec<u32>,
}

/// One entity that speaks for a ring.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Number of the entity type.
    pub entity_type: usize,
    /// The entity (windowed: the key).
    pub entity: u32,
    /// For windowed types the first and last action of a member, microseconds.
    pub window: Option<(i64, i64)>,
    /// Accounts of the platform that have it.
    pub accounts: u32,
    /// Ring accounts that have it, ascending.
    pub members: Vec<u32>,
    /// How many were to be expected by chance.
    pub expected: f64,
    /// Its contribution.
    pub nats: f64,
}

/// Nats from which on a piece of evidence counts as a repetition.
const WORTH_COUNTING: f64 = 1.0;

impl Evidence {
    /// Whether it says enough to count as one more thing in common.
    pub fn is_repetition(&self) -> bool {
        self.nats >= WORTH_COUNTING
    }

    /// Where its members are in `accounts`, ascending both.
    pub fn places<'a>(&'a self, accounts: &'a [u32]) -> impl Iterator<Item = u32> + 'a {
        let place = |account| accounts.binary_search(account).ok();
        self.members.iter().filter_map(place).map(|at| at as u32)
    }

    /// Whether at least half of all accounts that have it are members.
    pub fn is_own(&self) -> bool {
        self.members.len() * 2 >= self.accounts as usize
    }

    /// Whether hardly anybody else has it: nine in ten are members.
    pub fn is_exclusive(&self) -> bool {
        self.members.len() * 10 >= self.accounts as usize * 9
    }
}

/// Refines and judges `candidates`, and the neighbourhoods of
/// `seeds`, where a ring may stand out that communities blur. Cost: about the
/// members' incidences, times the logarithm of the community's size where something stands up.
///
/// # Errors
/// [`Interrupted`].
pub fn rings(
    entities: &EntityGraph<'_>,
    population: &Population,
    candidates: &Candidates<'_>,
    definition: &Definition,
    seeds: Option<&SeedScores>,
    run: &Run<'_>,
) -> Result<Vec<Ring>, Interrupted> {
    let neighbourhoods = seeds.map_or_else(Vec::new, SeedScores::neighbourhoods);
    let subjects = Subjects::new(entities);
    let friends = Friends::of(entities);
    let selector = Selector {
        scales: Scales {
            entities,
            population,
            subjects: &subjects,
            friends: &friends,
        },
        least: definition.rings.min_size.max(2) as usize,
        repetition: f64::from(definition.tiers.repetition),
        blocks: definition.detection.blocks as usize,
    };
    let Selection { mut sets, judged } = selector.select(candidates, &neighbourhoods, run)?;
    sets.retain(|set| set.nats > definition.rings.min_bits * std::f64::consts::LN_2);
    let chance_q = nulls::chance_q(&sets.iter().map(|set| set.nats).collect::<Vec<f64>>());
    let rules = &definition.tiers;
    let acts = |set: &Weighed| selector.acts(set, judged);
    let innocence = Innocence::of(&selector.scales, &sets, acts);
    let caught_q = caught_q(&sets, &population.seeds);
    let mut rings: Vec<Ring> = sets
        .into_par_iter()
        .with_max_len(1)
        .zip(chance_q)
        .zip(caught_q)
        .filter_map(|((set, chance_q), caught_q)| {
            let standing = Standing {
                chance_q,
                innocent_q: innocence.q_of(&set),
                caught_q,
                ..set.standing(population.accounts, judged)
            };
            if !is_reported(&standing, rules) {
                return None;
            }
            let standing = Standing {
                room: rooms::room(&selector.scales, &set),
                meetings: meetings::meetings(&selector.scales, &set),
                exchange: friends.exchange(&set.set.accounts),
                busy_homes: innocence.busy(),
                ..standing
            };
            let (tier, ground) = ring_tier(&standing, rules);
            let q_value = standing.q_value(ground);
            let at_home = match ground {
                Ground::Home if tier < Tier::Watch => residents::at_home(&selector.scales, &set),
                Ground::Home | Ground::Deeds => Vec::new(),
            };
            let members = members(&set, (tier, ground), &at_home, &selector.scales, rules);
            let tier = borne(tier, &members, selector.least);
            Some(Ring {
                members,
                evidence: Arc::unwrap_or_clone(set.evidence),
                seeds: set.seeds,
                cost: set.cost,
                nats: set.nats,
                kinds: set.kinds,
                q_value,
                tier,
            })
        })
        .collect();
    rings.sort_by(|a, b| {
        let first = |ring: &Ring| ring.members.first().map(|member| member.account);
        a.tier
            .cmp(&b.tier)
            .then(b.nats.total_cmp(&a.nats))
            .then(first(a).cmp(&first(b)))
    });
    Ok(rings)
}

/// `tier`, or the highest below it that enough `members` for a ring are in: a ring that nobody is to be acted on for is none to act
/// on.
fn borne(tier: Tier, members: &[Member], least: usize) -> Tier {
    let in_tier = |tier: &Tier| members.iter().filter(|member| member.tier <= *tier).count();
    Tier::ALL
        .into_iter()
        .find(|one| *one >= tier && in_tier(one) >= least)
        .unwrap_or(Tier::Watch)
}
