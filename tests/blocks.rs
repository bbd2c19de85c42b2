//! Sellers whose customers are all popular: what they have in common makes no links, so no community holds them. Dense
//! blocks do. Popularity alone is no ring.

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
const FORTNIGHT: f64 = 14.0 * 86_400.0;

/// Two weeks of 20,000 accounts with a dozen acts each on 300 targets, every one of which 800 accounts have in the end: twice the hub
/// cap. The last `ring` accounts also visit, at any time, each of twenty of the targets with chance one half.
fn events(ring: u64) -> String {
    let mut throws = 0;
    let mut dice = || {
        throws += 1;
        draw(7, 1, throws)
    };
    let mut csv = String::from("account_id,target_id,action,ts\n");
    let mut act = |account: u64, target: u64, time: u64| {
        let time = 1_760_000_000 + (unit(time) * FORTNIGHT) as u64;
        writeln!(csv, "a{account},t{target},like,{time}").unwrap();
    };
    for number in 0..12 * ACCOUNTS {
        act(number % ACCOUNTS, below(dice(), 300), dice());
    }
    for member in 0..ring {
        for customer in 0..20 {
            if unit(dice()) < 0.5 {
                act(ACCOUNTS - 1 - member, 7 + 15 * customer, dice());
            }
        }
    }
    csv
}

#[test]
fn who_works_through_popular_things_is_found_by_blocks_and_by_nothing_else() {
    const RING: u64 = 150;
    let csv = events(RING);
    let without = accused(&csv, &["--set", "detection.blocks=0"]);
    assert!(without.is_empty(), "{without:?}");
    let found = accused(&csv, &[]);
    let is_member = |account: &&String| account[1..].parse::<u64>().unwrap() >= ACCOUNTS - RING;
    let right = found.iter().filter(is_member).count();
    assert!(right as u64 >= RING * 8 / 10, "{right} of {RING}");
    assert!(right == found.len(), "{right} of {}", found.len());
    let on_one = accused(&csv, &["--threads", "1"]);
    assert_eq!(found, on_one);
}

#[test]
fn popular_things_alone_make_nobody_a_member() {
    let nobody = accused(&events(0), &[]);
    assert!(nobody.is_empty(), "{nobody:?}");
}
