//! From seeds and shared entities to scores: one reverse push per seed, kept as sums with their largest parts.

use crate::base::run::{Interrupted, Run};
use crate::entities::EntityGraph;
use crate::kernels::absorption::{Absorption, ONE, absorption, fixed};
use crate::lists::{Seed, Seeds};
use crate::seeds::scores::{Collector, SeedScores};
use crate::seeds::terrain::{belief, chain};

/// Seeds pushed before their shares are put away: bounds the memory, changes nothing.
const SEEDS_AT_ONCE: usize = 128;

/// Shares below this are not followed: a millionth...
const TOLERANCE: u64 = ONE >> 20;

/// ...and more where there are so many seeds that all of them together would take too long: with twice the
/// seeds each is followed half as far.
const TOLERANCE_PER_SEED: u64 = 4;

/// How far every account of `entities` is known to be bad or good by `seeds`. Cost: the incidences once, and
/// each seed's surroundings; all seeds together about as much as a thousand.
///
/// # Errors
/// [`Interrupted`].
pub fn scores(
    entities: &EntityGraph<'_>,
    seeds: &Seeds,
    run: &Run<'_>,
) -> Result<SeedScores, Interrupted> {
    let accounts = entities.log.accounts.len() as u32;
    let chain = chain(entities, &seeds.list);
    let params = Absorption {
        tolerance: TOLERANCE.max(seeds.list.len() as u64 * TOLERANCE_PER_SEED),
    };
    let mut collector = Collector::new(accounts as usize);
    run.progress.start("seeds", seeds.list.len() as u64);
    for some in seeds.list.chunks(SEEDS_AT_ONCE) {
        let sources: Vec<(u32, u32)> = some
            .iter()
            .map(|&seed: &Seed| (seed.account, fixed(belief(seed))))
            .collect();
        let shares = absorption(&chain, &sources, accounts, &params, run)?;
        for (&seed, shares) in some.iter().zip(shares) {
            collector.add(seed, &shares);
        }
        run.progress.advance(some.len() as u64);
    }
    run.progress.finish();
    Ok(collector.finish(&seeds.list))
}
