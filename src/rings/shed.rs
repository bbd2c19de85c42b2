//! Shedding: where deeds set a ring apart, whoever has no part in them leaves.
//!
//! Hijacked accounts have colleagues, a farm's handset once belonged to somebody: sharing a device or an
//! address with those who act together is not acting together. And where only relations do, a friend of one member is no
//! member: whoever makes the others less unusual among friends leaves too.

use crate::rings::weigh::{Scales, Weighed};

/// `ring` without the accounts that have no part in its deeds; as it is where deeds do not speak for it, or
/// would not without them. `judged` sets were looked at. Cost: as weighing.
pub fn shed(scales: &Scales<'_>, ring: Weighed, judged: usize) -> Weighed {
    let accounts = scales.population.accounts;
    let standing = ring.standing(accounts, judged);
    if !standing.deeds_speak(1.0) {
        return ring;
    }
    if standing.relations_alone() {
        return to_core(scales, ring, judged);
    }
    let mut takes_part = vec![false; ring.size()];
    let deeds = ring
        .evidence
        .iter()
        .filter(|one| scales.population.types[one.entity_type].kind.is_deed());
    for member in deeds.flat_map(|one| one.places(&ring.set.accounts)) {
        takes_part[member as usize] = true;
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
    smaller(scales, accomplices, judged).unwrap_or(ring)
}

/// `ring`, which relations alone set apart, without whoever its core does better without. Cost: the members'
/// relations per member, and as weighing.
pub fn to_core(scales: &Scales<'_>, ring: Weighed, judged: usize) -> Weighed {
    let core = scales.friends.core(&ring.set.accounts);
    if core.len() == ring.size() {
        return ring;
    }
    smaller(scales, core, judged).unwrap_or(ring)
}

/// `accounts` as a ring, if deeds speak for them.
fn smaller(scales: &Scales<'_>, accounts: Vec<u32>, judged: usize) -> Option<Weighed> {
    let population = scales.population.accounts;
    scales
        .weigh_accounts(accounts)
        .filter(|ring| ring.standing(population, judged).deeds_speak(1.0))
}
