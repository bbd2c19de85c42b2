//! `Weighed`: one set of accounts with its evidence laid out, before anybody compares it with others.

use std::sync::Arc;

use crate::entities::{EntityGraph, Sharing};
use crate::rings::case::Case;
use crate::rings::crowd::beyond_crowd;
use crate::rings::exhibits::{Exhibit, Exhibits, gather};
use crate::rings::foreseen::{Foreseen, Shared, foreseen};
use crate::rings::from_communities::Evidence;
use crate::rings::gap::bystanders;
use crate::rings::kind_sum::KindSum;
use crate::rings::meetings::Meetings;
use crate::rings::population::Population;
use crate::rings::refine::{Found, strongest};
use crate::rings::relations::{Friends, Related};
use crate::rings::rooms::Room;
use crate::rings::seeded::SeedEvidence;
use crate::rings::subjects::Subjects;
use crate::rings::tiers::Standing;
use crate::rings::togetherness::{Togetherness, togetherness};
use crate::rings::topic::topic;

/// What weighing takes: the platform and its yardsticks.
#[derive(Clone, Copy)]
pub struct Scales<'a> {
    /// The platform.
    pub entities: &'a EntityGraph<'a>,
    /// Its yardsticks.
    pub population: &'a Population,
    /// Looks up what is independent of what.
    pub subjects: &'a Subjects<'a>,
    /// How closely friends are related.
    pub friends: &'a Friends<'a>,
}

/// A set that pays for itself, and what speaks for it. What is large is shared by its copies.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    /// The accounts and what they have in common.
    pub set: Arc<Exhibits>,
    /// What speaks for them, most first; ties in the order of the definition, then by entity and time.
    pub evidence: Arc<Vec<Evidence>>,
    /// What seeds among them say.
    pub seeds: Vec<SeedEvidence>,
    /// Nats paid for having been free to pick the set.
    pub cost: f64,
    /// Sum of the contributions less the cost, nats.
    pub nats: f64,
    /// By kind, those that contribute.
    pub kinds: Vec<KindSum>,
    /// How far the members live on things of their own.
    pub together: Togetherness,
    /// Outsiders that are almost members, over the members; see [`gap`](crate::rings::gap).
    pub bystanders: f64,
    /// Nats by which they go beyond the crowd around them, where there is one; see [`crowd`](crate::rings::crowd).
    pub beyond_crowd: Option<f64>,
    /// How far their list is a taste of people outside, 0 to 1; see [`topic`](crate::rings::topic).
    pub taste: f64,
    /// The same as far as people outside do not refute it.
    pub unrefuted: f64,
    /// How far they are more related to each other than friends, where there are relations.
    pub related: Option<Related>,
    /// q-value against the platform's circles of friends; 0 before that is known.
    pub friends_q: f64,
    /// Whether it was looked for around seeds: that there is one among them says nothing.
    pub around_seeds: bool,
    /// The null of its list, where it was found by one; see [`Population::with_null`].
    pub null: Option<(usize, f64)>,
}

impl Weighed {
    /// Number of accounts.
    pub fn size(&self) -> usize {
        self.set.accounts.len()
    }

    /// Nats that seeds contribute.
    pub fn seed_nats(&self) -> f64 {
        self.seeds.iter().map(|seeds| seeds.nats).sum()
    }

    /// How it stands among `population` accounts when `judged` sets were looked at, before q-values are
    /// known.
    pub fn standing(&self, population: f64, judged: usize) -> Standing<'_> {
        Standing {
            population,
            size: self.size(),
            chance_q: 1.0,
            innocent_q: 1.0,
            room: Room::default(),
            meetings: Meetings::default(),
            exchange: 0.0,
            busy_homes: 0.0,
            caught_q: 1.0,
            kinds: &self.kinds,
            together: self.together,
            bystanders: self.bystanders,
            beyond_crowd: self.beyond_crowd,
            taste: self.taste,
            unrefuted: self.unrefuted,
            seed_nats: self.seed_nats(),
            related: self.related.map(|related| related.nats),
            friends_q: self.friends_q,
            cost: self.cost,
            judged,
        }
    }
}

impl<'a> Scales<'a> {
    /// These, with other yardsticks.
    pub fn with_population<'b>(&self, population: &'b Population) -> Scales<'b>
    where
        'a: 'b,
    {
        Scales {
            population,
            ..*self
        }
    }

    /// Whoever has an entity, or acted on it in the window that begins at `from`; perhaps more than once.
    pub fn having(&self, entity_type: usize, entity: u32, from: Option<i64>) -> &'a [u32] {
        match (&self.entities.types[entity_type].sharing, from) {
            (Sharing::Plain { of_entity, .. }, _) => of_entity.get(entity),
            (Sharing::Windowed { postings, .. }, Some(from)) => {
                let until = from.saturating_add(postings.within);
                &postings.nodes[postings.between(entity, from, until)]
            }
            (Sharing::Windowed { .. }, None) => &[],
        }
    }

    /// How far `accounts` (ascending) live on things of their own, whether or not their evidence pays.
    pub fn together(&self, accounts: &[u32]) -> Togetherness {
        let set = gather(self.entities, self.population, accounts.to_vec());
        let by_member = set.by_member();
        let evidence = laid_out(&set, &Case::new(&set, &by_member, self.population));
        togetherness(self.entities, self.subjects, accounts, &evidence)
    }

    /// Weighs the set with the most evidence among `accounts` (ascending); `None` where none of at least `least` pays its
    /// cost.
    pub fn strongest(&self, accounts: Vec<u32>, least: usize) -> Option<Weighed> {
        self.stronger(accounts, least, 0.0)
    }

    /// The same, if it has more evidence than `nats`, which are not negative.
    pub fn stronger(&self, accounts: Vec<u32>, least: usize, nats: f64) -> Option<Weighed> {
        let exhibits = gather(self.entities, self.population, accounts);
        let kept = strongest(&exhibits, self.population, least)?;
        if kept.len() == exhibits.accounts.len() {
            self.weigh_beyond(exhibits, nats)
        } else {
            self.weigh_beyond(gather(self.entities, self.population, kept), nats)
        }
    }

    /// Weighs a set that was `found`; `None` where its evidence does not pay its cost.
    pub fn weigh_found(&self, found: Found) -> Option<Weighed> {
        match found.gathered {
            Some(set) => self.weigh(set),
            None => self.weigh_accounts(found.accounts),
        }
    }

    /// Weighs the set of `accounts` (ascending); `None` where its evidence does not pay its cost.
    pub fn weigh_accounts(&self, accounts: Vec<u32>) -> Option<Weighed> {
        self.weigh(gather(self.entities, self.population, accounts))
    }

    /// By type, what the mean pair of `set` shares over plain things, those of `evidence` and those in passing.
    fn shared(&self, set: &Exhibits, evidence: &[Evidence]) -> Vec<Vec<Shared>> {
        let size = set.accounts.len() as f64;
        let pairs = (size * (size - 1.0) / 2.0).max(1.0);
        let silent = |&(accounts, nats): &(u32, f64)| Shared {
            accounts,
            members: 0,
            nats: nats / pairs,
            speaks: false,
        };
        let in_passing = set.in_passing.iter();
        let mut shared: Vec<Vec<Shared>> = in_passing
            .map(|silently| silently.iter().map(silent).collect())
            .collect();
        for one in evidence.iter().filter(|one| one.window.is_none()) {
            let facts = &self.population.types[one.entity_type];
            shared[one.entity_type].push(Shared {
                accounts: one.accounts,
                members: one.members.len(),
                nats: facts.pairs_nats(one.members.len(), one.accounts) / pairs,
                speaks: one.nats > 0.0,
            });
        }
        shared
    }

    /// Weighs `set`; `None` where its evidence does not pay its cost.
    pub fn weigh(&self, set: Exhibits) -> Option<Weighed> {
        self.weigh_beyond(set, 0.0)
    }

    /// Weighs `set`; `None` where its evidence, all costs paid, is no more than `least`.
    fn weigh_beyond(&self, set: Exhibits, least: f64) -> Option<Weighed> {
        let by_member = set.by_member();
        let case = Case::new(&set, &by_member, self.population);
        let (nats, cost) = (case.evidence(), case.cost());
        if nats <= least {
            return None;
        }
        let mut evidence = laid_out(&set, &case);
        let shared = self.shared(&set, &evidence);
        evidence.retain(|one| one.nats > 0.0);
        evidence.sort_by(|a, b| b.nats.total_cmp(&a.nats));
        let (mut taste, mut unrefuted) = (0.0f64, None);
        let foreseen: Vec<Foreseen> = shared
            .into_iter()
            .enumerate()
            .map(|(number, mut shared)| {
                let (entities, population) = (self.entities, self.population);
                let listed = evidence
                    .iter()
                    .filter(|one| one.entity_type == number && one.is_repetition())
                    .map(|one| one.entity);
                let topic = topic(entities, population, number, &set.accounts, listed);
                if let Some(topic) = topic {
                    taste = taste.max(topic.taste);
                    unrefuted = Some(topic.unrefuted.max(unrefuted.unwrap_or(0.0)));
                }
                let facts = &population.types[number];
                let affinity = topic.map_or(facts.affinity, |topic| topic.affinity);
                // Of what people like, the obscure is what they share most.
                let of_taste = topic.is_some_and(|topic| topic.taste > 0.0);
                let size = if of_taste { 0 } else { set.accounts.len() };
                let alike = (case.relative_activity(number), affinity);
                foreseen(facts, size, alike, &mut shared)
            })
            .collect();
        let kinds = self
            .subjects
            .by_kind(&evidence, set.accounts.len(), &foreseen);
        let together = togetherness(self.entities, self.subjects, &set.accounts, &evidence);
        let outside = bystanders(self, &set.accounts, &evidence);
        let bystanders = outside.len() as f64 / set.accounts.len() as f64;
        let beyond_crowd = beyond_crowd(self, &set.accounts, &outside, &evidence);
        drop(case);
        let seeds = self.population.seeds.evidence(&set.accounts);
        let related = self.friends.beyond(&set.accounts);
        Some(Weighed {
            set: Arc::new(set),
            evidence: Arc::new(evidence),
            seeds,
            cost,
            nats,
            kinds,
            together,
            bystanders,
            beyond_crowd,
            taste,
            unrefuted: unrefuted.unwrap_or(1.0),
            related,
            friends_q: 0.0,
            around_seeds: false,
            null: None,
        })
    }
}

/// By account of a platform of `accounts`, whether it is in one of `sets`.
pub fn taken(sets: &[Weighed], accounts: usize) -> Vec<bool> {
    let mut taken = vec![false; accounts];
    for &account in sets.iter().flat_map(|weighed| &weighed.set.accounts) {
        taken[account as usize] = true;
    }
    taken
}

/// The accounts of `set` that are not `taken`, ascending.
pub fn free(set: &Weighed, taken: &[bool]) -> Vec<u32> {
    let mut free = set.set.accounts.clone();
    free.retain(|&account| !taken[account as usize]);
    free
}

/// What the members of `set` share, in the order of its exhibits.
fn laid_out(set: &Exhibits, case: &Case<'_>) -> Vec<Evidence> {
    let one = |(number, exhibit): (usize, &Exhibit)| Evidence {
        entity_type: exhibit.entity_type,
        entity: exhibit.entity,
        window: exhibit
            .window
            .as_ref()
            .map(|window| (window.from, window.to)),
        accounts: exhibit.accounts,
        members: exhibit
            .members
            .iter()
            .map(|&member| set.accounts[member as usize])
            .collect(),
        expected: case.expected(number),
        nats: case.contribution(number, 0),
    };
    set.list.iter().enumerate().map(one).collect()
}
