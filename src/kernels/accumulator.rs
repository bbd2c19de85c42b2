//! `Accumulator`: one row of the projection while it is being added up.
//!
//! A slot per node would be wide and would fill the caches with zeros. So the tallies of the few nodes that a
//! row meets stand side by side in the order they are met; a node's entry in `place` says where (0: not met),
//! and [`Marks`] hand the nodes out in ascending order at the end.

use crate::sparse::marks::Marks;

/// What is known of a pair so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) weight: u64,
    pub(crate) shared: u32,
    pub(crate) co_actions: u32,
    /// End of the last counted window, for timed sources.
    pub(crate) until: u32,
    /// Bit `s` is set when source `s` links the two.
    pub(crate) sources: u32,
}

impl Tally {
    /// One thing more that both have, by a source whose bit is `bit`.
    #[inline]
    pub(crate) fn share(&mut self, weight: u64, bit: u32) {
        self.weight += weight;
        self.shared += 1;
        self.sources |= bit;
    }

    /// Adds what a source whose bit is `bit` says of the pair.
    #[inline]
    pub(crate) fn add(&mut self, tally: &Tally, bit: u32) {
        self.weight += tally.weight;
        self.shared += tally.shared;
        self.co_actions += tally.co_actions;
        self.sources |= bit;
    }
}

/// The row of a node while it is added up.
pub(crate) trait Row {
    /// The tally of `node`, which begins at nothing.
    fn entry(&mut self, node: u32) -> &mut Tally;

    /// Reads what [`Self::entry`] is about to read for each of `nodes`, so that the waits for memory overlap; nothing where a
    /// row is near anyway.
    fn call(&self, _nodes: impl Iterator<Item = u32>) {}
}

/// Tallies by node, empty between rows.
#[derive(Debug, Default)]
pub(crate) struct Accumulator {
    /// One more than where the node's tally is, or 0.
    place: Vec<u32>,
    tallies: Vec<Tally>,
    met: Marks,
}

impl Row for Accumulator {
    #[inline]
    fn entry(&mut self, node: u32) -> &mut Tally {
        let place = &mut self.place[node as usize];
        if *place == 0 {
            self.met.set(node);
            self.tallies.push(Tally::default());
            *place = self.tallies.len() as u32;
        }
        &mut self.tallies[*place as usize - 1]
    }

    #[inline]
    fn call(&self, nodes: impl Iterator<Item = u32>) {
        let called = nodes.fold(0, |called, node| called ^ self.place[node as usize]);
        std::hint::black_box(called);
    }
}

impl Accumulator {
    /// For nodes below `nodes`.
    pub(crate) fn new(nodes: usize) -> Self {
        Accumulator {
            place: vec![0; nodes],
            tallies: Vec::new(),
            met: Marks::new(nodes),
        }
    }

    /// Shows all tallies by node, ascending, and leaves them.
    pub(crate) fn show(&mut self, mut visit: impl FnMut(u32, &Tally)) {
        let mut nodes = Vec::with_capacity(self.tallies.len());
        self.met.drain(|node| nodes.push(node));
        for node in nodes {
            self.met.set(node);
            visit(node, &self.tallies[self.place[node as usize] as usize - 1]);
        }
    }

    /// Hands out all tallies by node, ascending, and leaves none.
    #[inline]
    pub(crate) fn drain(&mut self, mut visit: impl FnMut(u32, &Tally)) {
        let Accumulator {
            place,
            tallies,
            met,
        } = self;
        met.drain(|node| {
            let place = std::mem::take(&mut place[node as usize]);
            visit(node, &tallies[place as usize - 1]);
        });
        tallies.clear();
    }
}

/// A row for untimed sharing alone: count and weight of a pair in one word, so that a shared thing costs one
/// addition.
#[derive(Debug, Default)]
pub(crate) struct PackedRow {
    /// Count above [`COUNT_SHIFT`], micro-units below; 0 where the two share nothing.
    sums: Vec<u64>,
    met: Marks,
    /// The nodes of a finished row, and their sums.
    row: (Vec<u32>, Vec<u64>),
}

/// Bits of the weight in a packed sum: up to a million units.
pub(crate) const COUNT_SHIFT: u32 = 40;

impl PackedRow {
    /// For nodes below `nodes`.
    pub(crate) fn new(nodes: usize) -> Self {
        PackedRow {
            sums: vec![0; nodes],
            met: Marks::new(nodes),
            row: Default::default(),
        }
    }

    /// `nodes` share one thing more, which weighs `weight`.
    #[inline]
    pub(crate) fn add(&mut self, nodes: &[u32], weight: u64) {
        let one = 1 << COUNT_SHIFT | weight;
        for &node in nodes {
            self.met.set(node);
            self.sums[node as usize] += one;
        }
    }

    /// Hands out `(node, count, weight)` of what shares at least `least` things, ascending, and leaves nothing.
    #[inline]
    pub(crate) fn finish(&mut self, least: u32) -> impl Iterator<Item = (u32, u32, u64)> + '_ {
        let (mut nodes, mut packed) = std::mem::take(&mut self.row);
        nodes.clear();
        packed.clear();
        self.drain(least, &mut nodes, &mut packed);
        self.row = (nodes, packed);
        let row = self.row.0.iter().zip(&self.row.1);
        row.map(|(&node, &sum)| (node, unpack(sum).0, unpack(sum).1))
    }

    /// Appends who shares at least `least` things, ascending, and counts and weights as [`unpack`] parts them;
    /// leaves nothing. The two lists are equally long.
    #[inline]
    pub(crate) fn drain(&mut self, least: u32, nodes: &mut Vec<u32>, packed: &mut Vec<u64>) {
        let PackedRow { sums, met, .. } = self;
        let first = nodes.len();
        met.drain(|node| nodes.push(node));
        let row = nodes[first..].iter();
        packed.extend(row.map(|&node| std::mem::take(&mut sums[node as usize])));
        if least > 1 {
            let mut kept = first;
            for at in first..nodes.len() {
                (nodes[kept], packed[kept]) = (nodes[at], packed[at]);
                kept += usize::from(unpack(packed[at]).0 >= least);
            }
            nodes.truncate(kept);
            packed.truncate(kept);
        }
    }
}

/// Count and weight of a packed sum.
#[inline]
pub(crate) fn unpack(sum: u64) -> (u32, u64) {
    ((sum >> COUNT_SHIFT) as u32, sum & ((1 << COUNT_SHIFT) - 1))
}
