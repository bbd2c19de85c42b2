//! Edge list to graph: any text file of `u v [w]`, for the raw kernels.
//!
//! Columns are parted by spaces, tabs or commas; lines that begin with `#` or `%` are comments; a
//! first line such as `src,dst` or `source,target,weight` is a header; a `.gz` or `.zst` file is
//! unpacked. Columns after the ones that are read are ignored.
//!
//! **Names.** If every node is written as a whole number, nodes are numbered by that number (`007`
//! is `7`); otherwise names are opaque bytes and nodes are numbered in byte order. Either way ids
//! do not depend on the order of lines.
//!
//! **Weights.** Whole numbers are kept. Decimals become fixed point: all weights are multiplied by
//! the smallest power of ten, at most 10⁶, that makes them whole ([`EdgeList::weight_scale`]); what
//! is finer is rounded.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use hashbrown::HashMap;
use rayon::prelude::*;

use super::edge_lines::{Block, Columns, Lines, Stop};
use super::edge_tokens::{Name, Span, tokens};
use super::node_names::NodeNames;
use crate::base::run::{Interrupted, Run};
use crate::base::weight::MICRO;
use crate::sparse::build::{EdgeBatch, Parallel, graph_from_edges};
use crate::sparse::dictionary::Dictionary;
use crate::sparse::graph::Graph;

/// What of an edge list counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EdgeMeaning {
    /// Which nodes are linked: directions, repetitions and weights do not matter.
    #[default]
    Plain,
    /// How strongly: the weights of all lines that name the same two nodes are added up. Without a
    /// third column as [`EdgeMeaning::Plain`].
    Weighted,
    /// In which directions: a pair linked both ways weighs 2, else 1; repetitions do not matter.
    Directed,
}

/// A graph and what its nodes are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgeList {
    /// The graph.
    pub graph: Graph,
    /// Names by node.
    pub names: NodeNames,
    /// What the file's weights were multiplied by: 1 where all are whole.
    pub weight_scale: u32,
}

/// Why an edge list could not be read.
#[derive(Debug, thiserror::Error)]
pub enum EdgeListError {
    /// The file cannot be opened, read or unpacked.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A line is not what it should be.
    #[error("{}, line {line}, byte {byte}: expected {expected}, found {found:?}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Its line, the first is 1.
        line: u64,
        /// Bytes before the line (of the unpacked text).
        byte: u64,
        /// What should stand there.
        expected: &'static str,
        /// What stands there, at most its first 60 bytes.
        found: String,
    },
    /// The weights of an edge do not fit into 32 bits.
    #[error(
        "{}: the lines with {u} and {v} weigh more together than {} (in units of 1/{scale})",
        path.display(), u32::MAX
    )]
    Weight {
        /// The file.
        path: PathBuf,
        /// One node.
        u: String,
        /// The other.
        v: String,
        /// See [`EdgeList::weight_scale`].
        scale: u32,
    },
    /// More distinct nodes than 32 bits number.
    #[error("{}: more than {} distinct nodes", path.display(), u32::MAX - 1)]
    Nodes {
        /// The file.
        path: PathBuf,
    },
    /// Somebody asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

impl EdgeListError {
    /// True when the file's content is at fault, not the request or the machine.
    pub fn is_bad_data(&self) -> bool {
        match self {
            EdgeListError::Line { .. }
            | EdgeListError::Weight { .. }
            | EdgeListError::Nodes { .. } => true,
            EdgeListError::Io { source, .. } => {
                matches!(
                    source.kind(),
                    io::ErrorKind::InvalidData
                        | io::ErrorKind::UnexpectedEof
                        | io::ErrorKind::InvalidInput
                )
            }
            EdgeListError::Interrupted(_) => false,
        }
    }
}

/// Reads `edges`, and from `nodes`, if given, nodes that may have none (one a line).
///
/// Parsed in parallel; memory is 8 bytes a line (16 with weights) and the graph.
///
/// # Errors
/// [`EdgeListError`].
pub fn read_edge_list(
    edges: &Path,
    nodes: Option<&Path>,
    meaning: EdgeMeaning,
    run: &Run,
) -> Result<EdgeList, EdgeListError> {
    let files = Files {
        edges,
        nodes,
        meaning,
    };
    match read_numbers::<u32>(&files, run) {
        Err(Stop::OtherNames) => {}
        Err(Stop::Error(error)) => return Err(error),
        Ok(found) => return number_small(found, &files),
    }
    match read_numbers::<u64>(&files, run) {
        Err(Stop::OtherNames) => {}
        Err(Stop::Error(error)) => return Err(error),
        Ok(found) => return number_sorted(found, &files),
    }
    match read_texts(&files, run) {
        Err(Stop::OtherNames) => unreachable!("any token is a text"),
        Err(Stop::Error(error)) => Err(error),
        Ok(list) => Ok(list),
    }
}

struct Files<'a> {
    edges: &'a Path,
    nodes: Option<&'a Path>,
    meaning: EdgeMeaning,
}

/// Edges by name.
struct Found<N> {
    blocks: Vec<Block<N>>,
    lone: Vec<Block<N>>,
}

impl Files<'_> {
    /// Hands the blocks of both files to `keep`, which is told whether they are lone nodes.
    fn read<N: Name>(
        &self,
        run: &Run,
        mut keep: impl FnMut(Vec<Block<N>>, &[Vec<u8>], bool) -> Result<(), EdgeListError>,
    ) -> Result<(), Stop> {
        if let Some(nodes) = self.nodes {
            let node = |_: &[u8]| Columns::Node;
            Lines::open(nodes)?.parse(node, run, |blocks, texts| keep(blocks, texts, true))?;
        }
        let columns = |line: &[u8]| match self.meaning {
            EdgeMeaning::Weighted if tokens(line).count() > 2 => Columns::WeightedEdge,
            _ => Columns::Edge,
        };
        Lines::open(self.edges)?.parse(columns, run, |blocks, texts| keep(blocks, texts, false))
    }

    /// The graph, once every node has its number.
    fn build(
        &self,
        mut blocks: Vec<Block<u32>>,
        names: NodeNames,
    ) -> Result<EdgeList, EdgeListError> {
        let nodes = names.len();
        let scale = common_scale(&blocks);
        let weighted = blocks.iter().any(|block| !block.weights.is_empty());
        let parallel = match self.meaning {
            EdgeMeaning::Directed => Parallel::Directions,
            EdgeMeaning::Weighted if weighted => Parallel::Sum,
            _ => Parallel::Collapse,
        };
        let heavy = |u, v| EdgeListError::Weight {
            path: self.edges.to_owned(),
            u: names.shown(u),
            v: names.shown(v),
            scale,
        };
        let batches: Result<Vec<EdgeBatch>, EdgeListError> = blocks
            .drain(..)
            .map(|block| {
                let weight = |(&micro, &(u, v)): (&u64, &(u32, u32))| {
                    u32::try_from(micro / (MICRO / u64::from(scale))).map_err(|_| heavy(u, v))
                };
                let weights = block.weights.iter().zip(&block.ends).map(weight);
                Ok(EdgeBatch {
                    weights: weights.collect::<Result<_, _>>()?,
                    ends: block.ends,
                })
            })
            .collect();
        let graph = graph_from_edges(nodes, batches?, parallel)
            .map_err(|overflow| heavy(overflow.node, overflow.neighbour))?;
        Ok(EdgeList {
            graph,
            names,
            weight_scale: scale,
        })
    }

    fn too_many(&self) -> EdgeListError {
        EdgeListError::Nodes {
            path: self.edges.to_owned(),
        }
    }
}

/// The smallest power of ten that makes all weights whole.
fn common_scale<N>(blocks: &[Block<N>]) -> u32 {
    let mut scale = 1;
    for &micro in blocks.iter().flat_map(|block| &block.weights) {
        while micro % (MICRO / u64::from(scale)) != 0 {
            scale *= 10;
        }
    }
    scale
}

fn read_numbers<N: Name>(files: &Files, run: &Run) -> Result<Found<N>, Stop> {
    let mut found = Found {
        blocks: Vec::new(),
        lone: Vec::new(),
    };
    files.read(run, |blocks, _, lone| {
        (if lone {
            &mut found.lone
        } else {
            &mut found.blocks
        })
        .extend(blocks);
        Ok(())
    })?;
    Ok(found)
}

/// Numbers that lie close together are ranked through a table, others by sorting.
fn number_small(found: Found<u32>, files: &Files) -> Result<EdgeList, EdgeListError> {
    let all = || {
        found
            .blocks
            .par_iter()
            .chain(&found.lone)
            .flat_map_iter(|block| &block.ends)
    };
    let largest = all().map(|&(u, v)| u.max(v)).max();
    let lines: usize = found
        .blocks
        .iter()
        .chain(&found.lone)
        .map(|block| block.ends.len())
        .sum();
    let Some(largest) = largest else {
        return files.build(Vec::new(), NodeNames::Numbers(Vec::new()));
    };
    if largest as usize > 8 * lines + (1 << 16) {
        return number_sorted(found, files);
    }
    let seen: Vec<AtomicBool> = (0..=largest).map(|_| AtomicBool::new(false)).collect();
    all().for_each(|&(u, v)| {
        seen[u as usize].store(true, Relaxed);
        seen[v as usize].store(true, Relaxed);
    });
    let mut rank: Vec<u32> = seen
        .into_iter()
        .map(|seen| u32::from(seen.into_inner()))
        .collect();
    let mut names = Vec::new();
    for (number, slot) in rank.iter_mut().enumerate() {
        if *slot == 1 {
            *slot = names.len() as u32;
            names.push(number as u64);
        }
    }
    let mut blocks = found.blocks;
    if names.len() < rank.len() {
        let rename = |(u, v): &mut (u32, u32)| (*u, *v) = (rank[*u as usize], rank[*v as usize]);
        blocks
            .par_iter_mut()
            .for_each(|block| block.ends.iter_mut().for_each(rename));
    }
    files.build(blocks, NodeNames::Numbers(names))
}

/// Numbers from anywhere: sorted, then looked up by halving.
fn number_sorted<N: Name + Ord + Into<u64>>(
    found: Found<N>,
    files: &Files,
) -> Result<EdgeList, EdgeListError> {
    let all = found
        .blocks
        .iter()
        .chain(&found.lone)
        .flat_map(|block| &block.ends);
    let mut names: Vec<N> = all.flat_map(|&(u, v)| [u, v]).collect();
    names.par_sort_unstable();
    names.dedup();
    if names.len() >= u32::MAX as usize {
        return Err(files.too_many());
    }
    let rank = |name: N| names.partition_point(|&other| other < name) as u32;
    let rename = |block: Block<N>| Block {
        ends: block
            .ends
            .into_iter()
            .map(|(u, v)| (rank(u), rank(v)))
            .collect(),
        weights: block.weights,
        lines: block.lines,
    };
    let blocks = found.blocks.into_par_iter().map(rename).collect();
    files.build(
        blocks,
        NodeNames::Numbers(names.iter().map(|&name| name.into()).collect()),
    )
}

fn read_texts(files: &Files, run: &Run) -> Result<EdgeList, Stop> {
    let mut numbers: HashMap<Vec<u8>, u32, foldhash::fast::RandomState> = HashMap::default();
    let mut found: Vec<Block<u32>> = Vec::new();
    files.read::<Span>(run, |blocks, texts, lone| {
        for (block, text) in blocks.into_iter().zip(texts) {
            let mut number = |span: Span| {
                let fresh = numbers.len() as u32;
                *numbers.entry_ref(span.of(text)).or_insert(fresh)
            };
            let ends = block
                .ends
                .into_iter()
                .map(|(u, v)| (number(u), number(v)))
                .collect();
            if !lone {
                found.push(Block {
                    ends,
                    weights: block.weights,
                    lines: block.lines,
                });
            }
            if numbers.len() >= u32::MAX as usize {
                return Err(files.too_many());
            }
        }
        Ok(())
    })?;
    let mut order: Vec<(Vec<u8>, u32)> = numbers.into_iter().collect();
    order.par_sort_unstable();
    let mut rank = vec![0; order.len()];
    for (place, &(_, number)) in (0..).zip(&order) {
        rank[number as usize] = place;
    }
    let rename = |(u, v): &mut (u32, u32)| (*u, *v) = (rank[*u as usize], rank[*v as usize]);
    found
        .par_iter_mut()
        .for_each(|block| block.ends.iter_mut().for_each(rename));
    let names = Dictionary::from_sorted(order.iter().map(|(name, _)| name.as_slice()));
    Ok(files.build(found, NodeNames::Texts(names))?)
}
