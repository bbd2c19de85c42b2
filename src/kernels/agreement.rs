//! How far two partitions of the same nodes agree.

use crate::sparse::partition::Partition;

/// Agreement of a found partition with a reference; 1 means equal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Normalised mutual information, by the arithmetic mean of the entropies
    /// (Strehl, Ghosh 2002). Two partitions without information agree: 1.
    pub nmi: f64,
    /// Adjusted Rand index (Hubert, Arabie 1985): 0 is what chance gives.
    pub ari: f64,
    /// Share of the pairs put together that belong together.
    pub pair_precision: f64,
    /// Share of the pairs that belong together that are put together.
    pub pair_recall: f64,
    /// Harmonic mean of the two.
    pub pair_f1: f64,
}

/// Compares `found` with `truth`. One sort of the nodes by both labels: O(n log n).
///
/// Where a share has nothing to count (no pair is together) it is 1.
///
/// # Panics
/// If the partitions are not of equally many nodes.
pub fn agreement(found: &Partition, truth: &Partition) -> Agreement {
    assert_eq!(found.labels().len(), truth.labels().len());
    let nodes = found.labels().len() as f64;
    let (sizes_found, sizes_truth) = (sizes(found), sizes(truth));
    let overlaps = overlaps(found, truth);

    let information: f64 = overlaps
        .iter()
        .map(|&(a, b, both)| {
            let expected = sizes_found[a as usize] as f64 * sizes_truth[b as usize] as f64;
            both as f64 / nodes * (both as f64 * nodes / expected).ln()
        })
        .sum();
    let entropies = entropy(&sizes_found, nodes) + entropy(&sizes_truth, nodes);

    let pairs_both: f64 = overlaps.iter().map(|&(_, _, both)| pairs(both)).sum();
    let pairs_found: f64 = sizes_found.iter().map(|&size| pairs(size)).sum();
    let pairs_truth: f64 = sizes_truth.iter().map(|&size| pairs(size)).sum();
    let pairs_all = nodes * (nodes - 1.0) / 2.0;
    let by_chance = if pairs_all > 0.0 {
        pairs_found * pairs_truth / pairs_all
    } else {
        0.0
    };
    let at_best = f64::midpoint(pairs_found, pairs_truth);

    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 1.0 };
    Agreement {
        nmi: share(2.0 * information, entropies).clamp(0.0, 1.0),
        ari: share(pairs_both - by_chance, at_best - by_chance),
        pair_precision: share(pairs_both, pairs_found),
        pair_recall: share(pairs_both, pairs_truth),
        pair_f1: share(2.0 * pairs_both, pairs_found + pairs_truth),
    }
}

fn sizes(partition: &Partition) -> Vec<u64> {
    let mut sizes = vec![0; partition.communities()];
    for &label in partition.labels() {
        sizes[label as usize] += 1;
    }
    sizes
}

/// (community, other community, nodes in both), each pair that occurs once, ascending.
fn overlaps(found: &Partition, truth: &Partition) -> Vec<(u32, u32, u64)> {
    let mut both: Vec<(u32, u32)> = found
        .labels()
        .iter()
        .copied()
        .zip(truth.labels().iter().copied())
        .collect();
    both.sort_unstable();
    both.chunk_by(|x, y| x == y)
        .map(|run| (run[0].0, run[0].1, run.len() as u64))
        .collect()
}

fn entropy(sizes: &[u64], nodes: f64) -> f64 {
    let shares = sizes
        .iter()
        .map(|&size| size as f64 / nodes)
        .filter(|&share| share > 0.0);
    shares.map(|share| -share * share.ln()).sum()
}

fn pairs(size: u64) -> f64 {
    size as f64 * (size as f64 - 1.0) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(labels: &[u32]) -> Partition {
        Partition::from_labels(labels.to_vec())
    }

    #[test]
    fn a_hand_counted_case() {
        let found = partition(&[0, 0, 0, 1, 1, 1]);
        let truth = partition(&[0, 0, 1, 1, 2, 2]);
        let agreement = agreement(&found, &truth);
        assert_eq!(
            (agreement.pair_precision, agreement.pair_recall),
            (2.0 / 6.0, 2.0 / 3.0)
        );
        assert!((agreement.ari - (2.0 - 1.2) / (4.5 - 1.2)).abs() < 1e-12);
        assert!(
            (agreement.nmi - 2.0 * (2.0 / 3.0 * 2f64.ln()) / (2f64.ln() + 3f64.ln())).abs() < 1e-12
        );
    }

    #[test]
    fn names_do_not_matter_and_equal_is_one() {
        let one = agreement(&partition(&[2, 2, 0, 1]), &partition(&[0, 0, 3, 2]));
        assert_eq!((one.ari, one.pair_f1), (1.0, 1.0));
        assert!((one.nmi - 1.0).abs() < 1e-12);
        let trivial = agreement(&partition(&[0, 0]), &partition(&[0, 0]));
        assert_eq!((trivial.nmi, trivial.ari), (1.0, 1.0));
        let empty = agreement(&partition(&[]), &partition(&[]));
        assert_eq!((empty.nmi, empty.ari, empty.pair_f1), (1.0, 1.0, 1.0));
    }
}
