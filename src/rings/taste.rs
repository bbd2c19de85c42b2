//! Taste: what people of one liking have in common without ever having agreed on it.
//!
//! A taste is a large group, each pair of which shares a little more than strangers do, and around it many who
//! nearly belong. A ring works through one list, and ends. So what its mean pair shares, beyond what active
//! strangers of the tightest clubs would, has to pay for having been free to pick the set, and to single out an
//! account among all: `ln N` nats; or as little as a quarter of it where members do a quarter of the list and there
//! are no [bystanders](crate::rings::gap), but among its own members at least: the share `ln n / ln N`. Seeds among
//! the members help to pay. What taste explains is not even reported.

use crate::base::information::ln_choose;
use crate::recipe::Kind;
use crate::rings::kind_sum::KindSum;
use crate::rings::tiers::{MOST, PAID_TO_ACT, Standing};

/// Subjects over which the mean member meets others in moments of their own, at least where that is what tells them from people of one
/// taste: an artist's fans have one.
const MEETINGS: f64 = 3.0;

/// Bystanders for each member from which on a set has no border to speak of.
const CROWD_AT_THE_DOOR: f64 = 0.1;

/// The same where people outside tell that they have no taste for the list: as many as there are members.
const STRANGERS_AT_THE_DOOR: f64 = 1.0;

/// Of what singles out an account, how much is asked at least of a set that ends somewhere.
const WITHIN_A_BORDER: f64 = 0.25;

/// Of all that a ring works through, what its mean member does at least; an audience picks.
pub(super) const LIST: f64 = 0.25;

impl Standing<'_> {
    /// Whether what each of `kinds` `says` of the mean pair goes beyond taste at `level`: over all pairs it pays for the set,
    /// and it singles out an account among all; a quarter of that is enough where members work through a list and
    /// nobody stands at the door. Relations are left out: friends name the same others, and are asked about by
    /// themselves.
    fn beyond_taste<'s>(
        &self,
        kinds: impl IntoIterator<Item = &'s KindSum>,
        says: impl Fn(&KindSum) -> f64,
        level: f64,
    ) -> bool {
        let kinds = kinds.into_iter().filter(|sum| sum.kind != Kind::Relation);
        let (mut nats, mut works_through) = (0.0, true);
        for sum in kinds {
            nats += says(sum);
            works_through &= !sum.kind.is_deed() || sum.repetition >= LIST * sum.subjects as f64;
        }
        let size = self.size as f64;
        let price = ln_choose(self.population, size) - level.ln();
        let pays = nats * size * (size - 1.0) / 2.0 + self.seed_nats >= price;
        // At the door of a list that is nobody's taste outside stands whoever came by chance.
        let nobodys = if self.taste > 0.0 {
            0.0
        } else {
            1.0 - self.unrefuted
        };
        let crowd = CROWD_AT_THE_DOOR + nobodys * (STRANGERS_AT_THE_DOOR - CROWD_AT_THE_DOOR);
        let door = if works_through {
            (self.bystanders / crowd).min(1.0)
        } else {
            1.0
        };
        // Where the list itself is a taste, a pair has to be singled out among all pairs.
        let singles_out =
            self.singles_out(door.max(self.taste)) + self.taste * self.population.max(2.0).ln();
        let no_slice = self
            .beyond_crowd
            .is_none_or(|nats| nats + self.seed_nats >= -level.ln());
        pays && nats + self.seed_nats / size >= singles_out && no_slice
    }

    /// Whether behaviour speaks for itself, and goes beyond taste together with whatever else does.
    pub(super) fn acts_together(&self, level: f64) -> bool {
        self.act_by(&self.speaking(level).collect::<Vec<_>>(), level)
    }

    /// Of whom machines and addresses of their own tell that they were not brought together by a taste, not all of it is asked:
    /// what they do beside what speaks for them was foreseen and is there.
    pub(super) fn act_by(&self, kinds: &[&KindSum], level: f64) -> bool {
        let enough = self.enough(level);
        let by_own = self.together.connected >= MOST
            && kinds
                .iter()
                .any(|sum| !sum.kind.is_deed() && sum.exclusive_nats >= enough);
        let says = |sum: &KindSum| sum.pair_nats + if by_own { sum.in_passing } else { 0.0 };
        let kinds = || kinds.iter().copied();
        let behaviour = || kinds().filter(|sum| sum.kind == Kind::Behaviour);
        let deeds: f64 = behaviour().map(says).sum();
        behaviour().any(|sum| self.meets_apart(sum, level))
            || deeds > 0.0 && self.beyond_taste(kinds(), says, level)
    }

    /// Whether members did `deeds` in moments in which hardly anybody else did, over a good part of one list, and those alone pay
    /// once and a half for the set: few of a large ring do the same job, so its mean pair shares little; but where the list is
    /// nobody's taste outside, nothing else brings people together in moments of their own.
    fn meets_apart(&self, deeds: &KindSum, level: f64) -> bool {
        let nats = deeds.timed_nats.min(deeds.exclusive_nats);
        deeds.kind == Kind::Behaviour
            && self.taste <= 0.0
            && self.meetings.sittings as f64 >= MEETINGS
            && nats > self.enough(level)
            && deeds.repetition >= MEETINGS.max(LIST * deeds.subjects as f64)
            && nats + self.seed_nats >= PAID_TO_ACT * self.cost - level.ln()
    }

    /// Nats that single out a member: at the least among its own, for in a large set somebody shares as much with anybody; with more
    /// people at the `door` (up to 1) among all accounts.
    pub(super) fn singles_out(&self, door: f64) -> f64 {
        let population = self.population.max(2.0).ln();
        let within = WITHIN_A_BORDER
            .max((self.size as f64).ln() / population)
            .min(1.0);
        (within + (1.0 - within) * door) * population
    }
}

/// Whether taste explains a set that has no infrastructure worth speaking of.
pub fn is_taste(standing: &Standing<'_>) -> bool {
    let covering = || standing.kinds.iter().filter(|sum| sum.coverage >= MOST);
    covering().all(|sum| sum.kind.is_deed())
        && !covering().any(|sum| standing.meets_apart(sum, 1.0))
        && !standing.beyond_taste(covering(), |sum| sum.pair_nats, 1.0)
        && !standing.beyond_friends(1.0)
}
