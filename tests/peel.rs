//! Laws of dense blocks: the published guarantee against brute force, camouflage, chance.

use std::sync::atomic::AtomicBool;

use proptest::prelude::*;
use ringsweep::base::chance::{below, draw};
use ringsweep::base::run::{Interrupted, Run, Silent};
use ringsweep::kernels::curveball::{Curveball, curveball};
use ringsweep::kernels::peel::{Block, Peel, camouflage_proof, find_wrong, peel};
use ringsweep::sparse::rows::Rows;

fn rows_of(lists: &[Vec<u32>]) -> Rows {
    Rows::build(lists.len(), |row, out| {
        out.extend_from_slice(&lists[row as usize]);
    })
}

fn blocks_of(of_row: &Rows, worth: &[u32], params: &Peel) -> Vec<Block> {
    peel(of_row, worth, params, &Run::quiet()).unwrap().0
}

/// Any bipartite graph that brute force can look through: lists of columns, and their worths.
fn any_small() -> impl Strategy<Value = (Vec<Vec<u32>>, Vec<u32>)> {
    (1..8usize, 1..7u32).prop_flat_map(|(rows, columns)| {
        let row = prop::collection::vec(0..columns, 0..6);
        let worth = prop::collection::vec(0..1000u32, columns as usize);
        (prop::collection::vec(row, rows), worth)
    })
}

/// Worth and size of the densest of all sets, by trying every one.
fn densest(of_row: &Rows, worth: &[u32]) -> (u64, u64) {
    let mut best = (0u64, 1u64);
    for rows in 0u32..1 << of_row.len() {
        for columns in 0u32..1 << worth.len() {
            let size = u64::from(rows.count_ones() + columns.count_ones());
            let inside = |set: u32, item: u32| set >> item & 1 == 1;
            let total: u64 = (0..of_row.len() as u32)
                .filter(|&row| inside(rows, row))
                .flat_map(|row| of_row.get(row))
                .filter(|&&column| inside(columns, column))
                .map(|&column| u64::from(worth[column as usize]))
                .sum();
            if total * best.1 > best.0 * size {
                best = (total, size);
            }
        }
    }
    best
}

proptest! {
    #[test]
    fn the_first_block_is_half_as_dense_as_the_densest_set((lists, worth) in any_small()) {
        let of_row = rows_of(&lists);
        let blocks = blocks_of(&of_row, &worth, &Peel::default());
        let (total, size) = densest(&of_row, &worth);
        match blocks.first() {
            None => prop_assert_eq!(total, 0, "something is worth something"),
            Some(first) => {
                prop_assert!(2 * first.worth * size >= total * first.nodes() as u64);
            }
        }
        prop_assert_eq!(find_wrong(&of_row, &worth, &blocks), None);
        let in_all: u64 = lists.iter().enumerate().map(|(row, _)| {
            of_row.get(row as u32).iter().map(|&column| u64::from(worth[column as usize])).sum::<u64>()
        }).sum();
        prop_assert_eq!(blocks.iter().map(|block| block.worth).sum::<u64>(), in_all,
            "blocks without end take every edge once");
    }

    #[test]
    fn stopping_early_loses_nothing_above_the_stop(
        (lists, worth) in any_small(),
        floor in 0..800u64,
    ) {
        let of_row = rows_of(&lists);
        let all = blocks_of(&of_row, &worth, &Peel::default());
        let stopped = blocks_of(&of_row, &worth, &Peel { least_density: floor, ..Peel::default() });
        prop_assert!(stopped.iter().all(|block| block.worth > floor * block.nodes() as u64));
        if let Some(first) = all.first().filter(|block| block.worth > floor * block.nodes() as u64) {
            let again = &stopped[0];
            prop_assert!(again.worth * first.nodes() as u64 >= first.worth * again.nodes() as u64,
                "taking loose nodes away first hides nothing");
        }
        let two = blocks_of(&of_row, &worth, &Peel { blocks: 2, ..Peel::default() });
        prop_assert_eq!(&two[..], &all[..all.len().min(2)]);
    }

    #[test]
    fn camouflage_costs_a_block_nothing(
        (lists, _) in any_small(),
        camouflage in prop::collection::vec((0..8usize, 0..9u32), 0..30),
    ) {
        // Honest rows and columns beside the block; its rows also act on the honest columns.
        let columns = 7 + 9;
        let of_row = rows_of(&lists);
        let worth = camouflage_proof(&of_row, columns);
        let mut hidden = lists.clone();
        for (row, column) in camouflage {
            let rows = hidden.len();
            hidden[row % rows].push(7 + column);
        }
        let hidden = rows_of(&hidden);
        let hidden_worth = camouflage_proof(&hidden, columns);
        prop_assert_eq!(&worth[..7], &hidden_worth[..7], "worth goes by the column alone");
        let before = blocks_of(&of_row, &worth, &Peel::default());
        let after = blocks_of(&hidden, &hidden_worth, &Peel::default());
        if let Some(first) = before.first() {
            let (now, _) = densest(&of_row, &worth[..7]);
            prop_assert!(now > 0);
            // The old block is still there at its old worth, so half its density is still guaranteed.
            prop_assert!(2 * after[0].worth * first.nodes() as u64
                >= first.worth * after[0].nodes() as u64);
        }
    }

    #[test]
    fn trades_keep_every_degree((lists, worth) in any_small(), seed in any::<u64>()) {
        let of_row = rows_of(&lists);
        let params = Curveball { seed, ..Curveball::default() };
        let traded = curveball(&of_row, &params, &Run::quiet()).unwrap();
        let degrees = |rows: &Rows| -> Vec<u32> { (0..rows.len() as u32).map(|i| rows.degree(i)).collect() };
        prop_assert_eq!(degrees(&of_row), degrees(&traded));
        let columns = worth.len();
        prop_assert_eq!(degrees(&of_row.transpose(columns)), degrees(&traded.transpose(columns)));
        prop_assert_eq!(&traded, &curveball(&of_row, &params, &Run::quiet()).unwrap());
    }
}

/// A platform of 20,000 rows on 3,000 columns of very unequal popularity, and three rings of 40 rows that
/// serve 24 of 30 columns each, columns that others have too; the rings' other columns are anybody's.
fn platform() -> (Rows, usize) {
    const ROWS: u32 = 20_000;
    const COLUMNS: u64 = 3_000;
    let popular = |bits: u64| {
        let share = ringsweep::base::chance::unit(bits);
        ((COLUMNS as f64).powf(share) - 1.0) as u32
    };
    let of_row = Rows::build(ROWS as usize, |row, out| {
        let ring = u64::from(row / 40);
        let is_planted = row < 120;
        for i in 0..10 {
            out.push(popular(draw(1, u64::from(row), i)));
        }
        if is_planted {
            for i in 0..30 {
                if draw(2, u64::from(row), i) % 10 < 8 {
                    out.push(below(draw(3, ring, i), COLUMNS) as u32);
                }
            }
        }
    });
    (of_row, COLUMNS as usize)
}

/// The blocks denser than any that chance makes of the same degrees.
fn beyond_chance(of_row: &Rows, worth: &[u32]) -> Vec<Block> {
    let shuffled = curveball(of_row, &Curveball::default(), &Run::quiet()).unwrap();
    let one = Peel {
        blocks: 1,
        ..Peel::default()
    };
    let params = Peel {
        least_density: blocks_of(&shuffled, worth, &one)[0].density_micro(),
        ..Peel::default()
    };
    let (blocks, trace) = peel(of_row, worth, &params, &Run::quiet()).unwrap();
    assert_eq!(find_wrong(of_row, worth, &blocks), None);
    assert!(trace.settled, "{trace:?}");
    blocks
}

#[test]
fn planted_rows_are_denser_than_chance_and_nobody_else_is() {
    let (of_row, columns) = platform();
    let worth = camouflage_proof(&of_row, columns);
    let blocks = beyond_chance(&of_row, &worth);
    let found: Vec<u32> = blocks.iter().flat_map(|block| block.rows.clone()).collect();
    let right = found.iter().filter(|&&row| row < 120).count();
    assert!(right >= 117 && found.len() <= right + 2, "{blocks:?}");
    let nothing = curveball(
        &of_row,
        &Curveball {
            seed: 5,
            ..Curveball::default()
        },
        &Run::quiet(),
    );
    let blocks = beyond_chance(&nothing.unwrap(), &worth);
    assert!(
        blocks.len() <= 1,
        "one shuffle against another is a fair coin: {blocks:?}"
    );
}

#[test]
fn answers_do_not_depend_on_threads() {
    let (of_row, columns) = platform();
    let worth = camouflage_proof(&of_row, columns);
    let on_threads = |threads: usize| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(|| {
                let params = Peel {
                    blocks: 8,
                    ..Peel::default()
                };
                let shuffled = curveball(&of_row, &Curveball::default(), &Run::quiet()).unwrap();
                (blocks_of(&of_row, &worth, &params), shuffled)
            })
    };
    assert_eq!(on_threads(1), on_threads(3));
}

#[test]
fn nothing_is_found_where_nothing_is_and_interruption_is_heard() {
    assert_eq!(blocks_of(&rows_of(&[]), &[], &Peel::default()), []);
    assert_eq!(
        blocks_of(&rows_of(&[vec![], vec![]]), &[5], &Peel::default()),
        []
    );
    let of_row = rows_of(&[vec![0], vec![0]]);
    assert_eq!(
        blocks_of(&of_row, &[0], &Peel::default()),
        [],
        "worth nothing"
    );
    let none = Peel {
        blocks: 0,
        ..Peel::default()
    };
    assert_eq!(blocks_of(&of_row, &[7], &none), []);
    let stop = AtomicBool::new(true);
    let run = Run {
        progress: &Silent,
        stop: &stop,
    };
    let interrupted = peel(&of_row, &[7], &Peel::default(), &run);
    assert_eq!(interrupted.unwrap_err(), Interrupted);
}

#[test]
fn wrong_blocks_are_seen() {
    let of_row = rows_of(&[vec![0, 1], vec![0, 1], vec![2]]);
    let worth = [10, 10, 5];
    let block = |rows: &[u32], columns: &[u32], worth: u64| Block {
        rows: rows.to_vec(),
        columns: columns.to_vec(),
        worth,
    };
    let right = block(&[0, 1], &[0, 1], 40);
    assert_eq!(
        find_wrong(&of_row, &worth, std::slice::from_ref(&right)),
        None
    );
    assert_eq!(
        find_wrong(&of_row, &worth, &[block(&[0, 1], &[0, 1], 50)]),
        Some(0)
    );
    assert_eq!(
        find_wrong(&of_row, &worth, &[block(&[0, 1, 2], &[0, 1, 2], 50)]),
        Some(0)
    );
    assert_eq!(
        find_wrong(&of_row, &worth, &[right.clone(), right]),
        Some(1)
    );
}
