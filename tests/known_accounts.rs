//! A few accounts are known: rings that were missed are found, and where nobody is guilty nobody is accused.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use ringsweep::base::chance::draw;

mod common {
    pub(crate) mod command;
    pub(crate) mod sweeping;
    pub(crate) mod tables;
}
use common::command::ringsweep;
use common::sweeping::sweep;
use common::tables::table;

/// A simulated platform of 3,000 accounts.
struct Platform {
    folder: tempfile::TempDir,
    rings: BTreeMap<String, Vec<String>>,
}

impl Platform {
    fn of(scenario: &str, seed: &str, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        ringsweep(["simulate", scenario, "--seed", seed, "--accounts", "3000"])
            .args(options)
            .args(["--events", "60000", "--out"])
            .arg(folder.path().join("world"))
            .assert()
            .success();
        let mut rings: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for mut row in table(&folder.path().join("world/truth.csv")) {
            let account = row.remove("account_id").unwrap();
            rings
                .entry(row.remove("ring_id").unwrap())
                .or_default()
                .push(account);
        }
        Platform { folder, rings }
    }

    fn events(&self) -> PathBuf {
        self.folder.path().join("world/events.csv")
    }

    /// A twentieth of each ring, at least one, as bad and as many others as good; a tenth of the labels wrong where
    /// `flipped`.
    fn seeds(&self, flipped: bool) -> Vec<(String, bool)> {
        let mut known: Vec<(String, bool)> = Vec::new();
        for ring in self.rings.values() {
            let members = some(ring, (ring.len() / 20).max(1));
            known.extend(members.map(|account| (account, true)));
        }
        let innocent: Vec<String> = self.innocent().into_iter().collect();
        let good: Vec<String> = some(&innocent, known.len()).collect();
        known.extend(good.into_iter().map(|account| (account, false)));
        let wrong = if flipped { known.len().div_ceil(10) } else { 0 };
        let mut order: Vec<usize> = (0..known.len()).collect();
        order.sort_by_key(|&at| draw(5, 6, at as u64));
        for &at in &order[..wrong] {
            known[at].1 = !known[at].1;
        }
        known
    }

    fn innocent(&self) -> BTreeSet<String> {
        let bad: BTreeSet<&String> = self.rings.values().flatten().collect();
        let events = fs::read_to_string(self.events()).unwrap();
        let accounts = events
            .lines()
            .skip(1)
            .map(|line| line.split(',').next().unwrap());
        let innocent = accounts.filter(|&account| !bad.contains(&account.to_owned()));
        innocent.map(str::to_owned).collect()
    }

    /// Accounts by tier, `known` being given.
    fn swept(&self, known: &[(String, bool)]) -> BTreeMap<String, String> {
        let list = self.folder.path().join("seeds.csv");
        let lines = known
            .iter()
            .map(|(account, bad)| format!("{account},{}\n", i32::from(*bad)));
        fs::write(
            &list,
            format!("account,label\n{}", lines.collect::<String>()),
        )
        .unwrap();
        let out: &Path = &self.folder.path().join("swept");
        let options = ["--force", "--seeds", list.to_str().unwrap()];
        sweep(&self.events(), "engagement", out, &options);
        table(&out.join("members.csv"))
            .into_iter()
            .map(|mut row| {
                (
                    row.remove("account_id").unwrap(),
                    row.remove("tier").unwrap(),
                )
            })
            .collect()
    }

    /// Precision, recall, and the share of the rings of which most members are accused.
    fn grade(&self, known: &[(String, bool)]) -> [f64; 3] {
        let swept = self.swept(known);
        let accused = |account: &String| swept.get(account).is_some_and(|tier| tier != "watch");
        let shown = swept.keys().filter(|&account| accused(account)).count();
        let (mut right, mut planted, mut found) = (0, 0, 0);
        for ring in self.rings.values() {
            let inside = ring.iter().filter(|&account| accused(account)).count();
            right += inside;
            planted += ring.len();
            found += usize::from(inside * 2 > ring.len());
        }
        let share = |part: usize, of: usize| part as f64 / of.max(1) as f64;
        [
            share(right, shown),
            share(right, planted),
            share(found, self.rings.len()),
        ]
    }
}

/// So many of `accounts`.
fn some(accounts: &[String], count: usize) -> impl Iterator<Item = String> {
    let mut order: Vec<usize> = (0..accounts.len()).collect();
    order.sort_by_key(|&at| draw(5, 7, at as u64));
    order.truncate(count);
    order.into_iter().map(|at| accounts[at].clone())
}

#[test]
fn a_twentieth_of_each_ring_finds_rings_that_were_missed_and_wrong_labels_accuse_nobody() {
    // Three in ten of a list is little: such rings look like a taste, and only that somebody was caught tells them from one.
    let few_of_many = ["--participation", "0.3"];
    for (scenario, seed, options) in [
        ("proxy-pool", "1", &[][..]),
        ("proxy-pool", "2", &[]),
        ("referral", "1", &[]),
        ("slow-drip", "1", &[]),
        ("slow-drip", "1", &few_of_many),
        ("engagement-seller", "2", &few_of_many),
    ] {
        let platform = Platform::of(scenario, seed, options);
        let [plain, told, flipped] = [vec![], platform.seeds(false), platform.seeds(true)]
            .map(|known| platform.grade(&known));
        let all = format!("{scenario} {options:?}: {plain:?} {told:?} {flipped:?}");
        assert!(
            plain[2] < 1.0 && told[2] > plain[2] && told[1] > plain[1],
            "{all}"
        );
        assert!(told[0] >= 0.97 && flipped[0] >= told[0] - 0.05, "{all}");
        assert!(flipped[2] > plain[2], "{all}");
    }
}

#[test]
fn where_nobody_is_guilty_labels_accuse_nobody() {
    for scenario in ["null", "innocent-crowds"] {
        let platform = Platform::of(scenario, "1", &[]);
        let accounts: Vec<String> = platform.innocent().into_iter().collect();
        for count in [20, 200] {
            let known: Vec<(String, bool)> = some(&accounts, count)
                .map(|account| (account, true))
                .collect();
            let swept = platform.swept(&known);
            let tiers: BTreeSet<&String> = swept.values().collect();
            assert!(
                tiers.iter().all(|tier| *tier == "watch"),
                "{scenario}, {count}: {tiers:?}"
            );
        }
    }
}
