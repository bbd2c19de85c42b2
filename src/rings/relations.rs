//! `Friends`: whether accounts that name each other are more than friends.
//!
//! A set of accounts that name each other is far beyond chance, and so is every family and every class:
//! people who know one person know each other. What tells them apart is what is *around*. Friendship does not end at
//! the border that a search has drawn: somebody outside knows two of the members, another one three. A
//! ring's members have relations outside as well, but each has its own.
//!
//! *The world around.* Whoever names an account or is named by it is *related* to it; both ways counts
//! once. The members of a set have `r` relations with outsiders, and two of them lead to the same outsider `c` times more
//! often than its fame foretells. Then the members choose as if from a world of `r (r − 1) / 2c` accounts
//! (how many birthdays there are, going by how many people share one), and not from the whole platform. One
//! coincidence is none.
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
//!
//! *Half a ring* has the other half around it. So a set that its surroundings alone speak against is asked again with
//! whoever is related to half as many members as the median member is. A ring is complete after a round or two;
//! friends never are.
//!
//! Circles of friends that do end somewhere exist too; how many, and how close they are, is for the platform to say:
//! see [`circles`](crate::rings::circles).

use std::collections::BTreeMap;

use crate::base::information::ln_choose;
use crate::entities::{EntityGraph, Sharing};
use crate::recipe::Kind;
use crate::sparse::ascending::in_both;
use crate::sparse::rows::Rows;

/// Whoever is related to more than so many has an audience and no circle: to know it together says nothing.
const LARGEST_CIRCLE: usize = 150;

/// Whoever is related to so many times more members than the median member has an audience in the set, and no mates.
const AUDIENCE: usize = 8;

/// Of the members that the median member is related to, what makes an outsider one of them. Which of these, the evidence says:
/// a ring that misses its quietest members has them around it and looks like friends.
const CLOSE: [f64; 3] = [0.5, 0.35, 0.25];

/// A core is not looked for below so many accounts.
const SMALLEST_CORE: usize = 3;

/// On the way to the core of a set, one in so many leaves at a time, at least one.
const STEP: usize = 50;

/// Rounds in which a set takes in whoever it lacks.
const ROUNDS: usize = 4;

/// A complete set has at most so many times as many members as its part that was found...
const MOST_TIMES: usize = 4;

/// ...and next to nobody whom it still lacks.
const STRAGGLERS: f64 = 0.1;

/// Nats by which the relations inside a set go beyond a world of strangers, all costs paid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Related {
    /// In the world around the set.
    pub nats: f64,
    /// In the whole platform, as if nothing were around.
    pub alone: f64,
}

impl Related {
    /// `nats / √size`: that a circle is large is nothing unusual by itself, nor that a small one is close.
    pub fn strength(self, size: usize) -> f64 {
        self.nats / (size.max(1) as f64).sqrt()
    }
}

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

/// The relations of a graph.
pub struct Friends<'a> {
    relations: Vec<Worlds<'a>>,
}

/// One relation.
struct Worlds<'a> {
    names: &'a Rows,
    named_by: &'a Rows,
    /// Accounts that are related to anybody.
    accounts: f64,
    /// Accounts that the mean one of them is related to.
    mean_related: f64,
}

impl<'a> Friends<'a> {
    /// Looks at the relations of `entities`. Cost: all relations once.
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

    /// How far the relations inside the set of `accounts` (ascending) go beyond those of friends; of several relations
    /// the best, `None` where there is none. Cost: the relations of the members and of who is related to two of them.
    pub fn beyond(&self, accounts: &[u32]) -> Option<Related> {
        self.relations
            .iter()
            .map(|worlds| worlds.beyond(accounts))
            .max_by(|a, b| a.nats.total_cmp(&b.nats))
    }

    /// How far relations among `accounts` (ascending) run in all directions, 0 to 1: of the members with two or more such relations those
    /// who give and get, over how many would if each went either way by chance; of several relations the most. Among friends everybody gives and gets, a farm's
    /// goods run one way. Where nobody has two, nothing is known, and 1 presumed; 0 where nobody has any, for naming the same outsider is no friendship. Cost: the
    /// relations of the members.
    pub fn exchange(&self, accounts: &[u32]) -> f64 {
        let all = self
            .relations
            .iter()
            .map(|worlds| worlds.exchange(accounts));
        all.fold(0.0, f64::max)
    }

    /// The strongest set among `accounts` (ascending) on the way down, whoever is related to the fewest leaving first, by
    /// the relation that goes furthest beyond friends. Cost: as for `beyond`, per account.
    pub fn core(&self, accounts: &[u32]) -> Vec<u32> {
        let cores = self.relations.iter().map(|worlds| worlds.core(accounts));
        let best = cores.max_by(|a, b| a.0.total_cmp(&b.0));
        best.map_or_else(|| accounts.to_vec(), |(_, core)| core)
    }

    /// `accounts` (ascending) with everybody who is related to half as many of them as the median member is, again and again; or
    /// to a third, or a quarter, where that speaks more for them. `None` where that is nobody, or does not make more of them than
    /// friends. Cost: as for `beyond`, per round.
    pub fn completed(&self, accounts: &[u32]) -> Option<Vec<u32>> {
        let complete = |(worlds, close): (&Worlds<'_>, f64)| {
            let all = worlds.completed(accounts, close);
            let nats = worlds.beyond(&all).nats;
            (all.len() > accounts.len() && nats > 0.0).then_some((nats, all))
        };
        let ways = self
            .relations
            .iter()
            .flat_map(|worlds| CLOSE.map(|close| (worlds, close)));
        let best = ways.filter_map(complete);
        let best = best.max_by(|a, b| a.0.total_cmp(&b.0));
        best.map(|(_, all)| all)
    }
}

impl<'a> Worlds<'a> {
    fn of(names: &'a Rows, named_by: &'a Rows) -> Self {
        let (mut accounts, mut relations) = (0usize, 0usize);
        for account in 0..names.len() as u32 {
            let degree = related(names, named_by, account).len();
            accounts += usize::from(degree > 0);
            relations += degree;
        }
        let accounts = accounts.max(1) as f64;
        Worlds {
            names,
            named_by,
            accounts,
            mean_related: relations as f64 / accounts,
        }
    }

    fn related(&self, account: u32) -> Vec<u32> {
        related(self.names, self.named_by, account)
    }

    /// Accounts that a set chooses from by chance whose mean member is related to `mean`: who knows many meets more
    /// of them anywhere, so for a sociable set the world is smaller.
    fn by_chance(&self, mean: f64) -> f64 {
        self.accounts / (mean / self.mean_related).max(1.0)
    }

    fn beyond(&self, accounts: &[u32]) -> Related {
        let mut circles: Vec<Vec<u32>> = accounts.iter().map(|&a| self.related(a)).collect();
        without_audiences(accounts, &mut circles);
        let inside: Vec<(f64, f64)> = circles
            .iter()
            .map(|circle| (circle.len() as f64, in_both(circle, accounts) as f64))
            .collect();
        let others = accounts.len() as f64 - 1.0;
        let mean = inside.iter().map(|one| one.0).sum::<f64>() / (others + 1.0).max(1.0);
        let by_chance = self.by_chance(mean);
        let in_world = |world: f64| {
            let world = world.min(by_chance).max(others + 1.0);
            let nats: f64 = inside
                .iter()
                .map(|&(related, mates)| member(world, related, others, mates))
                .sum();
            nats - self.accounts.ln() - ln_choose(world, others)
        };
        Related {
            nats: in_world(self.around(accounts, &circles)),
            alone: in_world(by_chance),
        }
    }

    /// Accounts that `accounts` (ascending), who are related to `circles`, seem to choose outsiders from; infinite where
    /// no two of them have met over one.
    fn around(&self, accounts: &[u32], circles: &[Vec<u32>]) -> f64 {
        let ties = outsiders(accounts, circles);
        let relations: u32 = ties.values().sum();
        let pairs = |ties: u32| f64::from(ties) * (f64::from(ties) - 1.0) / 2.0;
        let everything = self.accounts * self.mean_related;
        let coincidences: f64 = ties
            .iter()
            .filter(|&(_, &ties)| ties > 1)
            .map(|(&outsider, &ties)| (self.related(outsider).len(), ties))
            .filter(|&(known, _)| known <= LARGEST_CIRCLE)
            .map(|(known, ties)| {
                pairs(ties) - pairs(relations) * (known as f64 / everything).powi(2)
            })
            .sum();
        if coincidences > 1.0 {
            pairs(relations) / (coincidences - 1.0)
        } else {
            f64::INFINITY
        }
    }

    fn exchange(&self, accounts: &[u32]) -> f64 {
        let (mut inside, mut both, mut by_chance) = (0, 0.0, 0.0);
        for &account in accounts {
            let gives = in_both(self.names.get(account), accounts);
            let gets = in_both(self.named_by.get(account), accounts);
            inside += gives;
            if gives + gets > 1 {
                both += f64::from(u8::from(gives > 0 && gets > 0));
                by_chance += 1.0 - 0.5f64.powi((gives + gets) as i32 - 1);
            }
        }
        if by_chance > 0.0 {
            both / by_chance
        } else {
            f64::from(u8::from(inside > 0))
        }
    }

    fn core(&self, accounts: &[u32]) -> (f64, Vec<u32>) {
        let strength = |set: &[u32]| self.beyond(set).strength(set.len());
        let mut set = accounts.to_vec();
        let mut best = (strength(&set), set.clone());
        while set.len() > SMALLEST_CORE {
            let mates = |&account: &u32| in_both(&self.related(account), &set);
            let mut order: Vec<(usize, u32)> = set.iter().map(|a| (mates(a), *a)).collect();
            order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
            order.drain(..(set.len() / STEP).max(1));
            set = order.into_iter().map(|(_, account)| account).collect();
            set.sort_unstable();
            let now = strength(&set);
            if now > best.0 {
                best = (now, set.clone());
            } else if best.0 > 0.0 && now < best.0 / 2.0 {
                break;
            }
        }
        best
    }

    fn completed(&self, accounts: &[u32], close: f64) -> Vec<u32> {
        let mut all = accounts.to_vec();
        for _ in 0..ROUNDS {
            let newcomers = self.newcomers(&all, close);
            if newcomers.is_empty() {
                return all;
            }
            all.extend(newcomers);
            all.sort_unstable();
            if all.len() > MOST_TIMES * accounts.len() {
                return accounts.to_vec();
            }
        }
        // Friends have friends: where ever more of them come, there is nothing to complete.
        let ends = self.newcomers(&all, close).len() as f64 <= STRAGGLERS * all.len() as f64;
        if ends { all } else { accounts.to_vec() }
    }

    /// Outsiders that are related to a share `close` as many of `accounts` as the median of them is, and pay for one member
    /// more: at most as many as there are members, the closest first; of equals the smaller account.
    fn newcomers(&self, accounts: &[u32], close: f64) -> Vec<u32> {
        let circles: Vec<Vec<u32>> = accounts.iter().map(|&a| self.related(a)).collect();
        let mut mates: Vec<usize> = circles.iter().map(|c| in_both(c, accounts)).collect();
        mates.sort_unstable();
        let usual = mates.get(mates.len() / 2).copied().unwrap_or(0);
        let least = (close * usual as f64).max(2.0);
        let size = accounts.len() as f64;
        let mean = circles.iter().map(Vec::len).sum::<usize>() as f64 / size.max(1.0);
        let world = self.by_chance(mean);
        let price = (world / (size + 1.0)).ln().max(0.0);
        let mut close: Vec<(u32, u32)> = outsiders(accounts, &circles)
            .into_iter()
            .filter(|&(_, ties)| f64::from(ties) >= least)
            .filter(|&(outsider, ties)| {
                let known = self.related(outsider).len() as f64;
                2.0 * member(world, known, size, f64::from(ties)) > price
            })
            .map(|(outsider, ties)| (ties, outsider))
            .collect();
        close.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        close.truncate(accounts.len());
        close.into_iter().map(|(_, outsider)| outsider).collect()
    }
}

/// Takes out of `circles`, those of `accounts` (ascending), whoever of them has an audience among the others: fans of the
/// same two know them, and not each other. Its own circle is emptied.
fn without_audiences(accounts: &[u32], circles: &mut [Vec<u32>]) {
    let mates: Vec<usize> = circles.iter().map(|c| in_both(c, accounts)).collect();
    let mut ordered = mates.clone();
    ordered.sort_unstable();
    let usual = ordered.get(ordered.len() / 2).copied().unwrap_or(0).max(1);
    let famous: Vec<u32> = (0..accounts.len())
        .filter(|&at| mates[at] > AUDIENCE * usual)
        .map(|at| accounts[at])
        .collect();
    if famous.is_empty() {
        return;
    }
    let is_famous = |account: &u32| famous.binary_search(account).is_ok();
    for (account, circle) in accounts.iter().zip(circles) {
        circle.retain(|other| !is_famous(account) && !is_famous(other));
    }
}

/// Who outside of `accounts` (ascending) is in how many of their `circles`.
fn outsiders(accounts: &[u32], circles: &[Vec<u32>]) -> BTreeMap<u32, u32> {
    let mut ties = BTreeMap::new();
    for other in circles.iter().flatten() {
        if accounts.binary_search(other).is_err() {
            *ties.entry(*other).or_default() += 1;
        }
    }
    ties
}

/// Whoever `account` names or is named by, ascending.
fn related(names: &Rows, named_by: &Rows, account: u32) -> Vec<u32> {
    let mut all = [names.get(account), named_by.get(account)].concat();
    all.sort_unstable();
    all.dedup();
    all
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
        Worlds::of(&out, &back).beyond(accounts).nats
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
    fn friends_give_and_get_and_goods_run_one_way() {
        let exchange = |names: &[(u32, u32)], accounts: &[u32]| {
            let (out, back) = graph(20, names);
            Worlds::of(&out, &back).exchange(accounts)
        };
        let set: Vec<u32> = (0..10).collect();
        let friends: Vec<(u32, u32)> = (0..10)
            .flat_map(|a| [(a, (a + 1) % 10), (a, (a + 3) % 10)])
            .collect();
        assert!(exchange(&friends, &set) >= 1.0);
        let farm: Vec<(u32, u32)> = (2..10).flat_map(|a| [(a, 0), (a, 1)]).collect();
        assert_eq!(exchange(&farm, &set), 0.0);
        assert_eq!(exchange(&farm, &set[2..]), 0.0, "the same outsiders");
        assert_eq!(exchange(&[(0, 1)], &set[..2]), 1.0, "who knows?");
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

    #[test]
    fn half_a_ring_is_completed_and_a_stretch_of_road_is_not() {
        let mut names = road(3_000);
        let ring: Vec<u32> = (0..20).map(|at| 100 + 140 * at).collect();
        for (at, &one) in ring.iter().enumerate() {
            names.extend((1..5).map(|step| (one, ring[(at + step * step) % ring.len()])));
        }
        let (out, back) = graph(3_000, &names);
        let worlds = Worlds::of(&out, &back);
        let half: Vec<u32> = ring.iter().step_by(2).copied().collect();
        assert!(worlds.beyond(&half).nats < worlds.beyond(&ring).nats);
        let road: Vec<u32> = (700..712).collect();
        for close in CLOSE {
            assert_eq!(worlds.completed(&half, close), ring);
            let stretch = worlds.completed(&road, close);
            assert!(worlds.beyond(&stretch).nats < 0.0);
        }
    }
}
