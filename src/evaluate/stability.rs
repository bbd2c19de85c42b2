//! Would the same rings be found had a few events not happened? Stability under resampling.
//!
//! Events are thinned at random, swept again, and every ring of the first sweep is held against the ring most
//! like it. A ring that a tenth less data takes apart was an accident of the data; a member that
//! comes and goes is one to look at before acting.
//!
//! Thinning without replacement (the delete-d jackknife) and not the bootstrap: a repeated event would be
//! synchronous with itself.
//!
//! Reference: Hennig, *Cluster-wise assessment of cluster stability*, Computational Statistics & Data
//! Analysis 52, 2007 (Jaccard to the most similar cluster of each resample).

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::rings::{self, Published};
use super::{EvaluateError, ratio};
use crate::base::chance::{draw, unit};
use crate::events::{EventLog, KeyColumn, TimeColumn};
use crate::publish::{SweepTables, Tier};

/// How well one ring holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RingStability {
    /// The ring.
    pub ring_id: String,
    /// Its tier.
    pub tier: Tier,
    /// Its members.
    pub size: u64,
    /// Mean over resamples of the Jaccard index with the most similar ring (0 where none overlaps).
    pub jaccard: f64,
    /// Mean over members of the share of resamples in which the member is in that ring.
    pub membership: f64,
    /// The same share for the member that has the lowest.
    pub least_membership: f64,
}

/// A share `keep` of the events, each drawn by a hash of (seed, row). Accounts and keys keep their ids,
/// whether they still have an event or not.
pub fn thin(log: &EventLog, keep: f64, seed: u64) -> EventLog {
    let rows: Vec<usize> = (0..log.len())
        .filter(|&row| unit(draw(seed, 0x7468_696e, row as u64)) < keep)
        .collect();
    let account: Vec<u32> = rows.iter().map(|&row| log.account[row]).collect();
    let first_row = (0..=log.accounts.len() as u32)
        .map(|first| account.partition_point(|&account| account < first) as u64)
        .collect();
    let keys = log.keys.iter().map(|column| KeyColumn {
        ids: rows.iter().map(|&row| column.ids[row]).collect(),
        name: column.name.clone(),
        accounts: column.accounts,
        dictionary: column.dictionary.clone(),
    });
    let times = log.times.iter().map(|column| TimeColumn {
        micros: rows.iter().map(|&row| column.micros[row]).collect(),
        name: column.name.clone(),
    });
    EventLog {
        accounts: log.accounts.clone(),
        keys: keys.collect(),
        times: times.collect(),
        account,
        first_row,
    }
}

/// Holds every ring of `tables` against the rings of each of `resampled`, in published order.
///
/// # Errors
/// [`EvaluateError`] where a sweep holds something that no sweep should.
pub fn stability(
    tables: &SweepTables,
    resampled: &[SweepTables],
) -> Result<Vec<RingStability>, EvaluateError> {
    let again = resampled
        .iter()
        .map(|tables| rings::published(tables).map(Resample::new))
        .collect::<Result<Vec<_>, _>>()?;
    let resamples = resampled.len() as u64;
    let stabilities = rings::published(tables)?.into_iter().map(|ring| {
        let mut stayed: BTreeMap<&str, u64> = ring.members.keys().map(|&a| (a, 0)).collect();
        let mut jaccard = 0.0;
        for (index, most_like_it) in again
            .iter()
            .filter_map(|resample| resample.most_like(&ring))
        {
            jaccard += index;
            for account in most_like_it.members.keys() {
                if let Some(times) = stayed.get_mut(account) {
                    *times += 1;
                }
            }
        }
        let shares = || stayed.values().map(|&times| ratio(times, resamples));
        RingStability {
            tier: ring.tier,
            size: ring.members.len() as u64,
            jaccard: jaccard / resamples.max(1) as f64,
            membership: shares().sum::<f64>() / ring.members.len().max(1) as f64,
            least_membership: shares().fold(1.0, f64::min),
            ring_id: ring.id.to_owned(),
        }
    });
    Ok(stabilities.collect())
}

/// The rings of one resample, to be found by member.
struct Resample<'a> {
    rings: Vec<Published<'a>>,
    of_account: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Resample<'a> {
    fn new(rings: Vec<Published<'a>>) -> Self {
        let mut of_account: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, ring) in rings.iter().enumerate() {
            for &account in ring.members.keys() {
                of_account.entry(account).or_default().push(place);
            }
        }
        Resample { rings, of_account }
    }

    /// The ring with the greatest Jaccard index to `ring`, and the index, if any overlaps; ties to the
    /// first.
    fn most_like(&self, ring: &Published<'_>) -> Option<(f64, &Published<'a>)> {
        let mut common: BTreeMap<usize, u64> = BTreeMap::new();
        let places = ring.members.keys().filter_map(|a| self.of_account.get(a));
        for &place in places.flatten() {
            *common.entry(place).or_default() += 1;
        }
        let mut best: Option<(f64, &Published<'_>)> = None;
        for (place, common) in common {
            let other = &self.rings[place];
            let union = (ring.members.len() + other.members.len()) as u64 - common;
            let index = ratio(common, union);
            if best.is_none_or(|(known, _)| index > known) {
                best = Some((index, other));
            }
        }
        best
    }
}
