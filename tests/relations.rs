//! Relations alone: accounts that name accounts, no times, no devices, and no list of hubs.
//!
//! The world is a follow graph: fame and sociability with heavy tails, half of everything among
//! neighbours along a line, so that friends of friends are friends. In it, rings whose members name each other,
//! mostly both ways, and as many famous strangers besides.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;

use ringsweep::base::chance::{below, draw, unit};

mod common {
    pub(crate) mod command;
    pub(crate) mod sweeping;
    pub(crate) mod tables;
}
use common::sweeping::sweep;
use common::tables::table;

const DEFINITION: &str = "[columns]\naccount = \"who\"\n\n[[entity]]\nname = \"names\"\n\
    kind = \"relation\"\ncolumns = [\"whom\"]\n";

/// Numbers of one stream, one after the other.
struct Dice {
    seed: u64,
    throws: u64,
}

impl Dice {
    fn bits(&mut self) -> u64 {
        self.throws += 1;
        draw(self.seed, 1, self.throws)
    }

    fn unit(&mut self) -> f64 {
        unit(self.bits())
    }

    fn below(&mut self, n: u64) -> u32 {
        below(self.bits(), n) as u32
    }
}

struct World {
    names: BTreeSet<(u32, u32)>,
    /// Members by ring.
    rings: Vec<BTreeSet<u32>>,
}

/// `accounts` of whom each names about seven, and one ring of each of `sizes`.
fn world(seed: u64, accounts: u32, sizes: &[u32]) -> World {
    let mut dice = Dice { seed, throws: 0 };
    let mut world = World {
        names: BTreeSet::new(),
        rings: Vec::new(),
    };
    let fame = |dice: &mut Dice| {
        // Fame falls with the rank to the power of 0.9; ranks lie scattered along the line.
        let rank = (dice.unit().powi(4) * f64::from(accounts)) as u64;
        (rank * 7_919 % u64::from(accounts)) as u32
    };
    for who in 0..accounts {
        // Log-normal by twelve uniform numbers, mean seven or so.
        let normal: f64 = (0..12).map(|_| dice.unit()).sum::<f64>() - 6.0;
        let many = (3.5 * normal.exp()).min(300.0) as u32 + 1;
        for _ in 0..many {
            let whom = if dice.unit() < 0.5 {
                fame(&mut dice)
            } else {
                let far = 300f64.powf(dice.unit()) as u32;
                let left = dice.unit() < 0.5;
                (who + if left { far } else { accounts - far }) % accounts
            };
            world.names.insert((who, whom));
            if dice.unit() < 0.2 {
                world.names.insert((whom, who));
            }
        }
    }
    for &size in sizes {
        let mut members = BTreeSet::new();
        while members.len() < size as usize {
            members.insert(dice.below(u64::from(accounts)));
        }
        let close = (7.0 / f64::from(size)).clamp(0.3, 0.8);
        for &one in &members {
            for &other in members.range(one + 1..) {
                if dice.unit() < close {
                    world.names.insert((one, other));
                    if dice.unit() < 0.7 {
                        world.names.insert((other, one));
                    }
                }
            }
            for _ in 0..(close * f64::from(size) * 0.7) as u32 {
                world.names.insert((one, fame(&mut dice)));
            }
        }
        world.rings.push(members);
    }
    world
}

/// Accounts by ring and the tiers of the rings, as a sweep publishes them.
fn swept(world: &World) -> BTreeMap<String, (String, BTreeSet<u32>)> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut csv = String::from("who,whom\n");
    for (who, whom) in &world.names {
        writeln!(csv, "a{who},a{whom}").unwrap();
    }
    fs::write(path("names.csv"), csv).unwrap();
    fs::write(path("names.toml"), DEFINITION).unwrap();
    let definition = path("names.toml");
    sweep(
        &path("names.csv"),
        definition.to_str().unwrap(),
        &path("swept"),
        &[],
    );
    let mut rings: BTreeMap<String, (String, BTreeSet<u32>)> = table(&path("swept/rings.csv"))
        .into_iter()
        .map(|row| {
            (
                row["ring_id"].clone(),
                (row["tier"].clone(), BTreeSet::new()),
            )
        })
        .collect();
    for row in table(&path("swept/members.csv")) {
        let account = row["account_id"][1..].parse().unwrap();
        rings.get_mut(&row["ring_id"]).unwrap().1.insert(account);
    }
    rings
}

#[test]
fn rings_that_name_each_other_come_out_and_no_giant_does() {
    let world = world(1, 12_000, &[60, 45, 36, 30, 24, 20, 16, 12, 10, 8]);
    let found = swept(&world);
    let recovered = world.rings.iter().filter(|planted| {
        found.values().any(|(_, ring)| {
            let common = planted.intersection(ring).count();
            common * 10 >= planted.len() * 7 && common * 10 >= ring.len() * 8
        })
    });
    let recovered = recovered.count();
    let planted: BTreeSet<u32> = world.rings.iter().flatten().copied().collect();
    let innocent = |tier: &str| {
        let rings = found.values().filter(|(of, _)| of == tier);
        rings
            .map(|(_, ring)| ring.difference(&planted).count())
            .sum::<usize>()
    };
    let largest = found.values().map(|(_, ring)| ring.len()).max().unwrap();
    let told: Vec<(String, usize, usize)> = found
        .values()
        .map(|(tier, ring)| {
            (
                tier.clone(),
                ring.len(),
                ring.intersection(&planted).count(),
            )
        })
        .collect();
    assert!(recovered >= 6, "{recovered} of 10: {told:?}");
    assert!(largest < 100, "{largest}");
    // One set of innocents at most, and no large one: most of those in `act` belong there.
    assert!(innocent("act") * 10 <= planted.len(), "{told:?}");
}

#[test]
fn where_nobody_conspires_next_to_nobody_is_accused() {
    let found = swept(&world(2, 12_000, &[]));
    let accused: usize = found
        .values()
        .filter(|(tier, _)| tier != "watch")
        .map(|(_, ring)| ring.len())
        .sum();
    // A thousandth of the accounts.
    assert!(accused <= 12, "{accused}: {found:?}");
}
