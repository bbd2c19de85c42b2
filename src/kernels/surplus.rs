//! Columns of a bipartite graph that meet in more rows than their degrees foretell.
//!
//! # Definition
//! Row `i` has `r_i` columns, column `a` has `d_a` rows, and there are `M` edges. Were rows and columns joined by chance with
//! these degrees, columns `a` and `b` would meet in `d_a d_b Σ r(r − 1) / M²` rows. No real graph is quite like that, so every column is
//! held against what is usual for it: the median of met over foretold, over the other columns. Two columns are joined when
//! both find that they meet in `o` rows where `e` were usual, and `o ln(o/e) − (o − e) > ln(pairs)`: the Poisson tail, all
//! pairs paid for.
//!
//! # Cost
//! `Σ r²` steps, in parallel, and memory for the columns a thread. The caller says how many steps may be taken; where it would be more, the columns
//! with most rows are left out, which say least and cost most.
//!
//! # Guarantees
//! The graph is symmetric and without loops; the same bytes for any number of threads.

use rayon::prelude::*;

use crate::base::run::{Interrupted, Run};
use crate::sparse::ahead::{TOGETHER, read_ahead};
use crate::sparse::graph::Graph;
use crate::sparse::rows::Rows;

/// Other columns that a column is compared with to tell what is usual for it.
const COMPARED: usize = 512;

/// The columns of `of_column` that meet in more rows of `of_row`, its transpose, than foretold, joined. At most `steps`
/// steps are taken.
///
/// # Errors
/// [`Interrupted`], and nothing else.
pub fn surplus(
    of_row: &Rows,
    of_column: &Rows,
    steps: u64,
    run: &Run<'_>,
) -> Result<Graph, Interrupted> {
    let columns = of_column.len();
    let of_row_degree = || (0..of_row.len() as u32).map(|row| of_row.degree(row));
    let all_steps: u64 = of_row_degree().map(|r| u64::from(r) * u64::from(r)).sum();
    let (within, degrees) = if all_steps <= steps {
        (
            vec![true; columns],
            of_row_degree().map(f64::from).collect(),
        )
    } else {
        let within = within_steps(of_row.len(), of_column, steps);
        let mut degrees = vec![0.0; of_row.len()];
        for column in (0..columns as u32).filter(|&column| within[column as usize]) {
            for &row in of_column.get(column) {
                degrees[row as usize] += 1.0;
            }
        }
        (within, degrees)
    };
    let edges: f64 = degrees.iter().sum();
    let pairs: f64 = degrees.iter().map(|r| r * (r - 1.0)).sum();
    let in_play = within.iter().filter(|&&within| within).count() as f64;
    let asks = Asks {
        of_row,
        of_column,
        within: &within,
        per_pair: pairs / (edges * edges).max(1.0),
        price: (in_play * (in_play - 1.0) / 2.0).max(1.0).ln(),
    };
    let found: Vec<Vec<u32>> = (0..columns as u32)
        .into_par_iter()
        .with_max_len(16)
        .map_init(
            || vec![0u32; columns],
            |met, column| {
                run.check()?;
                Ok(asks.of(column, met))
            },
        )
        .collect::<Result<_, Interrupted>>()?;
    let mutual = |a: u32, b: &u32| found[*b as usize].binary_search(&a).is_ok();
    let mut offsets = vec![0u64];
    let mut neighbours = Vec::new();
    for (a, others) in (0..).zip(&found) {
        neighbours.extend(others.iter().filter(|b| mutual(a, b)));
        offsets.push(neighbours.len() as u64);
    }
    Ok(Graph::from_rows(offsets, neighbours, None))
}

/// The columns with fewest rows, as many as `steps` allow; of equals the first.
fn within_steps(rows: usize, of_column: &Rows, steps: u64) -> Vec<bool> {
    let mut order: Vec<u32> = (0..of_column.len() as u32).collect();
    order.sort_by_key(|&column| of_column.degree(column));
    let mut degrees = vec![0u64; rows];
    let mut within = vec![false; of_column.len()];
    let mut taken = 0;
    for column in order {
        for &row in of_column.get(column) {
            let degree = &mut degrees[row as usize];
            taken += 2 * *degree + 1;
            *degree += 1;
        }
        if taken > steps {
            break;
        }
        within[column as usize] = true;
    }
    within
}

/// What every column is asked.
struct Asks<'a> {
    of_row: &'a Rows,
    of_column: &'a Rows,
    within: &'a [bool],
    /// Meetings foretold per product of two degrees.
    per_pair: f64,
    /// What a pair pays for having been picked, nats.
    price: f64,
}

impl Asks<'_> {
    /// The columns, ascending, that `column` meets in more rows than usual; `met` has a zero for every column.
    fn of(&self, column: u32, met: &mut [u32]) -> Vec<u32> {
        if !self.within[column as usize] {
            return Vec::new();
        }
        met.fill(0);
        for rows in self.of_column.get(column).chunks(TOGETHER) {
            read_ahead(
                rows.iter()
                    .map(|&row| self.of_row.get(row).first().copied()),
            );
            for &row in rows {
                for &other in self.of_row.get(row) {
                    met[other as usize] += 1;
                }
            }
        }
        let own = f64::from(self.of_column.degree(column)) * self.per_pair;
        let foretold = |other: u32| own * f64::from(self.of_column.degree(other));
        let others = || {
            (0..met.len() as u32).filter(|&other| other != column && self.within[other as usize])
        };
        let mut ratios: Vec<f64> = others()
            .step_by(met.len().div_ceil(COMPARED).max(1))
            .filter(|&other| foretold(other) >= 1.0)
            .map(|other| f64::from(met[other as usize]) / foretold(other))
            .collect();
        ratios.sort_unstable_by(f64::total_cmp);
        // Where nothing is foretold to be met even once, nothing is known to be usual.
        let usual = ratios.get(ratios.len() / 2).copied().unwrap_or(1.0);
        others()
            .filter(|&other| {
                let observed = f64::from(met[other as usize]);
                let expected = (usual * foretold(other)).max(f64::MIN_POSITIVE);
                let more = observed - expected;
                // As ln x ≤ x − 1, the surprise is at most (o − e)² / e, and nearly nobody needs the logarithm.
                observed > expected
                    && more * more > expected * self.price * (1.0 - 1e-9)
                    && observed * (observed / expected).ln() - more > self.price
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::chance::{below, draw};

    /// 4,000 rows of 6 of 60 columns by lot; the first `ring` rows also have five of the columns 0, 7, 14, 21, 28, 35.
    fn rows(ring: u32) -> Rows {
        Rows::build(4000, |row, out| {
            for slot in 0..6 {
                out.push(below(draw(1, u64::from(row), slot), 60) as u32);
            }
            if row < ring {
                let skipped = row % 6;
                out.extend((0..6).filter(|&slot| slot != skipped).map(|slot| slot * 7));
            }
        })
    }

    fn joined(of_row: &Rows, steps: u64) -> Graph {
        surplus(of_row, &of_row.transpose(60), steps, &Run::quiet()).unwrap()
    }

    #[test]
    fn columns_that_some_rows_worked_through_are_joined_and_others_are_not() {
        let graph = joined(&rows(120), u64::MAX);
        for slot in 0..6 {
            let others: Vec<u32> = (0..6).filter(|&o| o != slot).map(|o| o * 7).collect();
            assert_eq!(graph.neighbours(slot * 7), others, "column {}", slot * 7);
        }
        assert_eq!(graph.arcs(), 30);
        assert_eq!(joined(&rows(0), u64::MAX).arcs(), 0);
    }

    #[test]
    fn columns_with_most_rows_go_first_where_steps_are_few() {
        let of_row = rows(120);
        assert_eq!(joined(&of_row, 0).arcs(), 0);
        // The six on the list have most rows.
        let within = within_steps(4000, &of_row.transpose(60), 100_000);
        assert!(within.iter().any(|&within| within));
        assert!((0..6).all(|slot| !within[slot * 7]), "{within:?}");
    }
}
