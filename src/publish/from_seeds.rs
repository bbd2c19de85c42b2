//! From shares to the table `seeds`: who is how near to what is known, and by whom.

use std::collections::BTreeMap;

use crate::events::EventLog;
use crate::publish::from_rings::decimals;
use crate::publish::ids::id_text;
use crate::publish::rows::{RingRow, SeedRow};
use crate::rings::Ring;
use crate::seeds::SeedScores;

/// Accounts published that are neither in a ring nor seeds: those with the largest bad share.
const OTHERS: usize = 1000;

/// Shares are published in millionths, so that parts add up on paper.
const MILLIONTHS: f64 = 1e6;

/// The rows of the table; `rows` are those of `rings`.
pub fn rows(scores: &SeedScores, rings: &[Ring], rows: &[RingRow], log: &EventLog) -> Vec<SeedRow> {
    let mut ring_of: BTreeMap<u32, &str> = BTreeMap::new();
    for (ring, row) in rings.iter().zip(rows) {
        let members = ring.members.iter();
        ring_of.extend(members.map(|member| (member.account, &*row.ring_id)));
    }
    let named = |account: u32| ring_of.contains_key(&account) || scores.seed_of(account).is_some();
    let mut accounts = scores.most_suspicious(OTHERS, |account| !named(account));
    accounts.extend(ring_of.keys());
    let seeds = scores.seeds().iter().map(|seed| seed.account);
    accounts.extend(seeds.filter(|account| !ring_of.contains_key(account)));
    accounts.sort_by(|&a, &b| {
        let published = |account| millionths(scores.bad(account));
        published(b).cmp(&published(a)).then(a.cmp(&b))
    });
    accounts
        .into_iter()
        .flat_map(|account| {
            let ring_id = ring_of.get(&account).copied().unwrap_or_default();
            rows_of(account, ring_id, scores, log)
        })
        .collect()
}

/// `bad` or `good`.
pub(super) fn label(bad: bool) -> &'static str {
    if bad { "bad" } else { "good" }
}

fn millionths(share: f64) -> i64 {
    (share * MILLIONTHS).round() as i64
}

/// The parts of one account: those of named seeds, then what the others come to together.
fn rows_of(account: u32, ring_id: &str, scores: &SeedScores, log: &EventLog) -> Vec<SeedRow> {
    let own = scores.seed_of(account).map_or("", |seed| label(seed.bad));
    let row = |seed_id: String, bad: bool, share: i64| SeedRow {
        account_id: id_text(log.accounts.get(account)),
        ring_id: ring_id.to_owned(),
        label: own.to_owned(),
        bad: decimals(scores.bad(account), 6),
        good: decimals(scores.good(account), 6),
        seed_id,
        seed_label: label(bad).to_owned(),
        share: decimals(share as f64 / MILLIONTHS, 6),
    };
    let mut rows = Vec::new();
    let mut rest = [
        millionths(scores.bad(account)),
        millionths(scores.good(account)),
    ];
    for part in scores.parts(account) {
        let share = millionths(part.share());
        if share > 0 {
            rest[usize::from(!part.bad)] -= share;
            let seed_id = id_text(log.accounts.get(part.seed));
            rows.push(row(seed_id, part.bad, share));
        }
    }
    for (share, bad) in rest.into_iter().zip([true, false]) {
        if share != 0 {
            rows.push(row(String::new(), bad, share));
        }
    }
    rows
}
