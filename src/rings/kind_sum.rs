//! `KindSum`: what one kind of evidence says in all.

use crate::recipe::Kind;

/// What one kind of evidence says, about a ring or about one member of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KindSum {
    /// The kind.
    pub kind: Kind,
    /// Sum of its contributions, nats.
    pub nats: f64,
    /// Independent subjects it repeats over (owners of content, devices, counterparties).
    pub subjects: usize,
    /// Subjects that the mean member has a part in.
    pub repetition: f64,
    /// Share of the members that have a part in it.
    pub coverage: f64,
    /// Of `nats`, those over things that at least half of whoever has them are members.
    pub own_nats: f64,
    /// Of those, the ones over things that hardly anybody else has.
    pub exclusive_nats: f64,
    /// Of `nats`, those of moments.
    pub timed_nats: f64,
    /// The kind that it only repeats: who did it, the same keys, when.
    pub echoes: Option<Kind>,
    /// Nats that the mean pair of members shares, `ln(N / d)` for each subject in common, which counts
    /// once however often the two met there; less what as active strangers of one taste would share.
    pub pair_nats: f64,
    /// Nats that it shares besides over things that say nothing; part of what was foreseen.
    pub in_passing: f64,
}

impl KindSum {
    /// Whether it is that members use in one moment what they all live on.
    pub fn is_at_once(&self) -> bool {
        self.echoes == Some(Kind::Infrastructure)
    }
}
