//! Chance with the same degrees: every row keeps how many columns it has, every column how many rows.
//!
//! In a round all rows are paired by lot, and the two of a pair trade: what both have stays,
//! what only one has is put together, shuffled and dealt out again in the old numbers. The chain of
//! trades reaches every graph with these degrees, all equally often. Parallel edges never arise, as
//! they do where stubs are shuffled: in a graph with heavy tails that matters most where it is densest.
//!
//! Every lot is a hash of (seed, round, pair, item), so the answer is the same for any number of threads.
//!
//! References: Strona, Nappo, Boccacci, Fattorini, San-Miguel-Ayanz, *A fast and unbiased procedure to
//! randomize ecological binary matrices with fixed row and column totals*, Nature Communications 5, 2014;
//! Carstens, Hamann, Meyer, Penschuck, Tran, Wagner, *Parallel and I/O-efficient randomisation of
//! massive networks using global curveball trades*, ESA 2018.

use rayon::prelude::*;

use crate::base::chance::{draw, mix};
use crate::base::run::{Interrupted, Run};
use crate::sparse::rows::Rows;

/// Parameters of [`curveball`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Curveball {
    /// Trades of every row. Mixing is fast: a few more than the logarithm of a row's length.
    pub rounds: u32,
    /// Seed of every lot.
    pub seed: u64,
}

impl Default for Curveball {
    fn default() -> Self {
        Curveball {
            rounds: 20,
            seed: 0,
        }
    }
}

/// A graph drawn from those with the degrees of `of_row`. O(edges · log) a round, in parallel.
///
/// # Errors
/// [`Interrupted`], and nothing else.
pub fn curveball(of_row: &Rows, params: &Curveball, run: &Run) -> Result<Rows, Interrupted> {
    let mut lists: Vec<Vec<u32>> = (0..of_row.len() as u32)
        .map(|row| of_row.get(row).to_vec())
        .collect();
    for round in 0..u64::from(params.rounds) {
        run.check()?;
        let seed = draw(params.seed, 0x6375_7276, round);
        let mut order: Vec<(u64, u32)> = (0..of_row.len() as u32)
            .into_par_iter()
            .map(|row| (mix(seed ^ u64::from(row)), row))
            .collect();
        order.par_sort_unstable();
        let mut pairs: Vec<[(u32, Vec<u32>); 2]> = order
            .chunks_exact(2)
            .map(|pair| [pair[0].1, pair[1].1].map(|row| (row, take(&mut lists, row))))
            .collect();
        pairs
            .par_iter_mut()
            .for_each(|[(row, first), (_, second)]| {
                trade(first, second, draw(seed, 1, u64::from(*row)));
            });
        for (row, list) in pairs.into_iter().flatten() {
            lists[row as usize] = list;
        }
    }
    Ok(Rows::build(of_row.len(), |row, out| {
        out.extend_from_slice(&lists[row as usize]);
    }))
}

fn take(lists: &mut [Vec<u32>], row: u32) -> Vec<u32> {
    std::mem::take(&mut lists[row as usize])
}

/// Deals out again what only one of two ascending lists has.
fn trade(first: &mut Vec<u32>, second: &mut Vec<u32>, seed: u64) {
    let (a, b) = (std::mem::take(first), std::mem::take(second));
    let alone = |item: &u32, other: &[u32]| other.binary_search(item).is_err();
    let mut pool: Vec<(u64, u32)> = Vec::with_capacity(a.len() + b.len());
    let mut split = |own: &[u32], other: &[u32], kept: &mut Vec<u32>| {
        for item in own {
            if alone(item, other) {
                pool.push((mix(seed ^ u64::from(*item)), *item));
            } else {
                kept.push(*item);
            }
        }
    };
    split(&a, &b, first);
    split(&b, &a, second);
    pool.sort_unstable();
    let (for_first, for_second) = pool.split_at(a.len() - first.len());
    first.extend(for_first.iter().map(|&(_, item)| item));
    second.extend(for_second.iter().map(|&(_, item)| item));
    first.sort_unstable();
    second.sort_unstable();
}
