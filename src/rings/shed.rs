//! Shedding: where deeds set a ring apart, whoever has no part in them leaves.
//!
//! Hijacked accounts have colleagues, a farm's handset once belonged to somebody: sharing a device or an
//! address with those who act together is not acting together.

use crate::rings::exhibits::gather;
use crate::rings::weigh::{Scales, Weighed};

/// `ring` without the accounts that have no part in its deeds; as it is where deeds do not speak for it, or
/// would not without them. `judged` sets were looked at. Cost: as weighing.
pub fn shed(scales: &Scales<'_>, ring: Weighed, judged: usize) -> Weighed {
    let accounts = scales.population.accounts;
    if !ring.standing(accounts, judged).deeds_speak(1.0) {
        return ring;
    }
    let mut takes_part = vec![false; ring.size()];
    let deeds = ring
        .evidence
        .iter()
        .filter(|one| scales.population.types[one.entity_type].kind.is_deed());
    for account in deeds.flat_map(|one| &one.members) {
        if let Ok(member) = ring.set.accounts.binary_search(account) {
            takes_part[member] = true;
        }
    }
    if takes_part.iter().all(|&part| part) {
        return ring;
    }
    let accomplices = ring
        .set
        .accounts
        .iter()
        .zip(takes_part)
        .filter_map(|(&account, part)| part.then_some(account))
        .collect();
    scales
        .weigh(gather(scales.entities, scales.population, accomplices))
        .filter(|smaller| smaller.standing(accounts, judged).deeds_speak(1.0))
        .unwrap_or(ring)
}
