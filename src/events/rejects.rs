//! Which rejected rows are kept as samples when there are too many.
//!
//! Every reason in every input should show: the first of each is kept before the second of any, and
//! so on. What that rule drops from the inputs read so far it would also drop once further inputs are
//! read, so samples can be thinned after every input, and memory stays bounded.

use crate::events::reading::Reject;

/// The samples of all inputs so far.
#[derive(Default)]
pub(super) struct Samples {
    /// (rank among those of its input and reason, number of the input, sample).
    kept: Vec<(usize, usize, Reject)>,
}

impl Samples {
    /// Adds the first few rejects of one reason in one input, in row order.
    pub(super) fn add(&mut self, input: usize, rejects: Vec<Reject>) {
        let ranked = rejects.into_iter().enumerate();
        self.kept
            .extend(ranked.map(|(rank, reject)| (rank, input, reject)));
    }

    /// Keeps `most`.
    pub(super) fn thin(&mut self, most: usize) {
        self.kept
            .sort_by(|(rank_a, input_a, a), (rank_b, input_b, b)| {
                (rank_a, input_a, a.row).cmp(&(rank_b, input_b, b.row))
            });
        self.kept.truncate(most);
    }

    /// By input and row.
    pub(super) fn finish(mut self) -> Vec<Reject> {
        self.kept
            .sort_by_key(|(_, input, reject)| (*input, reject.row));
        self.kept.into_iter().map(|(_, _, reject)| reject).collect()
    }
}
