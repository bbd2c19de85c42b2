//! Tiers: how far the evidence carries, for a ring and for each of its members.
//!
//! `act` and `review` need a q-value against chance and corroboration at their level. Corroboration is
//! * two kinds of evidence that each speak for themselves and for at least half of the members, over two subjects
//!   at least, and say two things ([`witnesses`](crate::rings::witnesses)), or
//! * one kind of behaviour or relation that repeats over enough independent subjects for the mean member (a fan
//!   club has one artist in common, or two), goes beyond [taste](crate::rings::taste), and is no [occasion](crate::rings::occasions), or
//! * infrastructure alone, where most of what the members do runs through things of the group's own, and more
//!   of it than innocent togetherness explains; that is for a person to look at, never to act on.
//!
//! Nor is more than one kind needed to look at a set in which more members are known to be bad than innocence explains
//! ([`caught`](crate::rings::caught)).
//!
//! *Friends.* Relations set a ring apart only where its members are more related to each other than the world around
//! them is, all costs paid ([`relations`](crate::rings::relations)), and more than circles of friends that end
//! somewhere usually are here ([`circles`](crate::rings::circles)); seeds help to pay, and naming the same others is none of it. To be
//! acted on by relations alone a set has to pay for itself once and a half.
//!
//! A member is never in a higher tier than its own part in the evidence bears, and never where the ring
//! would lose next to nothing without it. Tiers say how strong the evidence of coordinated behaviour is,
//! never why it happened.

use crate::recipe::Kind;
use crate::recipe::definition::Tiers;
use crate::rings::kind_sum::KindSum;
use crate::rings::meetings::Meetings;
use crate::rings::rooms::Room;
use crate::rings::tier::Tier;
use crate::rings::togetherness::Togetherness;

/// Evidence of a kind is about a ring when it is about this share of its members.
pub(super) const MOST: f64 = 0.5;

/// Subjects that the mean member has a part in, from which on deeds are more than an occasion.
const OCCASIONS: f64 = 2.0;

/// A room that is there for everybody brings the place and the thing at once, so what is done in it has to repeat so many times as often.
const BY_PLACE_AND_THING: f64 = 2.0;

/// How often relations alone must pay for a set that is acted on. A circle of friends is not picked at random but
/// along its own relations, and innocent ones that pay once do exist.
pub(super) const PAID_TO_ACT: f64 = 1.5;

/// What the tiers of one ring are decided from.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing<'a> {
    /// Accounts of the platform.
    pub population: f64,
    /// Accounts of the ring.
    pub size: usize,
    /// Nats that were paid for having been free to pick the set.
    pub cost: f64,
    /// q-value against chance.
    pub chance_q: f64,
    /// q-value against innocent togetherness, for groups that share infrastructure.
    pub innocent_q: f64,
    /// How usual it is here that a handful who live together do things together, 0 to 1.
    pub busy_homes: f64,
    /// How far what the members do is what happens in one room; see [`rooms`](crate::rings::rooms).
    pub room: Room,
    /// When they come together.
    pub meetings: Meetings,
    /// How far relations among the members run in all directions, about 1 among friends and 0 where goods run one way.
    pub exchange: f64,
    /// Share of innocent sets that are to be expected among those with as many bad seeds; see
    /// [`caught`](crate::rings::caught).
    pub caught_q: f64,
    /// By kind, those that contribute anything.
    pub kinds: &'a [KindSum],
    /// How far the members live on devices and addresses of their own.
    pub together: Togetherness,
    /// Outsiders that are almost members, over the members.
    pub bystanders: f64,
    /// Nats by which the members go beyond the crowd around them, where there is one.
    pub beyond_crowd: Option<f64>,
    /// How far their list is a taste of people outside, 0 to 1; see [`topic`](crate::rings::topic).
    pub taste: f64,
    /// The same as far as people outside do not refute it.
    pub unrefuted: f64,
    /// Nats that seeds among the members contribute: they help to pay for the set, and are no kind of
    /// evidence.
    pub seed_nats: f64,
    /// Nats by which the members are more related to each other than the world around them, where there are
    /// relations.
    pub related: Option<f64>,
    /// q-value against circles of friends that are so, too.
    pub friends_q: f64,
    /// Sets that were judged: what a kind of evidence has to pay for.
    pub judged: usize,
}

impl Standing<'_> {
    /// Nats that are enough at `level` after so many sets were judged.
    pub(super) fn enough(&self, level: f64) -> f64 {
        (self.judged.max(1) as f64 / level).ln()
    }

    /// Kinds that speak for themselves and for most members at `level`.
    pub(super) fn speaking(&self, level: f64) -> impl Iterator<Item = &KindSum> {
        let enough = self.enough(level);
        self.kinds
            .iter()
            .filter(move |sum| sum.nats >= enough && sum.coverage >= MOST)
    }

    /// Whether relations speak for themselves, and the members are more related than friends at `level`, seeds among
    /// them helping. They have to pay for the set: people who live together name each other, so what they live on
    /// is no second witness.
    pub(super) fn beyond_friends(&self, level: f64) -> bool {
        self.pays_by_relations(level, 1.0)
    }

    /// [`Self::beyond_friends`], the set being paid for so many `times`.
    fn pays_by_relations(&self, level: f64, times: f64) -> bool {
        let enough = self.enough(level);
        self.friends_q <= level.min(MOST)
            && self
                .related
                .is_some_and(|nats| nats + self.seed_nats >= enough)
            && self.speaking(level).any(|sum| {
                sum.kind == Kind::Relation
                    && sum.nats + self.seed_nats >= times * self.cost - level.ln()
            })
    }

    /// Whether what the members do, not only where from, sets them apart at `level`: some of it speaks for
    /// itself, and goes beyond taste together with whatever else does, or beyond what is usual among friends.
    pub fn deeds_speak(&self, level: f64) -> bool {
        self.beyond_friends(level) || self.acts_together(level)
    }

    /// Whether `deeds`, one of the `witnesses`, carries as far as `tier` at `level`.
    fn bears(&self, deeds: &KindSum, witnesses: &[&KindSum], tier: Tier, level: f64) -> bool {
        let times = if tier == Tier::Act { PAID_TO_ACT } else { 1.0 };
        match deeds.kind {
            Kind::Infrastructure => false,
            Kind::Behaviour => {
                self.act_by(witnesses, level)
                    && (tier != Tier::Act || self.pays_by(witnesses, level, times))
            }
            Kind::Relation => self.pays_by_relations(level, times),
        }
    }

    /// Whether the `witnesses` pay so many `times` for the set, seeds helping.
    fn pays_by(&self, witnesses: &[&KindSum], level: f64, times: f64) -> bool {
        let nats: f64 = witnesses.iter().map(|sum| sum.nats).sum();
        nats + self.seed_nats >= times * self.cost - level.ln()
    }

    /// Where most of what speaks for itself at `level` lies; `None` where nothing does.
    fn main_ground(&self, level: f64) -> Option<Ground> {
        let strongest = self
            .speaking(level)
            .max_by(|a, b| a.nats.total_cmp(&b.nats))?;
        Some(if strongest.kind.is_deed() {
            Ground::Deeds
        } else {
            Ground::Home
        })
    }

    /// Whether relations are all that sets the members apart.
    pub fn relations_alone(&self) -> bool {
        self.beyond_friends(1.0) && !self.acts_together(1.0)
    }

    /// The smaller of what chance and innocence leave open, for a ring that stands on this `ground`: the q-value that is
    /// published.
    pub fn q_value(&self, ground: Ground) -> f64 {
        match ground {
            Ground::Deeds if self.relations_alone() => {
                self.chance_q.max(self.friends_q.min(self.caught_q))
            }
            Ground::Deeds => self.chance_q,
            Ground::Home => self.chance_q.max(self.innocent_q.min(self.caught_q)),
        }
    }
}

/// What a ring stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// What its members do.
    Deeds,
    /// What they live on.
    Home,
}

/// The tier of a ring, and what it stands on there.
pub fn ring_tier(standing: &Standing<'_>, rules: &Tiers) -> (Tier, Ground) {
    for (tier, level) in [(Tier::Act, rules.act_q), (Tier::Review, rules.review_q)] {
        if let Some(ground) = reaches(standing, tier, level, rules.repetition) {
            return (tier, ground);
        }
    }
    let deeds = standing.deeds_speak(1.0);
    (
        Tier::Watch,
        if deeds { Ground::Deeds } else { Ground::Home },
    )
}

/// Whether a ring is worth reporting at all: what most members do sets them apart, or most of what they do
/// runs through things of their own, or more of it than innocent groups know.
pub fn is_reported(standing: &Standing<'_>, rules: &Tiers) -> bool {
    let circle = standing.relations_alone() && standing.friends_q > rules.review_q;
    !circle && standing.deeds_speak(1.0)
        || standing.together.exclusivity >= MOST
        || standing.innocent_q <= rules.review_q
        || standing.caught_q <= rules.review_q
}

fn reaches(standing: &Standing<'_>, tier: Tier, level: f64, repetition: u32) -> Option<Ground> {
    if standing.chance_q > level {
        return None;
    }
    let witnesses = standing.witnesses(tier, level);
    let public = standing.in_room() && standing.room.own_nats < standing.enough(level);
    let repetition = f64::from(repetition) * if public { BY_PLACE_AND_THING } else { 1.0 };
    // Doing things together is what friends are, so it is no second witness.
    let friends = standing.are_friends(level);
    let bear = |deeds: &&KindSum| {
        let is_other = |other: &&KindSum| {
            other.kind != deeds.kind
                && !(friends && other.kind.is_deed())
                && !(other.kind.is_deed() && (other.echoes.is_some() || deeds.echoes.is_some()))
        };
        // Colleagues collect for a birthday once. That a thing on which all live is used in one moment is no such occasion.
        let repeats = deeds.repetition >= OCCASIONS || deeds.is_at_once();
        let corroborated = repeats && witnesses.iter().any(is_other);
        let alone = standing.tells_alone(deeds, tier, level, repetition);
        (corroborated || alone && deeds.repetition >= repetition)
            && standing.bears(deeds, &witnesses, tier, level)
    };
    if witnesses.iter().any(bear) {
        return Some(Ground::Deeds);
    }
    // Friends, or people of one taste, who live together are a campus or a firm. So deeds that speak and do not carry excuse
    // a group, unless they are no more than the moments of what it lives on.
    let (deeds, homes): (Vec<&KindSum>, Vec<&KindSum>) =
        standing.speaking(level).partition(|sum| sum.kind.is_deed());
    let excused = || standing.deeds_speak(1.0) || deeds.iter().any(|sum| sum.echoes.is_none());
    let lives_apart =
        || standing.lives_apart(level) && (standing.is_more_than_a_home() || !excused());
    if tier != Tier::Act && !homes.is_empty() && lives_apart() {
        return Some(Ground::Home);
    }
    (tier != Tier::Act && standing.caught_q <= level)
        .then(|| standing.main_ground(level))
        .flatten()
}

/// What a member's tier is decided from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// Independent subjects that the member shares, of the kinds that the ring stands on.
    pub subjects: usize,
    /// What it shares with the mean member, over what the median member does.
    pub share: f64,
    /// Nats that the ring would lose without the member.
    pub nats: f64,
    /// Nats that seeds contribute to the ring.
    pub seed_nats: f64,
}

/// The tier of a member of a ring in `ring_tier`, by its own part in the evidence: half of the median member's
/// share for `act`, a quarter for `review`, and never on a single thing: whoever merely touches what a ring
/// touches is none of it. Seeds help whoever pays for itself as far as `review`, as they help sets.
pub fn member_tier(ring_tier: Tier, part: Part, rules: &Tiers) -> Tier {
    let least = (rules.repetition as usize).div_ceil(2);
    let bears = |share: f64| part.subjects >= least && part.share >= share;
    // The part has paid for having been picked; what is left bounds the chance that somebody outside
    // the ring would have had a part as strong.
    let own_tier = [
        (Tier::Act, rules.act_q, 0.5),
        (Tier::Review, rules.review_q, 0.25),
    ]
    .into_iter()
    .find(|&(tier, level, share)| {
        let helped = tier != Tier::Act && part.nats > 0.0;
        let help = if helped { part.seed_nats.max(0.0) } else { 0.0 };
        bears(share) && part.nats + help >= -level.ln()
    })
    .map_or(Tier::Watch, |(tier, ..)| tier);
    ring_tier.max(own_tier)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rings::taste::is_taste;

    fn sum(kind: Kind, nats: f64, subjects: usize) -> KindSum {
        KindSum {
            kind,
            nats,
            subjects,
            repetition: subjects as f64,
            coverage: 1.0,
            own_nats: nats,
            exclusive_nats: nats,
            timed_nats: 0.0,
            echoes: None,
            pair_nats: 40.0,
            in_passing: 0.0,
        }
    }

    fn moments(nats: f64, subjects: usize) -> KindSum {
        KindSum {
            timed_nats: nats,
            ..sum(Kind::Behaviour, nats, subjects)
        }
    }

    fn standing(kinds: &[KindSum], innocent_q: f64) -> Standing<'_> {
        Standing {
            population: 100_000.0,
            size: 10,
            chance_q: 1e-9,
            innocent_q,
            busy_homes: 0.0,
            room: Room::default(),
            meetings: Meetings {
                sittings: 5,
                ..Meetings::default()
            },
            exchange: 0.0,
            caught_q: 1.0,
            kinds,
            together: Togetherness {
                strength: 9.0,
                inside: 0.8,
                typical: 1.0,
                exclusivity: 0.3,
                connected: 1.0,
                in_common: 1.0,
            },
            bystanders: 0.0,
            beyond_crowd: None,
            taste: 0.0,
            unrefuted: 1.0,
            seed_nats: 0.0,
            related: None,
            friends_q: 0.0,
            cost: 0.0,
            judged: 100,
        }
    }

    /// The tier of a ring for which `deeds` alone speak, and that is like `ring` otherwise.
    fn tier_by(deeds: KindSum, ring: &Standing<'_>) -> Tier {
        let kinds = [deeds];
        let ring = Standing {
            kinds: &kinds,
            ..ring.clone()
        };
        ring_tier(&ring, &Tiers::default()).0
    }

    fn tier(kinds: &[KindSum], innocent_q: f64) -> Tier {
        ring_tier(&standing(kinds, innocent_q), &Tiers::default()).0
    }

    #[test]
    fn where_too_many_are_known_to_be_bad_nothing_is_excused_and_nobody_convicted() {
        let office = [
            sum(Kind::Infrastructure, 90.0, 1),
            sum(Kind::Relation, 30.0, 1),
        ];
        let told = |caught_q: f64| Standing {
            caught_q,
            ..standing(&office, 1.0)
        };
        let tier = |caught_q: f64| ring_tier(&told(caught_q), &Tiers::default());
        assert_eq!(tier(1.0).0, Tier::Watch);
        assert_eq!(tier(0.03), (Tier::Review, Ground::Home));
        assert_eq!(tier(1e-9), (Tier::Review, Ground::Home));
        let nothing = Standing {
            kinds: &[],
            ..told(1e-9)
        };
        assert_eq!(ring_tier(&nothing, &Tiers::default()).0, Tier::Watch);
    }

    #[test]
    fn one_kind_needs_more_than_itself() {
        use Kind::{Behaviour, Infrastructure};
        assert_eq!(tier(&[sum(Infrastructure, 90.0, 3)], 1.0), Tier::Watch);
        assert_eq!(tier(&[sum(Infrastructure, 90.0, 3)], 0.03), Tier::Review);
        assert_eq!(tier(&[sum(Infrastructure, 90.0, 3)], 0.001), Tier::Review);
        assert_eq!(tier(&[sum(Behaviour, 90.0, 1)], 1.0), Tier::Watch);
        assert_eq!(tier(&[moments(90.0, 5)], 1.0), Tier::Act);
        assert_eq!(
            tier(&[sum(Behaviour, 90.0, 5)], 1.0),
            Tier::Review,
            "may be a taste"
        );
        let two = |subjects| [sum(Infrastructure, 90.0, 1), sum(Behaviour, 30.0, subjects)];
        assert_eq!(tier(&two(2), 1.0), Tier::Act);
        assert_eq!(tier(&two(1), 1.0), Tier::Watch, "an occasion");
        assert_eq!(
            tier(&[sum(Infrastructure, 90.0, 1), sum(Behaviour, 2.0, 1)], 1.0),
            Tier::Watch
        );
    }

    #[test]
    fn a_firm_excuses_who_comes_there_and_nobody_who_lives_on_its_machines_alone() {
        let kinds = [
            sum(Kind::Infrastructure, 90.0, 4),
            sum(Kind::Behaviour, 30.0, 1),
        ];
        let tier = |typical: f64, size: usize| {
            let one = standing(&kinds, 0.001);
            let together = Togetherness {
                typical,
                inside: 1.0,
                ..one.together
            };
            ring_tier(
                &Standing {
                    size,
                    together,
                    ..one
                },
                &Tiers::default(),
            )
        };
        assert_eq!(tier(1.0, 40).0, Tier::Watch);
        assert_eq!(tier(3.0, 40), (Tier::Review, Ground::Home));
        assert_eq!(tier(3.0, 8).0, Tier::Watch, "a family with all it has");
    }

    #[test]
    fn customers_of_a_few_gateways_are_guests_and_members_of_a_pool_are_not() {
        let kinds = [sum(Kind::Infrastructure, 900.0, 25)];
        let tier = |size: usize, exclusivity: f64, typical: f64| {
            let one = standing(&kinds, 1e-9);
            let together = Togetherness {
                inside: 0.7,
                exclusivity,
                typical,
                ..one.together
            };
            let standing = Standing {
                size,
                together,
                ..one
            };
            ring_tier(&standing, &Tiers::default()).0
        };
        assert_eq!(tier(250, 0.0, 1.0), Tier::Watch);
        assert_eq!(tier(50, 0.0, 1.0), Tier::Review, "a pool");
        assert_eq!(tier(250, 0.3, 1.0), Tier::Review, "on their machines, too");
        assert_eq!(tier(250, 0.0, 2.5), Tier::Review, "more than a home");
    }

    #[test]
    fn what_happens_in_one_room_is_for_a_person_to_look_at() {
        use Kind::{Behaviour, Infrastructure};
        let kinds = [sum(Infrastructure, 90.0, 1), sum(Behaviour, 60.0, 3)];
        let tier = |share, own_nats, innocent_q| {
            let room = Room {
                side_by_side: 0.0,
                share,
                own_nats,
            };
            let meetings = Meetings {
                sittings: 3,
                ..Meetings::default()
            };
            let standing = Standing {
                room,
                meetings,
                ..standing(&kinds, innocent_q)
            };
            ring_tier(&standing, &Tiers::default()).0
        };
        assert_eq!(tier(0.2, 90.0, 1.0), Tier::Act, "here and there");
        assert_eq!(
            tier(0.9, 90.0, 1.0),
            Tier::Review,
            "the place is no witness"
        );
        assert_eq!(tier(0.9, 20.0, 1.0), Tier::Review, "others live so, too");
        assert_eq!(tier(0.9, 20.0, 0.001), Tier::Act, "nobody lives so");
        assert_eq!(tier(0.9, 0.0, 1.0), Tier::Review, "corroborated");
    }

    #[test]
    fn one_evening_is_a_coincidence() {
        let kinds = [moments(90.0, 9)];
        let tier = |sittings, cost| {
            let meetings = Meetings {
                sittings,
                ..Meetings::default()
            };
            let standing = Standing {
                cost,
                meetings,
                ..standing(&kinds, 1.0)
            };
            ring_tier(&standing, &Tiers::default()).0
        };
        assert_eq!(tier(3, 40.0), Tier::Act);
        assert_eq!(tier(1, 40.0), Tier::Review);
        assert_eq!(
            tier(3, 70.0),
            Tier::Review,
            "pays once and not once and a half"
        );
    }

    fn tier_of(meetings: Meetings, exchange: f64, size: usize, kinds: &[KindSum]) -> Tier {
        let mut standing = Standing {
            meetings,
            exchange,
            size,
            cost: 40.0,
            ..standing(kinds, 1.0)
        };
        // Most of what they do is done elsewhere.
        standing.together.inside = 0.1;
        ring_tier(&standing, &Tiers::default()).0
    }

    #[test]
    fn a_show_at_one_hour_of_the_day_is_one_meeting() {
        let show = |at_the_hour: usize, own: f64, besides: f64| {
            let meetings = Meetings {
                sittings: 14,
                at_the_hour,
                hour_nats: 900.0 - besides,
                hour_share: 1.0 - besides / 900.0,
                own,
                beside_nats: besides,
                ..Meetings::default()
            };
            tier_of(meetings, 0.0, 10, &[moments(900.0, 9)])
        };
        assert_eq!(
            show(12, 0.1, 20.0),
            Tier::Watch,
            "everybody hears the songs"
        );
        assert_eq!(
            show(12, 0.9, 20.0),
            Tier::Review,
            "its customers have nobody else"
        );
        assert_eq!(
            show(12, 0.1, 90.0),
            Tier::Act,
            "they meet at other hours, too"
        );
        assert_eq!(show(6, 0.1, 500.0), Tier::Act, "here and there");
        assert_eq!(show(2, 0.1, 20.0), Tier::Act, "twice is no habit");
    }

    #[test]
    fn friends_play_together_and_whoever_serves_one_master_does_not() {
        let kinds = [moments(900.0, 9), sum(Kind::Relation, 60.0, 5)];
        let meetings = Meetings {
            sittings: 7,
            ..Meetings::default()
        };
        assert_eq!(tier_of(meetings, 0.0, 10, &kinds), Tier::Act);
        assert_eq!(tier_of(meetings, 1.0, 10, &kinds), Tier::Review);
        let raids = Meetings {
            at_the_hour: 7,
            hour_nats: 900.0,
            hour_share: 1.0,
            beside_nats: 0.0,
            ..meetings
        };
        assert_eq!(tier_of(raids, 1.0, 10, &kinds), Tier::Watch, "a guild");
        assert_eq!(
            tier_of(raids, 0.0, 10, &kinds),
            Tier::Act,
            "goods run one way"
        );
    }

    #[test]
    fn a_handful_who_do_one_thing_after_the_other_keep_each_other_company() {
        let tier = |in_a_row: f64, exchange: f64, sittings: usize, size: usize| {
            let meetings = Meetings {
                sittings,
                in_a_row,
                ..Meetings::default()
            };
            tier_of(meetings, exchange, size, &[moments(900.0, 9)])
        };
        assert_eq!(tier(1.0, 0.0, 5, 4), Tier::Act);
        assert_eq!(tier(5.0, 0.0, 5, 4), Tier::Review);
        assert_eq!(tier(5.0, 1.0, 5, 4), Tier::Watch, "friends");
        assert_eq!(tier(5.0, 0.0, 2, 4), Tier::Watch, "hardly more than once");
        assert_eq!(tier(5.0, 0.0, 5, 12), Tier::Act, "no handful");
    }

    #[test]
    fn who_plays_one_list_in_one_sitting_has_one_thing_in_common() {
        let tier = |in_one_sitting: f64, of_life: f64, timed: f64| {
            let meetings = Meetings {
                in_one_sitting,
                of_life,
                ..Meetings::default()
            };
            let deeds = KindSum {
                timed_nats: timed,
                ..sum(Kind::Behaviour, 300.0, 9)
            };
            tier_of(meetings, 0.0, 10, &[deeds])
        };
        assert_eq!(tier(0.9, 0.2, 0.0), Tier::Watch);
        assert_eq!(tier(0.3, 0.2, 0.0), Tier::Review, "on many days");
        assert_eq!(tier(0.9, 0.9, 0.0), Tier::Review, "and nothing else");
        assert_ne!(tier(0.9, 0.2, 90.0), Tier::Watch, "all in the same moments");
    }

    #[test]
    fn a_large_ring_of_whom_few_do_the_same_job_meets_in_moments_of_its_own() {
        let deeds = KindSum {
            exclusive_nats: 3_600.0,
            repetition: 3.9,
            pair_nats: 5.5,
            ..moments(3_700.0, 14)
        };
        let of = |deeds, taste| {
            let ring = Standing {
                size: 118,
                cost: 730.0,
                bystanders: 0.12,
                taste,
                ..standing(&[], 1.0)
            };
            tier_by(deeds, &ring)
        };
        assert_eq!(of(deeds, 0.0), Tier::Act);
        assert_eq!(of(deeds, 0.1), Tier::Watch, "fans have the list as well");
        let crowded = KindSum {
            exclusive_nats: 0.0,
            ..deeds
        };
        assert_eq!(of(crowded, 0.0), Tier::Watch, "others were there");
        let once = KindSum {
            repetition: 2.0,
            ..deeds
        };
        assert_eq!(of(once, 0.0), Tier::Watch, "too few of the list each");
    }

    #[test]
    fn at_the_door_of_a_list_that_is_nobodys_taste_stand_strangers() {
        let deeds = KindSum {
            repetition: 6.0,
            pair_nats: 7.4,
            ..sum(Kind::Behaviour, 480.0, 20)
        };
        let of = |deeds, taste, unrefuted| {
            let ring = Standing {
                size: 60,
                bystanders: 0.3,
                taste,
                unrefuted,
                ..standing(&[], 1.0)
            };
            tier_by(deeds, &ring)
        };
        assert_eq!(of(deeds, 0.0, 0.0), Tier::Review);
        assert_eq!(of(deeds, 0.1, 0.1), Tier::Watch, "an audience");
        assert_eq!(of(deeds, 0.0, 1.0), Tier::Watch, "nobody can be asked");
        let picks = KindSum {
            repetition: 4.0,
            ..deeds
        };
        assert_eq!(
            of(picks, 0.0, 0.0),
            Tier::Watch,
            "whoever picks works through no list"
        );
    }

    #[test]
    fn colleagues_who_collect_for_a_birthday_do_so_once() {
        use Kind::{Behaviour, Infrastructure, Relation};
        let office = sum(Infrastructure, 120.0, 1);
        let of = |echoes| {
            let at_once = KindSum {
                echoes: Some(echoes),
                timed_nats: 90.0,
                ..sum(Behaviour, 90.0, 1)
            };
            tier(&[office, at_once], 1.0)
        };
        assert_eq!(of(Relation), Tier::Watch, "the payee, and when");
        assert_eq!(of(Infrastructure), Tier::Act, "what all live on, and when");
    }

    #[test]
    fn customers_of_one_carrier_are_no_pool() {
        let kinds = [sum(Kind::Infrastructure, 900.0, 250)];
        let tier = |in_common| {
            let pool = standing(&kinds, 0.001);
            let together = Togetherness {
                in_common,
                ..pool.together
            };
            ring_tier(&Standing { together, ..pool }, &Tiers::default()).0
        };
        assert_eq!(tier(0.05), Tier::Watch);
        assert_eq!(tier(0.5), Tier::Review);
    }

    #[test]
    fn what_is_there_for_everybody_is_no_witness() {
        use Kind::{Behaviour, Infrastructure};
        let campus = KindSum {
            own_nats: 0.0,
            ..sum(Infrastructure, 90.0, 1)
        };
        let lesson = sum(Behaviour, 60.0, 2);
        assert_eq!(tier(&[campus, lesson], 1.0), Tier::Watch);
        assert_eq!(tier(&[campus, moments(60.0, 3)], 1.0), Tier::Act);
    }

    #[test]
    fn what_a_family_likes_does_not_accuse_it_and_one_sofa_is_for_a_person_to_look_at() {
        use Kind::{Behaviour, Infrastructure};
        let home = sum(Infrastructure, 90.0, 2);
        let taste = sum(Behaviour, 90.0, 6);
        let at_once = KindSum {
            timed_nats: 60.0,
            ..taste
        };
        let of = |kinds: &[KindSum], size: usize| {
            let family = Standing {
                size,
                ..standing(kinds, 0.7)
            };
            ring_tier(&family, &Tiers::default()).0
        };
        assert_eq!(of(&[home, taste], 4), Tier::Watch);
        assert_eq!(of(&[home, at_once], 4), Tier::Review);
        assert_eq!(of(&[home, taste], 12), Tier::Act, "no home holds twelve");
        let echo = KindSum {
            echoes: Some(Infrastructure),
            subjects: 1,
            ..at_once
        };
        assert_eq!(
            of(&[home, echo], 4),
            Tier::Act,
            "their own handset, used at once"
        );
    }

    #[test]
    fn where_families_do_things_together_nobody_looks_at_a_sofa() {
        use Kind::{Behaviour, Infrastructure};
        let home = sum(Infrastructure, 90.0, 2);
        let at_once = KindSum {
            timed_nats: 90.0,
            ..sum(Behaviour, 90.0, 6)
        };
        let of = |side_by_side: f64, busy_homes: f64, size: usize| {
            let kinds = [home, at_once];
            let plain = standing(&kinds, 0.7);
            let mut family = Standing {
                size,
                busy_homes,
                room: Room {
                    side_by_side,
                    ..plain.room
                },
                ..plain
            };
            // Most of what they do is done elsewhere.
            family.together.inside = 0.1;
            ring_tier(&family, &Tiers::default()).0
        };
        assert_eq!(of(1.0, 0.02, 4), Tier::Review, "unusual here");
        assert_eq!(of(1.0, 0.30, 4), Tier::Watch, "usual here");
        assert_eq!(of(1.0, 0.30, 12), Tier::Act, "no sofa holds twelve");
        assert!(of(0.2, 0.30, 4) < Tier::Watch, "from all over the place");
    }

    #[test]
    fn the_same_keys_twice_are_one_fact() {
        use Kind::{Behaviour, Relation};
        let payees = sum(Relation, 90.0, 1);
        let moments = KindSum {
            echoes: Some(Kind::Infrastructure),
            ..sum(Behaviour, 90.0, 2)
        };
        assert_eq!(tier(&[payees, moments], 1.0), Tier::Watch);
        let elsewhere = sum(Behaviour, 90.0, 2);
        assert_eq!(tier(&[payees, elsewhere], 1.0), Tier::Act);
    }

    #[test]
    fn hijacked_accounts_keep_lives_of_their_own() {
        use Kind::{Behaviour, Infrastructure};
        let busy = KindSum {
            pair_nats: -8.0,
            in_passing: 20.0,
            ..sum(Behaviour, 900.0, 9)
        };
        let machines = KindSum {
            pair_nats: 8.0,
            ..sum(Infrastructure, 300.0, 5)
        };
        assert_eq!(tier(&[machines, busy], 1.0), Tier::Act);
        assert_eq!(tier(&[busy], 1.0), Tier::Watch, "a taste");
        let campus = KindSum {
            exclusive_nats: 0.0,
            ..machines
        };
        assert_eq!(
            tier(&[campus, busy], 1.0),
            Tier::Watch,
            "a taste on a campus"
        );
    }

    #[test]
    fn taste_and_the_relatives_of_a_few_corroborate_nothing() {
        use Kind::{Behaviour, Infrastructure};
        let taste = KindSum {
            pair_nats: -3.0,
            ..sum(Behaviour, 900.0, 60)
        };
        let a_few = KindSum {
            coverage: 0.1,
            ..sum(Infrastructure, 90.0, 9)
        };
        assert_eq!(tier(&[a_few, taste], 1.0), Tier::Watch);
        let kinds = [a_few, taste];
        assert!(is_taste(&standing(&kinds, 1.0)));
        assert!(!is_reported(&standing(&kinds, 1.0), &Tiers::default()));
    }

    #[test]
    fn a_family_is_no_ring_and_a_flat_full_of_exclusive_handsets_is_worth_a_look() {
        let kinds = [sum(Kind::Infrastructure, 90.0, 3)];
        let family = standing(&kinds, 1.0);
        assert!(!is_reported(&family, &Tiers::default()));
        assert_eq!(family.q_value(Ground::Home), 1.0);
        let together = Togetherness {
            strength: 9.0,
            inside: 0.9,
            typical: 1.0,
            exclusivity: 0.9,
            connected: 1.0,
            in_common: 1.0,
        };
        let flat = Standing { together, ..family };
        assert!(is_reported(&flat, &Tiers::default()));
    }

    #[test]
    fn many_guests_make_no_farm_of_a_cafe() {
        let kinds = [sum(Kind::Infrastructure, 90.0, 3)];
        let farm = standing(&kinds, 0.001);
        let together = Togetherness {
            inside: 0.2,
            typical: 0.04,
            ..farm.together
        };
        let cafe = Standing { together, ..farm };
        let tier = |standing: &Standing<'_>| ring_tier(standing, &Tiers::default()).0;
        assert_eq!(tier(&cafe), Tier::Watch);
        assert_eq!(tier(&standing(&kinds, 0.001)), Tier::Review);
    }

    #[test]
    fn what_is_known_of_some_friends_tells_a_ring_from_a_circle() {
        let kinds = [sum(Kind::Relation, 90.0, 9)];
        let close = Standing {
            related: Some(-1.0),
            ..standing(&kinds, 1.0)
        };
        assert!(is_taste(&close));
        let known = Standing {
            seed_nats: 11.0,
            ..close
        };
        assert!(!is_taste(&known));
        assert_eq!(ring_tier(&known, &Tiers::default()).0, Tier::Act);
    }

    #[test]
    fn touching_what_a_ring_touches_is_no_part_in_it() {
        let tier = |subjects: usize, share: f64, nats: f64| {
            let part = Part {
                subjects,
                share,
                nats,
                seed_nats: 0.0,
            };
            member_tier(Tier::Act, part, &Tiers::default())
        };
        assert_eq!(tier(1, 1.0, 30.0), Tier::Watch);
        assert_eq!(tier(2, 0.1, 30.0), Tier::Watch);
        assert_eq!(tier(2, 0.3, 30.0), Tier::Review);
        assert_eq!(tier(2, 0.6, 30.0), Tier::Act);
        assert_eq!(tier(6, 0.6, 4.0), Tier::Review);
        assert_eq!(tier(6, 0.6, 2.0), Tier::Watch);
    }

    #[test]
    fn who_pays_for_itself_is_helped_by_seeds_as_far_as_review() {
        let tier = |nats: f64, seed_nats: f64| {
            let part = Part {
                subjects: 6,
                share: 0.6,
                nats,
                seed_nats,
            };
            member_tier(Tier::Act, part, &Tiers::default())
        };
        assert_eq!(tier(1.0, 0.0), Tier::Watch);
        assert_eq!(tier(1.0, 1.0), Tier::Watch);
        assert_eq!(tier(1.0, 30.0), Tier::Review);
        assert_eq!(tier(-0.1, 30.0), Tier::Watch);
        assert_eq!(tier(6.0, -30.0), Tier::Act);
    }
}
