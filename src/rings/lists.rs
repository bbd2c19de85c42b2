//! Lists: rings that work through popular things, where communities cannot see them.
//!
//! What more accounts have than the hub cap of its type allows makes no links, so a seller all of whose customers are
//! popular is nowhere in the account graph. Yet sixty accounts that all have the same twenty things, each of which
//! one in fifty has, are far beyond chance. They are a dense block of accounts × things.
//!
//! The densest blocks of all are those of the most active accounts and the most famous things, which says
//! nothing. So things come first: those above the cap that meet in more accounts than their fame foretells are joined
//! ([`surplus`](crate::kernels::surplus)), and parted into *lists* whose things are joined with most of each other (constant Potts at one half,
//! by [`leiden`](crate::kernels::leiden)). On each list the dense blocks are peeled off with camouflage-proof weights
//! ([`peel`](crate::kernels::peel)). Where the list is a taste of people outside the block ([`topic`](crate::rings::topic)), it is an
//! audience and no candidate; of the rest those that are least of a taste are judged like every other set.
//!
//! Cost: the incidences of popular things, `Σ r²` over the popular things of each account at most `STEPS` times all
//! incidences, and the peeling of what is on lists.

use rayon::prelude::*;

use crate::base::run::{Interrupted, Run};
use crate::entities::{EntityGraph, Sharing};
use crate::kernels::leiden::{Leiden, leiden};
use crate::kernels::objective::Objective;
use crate::kernels::peel::{Block, Peel, camouflage_proof, peel};
use crate::kernels::surplus::surplus;
use crate::recipe::Kind;
use crate::rings::population::Population;
use crate::rings::topic::topic;
use crate::sparse::rows::Rows;

/// Steps for each incidence of the type in the search for lists.
const STEPS: u64 = 16;

/// Things of a list are joined with so many of the others.
const JOINED: f64 = 0.5;

/// Dense blocks that are peeled off one list.
const OF_A_LIST: u32 = 4;

/// A list has so many things at least, and an account of a block so many of them.
const THINGS: usize = 3;

/// From so much of a taste on a list is nobody's order.
const A_TASTE: f64 = 0.5;

/// Of the things that the median account of a block has, what makes another one of them.
const CLOSE: f64 = 0.5;

/// A dense block of accounts and popular things, as a candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Ascending.
    pub accounts: Vec<u32>,
    /// The type of the things.
    pub entity_type: usize,
    /// How many times more often than strangers people outside have two of the things; at least 1.
    pub affinity: f64,
    /// Worth in micro-units over accounts and things, before it was completed.
    density: u64,
}

/// At most `most` dense blocks of accounts that are not `taken` and what is popular with them; those first whose things have
/// least to do with each other to everybody else, of equals the densest. They may overlap.
///
/// # Errors
/// [`Interrupted`].
pub fn lists(
    entities: &EntityGraph<'_>,
    population: &Population,
    taken: &[bool],
    most: usize,
    run: &Run<'_>,
) -> Result<Vec<Listed>, Interrupted> {
    let mut found = Vec::new();
    for number in 0..entities.types.len() {
        found.extend(of_type(entities, population, number, taken, run)?);
    }
    found.sort_by(|a, b| {
        let by_affinity = a.affinity.total_cmp(&b.affinity);
        by_affinity.then_with(|| (b.density, &a.accounts).cmp(&(a.density, &b.accounts)))
    });
    found.truncate(most);
    Ok(found)
}

/// The dense blocks on the lists of entity type `number`.
fn of_type(
    entities: &EntityGraph<'_>,
    population: &Population,
    number: usize,
    taken: &[bool],
    run: &Run<'_>,
) -> Result<Vec<Listed>, Interrupted> {
    let plan = &entities.types[number].plan;
    let (
        Sharing::Plain {
            of_account,
            of_entity,
        },
        Kind::Behaviour,
        Some(cap),
    ) = (
        &entities.types[number].sharing,
        plan.kind,
        plan.max_accounts,
    )
    else {
        return Ok(Vec::new());
    };
    let things: Vec<u32> = (0..of_entity.len() as u32)
        .filter(|&entity| of_entity.degree(entity) > cap)
        .collect();
    if things.len() < THINGS {
        return Ok(Vec::new());
    }
    let of_thing = Rows::build(things.len(), |thing, accounts| {
        let having = of_entity.get(things[thing as usize]).iter();
        accounts.extend(having.filter(|&&account| !taken[account as usize]));
    });
    let of_row = of_thing.transpose(taken.len());
    let steps = STEPS * of_account.total() as u64;
    let joined = surplus(&of_row, &of_thing, steps, run)?;
    if joined.arcs() == 0 {
        return Ok(Vec::new());
    }
    let params = Leiden {
        objective: Objective::ConstantPotts,
        resolution: JOINED,
        ..Leiden::default()
    };
    let lists = leiden(&joined, &params, run)?.0.groups();
    let worth = camouflage_proof(&of_row, things.len());
    let lists: Vec<&[u32]> = lists.iter().filter(|list| list.len() >= THINGS).collect();
    let found: Vec<Vec<Listed>> = lists
        .into_par_iter()
        .with_max_len(1)
        .map(|list| {
            let blocks = on_list(&of_thing, &worth, list, run)?;
            // Whoever completes a block is asked, too: without all who have much of the list, nobody would be left to
            // have a taste for it.
            let ask = |block: &OnList, about: &[u32]| {
                let listed = about.iter().map(|&thing| things[thing as usize]);
                let topic = topic(entities, population, number, &block.core, listed)?;
                (topic.taste < A_TASTE).then_some(topic.affinity)
            };
            let first = blocks.first();
            if first.and_then(|block| ask(block, list)).is_none() {
                return Ok(Vec::new());
            }
            let order = |block: OnList| {
                Some(Listed {
                    affinity: ask(&block, &block.things)?,
                    accounts: block.accounts,
                    entity_type: number,
                    density: block.density,
                })
            };
            Ok(blocks.into_iter().filter_map(order).collect())
        })
        .collect::<Result<_, Interrupted>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// A dense block on one list.
struct OnList {
    density: u64,
    /// As it was peeled off.
    core: Vec<u32>,
    /// Completed.
    accounts: Vec<u32>,
    things: Vec<u32>,
}

/// The dense blocks of the things of one `list`.
fn on_list(
    of_thing: &Rows,
    worth: &[u32],
    list: &[u32],
    run: &Run<'_>,
) -> Result<Vec<OnList>, Interrupted> {
    let mut meetings: Vec<(u32, u32)> = (0..)
        .zip(list)
        .flat_map(|(at, &thing)| {
            let having = of_thing.get(thing).iter();
            having.map(move |&account| (account, at))
        })
        .collect();
    meetings.sort_unstable();
    let by_account = meetings.chunk_by(|a, b| a.0 == b.0);
    let rows: Vec<&[(u32, u32)]> = by_account.filter(|own| own.len() >= THINGS).collect();
    let of_row = Rows::build(rows.len(), |row, out| {
        out.extend(rows[row as usize].iter().map(|&(_, at)| at));
    });
    let worth: Vec<u32> = list.iter().map(|&thing| worth[thing as usize]).collect();
    let params = Peel {
        blocks: OF_A_LIST,
        ..Peel::default()
    };
    let (blocks, _) = peel(&of_row, &worth, &params, run)?;
    let candidate = |block: Block| OnList {
        density: block.density_micro(),
        core: block
            .rows
            .iter()
            .map(|&row| rows[row as usize][0].0)
            .collect(),
        accounts: completed(&rows, &block),
        things: block.columns.iter().map(|&at| list[at as usize]).collect(),
    };
    Ok(blocks
        .into_iter()
        .filter(|block| block.columns.len() >= THINGS)
        .map(candidate)
        .collect())
}

/// The accounts of `block`, whose rows are among `rows`, and whoever has half as many of its things as the median of them: density is a mean, so
/// a block is the busiest part of a ring. Ascending.
fn completed(rows: &[&[(u32, u32)]], block: &Block) -> Vec<u32> {
    let of_block = |own: &[(u32, u32)]| {
        let inside = |(_, at): &&(u32, u32)| block.columns.binary_search(at).is_ok();
        own.iter().filter(inside).count()
    };
    let things = |&row: &u32| of_block(rows[row as usize]);
    let mut usual: Vec<usize> = block.rows.iter().map(things).collect();
    usual.sort_unstable();
    let usual = usual.get(usual.len() / 2).copied().unwrap_or(0);
    let least = ((CLOSE * usual as f64).ceil() as usize).max(THINGS);
    rows.iter()
        .filter(|own| of_block(own) >= least)
        .map(|own| own[0].0)
        .collect()
}
