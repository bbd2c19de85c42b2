//! `Trace`: how a kernel got to its answer.

/// What it took. Part of the answer, so the same for any number of threads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trace {
    /// Passes over the nodes that could still change, over all levels.
    pub rounds: u32,
    /// Changes of a node's label.
    pub moves: u64,
    /// Graphs worked on: the input and its quotients. 1 for kernels that make none.
    pub levels: u32,
    /// False when a limit on rounds or levels ended the work before nothing was left to change.
    pub settled: bool,
}

impl Trace {
    /// Adds the work of another stretch of the same run; it ended as that stretch ended.
    pub(super) fn add(&mut self, other: Trace) {
        self.rounds += other.rounds;
        self.moves += other.moves;
        self.levels += other.levels;
        self.settled = other.settled;
    }

    /// The work of two attempts on one graph, of which the second counts.
    pub(super) fn then(self, again: Trace) -> Trace {
        Trace {
            rounds: self.rounds + again.rounds,
            moves: self.moves + again.moves,
            ..again
        }
    }
}
