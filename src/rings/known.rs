//! `Known`: what was looked at before, so that nothing is refined or weighed twice.

use crate::recipe::Kind;
use crate::rings::weigh::Weighed;
use crate::sparse::partition::Groups;

/// Which evidence is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Search {
    /// Of any kind.
    Everything,
    /// Infrastructure alone.
    Infrastructure,
}

impl Search {
    /// Whether evidence of `kind` is looked at.
    pub(super) fn wants(self, kind: Kind) -> bool {
        self == Search::Everything || kind == Kind::Infrastructure
    }
}

/// What the communities looked at before came to: few change from one resolution to the next, and fewer sets.
#[derive(Default)]
pub(super) struct Known(pub(super) Vec<Looked>);

/// One partition that was looked at.
pub(super) struct Looked {
    pub(super) search: Search,
    /// Its communities.
    pub(super) groups: Groups,
    /// Community by account.
    pub(super) labels: Vec<u32>,
    /// Sets by community.
    pub(super) found: Vec<Vec<Weighed>>,
}

impl Known {
    /// The sets that the same search found in the community of exactly `accounts` (ascending), if there was one.
    pub(super) fn in_community(&self, accounts: &[u32], search: Search) -> Option<&[Weighed]> {
        let first = *accounts.first()? as usize;
        let mut same = self.0.iter().filter(|looked| looked.search == search);
        same.find_map(|looked| {
            let community = looked.labels[first] as usize;
            (looked.groups.get(community) == accounts).then_some(&looked.found[community][..])
        })
    }

    /// The set of exactly `accounts` (ascending), if any search found it.
    pub(super) fn set(&self, accounts: &[u32]) -> Option<&Weighed> {
        let first = *accounts.first()? as usize;
        self.0.iter().find_map(|looked| {
            let found = &looked.found[looked.labels[first] as usize];
            found
                .iter()
                .find(|weighed| weighed.set.accounts == accounts)
        })
    }
}
