//! Refinement: parts every community into sub-communities that hold together.
//!
//! Leiden's second phase. Inside a community C every node starts alone; those that are still alone
//! and *well connected* to C, `w(v, C − v) ≥ λ · mass(v) · (S(C) − mass(v))`, join the well
//! connected part where they gain most. A node only ever joins one that it has an edge to,
//! and only while nobody has joined it, so every part is connected. Then parts are merged by the same
//! rule, until none joins another.
//!
//! A community is copied out of the graph first and parted where it lies in the nearest caches.
//! Communities do not see each other, so each is one thread's work and the threads share them out.
//!
//! Departures from the paper: the best part is taken instead of a random good one, as in
//! `NetworKit` and GVE-Leiden, ties going to the smaller number; and parts are merged at once, where the
//! paper first asks each of them whether it would rather be in another community. Few would, the graph of
//! the parts is an order of magnitude smaller this way, and in the end every node is asked by itself.
//!
//! Reference: Traag, Waltman, van Eck, *From Louvain to Leiden*, 2019, algorithm A.2.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use rayon::prelude::*;

use super::inside::Inside;
use super::local_moving::Level;
use super::objective::gain;
use crate::base::run::{Interrupted, Run};
use crate::sparse::partition::{Groups, Partition};
use crate::sparse::quotient::{ArcWeights, Sum, even_runs};

/// Communities and their parts.
pub(super) struct Refined {
    /// Part by node. Parts of a community have numbers in a row.
    pub(super) labels: Vec<u32>,
    /// Nodes by part.
    pub(super) groups: Groups,
    /// Community by part.
    pub(super) communities: Vec<u32>,
    /// Mass by part.
    pub(super) masses: Vec<u64>,
    /// Weight of the arcs inside communities.
    pub(super) inside: u64,
    /// Mass by community.
    pub(super) volumes: Vec<u64>,
}

/// The parts of some communities in a row.
#[derive(Default)]
struct Parts {
    /// Nodes, part by part.
    members: Vec<u32>,
    sizes: Vec<u32>,
    communities: Vec<u32>,
    masses: Vec<u64>,
    inside: u64,
}

/// The parts of every community of `partition`. `S` holds the sum of all weights.
pub(super) fn refine<W: ArcWeights, S: Sum>(
    level: &Level<W>,
    partition: &Partition,
    depth: u32,
    run: &Run,
) -> Result<Refined, Interrupted> {
    let groups = partition.groups();
    let places: Vec<AtomicU32> = (0..level.rows.nodes()).map(|_| AtomicU32::new(0)).collect();
    groups
        .members()
        .par_iter()
        .enumerate()
        .with_min_len(4096)
        .for_each(|(place, &v)| places[v as usize].store(place as u32, Relaxed));
    let refined: Vec<Parts> = even_runs(&groups)
        .into_par_iter()
        .map(|communities| {
            run.check()?;
            Ok(refine_run::<W, S>(
                level,
                &groups,
                &places,
                communities,
                depth,
            ))
        })
        .collect::<Result<_, _>>()?;
    let mut starts = vec![0];
    let mut end = 0;
    for &size in refined.iter().flat_map(|parts| &parts.sizes) {
        end += size;
        starts.push(end);
    }
    let joined = |list: fn(&Parts) -> &Vec<u32>| -> Vec<u32> {
        let lists: Vec<&[u32]> = refined.iter().map(|parts| list(parts).as_slice()).collect();
        lists.concat()
    };
    let labels = places;
    let mut first = 0;
    let firsts: Vec<u32> = refined
        .iter()
        .map(|parts| {
            first += parts.sizes.len() as u32;
            first - parts.sizes.len() as u32
        })
        .collect();
    refined.par_iter().zip(firsts).for_each(|(parts, first)| {
        let mut members = parts.members.iter();
        for (part, &size) in (first..).zip(&parts.sizes) {
            for &v in members.by_ref().take(size as usize) {
                labels[v as usize].store(part, Relaxed);
            }
        }
    });
    let mut volumes = vec![0; partition.communities()];
    for parts in &refined {
        for (&community, &mass) in parts.communities.iter().zip(&parts.masses) {
            volumes[community as usize] += mass;
        }
    }
    Ok(Refined {
        volumes,
        labels: labels.into_iter().map(AtomicU32::into_inner).collect(),
        groups: Groups::from_parts(starts, joined(|parts| &parts.members)),
        communities: joined(|parts| &parts.communities),
        masses: refined
            .iter()
            .flat_map(|parts| &parts.masses)
            .copied()
            .collect(),
        inside: refined.iter().map(|parts| parts.inside).sum(),
    })
}

/// Parts a run of communities. `places` are positions in the list of all members.
fn refine_run<W: ArcWeights, S: Sum>(
    level: &Level<W>,
    groups: &Groups,
    places: &[AtomicU32],
    communities: Range<usize>,
    depth: u32,
) -> Parts {
    let mut parts = Parts::default();
    let mut scratch = Scratch::default();
    let (mut inside, mut merged) = (Inside::<S>::default(), Inside::<S>::default());
    for community in communities {
        let members = groups.get(community);
        let place = |u: u32| places[u as usize].load(Relaxed);
        inside.copy(level, members, place);
        parts.inside += inside.weight();
        // The part of every member, by way of the parts of the round before.
        let mut part_of: Vec<u32> = (0..members.len() as u32).collect();
        for _ in 0..depth {
            let Some((part_by_node, count)) = scratch.merge(level.price, &inside) else {
                break;
            };
            for part in &mut part_of {
                *part = part_by_node[*part as usize];
            }
            inside.quotient(&part_by_node, count, &mut merged);
            std::mem::swap(&mut inside, &mut merged);
        }
        parts.append(community as u32, members, &part_of, inside.masses());
    }
    parts
}

impl Parts {
    /// The parts of one more community: part `part_of[i]` holds `members[i]`.
    fn append(&mut self, community: u32, members: &[u32], part_of: &[u32], masses: &[u64]) {
        let first = self.sizes.len();
        self.sizes.resize(first + masses.len(), 0);
        for &part in part_of {
            self.sizes[first + part as usize] += 1;
        }
        let mut end = self.members.len();
        let starts = self.sizes[first..].iter();
        let mut next: Vec<usize> = starts
            .map(|&size| {
                end += size as usize;
                end - size as usize
            })
            .collect();
        self.members.resize(end, 0);
        for (&v, &part) in members.iter().zip(part_of) {
            let slot = &mut next[part as usize];
            self.members[*slot] = v;
            *slot += 1;
        }
        self.communities.resize(first + masses.len(), community);
        self.masses.extend_from_slice(masses);
    }
}

/// Parts by number, that of the node that opened them, while a community is merged.
#[derive(Default)]
struct Scratch {
    label: Vec<u32>,
    volume: Vec<u64>,
    /// Weight from the part to the rest of the community.
    cut: Vec<u64>,
    /// Somebody has joined the node that opened it.
    joined: Vec<bool>,
    /// Weight from the present node to the part; zero between nodes.
    ties: Vec<u64>,
}

impl Scratch {
    /// Lets every node that is still alone join a part. The part of each node and the number of parts, or
    /// nothing if nobody joined.
    fn merge<S: Sum>(&mut self, price: f64, inside: &Inside<S>) -> Option<(Vec<u32>, usize)> {
        let nodes = inside.nodes();
        self.label.clear();
        self.label.extend(0..nodes as u32);
        self.volume.clear();
        self.volume.extend_from_slice(inside.masses());
        self.cut.clear();
        self.cut.extend((0..nodes).map(|v| inside.cut(v)));
        self.joined.clear();
        self.joined.resize(nodes, false);
        self.ties.clear();
        self.ties.resize(nodes, 0);
        let total: u64 = self.volume.iter().sum();
        let mut touched = Vec::new();
        let mut joins = 0;
        for v in 0..nodes {
            let (mass, cut) = (inside.masses()[v], self.cut[v]);
            if self.joined[v] || gain(cut, price, mass, total - mass) < 0.0 {
                continue;
            }
            for &(u, weight) in inside.ties(v) {
                let part = self.label[u as usize];
                let sum = &mut self.ties[part as usize];
                if *sum == 0 {
                    touched.push(part);
                }
                *sum += weight.into();
            }
            if let Some((part, weight)) = self.best_part(price, mass, total, &mut touched) {
                let at = part as usize;
                self.label[v] = part;
                self.joined[at] = true;
                self.volume[at] += mass;
                self.cut[at] = self.cut[at] + cut - 2 * weight;
                joins += 1;
            }
        }
        (joins > 0).then(|| self.numbered())
    }

    /// Where a node of `mass` gains most among the well connected parts it has ties to, and its tie to it.
    #[inline]
    fn best_part(
        &mut self,
        price: f64,
        mass: u64,
        total: u64,
        touched: &mut Vec<u32>,
    ) -> Option<(u32, u64)> {
        let mut best = None;
        let mut best_gain = 0.0;
        for part in touched.drain(..) {
            let at = part as usize;
            let weight = std::mem::take(&mut self.ties[at]);
            let gained = gain(weight, price, mass, self.volume[at]);
            let better = match best {
                None => gained >= 0.0,
                Some((known, _)) => gained > best_gain || (gained == best_gain && part < known),
            };
            let rest = total - self.volume[at];
            if better && gain(self.cut[at], price, self.volume[at], rest) >= 0.0 {
                (best, best_gain) = (Some((part, weight)), gained);
            }
        }
        best
    }

    /// Parts numbered from 0 in the order of their first nodes.
    fn numbered(&self) -> (Vec<u32>, usize) {
        let mut numbers = vec![u32::MAX; self.label.len()];
        let mut count = 0;
        let part_by_node = self
            .label
            .iter()
            .map(|&part| {
                let number = &mut numbers[part as usize];
                if *number == u32::MAX {
                    *number = count;
                    count += 1;
                }
                *number
            })
            .collect();
        (part_by_node, count as usize)
    }
}
