//! `Case`: a subset of a set under judgement; members leave one by one and the evidence follows.

use std::cell::Cell;

use crate::recipe::Kind;
use crate::rings::exhibits::{ByMember, Exhibits};
use crate::rings::population::Population;
use crate::rings::seeded::Tally;
use crate::rings::statistic::{self, Drawn};
use crate::rings::worked_out::WorkedOut;

/// The members still in, and the counts that the statistic needs.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    exhibits: &'a Exhibits,
    population: &'a Population,
    by_member: &'a ByMember<u32>,
    /// Whether each member is in.
    present: Vec<bool>,
    /// Members that are in.
    size: usize,
    /// Members in, by exhibit.
    sharing: Vec<u32>,
    /// Actions of the members in, by key.
    on_key: Vec<u32>,
    /// Keys of each member, and its actions on them.
    keys_by_member: ByMember<(u32, u32)>,
    /// Entities of all members in, by type; and members in that have any.
    activity: Vec<(u64, u32)>,
    /// Seeds among the members in.
    seeds: Tally<'a>,
    /// By type.
    yardsticks: Vec<Yardstick>,
    worked_out: WorkedOut,
}

/// What all exhibits of a type are held against.
#[derive(Debug, Clone)]
struct Yardstick {
    /// Nats that each pays for having been picked.
    price: f64,
    /// The population and the members, and the state of the case in which they were worked out.
    drawn: Cell<Option<(u32, Drawn)>>,
}

impl<'a> Case<'a> {
    /// With every member in; `by_member` is [`Exhibits::by_member`].
    pub fn new(
        exhibits: &'a Exhibits,
        by_member: &'a ByMember<u32>,
        population: &'a Population,
    ) -> Self {
        let activity = exhibits
            .activity
            .iter()
            .map(|of| {
                (
                    of.iter().map(|&n| u64::from(n)).sum(),
                    of.iter().filter(|&&n| n > 0).count() as u32,
                )
            })
            .collect();
        Case {
            exhibits,
            population,
            by_member,
            present: vec![true; exhibits.accounts.len()],
            size: exhibits.accounts.len(),
            sharing: exhibits
                .list
                .iter()
                .map(|exhibit| exhibit.members.len() as u32)
                .collect(),
            on_key: exhibits
                .keys
                .iter()
                .map(|actions| actions.iter().map(|&(_, times)| times).sum())
                .collect(),
            keys_by_member: exhibits.keys_by_member(),
            activity,
            seeds: population.seeds.tally(exhibits.accounts.iter().copied()),
            yardsticks: population
                .types
                .iter()
                .map(|facts| Yardstick {
                    price: statistic::price_of_picking(facts.pickable),
                    drawn: Cell::new(None),
                })
                .collect(),
            worked_out: WorkedOut::new(exhibits),
        }
    }

    /// Number of members in.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether `member` is in.
    pub fn has(&self, member: u32) -> bool {
        self.present[member as usize]
    }

    /// Members in, ascending.
    pub fn members(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.present.len() as u32).filter(|&member| self.has(member))
    }

    /// Members in that have exhibit `number`.
    pub fn sharing(&self, number: usize) -> u32 {
        self.sharing[number]
    }

    /// Takes `member` out.
    pub fn remove(&mut self, member: u32) {
        self.shift(member, false);
    }

    /// Takes `member` back in.
    pub fn restore(&mut self, member: u32) {
        self.shift(member, true);
    }

    fn shift(&mut self, member: u32, enters: bool) {
        debug_assert_eq!(self.has(member), !enters);
        let step =
            |count: &mut u32, by: u32| *count = if enters { *count + by } else { *count - by };
        self.worked_out.shift();
        self.present[member as usize] = enters;
        self.size = if enters { self.size + 1 } else { self.size - 1 };
        let account = self.exhibits.accounts[member as usize];
        self.seeds.shift(account, enters);
        for &number in self.by_member.get(member) {
            step(&mut self.sharing[number as usize], 1);
        }
        for &(key, times) in self.keys_by_member.get(member) {
            step(&mut self.on_key[key as usize], times);
        }
        for (of, (sum, with_any)) in self.exhibits.activity.iter().zip(&mut self.activity) {
            let activity = u64::from(of[member as usize]);
            *sum = if enters {
                *sum + activity
            } else {
                *sum - activity
            };
            if activity > 0 {
                step(with_any, 1);
            }
        }
    }

    /// Nats that exhibit `number` contributes when `missing` of the members that have it are left out.
    pub fn contribution(&self, number: usize, missing: u32) -> f64 {
        let sharing = self.sharing[number].saturating_sub(missing);
        if sharing < 2 {
            return 0.0;
        }
        let exhibit = &self.exhibits.list[number];
        let work = || self.contributed(number, missing, sharing);
        match &exhibit.window {
            None => {
                let counts = [exhibit.entity_type as u32, exhibit.accounts, sharing];
                self.worked_out.plain(counts, work)
            }
            Some(window) if self.population.types[exhibit.entity_type].given_key => {
                let on_key = self.on_key[window.key].saturating_sub(missing);
                self.worked_out.timed(number, [sharing, on_key], work)
            }
            Some(_) => work(),
        }
    }

    fn contributed(&self, number: usize, missing: u32, sharing: u32) -> f64 {
        let k = f64::from(sharing);
        let exhibit = &self.exhibits.list[number];
        let ln_e = match self.null(number, missing) {
            Null::Drawn(drawn) => drawn.shared(f64::from(exhibit.accounts), k),
            Null::Timed { q, on_key } => statistic::synchronous(q, on_key, k),
        };
        statistic::contribution_at(ln_e, self.yardsticks[exhibit.entity_type].price)
    }

    /// Members that would share exhibit `number` by chance.
    pub fn expected(&self, number: usize) -> f64 {
        match self.null(number, 0) {
            Null::Drawn(drawn) => drawn.expected(f64::from(self.exhibits.list[number].accounts)),
            Null::Timed { q, on_key } => on_key * q.min(1.0),
        }
    }

    /// How many times more entities of a type the members have than the mean account; at least 1.
    pub fn relative_activity(&self, entity_type: usize) -> f64 {
        let (sum, with_any) = self.activity[entity_type];
        let mean = self.population.types[entity_type].mean_activity;
        (sum as f64 / f64::from(with_any.max(1)) / mean).max(1.0)
    }

    /// The null that exhibit `number` is held against.
    fn null(&self, number: usize, missing: u32) -> Null {
        let exhibit = &self.exhibits.list[number];
        let facts = &self.population.types[exhibit.entity_type];
        let (k, d) = (
            f64::from(self.sharing[number].saturating_sub(missing)),
            f64::from(exhibit.accounts),
        );
        match &exhibit.window {
            Some(window) if facts.given_key => {
                let on_key = f64::from(self.on_key[window.key].saturating_sub(missing)).max(k);
                // The chance that one action on the key falls in this window: what the actions of
                // others say, on top of a prior worth one action that follows the platform's rhythm.
                let others = (f64::from(window.key_actions) - on_key).max(0.0);
                let others_inside = (d - k).max(0.0);
                let q = (others_inside + 1.0) / (others + 1.0 / window.rhythm);
                Null::Timed { q, on_key }
            }
            _ => Null::Drawn(self.drawn(exhibit.entity_type, k)),
        }
    }

    /// The members in that have any entity of a type, `k` at least, and the population that they are drawn from.
    fn drawn(&self, entity_type: usize, k: f64) -> Drawn {
        let with_any = f64::from(self.activity[entity_type].1);
        let known = &self.yardsticks[entity_type].drawn;
        let state = self.worked_out.state();
        if let Some((worked_out_in, drawn)) = known.get()
            && worked_out_in == state
            && k <= with_any
        {
            return drawn;
        }
        let facts = &self.population.types[entity_type];
        // Members who do more than others, and people who share one taste, meet others more
        // often: for them the population is smaller than it is.
        let relative = self.relative_activity(entity_type);
        // Friends of friends are no taste: relations are held against them as a whole (`relations`).
        let taste = match facts.kind {
            Kind::Relation => 1.0,
            Kind::Infrastructure | Kind::Behaviour => facts.null,
        };
        let drawn = Drawn::new(facts.accounts / (relative * taste), with_any.max(k));
        if k <= with_any {
            known.set(Some((state, drawn)));
        }
        drawn
    }

    /// What the set pays.
    pub fn cost(&self) -> f64 {
        statistic::cost(
            self.population.accounts,
            self.size as f64,
            self.population.types.len(),
        ) + self.population.seeds.price()
    }

    /// Nats that the seeds among the members contribute.
    pub fn seed_nats(&self) -> f64 {
        self.seeds.nats()
    }

    /// Nats of seeds that would go with `member`, who is in.
    pub fn seed_loss(&self, member: u32) -> f64 {
        self.seeds.loss(self.exhibits.accounts[member as usize])
    }

    /// What the set would pay more if it had one member more.
    pub fn price_of_one_more(&self) -> f64 {
        let (accounts, types) = (self.population.accounts, self.population.types.len());
        let size = self.size as f64;
        statistic::cost(accounts, (size + 1.0).min(accounts), types)
            - statistic::cost(accounts, size, types)
    }

    /// The evidence: contributions of all exhibits and of seeds less the cost, in nats.
    pub fn evidence(&self) -> f64 {
        let contribution = |number: usize| self.contribution(number, 0);
        (0..self.exhibits.list.len()).map(contribution).sum::<f64>() + self.seed_nats()
            - self.cost()
    }
}

/// What would happen without coordination.
enum Null {
    /// The accounts of the entity were drawn from a population, of whom some are members.
    Drawn(Drawn),
    /// Each of the `on_key` actions hits the window with chance `q`.
    Timed { q: f64, on_key: f64 },
}
