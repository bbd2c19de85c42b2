//! From communities to rings: every community is refined, judged as a set, and put in its tier.

use rayon::prelude::*;

use crate::base::run::{Interrupted, Run};
use crate::entities::EntityGraph;
use crate::recipe::{Definition, Kind};
use crate::rings::around_seeds::add_around_seeds;
use crate::rings::case::Case;
use crate::rings::exhibits::Exhibits;
use crate::rings::nulls::{self, GroupSizes};
use crate::rings::population::{Population, population};
use crate::rings::seeded::{SeedEvidence, Seeded};
use crate::rings::select::Selector;
use crate::rings::shape::{Shape, shape};
use crate::rings::subjects::Subjects;
use crate::rings::tier::Tier;
use crate::rings::tiers::{KindSum, Standing, is_reported, member_tier, ring_tier};
use crate::seeds::SeedScores;
use crate::sparse::graph::Graph;
use crate::sparse::partition::Partition;

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
    /// Expected share of chance rings among those at least as strong.
    pub chance_q: f64,
    /// Expected share of innocent groups among those at least as large; 1 where behaviour decides.
    pub innocent_q: f64,
    /// How far the evidence carries.
    pub tier: Tier,
    /// Its shape in the account graph.
    pub shape: Shape,
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

/// Refines and judges the communities of `partitions`, found at several resolutions, and the neighbourhoods of
/// `seeds`. Cost: about the
/// members' incidences, times the logarithm of the community's size where something stands up.
///
/// # Errors
/// [`Interrupted`].
pub fn rings(
    entities: &EntityGraph<'_>,
    graph: &Graph,
    partitions: &[Partition],
    definition: &Definition,
    seeds: Option<&SeedScores>,
    run: &Run<'_>,
) -> Result<Vec<Ring>, Interrupted> {
    let population = population(entities);
    let seeded = Seeded::new(seeds, population.accounts);
    let subjects = Subjects::new(entities);
    let least = definition.rings.min_size.max(2) as usize;
    let selector = Selector {
        entities,
        population: &population,
        seeded: &seeded,
        least,
    };
    let ranking = Ranking {
        population: &population,
        subjects: &subjects,
        seeded: &seeded,
        definition,
    };
    let stand_up = |partitions: &[Partition]| -> Result<Vec<Ring>, Interrupted> {
        let sets = selector.select(partitions, run)?;
        let mut rings: Vec<Ring> = sets
            .par_iter()
            .filter_map(|set| judge(set, &population, &subjects, &seeded, graph))
            .collect();
        rings.retain(|ring| ring.nats > definition.rings.min_bits * std::f64::consts::LN_2);
        Ok(rings)
    };
    let mut rings = stand_up(partitions)?;
    let mut usual = Usual::of(&rings);
    ranking.rank(&mut rings, &usual);
    if let Some(seeds) = seeds {
        add_around_seeds(&mut rings, seeds, |neighbourhoods| {
            let mut near = stand_up(neighbourhoods)?;
            usual.judged += near.len();
            ranking.rank(&mut near, &usual);
            Ok(near)
        })?;
    }
    in_order(&mut rings);
    Ok(rings)
}

/// The evidence and the members' parts of one set; tiers come when all rings are known.
fn judge(
    exhibits: &Exhibits,
    population: &Population,
    subjects: &Subjects<'_>,
    seeded: &Seeded<'_>,
    graph: &Graph,
) -> Option<Ring> {
    let by_member = exhibits.by_member();
    let mut case = Case::new(exhibits, &by_member, population);
    let tally = seeded.tally(exhibits.accounts.iter().copied());
    let nats = case.evidence() + tally.nats();
    if nats <= 0.0 {
        return None;
    }
    let accounts = |members: &[u32]| {
        members
            .iter()
            .map(|&m| exhibits.accounts[m as usize])
            .collect()
    };
    let mut evidence: Vec<Evidence> = exhibits
        .list
        .iter()
        .enumerate()
        .map(|(number, exhibit)| Evidence {
            entity_type: exhibit.entity_type,
            entity: exhibit.entity,
            window: exhibit
                .window
                .as_ref()
                .map(|window| (window.from, window.to)),
            accounts: exhibit.accounts,
            members: accounts(&exhibit.members),
            expected: case.expected(number),
            nats: case.contribution(number, 0),
        })
        .filter(|evidence| evidence.nats > 0.0)
        .collect();
    evidence.sort_by(|a, b| b.nats.total_cmp(&a.nats));
    let members = exhibits
        .accounts
        .iter()
        .enumerate()
        .map(|(member, &account)| {
            case.remove(member as u32);
            let without = case.evidence() + tally.nats_without(account);
            case.restore(member as u32);
            let has = |(_, evidence): &(usize, &Evidence)| {
                evidence.members.binary_search(&account).is_ok()
            };
            let part = evidence
                .iter()
                .enumerate()
                .filter(has)
                .map(|(at, _)| at as u32)
                .collect();
            Member {
                account,
                nats: nats - without,
                tier: Tier::Watch,
                evidence: part,
            }
        })
        .collect();
    let foreseen: Vec<f64> = (0..exhibits.activity.len())
        .map(|entity_type| case.foreseen_pair_nats(entity_type))
        .collect();
    let kinds = subjects.by_kind(&evidence, exhibits.accounts.len(), &foreseen);
    Some(Ring {
        members,
        evidence,
        seeds: seeded.evidence(&exhibits.accounts),
        cost: case.cost() + seeded.price(),
        nats,
        kinds,
        chance_q: 1.0,
        innocent_q: 1.0,
        tier: Tier::Watch,
        shape: shape(graph, &exhibits.accounts),
    })
}

/// What the rings of a platform are held against: those that its communities gave.
struct Usual {
    /// Groups that share infrastructure alone.
    groups: GroupSizes,
    /// Sets that were judged.
    judged: usize,
}

impl Usual {
    fn of(rings: &[Ring]) -> Self {
        let groups = rings.iter().filter(|ring| ring.is_infrastructure_alone());
        Usual {
            groups: GroupSizes::new(groups.map(|ring| ring.members.len()).collect()),
            judged: rings.len(),
        }
    }
}

impl Ring {
    fn is_infrastructure_alone(&self) -> bool {
        self.kinds
            .iter()
            .all(|sum| sum.kind == Kind::Infrastructure)
    }
}

/// What it takes to rank rings.
struct Ranking<'a> {
    population: &'a Population,
    subjects: &'a Subjects<'a>,
    seeded: &'a Seeded<'a>,
    definition: &'a Definition,
}

impl Ranking<'_> {
    /// q-values and tiers over all `rings`. What turns out to be no more than taste leaves the list.
    fn rank(&self, rings: &mut Vec<Ring>, usual: &Usual) {
        let nats: Vec<f64> = rings.iter().map(|ring| ring.nats).collect();
        for (ring, q) in rings.iter_mut().zip(nulls::chance_q(&nats)) {
            ring.chance_q = q;
        }
        rings.retain_mut(|ring| {
            let seed_nats = self.seeded.standing_nats(&ring.seeds);
            if ring.is_infrastructure_alone() {
                let size = ring.members.len();
                // Of innocent groups, so many at most have as many bad seeds by chance.
                let with_seeds = usual.groups.innocent(size) * (-seed_nats).exp();
                ring.innocent_q = usual.groups.innocent_q(size).min(with_seeds);
            }
            let rules = &self.definition.tiers;
            let standing = Standing {
                chance_q: ring.chance_q,
                innocent_q: ring.innocent_q,
                kinds: &ring.kinds,
                pair_price: self
                    .seeded
                    .pair_price(seed_nats, usual.judged, rules.review_q)
                    .unwrap_or(f64::INFINITY)
                    .min(self.population.pair_price),
                judged: usual.judged,
            };
            if !is_reported(&standing) {
                return false;
            }
            ring.tier = ring_tier(&standing, rules);
            for member in &mut ring.members {
                let evidence = member
                    .evidence
                    .iter()
                    .map(|&at| &ring.evidence[at as usize]);
                let own = self.subjects.by_kind(evidence, 1, &[]);
                member.tier = member_tier(ring.tier, &ring.kinds, &own, member.nats, rules);
                if self.seeded.is_good(member.account) {
                    // Evidence and a person disagree: that is for a person to settle.
                    member.tier = member.tier.max(Tier::Review);
                }
            }
            true
        });
    }
}

/// The published order: tier, evidence, members.
fn in_order(rings: &mut [Ring]) {
    rings.sort_by(|a, b| {
        let first = |ring: &Ring| ring.members.first().map(|member| member.account);
        a.tier
            .cmp(&b.tier)
            .then(b.nats.total_cmp(&a.nats))
            .then(first(a).cmp(&first(b)))
    });
}
