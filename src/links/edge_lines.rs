//! Lines of an edge list: `u v [w]`, in blocks that many threads read at once.
//!
//! A file is read in blocks that end at a line's end; a batch of blocks is parsed in parallel while
//! the next batch is read, so memory for text is bounded whatever the file's size. How a node is
//! written decides a type parameter: first all files are tried as small numbers, which is fast and
//! compact; the caller starts again with a wider [`Name`] when a token does not fit.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use rayon::prelude::*;

use super::edge_tokens::{Name, micro_weight, skip_separators, tokens};
use super::from_edge_list::EdgeListError;
use crate::base::run::Run;

/// What the columns of a file mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Columns {
    /// One node.
    Node,
    /// Two nodes; what follows is not read.
    Edge,
    /// Two nodes and a weight.
    WeightedEdge,
}

/// What a block holds.
#[derive(Debug, Clone)]
pub(super) struct Block<N> {
    /// Both ends of each edge; a lone node stands twice.
    pub(super) ends: Vec<(N, N)>,
    /// Micro-units beside `ends`, or empty.
    pub(super) weights: Vec<u64>,
    pub(super) lines: u64,
}

/// Why reading ended early.
pub(super) enum Stop {
    /// A name is not of the kind that was tried.
    OtherNames,
    Error(EdgeListError),
}

impl From<EdgeListError> for Stop {
    fn from(error: EdgeListError) -> Self {
        Stop::Error(error)
    }
}

/// A line that cannot be read, by position in its block.
struct Fault {
    line: u64,
    byte: usize,
    expected: Option<&'static str>,
}

const BLOCK_BYTES: usize = 1 << 20;
const BLOCKS_PER_BATCH: usize = 16;

/// Pairs of column names that say a first line is a header.
const HEADERS: [(&str, &str); 9] = [
    ("src", "dst"),
    ("source", "target"),
    ("u", "v"),
    ("from", "to"),
    ("node1", "node2"),
    ("node_a", "node_b"),
    ("account_a", "account_b"),
    ("from_node_id", "to_node_id"),
    ("fromnodeid", "tonodeid"),
];

/// A file open for reading in blocks of whole lines.
pub(super) struct Lines<'p> {
    path: &'p Path,
    source: Box<dyn Read + Send>,
    rest: Vec<u8>,
    /// Lines and bytes before the block that comes next.
    line: u64,
    byte: u64,
}

impl<'p> Lines<'p> {
    pub(super) fn open(path: &'p Path) -> Result<Self, EdgeListError> {
        let failed = |source| EdgeListError::Io {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(failed)?;
        let source: Box<dyn Read + Send> = match path.extension().and_then(|end| end.to_str()) {
            Some("gz") => Box::new(flate2::read::MultiGzDecoder::new(file)),
            Some("zst") => Box::new(zstd::Decoder::new(file).map_err(failed)?),
            _ => Box::new(file),
        };
        Ok(Lines {
            path,
            source,
            rest: Vec::new(),
            line: 1,
            byte: 0,
        })
    }

    /// Fills `blocks` with the next lines; leaves it empty at the end of the file.
    fn fill(&mut self, blocks: &mut Vec<Vec<u8>>) -> Result<(), EdgeListError> {
        let mut spare = std::mem::take(blocks);
        while blocks.len() < BLOCKS_PER_BATCH {
            let mut block = spare.pop().unwrap_or_default();
            block.clear();
            block.append(&mut self.rest);
            let whole = self.fill_block(&mut block)?;
            if block.is_empty() {
                break;
            }
            blocks.push(block);
            if !whole {
                break;
            }
        }
        Ok(())
    }

    /// Reads on until the block is large and ends a line; false at the end of the file.
    fn fill_block(&mut self, block: &mut Vec<u8>) -> Result<bool, EdgeListError> {
        loop {
            let before = block.len();
            let read = self
                .source
                .by_ref()
                .take(BLOCK_BYTES as u64)
                .read_to_end(block);
            read.map_err(|source| EdgeListError::Io {
                path: self.path.to_owned(),
                source,
            })?;
            if block.len() < before + BLOCK_BYTES {
                return Ok(false);
            }
            if let Some(end) = memchr::memrchr(b'\n', block) {
                self.rest.extend_from_slice(&block[end + 1..]);
                block.truncate(end + 1);
                return Ok(true);
            }
        }
    }

    /// Every block parsed, in the file's order, through `keep`, which also sees the text. What the
    /// columns mean is asked once, of the first line that says something.
    pub(super) fn parse<N: Name>(
        &mut self,
        columns: impl Fn(&[u8]) -> Columns,
        run: &Run,
        mut keep: impl FnMut(Vec<Block<N>>, &[Vec<u8>]) -> Result<(), EdgeListError>,
    ) -> Result<(), Stop> {
        let (mut now, mut next) = (Vec::new(), Vec::new());
        self.fill(&mut now)?;
        let Some(first) = now.first() else {
            return Ok(());
        };
        let line = first_line(first);
        let meaning = columns(&first[line.clone()]);
        let mut header = is_header(&first[line.clone()]).then_some(line);
        while !now.is_empty() {
            run.check().map_err(EdgeListError::from)?;
            let skipped = header.take();
            let parse = |(nth, block): (usize, &Vec<u8>)| {
                parse_block::<N>(block, skipped.as_ref().filter(|_| nth == 0), meaning)
            };
            let (parsed, filled) = rayon::join(
                || now.par_iter().enumerate().map(parse).collect::<Vec<_>>(),
                || self.fill(&mut next),
            );
            let mut blocks = Vec::with_capacity(parsed.len());
            for (block, text) in parsed.into_iter().zip(&now) {
                let block = block.map_err(|fault| self.explain(text, &fault))?;
                self.line += block.lines;
                self.byte += text.len() as u64;
                blocks.push(block);
            }
            filled?;
            keep(blocks, &now)?;
            std::mem::swap(&mut now, &mut next);
        }
        Ok(())
    }

    fn explain(&self, block: &[u8], fault: &Fault) -> Stop {
        let Some(expected) = fault.expected else {
            return Stop::OtherNames;
        };
        let line = &block[fault.byte.min(block.len())..];
        let end = line.iter().position(|&byte| matches!(byte, b'\n' | b'\r'));
        let shown = &line[..end.unwrap_or(line.len()).min(60)];
        Stop::Error(EdgeListError::Line {
            path: self.path.to_owned(),
            line: self.line + fault.line,
            byte: self.byte + fault.byte as u64,
            expected,
            found: String::from_utf8_lossy(shown).into_owned(),
        })
    }
}

/// Where the first line that is neither empty nor a comment stands, without its end.
fn first_line(text: &[u8]) -> Range<usize> {
    let mut start = 0;
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let trimmed = line.trim_ascii();
        if !trimmed.is_empty() && !matches!(trimmed[0], b'#' | b'%') {
            let end = line.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            return start..start + end.unwrap_or(line.len());
        }
        start += line.len();
    }
    text.len()..text.len()
}

fn is_header(line: &[u8]) -> bool {
    let mut tokens = tokens(line).map(<[u8]>::to_ascii_lowercase);
    let (first, second) = (
        tokens.next().unwrap_or_default(),
        tokens.next().unwrap_or_default(),
    );
    HEADERS
        .iter()
        .any(|(u, v)| u.as_bytes() == first && v.as_bytes() == second)
}

/// One pass over the bytes of a block.
fn parse_block<N: Name>(
    text: &[u8],
    header: Option<&Range<usize>>,
    columns: Columns,
) -> Result<Block<N>, Fault> {
    let mut block = Block {
        ends: Vec::with_capacity(text.len() / 12),
        weights: Vec::new(),
        lines: 0,
    };
    let mut at = 0;
    while at < text.len() {
        if header.is_some_and(|header| header.start == at) {
            at = end_of_line(text, at);
        }
        at = skip_separators(text, at);
        match text.get(at) {
            None | Some(b'\n' | b'\r' | b'#' | b'%') => at = end_of_line(text, at),
            Some(_) => at = parse_line(text, at, columns, &mut block)?,
        }
        block.lines += u64::from(text.get(at) == Some(&b'\n'));
        at += 1;
    }
    Ok(block)
}

/// Reads the line at `at` and returns where its line feed (or the text's end) is.
#[inline]
fn parse_line<N: Name>(
    text: &[u8],
    at: usize,
    columns: Columns,
    block: &mut Block<N>,
) -> Result<usize, Fault> {
    let line = block.lines;
    let other_names = Fault {
        line,
        byte: at,
        expected: None,
    };
    let fault = |byte, expected| Fault {
        line,
        byte,
        expected: Some(expected),
    };
    let Some((u, after)) = N::take(text, at) else {
        return Err(other_names);
    };
    if columns == Columns::Node {
        block.ends.push((u, u));
        return Ok(end_of_line(text, after));
    }
    let second = skip_separators(text, after);
    if text
        .get(second)
        .is_none_or(|byte| matches!(byte, b'\n' | b'\r'))
    {
        return Err(fault(at, "two nodes"));
    }
    let Some((v, after)) = N::take(text, second) else {
        return Err(other_names);
    };
    block.ends.push((u, v));
    if columns == Columns::WeightedEdge {
        let third = skip_separators(text, after);
        let token = tokens(&text[third..end_of_line(text, third)])
            .next()
            .unwrap_or_default();
        let weight = micro_weight(token);
        block
            .weights
            .push(weight.ok_or(fault(at, "two nodes and a positive number"))?);
    }
    Ok(end_of_line(text, after))
}

#[inline]
fn end_of_line(text: &[u8], at: usize) -> usize {
    match text.get(at) {
        Some(b'\n') | None => at,
        _ => memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length),
    }
}
