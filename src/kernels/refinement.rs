//! Refinement: parts every community into sub-communities that hold together.
//!
//! Leiden's second phase. Inside a community C every node starts alone; those that are still alone
//! and *well connected* to C, `w(v, C − v) ≥ λ · mass(v) · (S(C) − mass(v))`, join the well
//! connected sub-community where they gain most. A node only ever joins one that it has an edge to,
//! and only while nobody has joined it, so every sub-community is connected.
//!
//! Departure from the paper: the best sub-community is taken instead of a random good one, as in
//! `NetworKit` and GVE-Leiden; ties go to the smaller number.
//!
//! Communities do not see each other, so each is one thread's work and the threads share them out.
//!
//! Reference: Traag, Waltman, van Eck, *From Louvain to Leiden*, 2019, algorithm A.2.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

use rayon::prelude::*;

use super::local_moving::Level;
use super::objective::gain;
use crate::base::run::{Interrupted, Run};
use crate::sparse::partition::Partition;
use crate::sparse::quotient::{ArcWeights, even_runs};
use crate::sparse::scratch::{Pad, Pads};

/// Sub-communities by number (that of the node that opened them). Atomics only because the
/// borrow checker cannot see that communities do not overlap.
struct Parts {
    label: Vec<AtomicU32>,
    volume: Vec<AtomicU64>,
    /// Weight from the sub-community to the rest of its community.
    cut: Vec<AtomicU64>,
    /// Somebody has joined the node that opened it.
    joined: Vec<AtomicBool>,
}

/// The refined partition: each of its communities lies inside one of `partition`'s.
pub(super) fn refine<W: ArcWeights>(
    level: &Level<W>,
    partition: &Partition,
    run: &Run,
) -> Result<Partition, Interrupted> {
    let nodes = level.rows.nodes();
    let parts = Parts {
        label: (0..nodes as u32).map(AtomicU32::new).collect(),
        volume: level
            .masses
            .iter()
            .map(|&mass| AtomicU64::new(mass))
            .collect(),
        cut: (0..nodes).map(|_| AtomicU64::new(0)).collect(),
        joined: (0..nodes).map(|_| AtomicBool::new(false)).collect(),
    };
    let groups = partition.groups();
    let pads = Pads::new(nodes);
    even_runs(&groups)
        .into_par_iter()
        .try_for_each(|communities| {
            run.check()?;
            let mut inside = Inside::default();
            pads.with(|pad| {
                for community in communities {
                    let members = groups.get(community);
                    let scratch = (&mut inside, &mut *pad);
                    refine_one(level, partition.labels(), members, &parts, scratch);
                }
            });
            Ok(())
        })?;
    Ok(Partition::from_labels(
        parts.label.into_iter().map(AtomicU32::into_inner).collect(),
    ))
}

/// A community copied out of the graph, small enough to stay in the nearest caches while it is parted.
///
/// Layout: member `i` has the ties `ends[i - 1] .. ends[i]`, each to a member; loops are left out.
#[derive(Default)]
struct Inside {
    ends: Vec<usize>,
    ties: Vec<(u32, u64)>,
}

impl Inside {
    fn copy<W: ArcWeights>(&mut self, level: &Level<W>, labels: &[u32], members: &[u32]) {
        self.ends.clear();
        self.ties.clear();
        let Some(community) = members.first().map(|&v| labels[v as usize]) else {
            return;
        };
        for &v in members {
            let edges = level.rows.edges(v);
            self.ties
                .extend(edges.filter(|&(u, _)| labels[u as usize] == community && u != v));
            self.ends.push(self.ties.len());
        }
    }

    fn of(&self, member: usize) -> &[(u32, u64)] {
        let start = member.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.ties[start..self.ends[member]]
    }
}

fn refine_one<W: ArcWeights>(
    level: &Level<W>,
    labels: &[u32],
    members: &[u32],
    parts: &Parts,
    (inside, pad): (&mut Inside, &mut Pad),
) {
    if members.len() < 2 {
        return;
    }
    inside.copy(level, labels, members);
    let total: u64 = members.iter().map(|&v| level.masses[v as usize]).sum();
    for (i, &v) in members.iter().enumerate() {
        let cut = inside.of(i).iter().map(|&(_, weight)| weight).sum();
        parts.cut[v as usize].store(cut, Relaxed);
    }
    for (i, &v) in members.iter().enumerate() {
        let (mass, cut) = (
            level.masses[v as usize],
            parts.cut[v as usize].load(Relaxed),
        );
        let alone = !parts.joined[v as usize].load(Relaxed);
        if !alone || gain(cut, level.price, mass, total - mass) < 0.0 {
            continue;
        }
        let ties = inside.of(i);
        pad.expect(ties.len());
        for &(u, weight) in ties {
            pad.add(parts.label[u as usize].load(Relaxed), weight);
        }
        if let Some((part, weight)) = best_part(level, parts, mass, total, pad) {
            let part_cut = parts.cut[part as usize].load(Relaxed);
            parts.label[v as usize].store(part, Relaxed);
            parts.joined[part as usize].store(true, Relaxed);
            parts.volume[part as usize].fetch_add(mass, Relaxed);
            parts.cut[part as usize].store(part_cut + cut - 2 * weight, Relaxed);
        }
    }
}

/// Where a node of `mass` gains most among the well connected parts in `pad`, and its tie to it.
#[inline]
fn best_part<W: ArcWeights>(
    level: &Level<W>,
    parts: &Parts,
    mass: u64,
    total: u64,
    pad: &mut Pad,
) -> Option<(u32, u64)> {
    let mut best = None;
    let mut best_gain = 0.0;
    pad.drain(|part, weight| {
        let volume = parts.volume[part as usize].load(Relaxed);
        let gained = gain(weight, level.price, mass, volume);
        let better = match best {
            None => gained >= 0.0,
            Some((known, _)) => gained > best_gain || (gained == best_gain && part < known),
        };
        let cut = parts.cut[part as usize].load(Relaxed);
        if better && gain(cut, level.price, volume, total - volume) >= 0.0 {
            (best, best_gain) = (Some((part, weight)), gained);
        }
    });
    best
}
