//! FRAUDAR: dense blocks of accounts × entities, with camouflage-proof weights.
//!
//! Tried on the entities of every type by themselves (windowed ones without their times: accounts ×
//! targets) and on all types at once, with hubs and without; each time until nothing is denser than what
//! chance makes of the same degrees. The first block is always offered.

use super::{Material, Offer, ScoredSet, Setting};
use crate::base::run::{Interrupted, Run};
use crate::entities::EntityType;
use crate::events::NONE;
use crate::kernels::curveball::{Curveball, curveball};
use crate::kernels::peel::{Block, Peel, camouflage_proof, peel};
use crate::sparse::rows::Rows;

/// At most so many blocks are looked for.
const BLOCKS: u32 = 24;

/// Trades of every row in the shuffle that says when to stop.
const ROUNDS: u32 = 10;

pub(super) fn by_blocks(
    material: &Material<'_>,
    run: &Run<'_>,
    offer: &mut Offer<'_>,
) -> Result<(), Interrupted> {
    let types: Vec<&EntityType<'_>> = material.entities.types.iter().collect();
    let mut choices: Vec<(&str, Vec<&EntityType<'_>>)> = types
        .iter()
        .map(|&of| (of.plan.name.as_str(), vec![of]))
        .collect();
    if types.len() > 1 {
        choices.push(("all", types));
    }
    for (name, types) in choices {
        let (of_account, columns) = incidences(material, &types);
        for (hubs, cap) in [("", None), (" without hubs", Some(&types))] {
            let mut worth = camouflage_proof(&of_account, columns);
            if let Some(types) = cap {
                leave_hubs_out(&of_account, types, &mut worth);
            }
            let blocks = dense_blocks(&of_account, &worth, material.seed, run)?;
            let sets: Vec<ScoredSet> = blocks
                .iter()
                .map(|block| ScoredSet {
                    members: block.rows.clone(),
                    score: block.density(),
                })
                .collect();
            for count in 1..=sets.len() {
                offer(Setting {
                    text: format!("accounts × {name}{hubs}; blocks 1 to {count}"),
                    sets: sets[..count].to_vec(),
                });
            }
        }
    }
    Ok(())
}

/// The entities of each account, those of several types one behind the other, and how many there are.
fn incidences(material: &Material<'_>, types: &[&EntityType<'_>]) -> (Rows, usize) {
    let log = material.entities.log;
    let mut first = vec![0u32];
    for of in types {
        first.push(first.last().copied().unwrap_or(0) + of.keys.count() as u32);
    }
    let rows = Rows::build(log.accounts.len(), |account, row| {
        for (of, &first) in types.iter().zip(&first) {
            let keys = of.keys.rows()[log.rows_of(account)].iter();
            row.extend(keys.filter(|&&key| key != NONE).map(|key| first + key));
        }
    });
    (rows, first.last().map_or(0, |&end| end as usize))
}

/// Entities above their type's cap are worth nothing.
fn leave_hubs_out(of_account: &Rows, types: &[&EntityType<'_>], worth: &mut [u32]) {
    let of_entity = of_account.transpose(worth.len());
    let caps = types.iter().flat_map(|of| {
        let cap = of.plan.max_accounts.unwrap_or(u32::MAX);
        std::iter::repeat_n(cap, of.keys.count())
    });
    for ((entity, worth), cap) in worth.iter_mut().enumerate().zip(caps) {
        if of_entity.degree(entity as u32) > cap {
            *worth = 0;
        }
    }
}

fn dense_blocks(
    of_account: &Rows,
    worth: &[u32],
    seed: u64,
    run: &Run<'_>,
) -> Result<Vec<Block>, Interrupted> {
    let shuffle = Curveball {
        rounds: ROUNDS,
        seed,
    };
    let first = |of_account: &Rows| {
        let one = Peel {
            blocks: 1,
            ..Peel::default()
        };
        peel(of_account, worth, &one, run).map(|(blocks, _)| blocks)
    };
    let by_chance = first(&curveball(of_account, &shuffle, run)?)?;
    let params = Peel {
        blocks: BLOCKS,
        least_density: by_chance.first().map_or(0, Block::density_micro),
    };
    let (blocks, _) = peel(of_account, worth, &params, run)?;
    if blocks.is_empty() {
        first(of_account)
    } else {
        Ok(blocks)
    }
}
