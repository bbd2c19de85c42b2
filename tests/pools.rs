//! Proxy pools: members come from many addresses, some of which are somebody's home. Who lives there stays out of it.

use std::fmt::Write;

use ringsweep::base::chance::{below, draw, unit};

mod common {
    pub(crate) mod accused;
    pub(crate) mod command;
    pub(crate) mod sweeping;
    pub(crate) mod tables;
}
use common::accused::accused;

const FAMILIES: u64 = 2_000;
const FORTNIGHT: f64 = 14.0 * 86_400.0;

/// Two weeks of families of four with an address, a tablet that three of them use, and handsets of their own. `members` more accounts
/// come from thirty addresses, ten of which are homes, a third of the time from one of their own. They like what everybody does. Where there are
/// members, nearly all they do is done on `handsets`, if there are any.
fn events(members: u64, handsets: u64) -> String {
    let mut throws = 0;
    let mut dice = || {
        throws += 1;
        draw(11, 3, throws)
    };
    let mut csv = String::from("account_id,device_id,ip,target_id,action,ts\n");
    let mut act = |account: &str, device: &str, address: &str, target: u64, time: u64| {
        let time = 1_760_000_000 + (unit(time) * FORTNIGHT) as u64;
        writeln!(csv, "{account},{device},{address},t{target},like,{time}").unwrap();
    };
    for family in 0..FAMILIES {
        for person in 0..4 {
            let account = format!("f{family}p{person}");
            for _ in 0..12 {
                let tablet = person < 3 && unit(dice()) < 0.3;
                let device = if tablet {
                    format!("tablet{family}")
                } else {
                    format!("own-{account}")
                };
                let home = unit(dice()) < 0.7;
                let address = if home {
                    format!("home{family}")
                } else {
                    format!("cell{}", below(dice(), 20))
                };
                act(&account, &device, &address, below(dice(), 40_000), dice());
            }
        }
    }
    for member in 0..members {
        let account = format!("pool{member}");
        for _ in 0..18 {
            let exit = below(dice(), 30);
            let through = if exit < 10 {
                format!("home{}", 100 * exit)
            } else {
                format!("exit{exit}")
            };
            let own = unit(dice()) < 0.33;
            let address = if own {
                format!("alone-{account}")
            } else {
                through
            };
            let device = if handsets > 0 {
                format!("set{}", below(dice(), handsets))
            } else {
                format!("own-{account}")
            };
            act(&account, &device, &address, below(dice(), 40_000), dice());
        }
    }
    csv
}

/// How many accounts of the pool are accused, and how many of others.
fn accused_of(csv: &str) -> (usize, usize) {
    let found = accused(csv, &[]);
    let pool = found
        .iter()
        .filter(|account| account.starts_with("pool"))
        .count();
    (pool, found.len() - pool)
}

#[test]
fn a_pool_is_found_and_the_families_that_lend_it_addresses_are_no_part_of_it() {
    let (pool, families) = accused_of(&events(40, 0));
    assert!(pool >= 36, "{pool} of 40");
    assert_eq!(families, 0);
}

#[test]
fn handsets_that_most_of_a_ring_share_excuse_nobody() {
    let (pool, families) = accused_of(&events(40, 8));
    assert!(pool >= 36, "{pool} of 40");
    assert_eq!(families, 0);
}

#[test]
fn families_alone_are_no_ring() {
    assert_eq!(accused_of(&events(0, 0)), (0, 0));
}
