//! `Standing`: every node's label, and how far ahead of the others it is.
//!
//! Layout: one word a node, its label in the low half, its *lead* as a signed number in the high half, so
//! that whoever tells a node of a move learns both with one access. A node *waits* to be asked while its
//! lead is negative.
//!
//! While nodes choose, labels stand still and a node's lead is written by whoever asks it. While nodes are
//! told, labels stand still and leads only fall. Whether a node waits in the end depends on the sum of what
//! is taken off, not on the order in which threads do so.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rayon::prelude::*;

/// Labels and leads by node.
pub(super) struct Standing(Vec<AtomicU64>);

/// Leads and shifts count up to here. Threads may take off several shifts before they see that a node
/// waits already; so many of them fit below zero that no number of threads turns it round.
pub(super) const FAR_AHEAD: u64 = 1 << 20;

/// A negative lead without a label.
const WAITING: u64 = (u32::MAX as u64) << 32;

impl Standing {
    /// Everybody waits.
    pub(super) fn new(labels: &[u32]) -> Self {
        let waiting = |&label| AtomicU64::new(WAITING | u64::from(label));
        Standing(labels.par_iter().with_min_len(4096).map(waiting).collect())
    }

    #[inline]
    pub(super) fn label(&self, node: u32) -> u32 {
        self.0[node as usize].load(Relaxed) as u32
    }

    /// The node has been asked and is so far ahead with its choice.
    #[inline]
    pub(super) fn asked(&self, node: u32, lead: u64) {
        let word = &self.0[node as usize];
        let label = word.load(Relaxed) & u64::from(u32::MAX);
        word.store(lead.min(FAR_AHEAD) << 32 | label, Relaxed);
    }

    /// The node takes a label.
    #[inline]
    pub(super) fn take(&self, node: u32, label: u32) {
        let word = &self.0[node as usize];
        word.store(word.load(Relaxed) & WAITING | u64::from(label), Relaxed);
    }

    /// Label of `node`, and its lead unless it waits already.
    #[inline]
    pub(super) fn look(&self, node: u32) -> (u32, Option<u32>) {
        let word = self.0[node as usize].load(Relaxed);
        (
            word as u32,
            ((word as i64) >= 0).then_some((word >> 32) as u32),
        )
    }

    /// Takes `shift` (at most [`FAR_AHEAD`] + 1) off the lead of a node whose label is `label`.
    #[inline]
    pub(super) fn shift(&self, node: u32, label: u32, shift: u32) {
        let word = &self.0[node as usize];
        let seen = word.load(Relaxed);
        if seen >> 32 < u64::from(shift) {
            // What others take off meanwhile cannot lift it again, so a store does what an addition would.
            word.store(WAITING | u64::from(label), Relaxed);
        } else if seen >> 63 == 0 {
            word.fetch_sub(u64::from(shift) << 32, Relaxed);
        }
    }

    /// Everybody waits again.
    pub(super) fn stir(&self) {
        self.0
            .par_iter()
            .with_min_len(4096)
            .for_each(|word| word.store(word.load(Relaxed) | WAITING, Relaxed));
    }

    /// Runs of `nodes` nodes each, by the number of the first.
    pub(super) fn chunks(&self, nodes: usize) -> impl IndexedParallelIterator<Item = Chunk<'_>> {
        let chunk = move |(nth, words)| Chunk {
            first: (nth * nodes) as u32,
            words,
        };
        self.0.par_chunks(nodes).enumerate().map(chunk)
    }

    pub(super) fn into_labels(self) -> Vec<u32> {
        let label = |word: AtomicU64| word.into_inner() as u32;
        self.0.into_iter().map(label).collect()
    }
}

/// A run of nodes.
pub(super) struct Chunk<'a> {
    first: u32,
    words: &'a [AtomicU64],
}

impl<'a> Chunk<'a> {
    /// Those that wait, ascending.
    pub(super) fn waiting(&self) -> impl Iterator<Item = u32> + use<'a> {
        let waits = |(_, word): &(u32, &AtomicU64)| word.load(Relaxed) >> 63 == 1;
        (self.first..)
            .zip(self.words)
            .filter(waits)
            .map(|(node, _)| node)
    }
}
