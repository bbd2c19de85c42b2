//! Occasions: what brings people together who have agreed on nothing.
//!
//! A show is on every evening, a guild raids after dinner and trades among itself, a couple plays one round after the other, and who plays a list of songs does
//! what everybody does who plays it. So what members do may speak alone only as far as none of that explains it, and to do things together is no second witness
//! of being friends.

use crate::recipe::Kind;
use crate::rings::kind_sum::KindSum;
use crate::rings::tier::Tier;
use crate::rings::tiers::{MOST, Standing};
use crate::rings::witnesses::HOUSEHOLD;

/// Things that people who keep each other company do in one sitting, at least.
const COMPANY: f64 = 3.0;

impl Standing<'_> {
    /// Whether `deeds`, if they repeat, may speak alone for `tier` at `level`. Friends are never acted on by their deeds. A person may look at them, unless
    /// they meet by the hour, a handful who have relations among them keep each other company, or everybody sat down once.
    pub(super) fn tells_alone(
        &self,
        deeds: &KindSum,
        tier: Tier,
        level: f64,
        repetition: f64,
    ) -> bool {
        let friends = self.are_friends(level);
        match (deeds.kind, tier) {
            (Kind::Behaviour, Tier::Act) => {
                !friends && self.meets_in_time(deeds, level, repetition)
            }
            (Kind::Behaviour, _) => {
                let once = (self.meetings.sittings as f64) < repetition;
                !self.meets_by_the_hour(level, repetition)
                    && !(self.keeps_company() && (self.exchange >= MOST || once))
                    && !self.sits_once(deeds, level)
            }
            (Kind::Relation, Tier::Act) => !friends,
            (Kind::Relation, _) => !friends || !self.meets_by_the_hour(level, repetition),
            (Kind::Infrastructure, _) => false,
        }
    }

    /// Whether the members do things together as friends do, at `level`: most of the behaviour that speaks for them is done in the same moments, and
    /// relations that speak for them, too, run among them in all directions; or a handful keep each other company. Who likes what the others made, whenever, does
    /// nothing together.
    pub(super) fn are_friends(&self, level: f64) -> bool {
        let speaking = |kind| self.speaking(level).find(|sum| sum.kind == kind);
        let exchange = self.exchange >= MOST && speaking(Kind::Relation).is_some();
        let together = |sum: &KindSum| sum.timed_nats >= MOST * sum.nats;
        (exchange || self.keeps_company()) && speaking(Kind::Behaviour).is_some_and(together)
    }

    /// Whether a handful do one thing after the other whenever they meet, as people do who play together.
    fn keeps_company(&self) -> bool {
        self.size <= HOUSEHOLD && self.meetings.in_a_row >= COMPANY
    }

    /// Whether the moments of `deeds` pay for the set by themselves, seeds helping, over as many sittings as `repetition` asks: what a
    /// taste cannot do is to come together in the same moments, again and again. What happens again and again at one hour of the day is one sitting, and the
    /// others pay.
    fn meets_in_time(&self, deeds: &KindSum, level: f64, repetition: f64) -> bool {
        let meetings = self.meetings;
        let (sittings, nats) = if self.has_an_hour(repetition) {
            let others = meetings.sittings.saturating_sub(meetings.at_the_hour);
            (others + 1, deeds.timed_nats - meetings.hour_nats)
        } else {
            (meetings.sittings, deeds.timed_nats)
        };
        sittings as f64 >= repetition && nats + self.seed_nats >= self.cost - level.ln()
    }

    /// Whether it is more at one hour of the day than at all others that the members come together, and as often as `repetition` asks.
    fn has_an_hour(&self, repetition: f64) -> bool {
        self.meetings.at_the_hour as f64 >= repetition && self.meetings.hour_share >= MOST
    }

    /// Whether what the members do at one hour of the day is all that tells them from others at `level`, and it is done with things that are there for
    /// everybody, or among friends. Whoever works for its customers at nine every day does what nobody else does.
    fn meets_by_the_hour(&self, level: f64, repetition: f64) -> bool {
        let public = self.meetings.own < MOST || self.are_friends(level);
        let besides = self.meetings.beside_nats + self.seed_nats;
        self.has_an_hour(repetition) && public && besides < self.cost - level.ln()
    }

    /// Whether most of what each member has in common with others it did in one sitting, not all in the same, and it mostly does something else.
    fn sits_once(&self, deeds: &KindSum, level: f64) -> bool {
        self.meetings.in_one_sitting >= MOST
            && self.meetings.of_life < MOST
            && deeds.timed_nats + self.seed_nats < self.cost - level.ln()
    }
}
