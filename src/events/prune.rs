//! Taking accounts out of a log, so that nothing of them is left: as if their rows had never been read.

use rayon::prelude::*;

use crate::events::log::{EventLog, NONE};
use crate::events::order::settle_grouped;
use crate::events::pile::retain;
use crate::sparse::dictionary::Dictionary;

/// Takes the rows of the accounts out that `gone` marks (by account), empties the cells that name them, and
/// drops whatever account or key no row has any more. Returns how many rows went. Cost: a pass over every
/// column.
pub fn prune(log: &mut EventLog, gone: &[bool]) -> u64 {
    let rows_before = log.len();
    let keep: Vec<bool> = log
        .account
        .iter()
        .map(|&account| !gone[account as usize])
        .collect();
    retain(&mut log.account, &keep);
    for column in &mut log.times {
        retain(&mut column.micros, &keep);
    }
    for column in &mut log.keys {
        retain(&mut column.ids, &keep);
        if column.accounts {
            let named_gone = |id: u32| id != NONE && gone[id as usize];
            column
                .ids
                .par_iter_mut()
                .filter(|id| named_gone(**id))
                .for_each(|id| *id = NONE);
        }
    }
    let named = log.keys.iter().filter(|column| column.accounts);
    let mut used = vec![false; log.accounts.len()];
    mark(&log.account, &mut used);
    named.for_each(|column| mark(&column.ids, &mut used));
    let ranks = compact(&mut log.accounts, &used);
    renumber(&mut log.account, &ranks);
    for column in &mut log.keys {
        if column.accounts {
            renumber(&mut column.ids, &ranks);
        } else {
            let mut used = vec![false; column.dictionary.len()];
            mark(&column.ids, &mut used);
            let ranks = compact(&mut column.dictionary, &used);
            renumber(&mut column.ids, &ranks);
        }
    }
    // Ranks keep their order, so rows are still grouped by account; only emptied cells move within.
    settle_grouped(log);
    (rows_before - log.len()) as u64
}

fn mark(ids: &[u32], used: &mut [bool]) {
    for &id in ids.iter().filter(|&&id| id != NONE) {
        used[id as usize] = true;
    }
}

/// Drops the keys that are not used; the new id of every old one that is.
fn compact(dictionary: &mut Dictionary, used: &[bool]) -> Vec<u32> {
    let mut ranks = vec![NONE; used.len()];
    let mut next = 0;
    for (rank, _) in ranks.iter_mut().zip(used).filter(|&(_, &used)| used) {
        *rank = next;
        next += 1;
    }
    if next as usize == used.len() {
        return ranks;
    }
    let left = (0..used.len()).filter(|&id| used[id]);
    *dictionary = Dictionary::from_sorted(left.map(|id| dictionary.get(id as u32)));
    ranks
}

fn renumber(ids: &mut [u32], ranks: &[u32]) {
    ids.par_iter_mut()
        .filter(|id| **id != NONE)
        .for_each(|id| *id = ranks[*id as usize]);
}
