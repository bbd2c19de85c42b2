//! Which sets of accounts are put before the judge: of several candidates for the same accounts, those with
//! more evidence.
//!
//! One resolution does not fit all rings: at a low one, rings that touch run together; at a high one, a
//! loosely linked ring falls apart. So communities are found at several resolutions, and every one is
//! refined; what taste explains leaves, and so do circles of friends that are usual here ([`circles`](crate::rings::circles)). Where the sets of two resolutions have accounts in common, the
//! side with more evidence in all stays. Evidence pays for every set that it picks, so two halves of a
//! ring lose against the whole, and two rings run together lose against the two. At last every set takes
//! in whoever it lacks ([`grow`]); where two meet over it, the one with more evidence has the choice; what is two
//! comes apart ([`cleave`]); and whoever has no part in the deeds leaves ([`shed`]).
//!
//! Cost: the refinement of all communities at every resolution.

use rayon::prelude::*;

use crate::base::run::{Interrupted, Run};
use crate::recipe::Kind;
use crate::rings::caught::is_caught;
use crate::rings::circles::Circles;
use crate::rings::cleave::cleave;
use crate::rings::grow::grow;
use crate::rings::known::{Known, Looked, Search};
use crate::rings::overlaps::{set_of, was_found};
use crate::rings::refine::{Found, refine};
use crate::rings::shed::{shed, to_core};
use crate::rings::taste::is_taste;
use crate::rings::tiers::Standing;
use crate::rings::weigh::{Scales, Weighed, free, taken};
use crate::sparse::partition::Partition;

/// What judging sets takes.
pub struct Selector<'a> {
    /// What sets are weighed with.
    pub scales: Scales<'a>,
    /// Members a ring has at least.
    pub least: usize,
    /// Things that the mean member of a set that was looked for by infrastructure alone has in common with others at
    /// least: offices have an address or two.
    pub repetition: f64,
    /// Dense blocks that are judged at most; see [`blocks`](crate::rings::blocks).
    pub blocks: usize,
}

/// Where rings are looked for: communities at several resolutions each.
#[derive(Debug, Clone, Copy)]
pub struct Candidates<'a> {
    /// Of all links.
    pub communities: &'a [Partition],
    /// Of links over infrastructure alone: a pool's members are otherwise drawn to whoever likes the same.
    pub homes: &'a [Partition],
}

/// What was selected.
pub struct Selection {
    /// Sets without a common account.
    pub sets: Vec<Weighed>,
    /// Sets that paid for themselves, before any was left out.
    pub judged: usize,
}

impl Selector<'_> {
    /// Selects from all `candidates`, and from `neighbourhoods` of seeds: what people already know adds rings, and takes none
    /// apart whose deeds speak.
    ///
    /// # Errors
    /// [`Interrupted`].
    pub fn select(
        &self,
        candidates: &Candidates<'_>,
        neighbourhoods: &[Partition],
        run: &Run<'_>,
    ) -> Result<Selection, Interrupted> {
        let mut best: Vec<Weighed> = Vec::new();
        let mut judged = 0;
        let mut known = Known::default();
        let mut beyond_taste = |partition: &Partition, search: Search, judged: &mut usize| {
            let found = self.refine_all(partition, search, &mut known, run)?;
            *judged += found.len();
            let found = found
                .into_par_iter()
                .with_max_len(ONE_BY_ONE)
                .map(|mut set| {
                    set.around_seeds = search == Search::AroundSeeds;
                    self.beyond_taste(set, *judged, run)
                })
                .collect::<Result<Vec<_>, Interrupted>>()?;
            self.disjoint(found.into_iter().flatten().collect(), *judged, run)
        };
        let mut of_communities = Vec::with_capacity(candidates.communities.len());
        for partition in candidates.communities {
            of_communities.push(beyond_taste(partition, Search::Everything, &mut judged)?);
        }
        let circles = Circles::of(&of_communities);
        let judged_together = judged;
        let unusual = |mut set: Weighed| {
            set.friends_q = circles.q(&set);
            (!self.is_taste(&set, judged_together)).then_some(set)
        };
        for found in of_communities {
            let found = found.into_iter().filter_map(unusual).collect();
            best = self.better(best, found, judged, run)?;
        }
        for partition in candidates.homes {
            let mut found = beyond_taste(partition, Search::Infrastructure, &mut judged)?;
            found.retain(|set| {
                let mut kinds = set.kinds.iter();
                kinds.any(|sum| is_infrastructure(sum.kind) && sum.repetition >= self.repetition)
            });
            best = self.better(best, found, judged, run)?;
        }
        let mut judged_around = judged;
        if self.blocks > 0 {
            let (acting, living): (Vec<_>, Vec<_>) =
                best.into_iter().partition(|set| self.acts(set, judged));
            best = acting;
            let found = self.on_lists(&best, &mut judged_around, run)?;
            best.extend(found.into_iter().filter_map(unusual));
            let living = self.without(living, &best, run)?;
            best.extend(living);
        }
        let before_seeds = set_of(&best, self.scales.entities.log.accounts.len());
        for partition in neighbourhoods {
            let found = beyond_taste(partition, Search::AroundSeeds, &mut judged_around)?;
            let found = found.into_iter().filter_map(unusual).collect();
            best = self.beside(best, found, judged_around, run)?;
        }
        let grown = best
            .into_par_iter()
            .with_max_len(ONE_BY_ONE)
            .map(|set| self.whole(set, judged_around, run))
            .collect::<Result<_, Interrupted>>()?;
        let cleft: Vec<Vec<Weighed>> = self
            .disjoint(grown, judged_around, run)?
            .into_par_iter()
            .with_max_len(ONE_BY_ONE)
            .map(|set| cleave(&self.scales, set, self.least, run))
            .collect::<Result<_, Interrupted>>()?;
        let sets = cleft
            .into_par_iter()
            .with_max_len(ONE_BY_ONE)
            .flatten_iter()
            .map(|set| shed(&self.scales, set, judged_around))
            .map(|mut set| {
                set.friends_q = circles.q(&set);
                set.around_seeds = !was_found(&set.set.accounts, &before_seeds);
                set
            })
            .collect();
        Ok(Selection {
            sets,
            judged: judged_around,
        })
    }

    /// `sets` without the accounts of `others`: what is left of a set that loses some is refined again.
    pub(super) fn without(
        &self,
        sets: Vec<Weighed>,
        others: &[Weighed],
        run: &Run<'_>,
    ) -> Result<Vec<Weighed>, Interrupted> {
        let taken = taken(others, self.scales.entities.log.accounts.len());
        let mut left = Vec::with_capacity(sets.len());
        for set in sets {
            let free = free(&set, &taken);
            left.extend(self.left(set, &free, is_infrastructure, run)?);
        }
        Ok(left)
    }

    /// `set`, if all its accounts are still `free`; what stands up among those of them that are otherwise.
    pub(super) fn left(
        &self,
        set: Weighed,
        free: &[u32],
        wanted: impl Fn(Kind) -> bool,
        run: &Run<'_>,
    ) -> Result<Vec<Weighed>, Interrupted> {
        if free.len() == set.size() {
            return Ok(vec![set]);
        }
        self.refine(free, wanted, run)
    }

    /// Whether taste explains `set`, and no more of it were caught than innocence explains.
    fn is_taste(&self, set: &Weighed, judged: usize) -> bool {
        let population = self.scales.population;
        is_taste(&set.standing(population.accounts, judged))
            && !is_caught(set, &population.seeds, judged)
    }

    /// `set`, if it is more than a taste. Where nothing but its bystanders speaks against it they may be members whom the
    /// communities left outside: it is asked again with whoever it lacks.
    pub(super) fn beyond_taste(
        &self,
        set: Weighed,
        judged: usize,
        run: &Run<'_>,
    ) -> Result<Option<Weighed>, Interrupted> {
        let population = self.scales.population.accounts;
        let standing = set.standing(population, judged);
        if standing.relations_alone() {
            return Ok(Some(to_core(&self.scales, set, judged)));
        }
        if !self.is_taste(&set, judged) {
            return Ok(Some(set));
        }
        let alone = Standing {
            related: set.related.map(|related| related.alone),
            ..standing.clone()
        };
        if !is_taste(&alone)
            && let Some(completed) = self.completed(&set.set.accounts)
            && !is_taste(&completed.standing(population, judged))
        {
            return Ok(Some(to_core(&self.scales, completed, judged)));
        }
        let alone = Standing {
            bystanders: 0.0,
            beyond_crowd: None,
            ..standing
        };
        if is_taste(&alone) {
            return Ok(None);
        }
        let grown = grow(&self.scales, set, run)?;
        Ok((!is_taste(&grown.standing(population, judged))).then_some(grown))
    }

    /// `set` with whoever it lacks; a ring of relations is as large as it is most related. Where somebody is known to be bad, a ring
    /// stays what it is if it would be no more than a taste with others.
    fn whole(&self, set: Weighed, judged: usize, run: &Run<'_>) -> Result<Weighed, Interrupted> {
        let scales = &self.scales;
        let grown = grow(scales, set.clone(), run)?;
        let lost = |grown: &Weighed| self.is_taste(grown, judged) && !self.is_taste(&set, judged);
        if set.seed_nats() > 0.0 && lost(&grown) {
            return Ok(set);
        }
        let standing = grown.standing(scales.population.accounts, judged);
        if !standing.relations_alone() {
            return Ok(grown);
        }
        let related = |set: &Weighed| {
            set.related
                .map_or(f64::NEG_INFINITY, |related| related.nats)
        };
        let completed = scales
            .friends
            .completed(&grown.set.accounts)
            .and_then(|accounts| scales.weigh_accounts(accounts))
            .filter(|completed| related(completed) > related(&grown));
        Ok(completed.unwrap_or(grown))
    }

    /// `accounts` (ascending) with whoever is as related to them as they are to each other, if that is a ring's end and
    /// not a circle's.
    fn completed(&self, accounts: &[u32]) -> Option<Weighed> {
        let accounts = self.scales.friends.completed(accounts)?;
        self.scales.strongest(accounts, self.least)
    }

    /// All sets that stand up in the communities of `partition` by the evidence that is searched; a community
    /// that is `known`, searched in the same way, is not refined again, and a set that is, is not weighed again.
    fn refine_all(
        &self,
        partition: &Partition,
        search: Search,
        known: &mut Known,
        run: &Run<'_>,
    ) -> Result<Vec<Weighed>, Interrupted> {
        let of_community = |accounts: &[u32]| {
            if let Some(sets) = known.in_community(accounts, search) {
                return Ok(sets.to_vec());
            }
            let weigh = |found: Found| match known.set(&found.accounts) {
                Some(weighed) => Some(weighed.clone()),
                None => self.scales.weigh_found(found),
            };
            let sets = self.sets(accounts, |kind| search.wants(kind), run)?;
            let sets: Vec<Weighed> = sets.into_iter().filter_map(weigh).collect();
            // A part of a ring of relations need not pay for itself.
            let part = sets.is_empty() && search.wants(Kind::Relation);
            let whole = part.then(|| self.completed(accounts)).flatten();
            Ok(sets.into_iter().chain(whole).collect())
        };
        let looked = Looked::at(partition, search, of_community, run)?;
        let all = looked.sets().cloned().collect();
        known.0.push(looked);
        Ok(all)
    }

    /// The sets that stand up among `accounts` (ascending) by evidence of the kinds that are `wanted`.
    pub(super) fn refine(
        &self,
        accounts: &[u32],
        wanted: impl Fn(Kind) -> bool,
        run: &Run<'_>,
    ) -> Result<Vec<Weighed>, Interrupted> {
        let sets = self.sets(accounts, wanted, run)?;
        let weigh = |found| self.scales.weigh_found(found);
        Ok(sets.into_iter().filter_map(weigh).collect())
    }

    /// The same before they are weighed.
    fn sets(
        &self,
        accounts: &[u32],
        wanted: impl Fn(Kind) -> bool,
        run: &Run<'_>,
    ) -> Result<Vec<Found>, Interrupted> {
        if accounts.len() < self.least {
            return Ok(Vec::new());
        }
        let (entities, population) = (self.scales.entities, self.scales.population);
        refine(entities, population, accounts, wanted, self.least, run)
    }

    /// Of two lists of disjoint sets one. Where deeds speak for a set, where its members live takes nobody from it: sets
    /// of neighbours get whom those of accomplices leave.
    fn better(
        &self,
        first: Vec<Weighed>,
        second: Vec<Weighed>,
        judged: usize,
        run: &Run<'_>,
    ) -> Result<Vec<Weighed>, Interrupted> {
        let acts = |set: &Weighed| self.acts(set, judged);
        let (acting, living): (Vec<_>, Vec<_>) = first.into_iter().partition(acts);
        let (acting_too, living_too): (Vec<_>, Vec<_>) = second.into_iter().partition(acts);
        let mut best = self.stronger(acting, acting_too, run)?;
        let living = self.stronger(living, living_too, run)?;
        best.extend(self.without(living, &best, run)?);
        Ok(best)
    }

    /// Whether what the members of `set` do sets them apart, not only where from.
    pub(super) fn acts(&self, set: &Weighed, judged: usize) -> bool {
        let population = self.scales.population.accounts;
        set.standing(population, judged).deeds_speak(1.0)
    }

    /// Sets that may overlap, made disjoint: those for whom deeds speak have the choice, and of others the one with
    /// more evidence; what is left of the rest is refined again.
    fn disjoint(
        &self,
        sets: Vec<Weighed>,
        judged: usize,
        run: &Run<'_>,
    ) -> Result<Vec<Weighed>, Interrupted> {
        let acts = |set: Weighed| (self.acts(&set, judged), set);
        let mut sets: Vec<(bool, Weighed)> = sets.into_iter().map(acts).collect();
        sets.sort_by(|(acts, a), (acts_too, b)| {
            acts_too
                .cmp(acts)
                .then_with(|| b.nats.total_cmp(&a.nats))
                .then_with(|| a.set.accounts.cmp(&b.set.accounts))
        });
        let mut taken = vec![false; self.scales.entities.log.accounts.len()];
        let mut disjoint = Vec::with_capacity(sets.len());
        for (_, set) in sets {
            let free = free(&set, &taken);
            for set in self.left(set, &free, |_| true, run)? {
                for &account in &set.set.accounts {
                    taken[account as usize] = true;
                }
                disjoint.push(set);
            }
        }
        Ok(disjoint)
    }
}

/// Sets lie in lists by how much speaks for them: a task of many of them could have all the work.
const ONE_BY_ONE: usize = 1;

fn is_infrastructure(kind: Kind) -> bool {
    kind == Kind::Infrastructure
}
