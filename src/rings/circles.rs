//! `Circles`: how close decent people are whose circle ends somewhere.
//!
//! A class, a club or a family whose members name each other, and whom nobody else knows together, is
//! related like a ring. Only the platform can say how usual that is. Every set that is beyond the world around it
//! ([`relations`](crate::rings::relations)) has a strength, `nats / √n`: neither that a circle is large
//! nor that it is close is unusual by itself. Stronger circles are rarer by about the same factor
//! for each step ([`nulls`](crate::rings::nulls)), and a ring stands out beyond the tail that the others foretell. Where
//! fewer than twenty sets are beyond their surroundings, it is not usual here to be so, and sets stand on
//! their own nats.

use crate::rings::nulls::Usual;
use crate::rings::weigh::Weighed;

/// What strengths are usual among circles; nothing where circles are not usual.
#[derive(Debug)]
pub struct Circles {
    usual: Option<Usual>,
}

impl Circles {
    /// Of the candidate sets of each of several partitions, the partition with the most circles: a set counts once.
    pub fn of(partitions: &[Vec<Weighed>]) -> Self {
        let strengths =
            |sets: &Vec<Weighed>| -> Vec<f64> { sets.iter().filter_map(strength).collect() };
        let most = partitions.iter().map(strengths).max_by_key(Vec::len);
        Circles {
            usual: most.and_then(|strengths| Usual::of(&strengths)),
        }
    }

    /// The q-value of `set`: circles as strong that are foretold over those that there are, seeds among the members
    /// helping. 0 where nothing is foretold, and where nobody asks because the set is not beyond the world around it.
    pub fn q(&self, set: &Weighed) -> f64 {
        let (Some(usual), Some(strength)) = (&self.usual, strength(set)) else {
            return 0.0;
        };
        // Of any number of circles, one in e^nats at most has as many bad seeds by chance.
        let with_seeds = usual.expected(strength) * (-set.seed_nats()).exp();
        usual.q(strength).min(with_seeds)
    }
}

/// How closely the members of `set` are related, if more closely than the world around them.
fn strength(set: &Weighed) -> Option<f64> {
    let strength = set.related?.strength(set.size());
    (strength > 0.0).then_some(strength)
}
