//! By pair: of all pairs of accounts that are in one ring, how many are in one ring of the truth?
//!
//! The count of pairs comes from the sizes of the intersections (Σ C(n, 2)), never from the pairs
//! themselves. That needs every account in one place: an account of several rings counts for the
//! first (published order; ids in the truth).

use std::collections::HashMap;

use super::Ratios;
use super::rings::Published;
use super::truth::Truth;

/// Pairwise precision, recall and F1 of the `published` rings.
pub(super) fn scores(published: &[Published<'_>], truth: &Truth) -> Ratios {
    let known = truth.rings();
    let right_home = homes(
        known
            .iter()
            .map(|(_, accounts)| accounts.iter().map(String::as_str)),
    );
    let found_home = homes(published.iter().map(|ring| ring.members.keys().copied()));
    let mut both: HashMap<(usize, usize), u64> = HashMap::new();
    for (account, &found) in &found_home {
        if let Some(&right) = right_home.get(account) {
            *both.entry((found, right)).or_default() += 1;
        }
    }
    Ratios::of(
        both.values().copied().map(pairs).sum(),
        pairs_in(found_home.values()),
        pairs_in(right_home.values()),
    )
}

/// The first group that each account is in.
fn homes<'a>(
    groups: impl Iterator<Item = impl Iterator<Item = &'a str>>,
) -> HashMap<&'a str, usize> {
    let mut homes = HashMap::new();
    for (place, group) in groups.enumerate() {
        for account in group {
            homes.entry(account).or_insert(place);
        }
    }
    homes
}

fn pairs_in<'a>(homes: impl Iterator<Item = &'a usize>) -> u64 {
    let mut sizes: HashMap<usize, u64> = HashMap::new();
    for &home in homes {
        *sizes.entry(home).or_default() += 1;
    }
    sizes.into_values().map(pairs).sum()
}

fn pairs(size: u64) -> u64 {
    size * size.saturating_sub(1) / 2
}
