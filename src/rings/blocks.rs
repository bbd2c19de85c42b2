//! Blocks: dense blocks of accounts and popular things are judged beside the sets that communities gave.
//!
//! They add rings and take none apart: accounts of sets whose deeds speak are left out before blocks are looked for
//! ([`lists`](crate::rings::lists)), and only what deeds speak for comes of them. Sets that merely live together lose whom a
//! block claims.
//!
//! *The null of a list.* Things that people of one taste share are held against a population that is smaller than it is, by what the
//! tight clubs of the platform show. Of a list that is known before its set, the people outside say how far it is a
//! taste ([`topic`](crate::rings::topic)), and they are many, because its things are popular. What they say takes the place of the clubs: of things that
//! have nothing to do with each other to everybody else, nobody has many for the taste of it.

use rayon::prelude::*;

use crate::base::run::{Interrupted, Run};
use crate::recipe::Kind;
use crate::rings::grow::grow;
use crate::rings::lists::{Listed, lists};
use crate::rings::select::Selector;
use crate::rings::weigh::{Scales, Weighed, taken};

/// Of a set that met a stronger one, what has to be left of it.
const MOST: f64 = 0.5;

impl Selector<'_> {
    /// The sets that stand up on lists of popular things among the accounts outside of `acting`, whose deeds speak; none with a common
    /// account. `judged` sets were looked at, and how many more is added.
    ///
    /// # Errors
    /// [`Interrupted`].
    pub(super) fn on_lists(
        &self,
        acting: &[Weighed],
        judged: &mut usize,
        run: &Run<'_>,
    ) -> Result<Vec<Weighed>, Interrupted> {
        let (entities, population) = (self.scales.entities, self.scales.population);
        let mut claimed = taken(acting, entities.log.accounts.len());
        let candidates = lists(entities, population, &claimed, self.blocks, run)?;
        *judged += candidates.len();
        let looked_at = *judged;
        let sets: Vec<Vec<Weighed>> = candidates
            .into_par_iter()
            .with_max_len(1)
            .map(|listed| self.of_list(&listed, looked_at, run))
            .collect::<Result<_, Interrupted>>()?;
        let mut sets: Vec<Weighed> = sets.into_iter().flatten().collect();
        sets.sort_by(|a, b| {
            let by_nats = b.nats.total_cmp(&a.nats);
            by_nats.then_with(|| a.set.accounts.cmp(&b.set.accounts))
        });
        let mut disjoint: Vec<Weighed> = Vec::new();
        for set in sets {
            let mut free = set.set.accounts.clone();
            free.retain(|&account| !claimed[account as usize]);
            let kept = if free.len() == set.size() {
                Some(set)
            } else if free.len() as f64 > MOST * set.size() as f64 {
                self.left_of(&set, free, looked_at)
            } else {
                None
            };
            for &account in kept.iter().flat_map(|set| &set.set.accounts) {
                claimed[account as usize] = true;
            }
            disjoint.extend(kept);
        }
        Ok(disjoint)
    }

    /// What stands up of one block, held against the null of its list.
    fn of_list(
        &self,
        listed: &Listed,
        judged: usize,
        run: &Run<'_>,
    ) -> Result<Vec<Weighed>, Interrupted> {
        let null = (listed.entity_type, listed.affinity);
        let population = self.scales.population.with_null(null);
        let own = self.with_scales(self.scales.with_population(&population));
        let mut sets = Vec::new();
        for set in own.refine(&listed.accounts, |kind| kind == Kind::Behaviour, run)? {
            let Some(set) = own.beyond_taste(set, judged, run)? else {
                continue;
            };
            if own.acts(&set, judged) {
                let null = Some(null);
                let set = grow(&own.scales, set, run)?;
                sets.push(Weighed { null, ..set });
            }
        }
        Ok(sets)
    }

    /// The strongest set among `free`, which is left of `set`, if its deeds speak.
    fn left_of(&self, set: &Weighed, free: Vec<u32>, judged: usize) -> Option<Weighed> {
        let population = self.scales.population.with_null(set.null?);
        let scales = self.scales.with_population(&population);
        let left = scales.strongest(free, self.least)?;
        let null = set.null;
        let acts = self.acts(&left, judged);
        acts.then_some(Weighed { null, ..left })
    }

    fn with_scales<'b>(&self, scales: Scales<'b>) -> Selector<'b> {
        Selector { scales, ..*self }
    }
}
