//! Audiences: many come to the same posts within minutes, and any of them who came in one minute share that as
//! well. Nobody said whose the posts are. They are no ring; one that hides among them is.

use std::collections::BTreeSet;
use std::fmt::Write;

use ringsweep::base::chance::{below, draw, unit};

mod common {
    pub(crate) mod accused;
    pub(crate) mod command;
    pub(crate) mod sweeping;
    pub(crate) mod tables;
}
use common::accused::accused;

const ACCOUNTS: u64 = 20_000;
const FANS: u64 = 2_000;
const DAY: f64 = 86_400.0;

struct Dice {
    seed: u64,
    throws: u64,
}

impl Dice {
    fn unit(&mut self) -> f64 {
        self.throws += 1;
        unit(draw(self.seed, 1, self.throws))
    }

    fn below(&mut self, n: u64) -> u64 {
        self.throws += 1;
        below(draw(self.seed, 1, self.throws), n)
    }
}

/// Two weeks of 20,000 accounts with a dozen acts each, an audience of 2,000 for ten posts, and `ring` fans who come
/// together, within twenty seconds and some hours after the rush, to eight of the posts in ten.
fn events(seed: u64, ring: u64) -> String {
    let mut dice = Dice { seed, throws: 0 };
    let mut csv = String::from("account_id,target_id,action,ts\n");
    let mut act = |account: u64, target: &str, time: f64| {
        writeln!(
            csv,
            "a{account},{target},like,{}",
            1_760_000_000 + time as u64
        )
        .unwrap();
    };
    for _ in 0..12 * ACCOUNTS {
        // Popularity falls with the rank.
        let target = (dice.unit().powi(3) * 10_000.0) as u64;
        let (account, time) = (dice.below(ACCOUNTS), dice.unit() * 14.0 * DAY);
        act(account, &format!("t{target}"), time);
    }
    for post in 0..10 {
        let born = (1.0 + dice.unit() * 11.0) * DAY;
        let name = format!("post{post}");
        for fan in 0..FANS {
            if dice.unit() < 0.55 {
                let delay = -600.0 * (1.0 - dice.unit()).ln();
                act(fan, &name, born + delay);
            }
        }
        let together = born + (2.0 + dice.unit() * 10.0) * 3_600.0;
        for member in 0..ring {
            if dice.unit() < 0.8 {
                act(FANS - 1 - member, &name, together + dice.unit() * 20.0);
            }
        }
    }
    csv
}

#[test]
fn an_audience_is_no_ring() {
    for seed in 1..=3 {
        let accused = accused(&events(seed, 0), &[]);
        assert!(accused.is_empty(), "seed {seed}: {accused:?}");
    }
}

#[test]
fn a_ring_in_the_audience_is_one() {
    let ring: BTreeSet<String> = (0..20)
        .map(|member| format!("a{}", FANS - 1 - member))
        .collect();
    let accused = accused(&events(4, 20), &[]);
    let found = accused.intersection(&ring).count();
    assert!(found >= 18, "{found} of 20");
    assert_eq!(accused.len(), found, "{:?}", accused.difference(&ring));
}
