//! Witnesses: which kinds of evidence stand beside others, and where people who live together are innocent of it.
//!
//! Two kinds corroborate each other only where they say two things. A campus, a hub or an office is there for everybody, so it
//! is the set's own infrastructure that counts. And people who live together have a taste and an evening in common: a handful of them at
//! home, living no further apart from others than homes here do, are told by nothing that they like.

use crate::recipe::Kind;
use crate::rings::kind_sum::KindSum;
use crate::rings::tier::Tier;
use crate::rings::tiers::{MOST, Standing};

/// Of what somebody does, how much runs through the home of a group at least where he is at home; and what the median
/// member of a pool counts at least ([`typical`](crate::rings::togetherness::Togetherness::typical)), for half of what it does through two of its addresses is as much.
pub(super) const RESIDENT: f64 = 0.25;

/// What people who share a home count at most: all they do, through an address, a tablet and one thing more.
const HOME: f64 = 2.0;

/// Things of their own that the mean pair has in common at least, among people who live on the same things.
const ACQUAINTED: f64 = 0.25;

/// People whom one home holds at most: of more it does not explain what all of them like.
pub(super) const HOUSEHOLD: usize = 8;

impl Standing<'_> {
    /// Of the kinds that speak at `level`, those that are witnesses for `tier`: what people do, and what they live on where it is the set's own. A
    /// campus, a hub or an office is there for everybody. Where a handful of people live together as innocent groups do, what they
    /// like is one more thing that they have at home. That they do it in the same moments is for a person to look at: one sofa will
    /// do, wherever it stands and whoever else is behind its address, and so will a classroom that is there for others as well; but not that they all use in one moment what they live on.
    pub(super) fn witnesses(&self, tier: Tier, level: f64) -> Vec<&KindSum> {
        let enough = self.enough(level);
        let speaking: Vec<&KindSum> = self.speaking(level).collect();
        let mut in_time = speaking
            .iter()
            .filter(|sum| sum.kind.is_deed() && sum.timed_nats >= enough);
        let at_once = match tier {
            Tier::Act => in_time.any(|sum| sum.is_at_once()),
            Tier::Review | Tier::Watch => {
                let elsewhere = self.room.side_by_side < MOST || self.busy_homes <= level;
                in_time.any(|sum| sum.is_at_once() || elsewhere)
            }
        };
        let at_home = self.together.inside >= RESIDENT
            || self.room.side_by_side >= MOST && (tier == Tier::Act || self.busy_homes > level);
        let family = !at_once
            && self.size <= HOUSEHOLD
            && at_home
            && self.together.typical <= HOME
            && self.innocent_q > level;
        // To be acted on, in a room the place is no witness, and what else is there is one only where innocent groups do not live so.
        let by_room = tier == Tier::Act && self.in_room() && !at_once;
        let there = if by_room { self.room.own_nats } else { 0.0 };
        let household = self.size <= HOUSEHOLD && self.together.typical <= HOME;
        let lives =
            !(by_room || tier == Tier::Act && household && !at_once) || self.innocent_q <= level;
        let lives_there = |sum: &KindSum| {
            lives && sum.own_nats - there >= enough && self.together.connected >= MOST
        };
        let is_own = |sum: &&KindSum| sum.kind == Kind::Infrastructure && lives_there(sum);
        let room = by_room && !speaking.iter().any(is_own);
        let is_witness = |sum: &&KindSum| match sum.kind {
            Kind::Infrastructure => !family && lives_there(sum),
            Kind::Behaviour => !family && !room,
            Kind::Relation => !room,
        };
        speaking.into_iter().filter(is_witness).collect()
    }

    /// Whether most of what the members do is what happens in one room.
    pub(super) fn in_room(&self) -> bool {
        self.room.share >= MOST
    }

    /// Whether most of what the members do runs through things of their own, and more of it than innocent
    /// groups know at `level`. A café has many guests and handsets enough; none of them lives there. The customers of a carrier are passed
    /// from one to the next over hundreds of gateways, but two of them have next to nothing in common. And those of a private network meet on a few gateways for
    /// hours, each with a machine of his own: more than a household is at home where machines are shared as well, or more than a home has.
    pub(super) fn lives_apart(&self, level: f64) -> bool {
        let together = self.together;
        let on_everything = together.exclusivity >= RESIDENT || self.is_more_than_a_home();
        let at_home = self.size <= HOUSEHOLD || on_everything;
        let resident =
            together.inside >= MOST && at_home || together.typical >= RESIDENT && self.is_pool();
        self.innocent_q <= level
            && together.connected >= MOST
            && together.in_common >= ACQUAINTED
            && resident
    }

    /// Whether more of what the median member does runs through things of their own than can where people only live together. A campus
    /// and a firm have an address or two, and everybody has a home or a phone besides.
    pub(super) fn is_more_than_a_home(&self) -> bool {
        self.size > HOUSEHOLD && self.together.typical > HOME
    }

    /// Whether the members come from so many things that each of them is known by those: a pool's member may do less than
    /// half through it, but its addresses are about as many as its members. A campus has a handful for all.
    fn is_pool(&self) -> bool {
        let homes = || self.kinds.iter().filter(|sum| !sum.kind.is_deed());
        let things: usize = homes().map(|sum| sum.subjects).sum();
        let nats: f64 = homes().map(|sum| sum.pair_nats).sum();
        2 * things >= self.size && nats >= self.singles_out(0.0)
    }
}
