//! Tiers: how far the evidence carries, for a ring and for each of its members.
//!
//! `act` and `review` need a q-value against chance and corroboration at their level. Corroboration is
//! * two kinds of evidence that each speak for themselves and for at least half of the members, or
//! * one kind of behaviour or relation that repeats over enough independent subjects and goes beyond
//!   taste, or
//! * infrastructure alone, where the group is larger than innocent togetherness explains; that is for a
//!   person to look at, never to act on.
//!
//! *Taste.* People of one taste share many things without ever having agreed on any: a large group, each
//! pair of which shares a little. A ring works through the same list, so its typical pair shares so much
//! that the pair is improbable by itself, among all pairs of the platform. What taste explains is not
//! even reported.
//!
//! *Friends.* Accounts that name each other need not name the same others; instead they have to be more
//! related to each other than friends are; for `act`, than close friends are (`relations.rs`).
//!
//! A member is never in a higher tier than its own part in the evidence bears, and never where the ring
//! would lose next to nothing without it: whoever shares the handset
//! but not the deeds stays in `watch`. Tiers say how strong the evidence of coordinated behaviour
//! is, never why it happened.

use crate::recipe::Kind;
use crate::recipe::definition::Tiers;
use crate::rings::relations::Closeness;
use crate::rings::tier::Tier;

/// What one kind of evidence says, about a ring or about one member of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KindSum {
    /// The kind.
    pub kind: Kind,
    /// Sum of its contributions, nats.
    pub nats: f64,
    /// Independent subjects it repeats over (owners of content, devices, counterparties).
    pub subjects: usize,
    /// Share of the members that have a part in it.
    pub coverage: f64,
    /// Nats that the mean pair of members shares, `ln(N / d)` for each subject in common, which counts
    /// once however often the two met there; less what as active strangers of one taste would share.
    pub pair_nats: f64,
}

/// Evidence of a kind is about a ring when it is about this share of its members.
const MOST: f64 = 0.5;

/// What the tiers of one ring are decided from.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing<'a> {
    /// q-value against chance.
    pub chance_q: f64,
    /// q-value against innocent togetherness, for groups that share infrastructure.
    pub innocent_q: f64,
    /// By kind, those that contribute anything.
    pub kinds: &'a [KindSum],
    /// Nats from which on a pair is improbable by itself.
    pub pair_price: f64,
    /// By how much the accounts are more related to each other than friends are, where they are related.
    pub closeness: Option<Closeness>,
    /// Groups that were judged: what a second kind of evidence has to pay for.
    pub judged: usize,
}

/// The tier of a ring.
pub fn ring_tier(standing: &Standing<'_>, rules: &Tiers) -> Tier {
    [(Tier::Act, rules.act_q), (Tier::Review, rules.review_q)]
        .into_iter()
        .find(|&(tier, level)| reaches(standing, tier, level, rules.repetition as usize))
        .map_or(Tier::Watch, |(tier, _)| tier)
}

/// Whether a ring is worth reporting at all: some evidence is about most of its members, and taste does
/// not explain it.
pub fn is_reported(standing: &Standing<'_>) -> bool {
    let closer_than_friends = standing.closeness.is_some_and(|nats| nats.friends > 0.0);
    standing.kinds.iter().any(|sum| {
        sum.coverage >= MOST
            && (sum.kind == Kind::Infrastructure
                || sum.pair_nats >= standing.pair_price
                || (sum.kind == Kind::Relation && closer_than_friends))
    })
}

fn reaches(standing: &Standing<'_>, tier: Tier, level: f64, repetition: usize) -> bool {
    if standing.chance_q > level {
        return false;
    }
    let enough = (standing.judged.max(1) as f64 / level).ln();
    let speaks = |sum: &&KindSum| sum.nats >= enough && sum.coverage >= MOST;
    let speaking: Vec<&KindSum> = standing.kinds.iter().filter(speaks).collect();
    let pair_nats: f64 = speaking.iter().map(|sum| sum.pair_nats).sum();
    let beyond_friends = standing.closeness.map(|nats| match tier {
        Tier::Act => nats.close_friends,
        _ => nats.friends,
    });
    let related = speaking.iter().any(|sum| sum.kind == Kind::Relation)
        && beyond_friends.is_some_and(|nats| nats >= -level.ln());
    let beyond_taste = standing.pair_price - level.ln();
    match speaking[..] {
        [] => false,
        [only] if only.kind == Kind::Infrastructure => {
            tier != Tier::Act && standing.innocent_q <= level && only.subjects > 1
        }
        [only] => only.subjects >= repetition && (pair_nats >= beyond_taste || related),
        _ => pair_nats >= beyond_taste || related,
    }
}

/// The tier of a member of a ring in `ring_tier`, by its own part in the evidence: `own` by kind, and the
/// nats that the ring would lose without it.
pub fn member_tier(
    ring_tier: Tier,
    ring: &[KindSum],
    own: &[KindSum],
    nats: f64,
    rules: &Tiers,
) -> Tier {
    let takes_part = |kind: Kind| own.iter().any(|sum| sum.kind == kind && sum.nats > 0.0);
    let deeds = |sum: &&KindSum| sum.kind != Kind::Infrastructure;
    let bears = if ring.iter().any(|sum| deeds(&sum)) {
        let subjects: usize = own.iter().filter(deeds).map(|sum| sum.subjects).sum();
        let corroborated = takes_part(Kind::Infrastructure) && subjects > 0;
        corroborated || subjects >= (rules.repetition as usize).div_ceil(2)
    } else {
        // Infrastructure is all there is: having it is the part.
        takes_part(Kind::Infrastructure)
    };
    // The part has paid for having been picked; what is left bounds the chance that somebody outside
    // the ring would have had a part as strong.
    let own_tier = [(Tier::Act, rules.act_q), (Tier::Review, rules.review_q)]
        .into_iter()
        .find(|&(_, level)| bears && nats >= -level.ln())
        .map_or(Tier::Watch, |(tier, _)| tier);
    ring_tier.max(own_tier)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(kind: Kind, nats: f64, subjects: usize) -> KindSum {
        KindSum {
            kind,
            nats,
            subjects,
            coverage: 1.0,
            pair_nats: 40.0,
        }
    }

    fn tier(kinds: &[KindSum], innocent_q: f64) -> Tier {
        let standing = Standing {
            chance_q: 1e-9,
            innocent_q,
            kinds,
            pair_price: 20.0,
            closeness: None,
            judged: 100,
        };
        ring_tier(&standing, &Tiers::default())
    }

    #[test]
    fn one_kind_needs_more_than_itself() {
        use Kind::{Behaviour, Infrastructure};
        assert_eq!(tier(&[sum(Infrastructure, 90.0, 3)], 1.0), Tier::Watch);
        assert_eq!(tier(&[sum(Infrastructure, 90.0, 3)], 0.03), Tier::Review);
        assert_eq!(tier(&[sum(Infrastructure, 90.0, 3)], 0.001), Tier::Review);
        assert_eq!(tier(&[sum(Behaviour, 90.0, 1)], 1.0), Tier::Watch);
        assert_eq!(tier(&[sum(Behaviour, 90.0, 5)], 1.0), Tier::Act);
        assert_eq!(
            tier(
                &[sum(Infrastructure, 90.0, 1), sum(Behaviour, 30.0, 1)],
                1.0
            ),
            Tier::Act
        );
        assert_eq!(
            tier(&[sum(Infrastructure, 90.0, 1), sum(Behaviour, 2.0, 1)], 1.0),
            Tier::Watch
        );
    }

    #[test]
    fn taste_and_the_relatives_of_a_few_corroborate_nothing() {
        use Kind::{Behaviour, Infrastructure};
        let taste = KindSum {
            pair_nats: 8.0,
            ..sum(Behaviour, 900.0, 60)
        };
        let a_few = KindSum {
            coverage: 0.1,
            ..sum(Infrastructure, 90.0, 9)
        };
        assert_eq!(tier(&[a_few, taste], 1.0), Tier::Watch);
        let kinds = [a_few, taste];
        let standing = Standing {
            chance_q: 0.0,
            innocent_q: 1.0,
            kinds: &kinds,
            pair_price: 20.0,
            closeness: None,
            judged: 9,
        };
        assert!(!is_reported(&standing));
    }

    #[test]
    fn sharing_the_handset_is_not_sharing_the_deeds() {
        use Kind::{Behaviour, Infrastructure};
        let ring = [sum(Infrastructure, 90.0, 1), sum(Behaviour, 30.0, 1)];
        let rules = Tiers::default();
        let relative = [sum(Infrastructure, 10.0, 1)];
        assert_eq!(
            member_tier(Tier::Act, &ring, &relative, 10.0, &rules),
            Tier::Watch
        );
        let accomplice = [sum(Infrastructure, 10.0, 1), sum(Behaviour, 5.0, 1)];
        assert_eq!(
            member_tier(Tier::Act, &ring, &accomplice, 10.0, &rules),
            Tier::Act
        );
        assert_eq!(
            member_tier(Tier::Act, &ring, &accomplice, 4.0, &rules),
            Tier::Review
        );
    }
}
