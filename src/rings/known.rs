//! `Known`: what was looked at before, so that nothing is refined or weighed twice.

use rayon::prelude::*;

use crate::base::run::{Interrupted, Run};
use crate::recipe::Kind;
use crate::rings::weigh::Weighed;
use crate::sparse::partition::{Groups, Partition};

/// Which evidence is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Search {
    /// Of any kind.
    Everything,
    /// Infrastructure alone.
    Infrastructure,
    /// Of any kind, among accounts near a seed.
    AroundSeeds,
}

impl Search {
    /// Whether evidence of `kind` is looked at.
    pub(super) fn wants(self, kind: Kind) -> bool {
        self != Search::Infrastructure || kind == Kind::Infrastructure
    }
}

/// What the communities looked at before came to: few change from one resolution to the next, and fewer sets.
#[derive(Default)]
pub(super) struct Known(pub(super) Vec<Looked>);

/// One partition that was looked at.
pub(super) struct Looked {
    search: Search,
    /// Its communities.
    groups: Groups,
    /// Community by account.
    labels: Vec<u32>,
    /// The communities in which sets were found, ascending, and these.
    found: Vec<(u32, Vec<Weighed>)>,
}

/// Most communities are few accounts, and many a single one.
const COMMUNITIES_PER_TASK: usize = 64;

impl Looked {
    /// Looks at every community of `partition`; `find` gives the sets that stand up among its accounts (ascending).
    pub(super) fn at(
        partition: &Partition,
        search: Search,
        find: impl Fn(&[u32]) -> Result<Vec<Weighed>, Interrupted> + Sync,
        run: &Run<'_>,
    ) -> Result<Self, Interrupted> {
        let groups = partition.groups();
        run.progress.start("rings", groups.len() as u64);
        let found: Vec<Vec<(u32, Vec<Weighed>)>> = (0..groups.len().div_ceil(COMMUNITIES_PER_TASK))
            .into_par_iter()
            .with_max_len(1)
            .map(|task| {
                let first = task * COMMUNITIES_PER_TASK;
                let communities = first..groups.len().min(first + COMMUNITIES_PER_TASK);
                run.progress.advance(communities.len() as u64);
                let mut found = Vec::new();
                for community in communities {
                    let sets = find(groups.get(community))?;
                    if !sets.is_empty() {
                        found.push((community as u32, sets));
                    }
                }
                Ok(found)
            })
            .collect::<Result<_, Interrupted>>()?;
        run.progress.finish();
        Ok(Looked {
            search,
            groups,
            labels: partition.labels().to_vec(),
            found: found.into_iter().flatten().collect(),
        })
    }

    /// All sets that were found, by community.
    pub(super) fn sets(&self) -> impl Iterator<Item = &Weighed> {
        self.found.iter().flat_map(|(_, sets)| sets)
    }

    /// The sets that were found in the community of `account`.
    fn around(&self, account: u32) -> &[Weighed] {
        let community = self.labels[account as usize];
        let at = self.found.binary_search_by_key(&community, |found| found.0);
        at.map_or(&[], |at| &self.found[at].1)
    }
}

impl Known {
    /// The sets that the same search found in the community of exactly `accounts` (ascending), if there was one.
    pub(super) fn in_community(&self, accounts: &[u32], search: Search) -> Option<&[Weighed]> {
        let &first = accounts.first()?;
        let mut same = self.0.iter().filter(|looked| looked.search == search);
        same.find_map(|looked| {
            let community = looked.labels[first as usize] as usize;
            (looked.groups.get(community) == accounts).then(|| looked.around(first))
        })
    }

    /// The set of exactly `accounts` (ascending), if any search found it.
    pub(super) fn set<'a>(&'a self, accounts: &[u32]) -> Option<&'a Weighed> {
        let &first = accounts.first()?;
        let found = |looked: &'a Looked| looked.around(first).iter();
        let mut around = self.0.iter().flat_map(found);
        around.find(|weighed| weighed.set.accounts == accounts)
    }
}
