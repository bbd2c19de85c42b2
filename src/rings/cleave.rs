//! Cleaving: two rings that run together come apart.
//!
//! Peeling asks of every account whether the set is better without it, and growing whether one more pays. Neither
//! asks whether the set is two. Two rings with a few members or things in common, or a pool and the household
//! whose address it borrows, cost less as one set than one ring with a handful of strangers would. So the members are
//! laid out in a row, those next to each other who share most, and the row is cut where the two sides have most
//! evidence in all. Each side pays for itself; where both together have more than the whole, they are two, and
//! each is asked again.
//!
//! The row is the second singular vector of members × exhibits, weighted by what each exhibit says (the
//! relaxation of the normalised cut; Dhillon, *Co-clustering documents and words using bipartite spectral graph
//! partitioning*, KDD 2001). It only proposes; evidence decides.

use crate::base::run::{Interrupted, Run};
use crate::rings::case::Case;
use crate::rings::exhibits::{ByMember, Exhibits};
use crate::rings::weigh::{Scales, Weighed};

/// Steps of power iteration; the row need not be exact.
const STEPS: usize = 40;

/// Cuts that are tried.
const CUTS: usize = 32;

/// `ring`, or the rings of at least `least` accounts that it is made of. Cost: its incidences times 40, and its
/// exhibits times 64.
///
/// # Errors
/// [`Interrupted`].
pub fn cleave(
    scales: &Scales<'_>,
    ring: Weighed,
    least: usize,
    run: &Run<'_>,
) -> Result<Vec<Weighed>, Interrupted> {
    let mut whole = Vec::new();
    let mut open = vec![ring];
    while let Some(ring) = open.pop() {
        run.check()?;
        match halves(scales, &ring, least) {
            Some(halves) => open.extend(halves),
            None => whole.push(ring),
        }
    }
    whole.sort_by(|a, b| a.set.accounts.cmp(&b.set.accounts));
    Ok(whole)
}

/// The two sides of `ring` that have more evidence than the whole, if there are any.
fn halves(scales: &Scales<'_>, ring: &Weighed, least: usize) -> Option<[Weighed; 2]> {
    if ring.size() < 2 * least {
        return None;
    }
    let (first, second) = best_cut(scales, &ring.set, least, ring.nats)?;
    let side = |members: Vec<u32>| {
        let accounts = members.iter().map(|&m| ring.set.accounts[m as usize]);
        scales.strongest(accounts.collect(), least)
    };
    let halves = [side(first)?, side(second)?];
    (halves[0].nats + halves[1].nats > ring.nats).then_some(halves)
}

/// Members on either side (each ascending) of the cut with most evidence in all, where that is more than `whole`.
fn best_cut(
    scales: &Scales<'_>,
    set: &Exhibits,
    least: usize,
    whole: f64,
) -> Option<(Vec<u32>, Vec<u32>)> {
    let by_member = set.by_member();
    let mut first = Case::new(set, &by_member, scales.population);
    let row = in_a_row(&first, &by_member, set.list.len());
    let mut second = first.clone();
    for &member in &row {
        second.remove(member);
    }
    let (size, mut moved) = (row.len(), 0);
    let mut best: Option<(f64, usize)> = None;
    for cut in 1..=CUTS {
        let at = (size * cut / (CUTS + 1)).clamp(least, size - least);
        if at <= moved {
            continue;
        }
        for &member in &row[moved..at] {
            first.remove(member);
            second.restore(member);
        }
        moved = at;
        let nats = first.evidence() + second.evidence();
        if nats > best.map_or(whole, |(most, _)| most) {
            best = Some((nats, at));
        }
    }
    let (_, at) = best?;
    let (mut second, mut first) = (row[..at].to_vec(), row[at..].to_vec());
    first.sort_unstable();
    second.sort_unstable();
    Some((first, second))
}

/// The members of `case`, those who share much near each other; ties by number.
fn in_a_row(case: &Case<'_>, by_member: &ByMember<u32>, exhibits: usize) -> Vec<u32> {
    // An exhibit counts with what it says about each of its members.
    let weight: Vec<f64> = (0..exhibits)
        .map(|number| case.contribution(number, 0) / f64::from(case.sharing(number).max(1)))
        .collect();
    let mass: Vec<f64> = by_member
        .iter()
        .map(|numbers| numbers.iter().map(|&n| weight[n as usize]).sum::<f64>())
        .map(|mass| mass.max(f64::MIN_POSITIVE))
        .collect();
    let all: f64 = mass.iter().sum();
    // Any beginning that is not flat will do.
    let mut place: Vec<f64> = (0..mass.len()).map(|m| m as f64).collect();
    for _ in 0..STEPS {
        let centre = place.iter().zip(&mass).map(|(p, m)| p * m).sum::<f64>() / all;
        let spread = place
            .iter()
            .zip(&mass)
            .map(|(p, m)| m * (p - centre).powi(2));
        let scale = (spread.sum::<f64>() / all).sqrt().max(f64::MIN_POSITIVE);
        for place in &mut place {
            *place = (*place - centre) / scale;
        }
        let mut mean = vec![0.0; exhibits];
        for (numbers, place) in by_member.iter().zip(&place) {
            for &number in numbers {
                mean[number as usize] += place;
            }
        }
        for (number, mean) in mean.iter_mut().enumerate() {
            *mean /= f64::from(case.sharing(number).max(1));
        }
        for ((numbers, place), mass) in by_member.iter().zip(&mut place).zip(&mass) {
            let pull = numbers
                .iter()
                .map(|&n| weight[n as usize] * mean[n as usize]);
            *place = pull.sum::<f64>() / mass;
        }
    }
    let mut row: Vec<u32> = (0..mass.len() as u32).collect();
    let at = |member: u32| place[member as usize];
    row.sort_by(|&a, &b| at(a).total_cmp(&at(b)).then(a.cmp(&b)));
    row
}
