//! `Friends`: whether accounts that name each other are more than friends.
//!
//! A set of accounts that name each other is far beyond chance, and so is every family and every class:
//! people who know one person know each other. So relations inside a set are held against the data's
//! own circles of friends, and not against chance.
//!
//! *The world of friends.* Whoever names an account or is named by it is *related* to it; both ways counts
//! once. Around an account lie its `m` related ones, a circle. If one of them is related to `g` accounts and `k` of
//! those are in the circle, then it chooses as if from a world of `g (m − 1) / k` accounts, and not from
//! the whole platform. That world is pooled over the closest quarter of the circles around a sample of accounts; the
//! closest twentieth of all is left out, so that rings do not excuse themselves.
//!
//! *A member* with `g` related accounts, `k` of them among the `n − 1` others of its set, gives the e-value of
//! `rings::statistic` in a world of `T` accounts: hypergeometric against a uniform alternative,
//!
//! `ln e = −ln [C(n−1, k) C(T−n+1, g−k) / C(T, g)] − ln(min(n−1, g) + 1)`
//!
//! *A set.* A relation between two members speaks at both ends, so each end counts half. That is not a rule of
//! thumb: a product of functions of independent variables, each variable in two of them, has at most the
//! expectation that the product of their square roots allows (Finner, *Ann. Probab.* 20, 1992). So `Σ ½ ln e`
//! is again the logarithm of an e-value, additive by member. The set pays `ln N + ln C(T, n−1)` for having been
//! picked: somebody, and others out of the world around.
//!
//! Degrees are given, so fame is no evidence: of an influencer's followers only the influencer is related to
//! many, and stars, chains and trees never pay for themselves.

use rayon::prelude::*;

use crate::base::information::ln_choose;
use crate::entities::{EntityGraph, Sharing};
use crate::recipe::Kind;
use crate::sparse::rows::Rows;

/// Accounts whose circles are looked at, at most.
const SAMPLE: usize = 4096;

/// The share of the circles, from the closest on, that is taken for rings and left out.
const LEFT_OUT: f64 = 0.05;

/// The share, from the closest on, that is close friends.
const CLOSE: f64 = 0.25;

/// Whom an account is related to is a circle of friends up to this size; more is an audience.
const LARGEST_CIRCLE: usize = 150;

/// Half of `ln e` of a member with `related` related accounts in a population of `total`, `mates` of them
/// among the `others` of its set. Below zero where it has fewer mates than expected.
pub fn member(total: f64, related: f64, others: f64, mates: f64) -> f64 {
    let total = total.max(related + others - mates);
    let hypergeometric = ln_choose(others, mates) + ln_choose(total - others, related - mates)
        - ln_choose(total, related);
    let ln_e = -hypergeometric - (others.min(related) + 1.0).ln();
    if mates * total <= others * related {
        ln_e.min(0.0) / 2.0
    } else {
        ln_e / 2.0
    }
}

/// What is usual among friends, for each relation of a graph.
pub struct Friends<'a> {
    relations: Vec<Worlds<'a>>,
}

/// One relation, and the worlds its friends are chosen from.
struct Worlds<'a> {
    names: &'a Rows,
    named_by: &'a Rows,
    /// Accounts that are related to anybody.
    accounts: f64,
    /// Accounts that the mean one of them is related to.
    mean_related: f64,
    /// Accounts that close friends seem to be chosen from.
    friends: f64,
}

impl<'a> Friends<'a> {
    /// Looks at the circles of `entities`. Cost: the relations of the friends of 4,096 accounts.
    pub fn of(entities: &'a EntityGraph<'a>) -> Self {
        let relations = entities
            .types
            .iter()
            .filter_map(|entity_type| match &entity_type.sharing {
                Sharing::Plain {
                    of_account,
                    of_entity,
                } if entity_type.plan.kind == Kind::Relation => {
                    Some(Worlds::of(of_account, of_entity))
                }
                _ => None,
            })
            .collect();
        Friends { relations }
    }

    /// Nats by which the relations inside the set of `accounts` (ascending) go beyond those of close friends,
    /// all costs paid; of several relations the best, `None` where there is none. Cost: the members' relations.
    pub fn beyond(&self, accounts: &[u32]) -> Option<f64> {
        self.relations
            .iter()
            .map(|worlds| worlds.beyond(accounts))
            .max_by(f64::total_cmp)
    }
}

/// One circle: pairs of a related account's relation and a place in the circle, and how many met.
#[derive(Clone, Copy)]
struct Circle {
    chances: f64,
    mates: f64,
}

impl<'a> Worlds<'a> {
    fn of(names: &'a Rows, named_by: &'a Rows) -> Self {
        let degrees: Vec<usize> = (0..names.len() as u32)
            .into_par_iter()
            .map(|account| related(names, named_by, account).len())
            .filter(|&degree| degree > 0)
            .collect();
        let accounts = degrees.len().max(1) as f64;
        let step = names.len().div_ceil(SAMPLE).max(1);
        let mut circles: Vec<Circle> = (0..names.len() as u32)
            .into_par_iter()
            .step_by(step)
            .filter_map(|account| circle(names, named_by, account))
            .collect();
        let closeness = |circle: &Circle| circle.mates / circle.chances;
        circles.sort_by(|a, b| closeness(b).total_cmp(&closeness(a)));
        let upto = |share: f64| (circles.len() as f64 * share).ceil() as usize;
        let close = &circles[upto(LEFT_OUT)..upto(CLOSE)];
        let chances: f64 = close.iter().map(|circle| circle.chances).sum();
        let mates: f64 = close.iter().map(|circle| circle.mates).sum();
        Worlds {
            names,
            named_by,
            accounts,
            mean_related: degrees.iter().sum::<usize>() as f64 / accounts,
            friends: if mates > 0.0 {
                (chances / mates).min(accounts)
            } else {
                accounts
            },
        }
    }

    fn beyond(&self, accounts: &[u32]) -> f64 {
        let inside: Vec<(f64, f64)> = accounts
            .iter()
            .map(|&account| {
                let related = related(self.names, self.named_by, account);
                (related.len() as f64, common(&related, accounts) as f64)
            })
            .collect();
        let others = accounts.len() as f64 - 1.0;
        let mean = inside.iter().map(|one| one.0).sum::<f64>() / (others + 1.0).max(1.0);
        // Who knows many meets more of them anywhere: for a sociable set the world is smaller.
        let by_chance = self.accounts / (mean / self.mean_related).max(1.0);
        let world = self.friends.min(by_chance).max(others + 1.0);
        let nats: f64 = inside
            .iter()
            .map(|&(related, mates)| member(world, related, others, mates))
            .sum();
        nats - self.accounts.ln() - ln_choose(world, others)
    }
}

/// The circle around `account`; nothing where there are too few or too many to be one.
fn circle(names: &Rows, named_by: &Rows, account: u32) -> Option<Circle> {
    let circle = related(names, named_by, account);
    if !(3..=LARGEST_CIRCLE).contains(&circle.len()) {
        return None;
    }
    let (mut relations, mut mates) = (0, 0);
    for &friend in &circle {
        let of_friend = related(names, named_by, friend);
        // The one in the middle is related to all by choice.
        relations += of_friend.len() - 1;
        mates += common(&of_friend, &circle);
    }
    (relations > 0).then(|| Circle {
        chances: (circle.len() - 1) as f64 * relations as f64,
        mates: mates as f64,
    })
}

/// Whoever `account` names or is named by, ascending.
fn related(names: &Rows, named_by: &Rows, account: u32) -> Vec<u32> {
    let mut all = [names.get(account), named_by.get(account)].concat();
    all.sort_unstable();
    all.dedup();
    all
}

/// How many of `few` are in `many`; both ascending.
fn common(few: &[u32], many: &[u32]) -> usize {
    let (few, many) = if few.len() <= many.len() {
        (few, many)
    } else {
        (many, few)
    };
    few.iter()
        .filter(|item| many.binary_search(item).is_ok())
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All graphs on six accounts with independent relations: the product over a set's members expects at
    /// most 1, though every relation speaks twice.
    #[test]
    fn halves_make_an_e_value_of_a_set() {
        let pairs: Vec<(usize, usize)> = (0..6)
            .flat_map(|a| (a + 1..6).map(move |b| (a, b)))
            .collect();
        for (set, chance) in [(3, 0.2), (4, 0.3), (5, 0.5)] {
            let mut expectation = 0.0;
            for graph in 0u32..1 << pairs.len() {
                let (mut related, mut mates) = ([0.0; 6], [0.0; 6]);
                let present = pairs
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| graph >> at & 1 == 1);
                for (_, &(a, b)) in present {
                    for (one, other) in [(a, b), (b, a)] {
                        related[one] += 1.0;
                        mates[one] += f64::from(u8::from(other < set));
                    }
                }
                let edges = graph.count_ones() as i32;
                let likely =
                    f64::powi(chance, edges) * f64::powi(1.0 - chance, pairs.len() as i32 - edges);
                let others = set as f64 - 1.0;
                let nats: f64 = (0..set)
                    .map(|one| member(5.0, related[one], others, mates[one]))
                    .sum();
                expectation += likely * nats.exp();
            }
            assert!(expectation <= 1.0 + 1e-9, "{set} {chance}: {expectation}");
        }
    }

    /// Names by account; the transpose comes with it.
    fn graph(accounts: usize, names: &[(u32, u32)]) -> (Rows, Rows) {
        let out = Rows::build(accounts, |account, row| {
            row.extend(
                names
                    .iter()
                    .filter(|name| name.0 == account)
                    .map(|name| name.1),
            );
        });
        let back = out.transpose(accounts);
        (out, back)
    }

    /// A ring road of accounts, each naming the next, one far away and now and then the one after the next:
    /// some circles are a little closed.
    fn road(accounts: u32) -> Vec<(u32, u32)> {
        (0..accounts)
            .flat_map(|a| [(a, 1), (a, 500 + 7 * a % 700), (a / 10 * 10, 2)])
            .map(|(a, step)| (a, (a + step) % accounts))
            .collect()
    }

    fn beyond(names: &[(u32, u32)], accounts: &[u32]) -> f64 {
        let (out, back) = graph(3_000, names);
        Worlds::of(&out, &back).beyond(accounts)
    }

    #[test]
    fn a_ring_is_beyond_friends_and_friends_and_followers_are_not() {
        let mut names = road(3_000);
        // Every third of 12 accounts far apart names seven others; one account is named by 200.
        let ring: Vec<u32> = (0..12).map(|at| 100 + 200 * at).collect();
        for (at, &one) in ring.iter().enumerate() {
            names.extend((1..8).map(|step| (one, ring[(at + step) % ring.len()])));
        }
        let followers: Vec<u32> = (0..200).map(|at| 13 * at + 3).collect();
        names.extend(
            followers
                .iter()
                .filter(|&&one| one != 50)
                .map(|&one| (one, 50)),
        );
        assert!(beyond(&names, &ring) > 5.0, "{}", beyond(&names, &ring));

        let neighbours: Vec<u32> = (700..712).collect();
        assert!(
            beyond(&names, &neighbours) < 0.0,
            "{}",
            beyond(&names, &neighbours)
        );

        let mut audience = followers;
        audience.push(50);
        audience.sort_unstable();
        audience.dedup();
        assert!(
            beyond(&names, &audience) < 0.0,
            "{}",
            beyond(&names, &audience)
        );
    }

    #[test]
    fn naming_back_says_nothing_twice() {
        let one_way: Vec<(u32, u32)> = (0..10).flat_map(|a| (0..a).map(move |b| (a, b))).collect();
        let both: Vec<(u32, u32)> = one_way
            .iter()
            .flat_map(|&(a, b)| [(a, b), (b, a)])
            .collect();
        let set: Vec<u32> = (0..10).collect();
        assert_eq!(
            beyond(&one_way, &set).to_bits(),
            beyond(&both, &set).to_bits()
        );
    }
}
