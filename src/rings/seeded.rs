//! What seeds say about a ring: how many of its members somebody has already looked at.
//!
//! Being known to be bad is one more thing that accounts can have in common. `S` accounts of `N` are
//! bad seeds; that `k` of a ring's `n` members are among them is held against the hypergeometric null like any
//! shared entity ([`shared`](crate::rings::statistic::shared)), and there is nothing to choose from, so it is paid in full. It is an
//! e-value like all others as long as labels have nothing to do with who is in the set, so a wrong label costs
//! power and does not make rings. Few of a ring are known beforehand, so the alternative favours small `k`: its
//! weights are `1 / k(k+1)`. For sets without seeds nothing is said, and every set pays one nat for that, as
//! for any type of entity. Good seeds count the same way with the opposite sign: a set in which they
//! are more than chance would have it is probably a group of decent people with something in common.
//!
//! *Trust.* With weights below 1 the e-value is the mean over all bars from 0 to 1 of the e-value of those
//! seeds that reach the bar, and 1 where none does: a mixture fixed beforehand, hence an e-value again.
//!
//! Seeds are no kind of evidence: they corroborate nothing and put nobody in a tier by themselves.

use crate::base::information::ln_choose;
use crate::lists::Seed;

/// What seeds of one label say about a ring.
#[derive(Debug, Clone, PartialEq)]
pub struct SeedEvidence {
    /// Known to be bad; known to be good otherwise.
    pub bad: bool,
    /// Members that are such seeds, ascending.
    pub members: Vec<u32>,
    /// Accounts of the platform that are.
    pub accounts: u32,
    /// Members that would be by chance.
    pub expected: f64,
    /// Its contribution; for good seeds negative or zero.
    pub nats: f64,
}

/// The seeds of a platform, as evidence.
#[derive(Debug, Clone, Default)]
pub struct Seeded {
    /// Ascending by account.
    seeds: Vec<Seed>,
    /// Accounts of the platform.
    accounts: f64,
    bad: Bars,
    good: Bars,
}

/// The weights that occur among the seeds of one label.
///
/// Layout: ascending; bar `i` is passed by `seeds[i]` seeds and stands for `part[i]` of the way from 0 to 1.
#[derive(Debug, Clone, Default)]
struct Bars {
    hundredths: Vec<u8>,
    part: Vec<f64>,
    seeds: Vec<f64>,
}

impl Bars {
    fn new(seeds: &[Seed], bad: bool) -> Self {
        let mut weights: Vec<u8> = seeds
            .iter()
            .filter(|seed| seed.bad == bad)
            .map(|seed| seed.hundredths)
            .collect();
        weights.sort_unstable();
        let mut bars = Bars::default();
        let mut below = 0;
        for (at, &weight) in weights.iter().enumerate() {
            if weight > below {
                bars.hundredths.push(weight);
                bars.part.push(f64::from(weight - below) / 100.0);
                bars.seeds.push((weights.len() - at) as f64);
                below = weight;
            }
        }
        bars
    }

    /// The number of the highest bar that a seed passes.
    fn passed(&self, seed: Seed) -> usize {
        self.hundredths
            .partition_point(|&bar| bar < seed.hundredths)
    }

    /// The logarithm of the e-value of a set of `size` with `highest[i]` seeds that pass bar `i` and no higher one, `given` of which
    /// are there in any case.
    fn ln_e(&self, accounts: f64, size: f64, highest: &[u32], given: f64) -> f64 {
        let mut inside: f64 = highest.iter().map(|&seeds| f64::from(seeds)).sum();
        if inside <= given {
            return 0.0;
        }
        let mut terms = vec![(1.0 - self.part.iter().sum::<f64>()).max(0.0).ln()];
        for ((part, &seeds), &here) in self.part.iter().zip(&self.seeds).zip(highest) {
            let others = (inside - given).max(0.0);
            let ln_e = ln_e(accounts - given, seeds - given, size - given, others);
            terms.push(part.ln() + ln_e);
            inside -= f64::from(here);
        }
        let largest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = terms.iter().map(|term| (term - largest).exp()).sum();
        (largest + sum.ln()).max(0.0)
    }
}

/// `ln e` of `k` seeds of `d` among `n` members out of `total`; 0 where that is no more than expected.
fn ln_e(total: f64, d: f64, n: f64, k: f64) -> f64 {
    if k * total <= n * d {
        return 0.0;
    }
    let hypergeometric = ln_choose(n, k) + ln_choose(total - n, d - k) - ln_choose(total, d);
    -hypergeometric - (k * (k + 1.0)).ln()
}

impl Seeded {
    /// `seeds` (ascending by account) on a platform of `accounts`; without any nothing is said.
    pub fn new(seeds: &[Seed], accounts: f64) -> Self {
        Seeded {
            seeds: seeds.to_vec(),
            accounts,
            bad: Bars::new(seeds, true),
            good: Bars::new(seeds, false),
        }
    }

    /// Counts the seeds among `accounts`.
    pub fn tally(&self, accounts: impl IntoIterator<Item = u32>) -> Tally<'_> {
        let mut tally = Tally {
            seeded: self,
            size: 0,
            bad: vec![0; self.bad.part.len()],
            good: vec![0; self.good.part.len()],
        };
        for account in accounts {
            tally.shift(account, true);
        }
        tally
    }

    /// What the seeds among `accounts` (ascending) say, bad before good; labels that nobody there has
    /// are left out.
    pub fn evidence(&self, accounts: &[u32]) -> Vec<SeedEvidence> {
        let tally = self.tally(accounts.iter().copied());
        let says = |bad: bool, bars: &Bars, nats: f64| {
            let is_one = |account: &u32| self.seed_of(*account).is_some_and(|seed| seed.bad == bad);
            let seeds = bars.seeds.first().copied().unwrap_or(0.0);
            SeedEvidence {
                bad,
                members: accounts.iter().copied().filter(is_one).collect(),
                accounts: seeds as u32,
                expected: accounts.len() as f64 * seeds / self.accounts.max(1.0),
                nats,
            }
        };
        let both = [
            says(true, &self.bad, tally.bad_nats()),
            says(false, &self.good, -tally.good_nats()),
        ];
        both.into_iter()
            .filter(|evidence| !evidence.members.is_empty())
            .collect()
    }

    /// What the seeds among `accounts` say, given that one of the bad ones is there in any case.
    pub fn beyond_the_first(&self, accounts: &[u32]) -> f64 {
        let tally = self.tally(accounts.iter().copied());
        tally.bad_nats_beyond(1) - tally.good_nats()
    }

    /// Nats that every set pays where seeds may speak.
    pub fn price(&self) -> f64 {
        if self.bad.part.is_empty() { 0.0 } else { 1.0 }
    }

    /// What `evidence` comes to, the price paid.
    pub fn standing_nats(&self, evidence: &[SeedEvidence]) -> f64 {
        evidence.iter().map(|seeds| seeds.nats).sum::<f64>() - self.price()
    }

    /// Whether `account` is known to be bad, more likely than not.
    pub fn is_bad(&self, account: u32) -> bool {
        self.seed_of(account)
            .is_some_and(|seed| seed.bad && seed.hundredths > 50)
    }

    /// Whether `account` is known to be good.
    pub fn is_good(&self, account: u32) -> bool {
        self.seed_of(account).is_some_and(|seed| !seed.bad)
    }

    fn seed_of(&self, account: u32) -> Option<Seed> {
        let at = self
            .seeds
            .binary_search_by_key(&account, |seed| seed.account);
        at.ok().map(|at| self.seeds[at])
    }
}

/// The seeds of a set whose members come and go.
#[derive(Debug, Clone)]
pub struct Tally<'a> {
    seeded: &'a Seeded,
    size: u32,
    /// Seeds by the highest bar that they pass.
    bad: Vec<u32>,
    good: Vec<u32>,
}

impl Tally<'_> {
    /// Takes `account` in, or out.
    pub fn shift(&mut self, account: u32, enters: bool) {
        let step = |count: &mut u32| *count = if enters { *count + 1 } else { *count - 1 };
        step(&mut self.size);
        if let Some(seed) = self.seeded.seed_of(account) {
            if seed.bad {
                step(&mut self.bad[self.seeded.bad.passed(seed)]);
            } else {
                step(&mut self.good[self.seeded.good.passed(seed)]);
            }
        }
    }

    /// What seeds contribute to the set.
    pub fn nats(&self) -> f64 {
        self.bad_nats() - self.good_nats()
    }

    /// What would be lost with `account`, which is in the set, as far as it is a seed.
    pub fn loss(&self, account: u32) -> f64 {
        if self.seeded.seed_of(account).is_none() {
            return 0.0;
        }
        let mut rest = self.clone();
        rest.shift(account, false);
        self.nats() - rest.nats()
    }

    fn bad_nats(&self) -> f64 {
        self.bad_nats_beyond(0)
    }

    /// What bad seeds contribute, so many `given` that are there in any case.
    fn bad_nats_beyond(&self, given: u32) -> f64 {
        let seeded = self.seeded;
        let size = f64::from(self.size);
        seeded
            .bad
            .ln_e(seeded.accounts, size, &self.bad, f64::from(given))
    }

    fn good_nats(&self) -> f64 {
        let seeded = self.seeded;
        seeded
            .good
            .ln_e(seeded.accounts, f64::from(self.size), &self.good, 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::information::ln_choose;

    /// Seeds by weight: `of[i]` of them have the `i`th of the weights.
    fn bars(weights: &[u8], of: &[usize]) -> Bars {
        let seeds: Vec<Seed> = weights
            .iter()
            .zip(of)
            .flat_map(|(&hundredths, &count)| (0..count).map(move |_| hundredths))
            .map(|hundredths| Seed {
                account: 0,
                bad: true,
                hundredths,
            })
            .collect();
        Bars::new(&seeds, true)
    }

    #[test]
    fn no_set_is_expected_to_gain_by_seeds_that_fall_on_accounts_by_chance() {
        for (total, seeds, size) in [(50, 8, 10), (1000, 40, 60), (1000, 3, 500)] {
            let bars = bars(&[100], &[seeds]);
            let (total, d, n) = (f64::from(total), seeds as f64, f64::from(size));
            let expected: f64 = (0..=seeds.min(size as usize) as u32)
                .map(|k| {
                    let k_of = f64::from(k);
                    let chance =
                        ln_choose(n, k_of) + ln_choose(total - n, d - k_of) - ln_choose(total, d);
                    (chance + bars.ln_e(total, n, &[k], 0.0)).exp()
                })
                .sum();
            // The nat that every set pays for seeds.
            assert!(expected < std::f64::consts::E, "{expected}");
        }
    }

    #[test]
    fn doubtful_labels_say_less_and_never_less_than_nothing() {
        let say = |weights: &[u8], highest: &[u32]| {
            bars(weights, &vec![10; weights.len()]).ln_e(10_000.0, 50.0, highest, 0.0)
        };
        let (sure, half, hardly) = (say(&[100], &[4]), say(&[50], &[4]), say(&[1], &[4]));
        assert!(sure > half && half > hardly && hardly > 0.0);
        assert!((half - (sure.exp() * 0.5 + 0.5).ln()).abs() < 1e-9);
        assert_eq!(say(&[20, 100], &[0, 0]), 0.0);
        // Where all of the seeds inside are sure ones, the doubtful ones outside take little away.
        assert!(say(&[20, 100], &[0, 4]) > sure - 1.0);
    }
}
