//! Text inputs, read in batches: one batch is parsed while the next is read.
//!
//! A batch ends anywhere; what follows its last row border is carried into the next. Inside, it is
//! cut into chunks of about [`CHUNK_BYTES`] at row borders, and each chunk is parsed and interned by
//! itself.

use rayon::prelude::*;

use crate::events::chunk::Chunk;
use crate::events::error::Error;
use crate::events::from_csv::{self, Layout};
use crate::events::from_ndjson::{self, Members};
use crate::events::input::Input;
use crate::events::intake::{Current, Intake, Parsed};

/// Text that one task parses: its cells, their numbers and the text itself stay in a second-level cache.
const CHUNK_BYTES: usize = 1 << 18;
/// A row of more bytes is no row of events.
const MAX_ROW_BYTES: usize = 16 << 20;

/// How the rows of a text are told apart.
pub(super) enum Text {
    Delimited(Layout),
    Lines { members: Members, body: usize },
}

impl Text {
    /// Where the first row begins.
    fn body(&self) -> usize {
        match self {
            Text::Delimited(layout) => layout.body,
            Text::Lines { body, .. } => *body,
        }
    }

    fn cut(&self, text: &[u8], chunk_bytes: usize, end: bool) -> Vec<usize> {
        match self {
            Text::Delimited(layout) => from_csv::cut(text, layout.delimiter, chunk_bytes, end),
            Text::Lines { .. } => from_ndjson::cut(text, chunk_bytes, end),
        }
    }

    fn read<'t, 'p>(&self, text: &'t [u8], intake: &Intake<'p>) -> Chunk<'t, 'p> {
        let samples = intake.options.max_reject_samples;
        match self {
            Text::Delimited(layout) => layout.read(text, intake.plan, &intake.formats, samples),
            Text::Lines { members, .. } => {
                members.read(text, intake.plan, &intake.formats, samples)
            }
        }
    }
}

/// Reads a whole text input; `text` is what was read of it already.
pub(super) fn read(
    intake: &mut Intake,
    input: &mut Input,
    mut text: Vec<u8>,
    layout: &Text,
    current: &mut Current,
) -> Result<(), Error> {
    let batch_bytes = intake.options.batch_bytes.max(1);
    let chunk_bytes = CHUNK_BYTES.min(batch_bytes);
    let mut end = fill(input, &mut text, batch_bytes)?;
    while !end && text.len() < layout.body() {
        end = fill(input, &mut text, batch_bytes)?;
    }
    let mut offset = layout.body().min(text.len());
    text.drain(..offset);
    let mut next = Vec::new();
    loop {
        let cuts = layout.cut(&text, chunk_bytes, end);
        let done = cuts.last().copied().unwrap_or(0);
        next.clear();
        next.extend_from_slice(&text[done..]);
        if next.len() > MAX_ROW_BYTES {
            let (source_name, byte) = (input.name.clone(), (offset + done) as u64);
            return Err(Error::RowTooLong {
                source_name,
                byte,
                limit: MAX_ROW_BYTES,
            });
        }
        let before = input.stored_bytes();
        // Doubling what a long row has so far keeps the work linear however small the batches are.
        let more = batch_bytes.max(next.len());
        let (filled, parsed) = rayon::join(
            || {
                if end {
                    Ok(true)
                } else {
                    fill(input, &mut next, more)
                }
            },
            || parse(intake, &text, &cuts, layout),
        );
        let starts = std::iter::once(0).chain(cuts.iter().copied());
        for (parsed, start) in parsed?.into_iter().zip(starts) {
            intake.take(parsed, (offset + start) as u64, current);
        }
        intake.run.progress.advance(input.stored_bytes() - before);
        if end {
            return Ok(());
        }
        end = filled?;
        offset += done;
        std::mem::swap(&mut text, &mut next);
    }
}

/// Parses and interns the pieces of a batch in parallel; the result is in their order.
fn parse(
    intake: &Intake,
    text: &[u8],
    cuts: &[usize],
    layout: &Text,
) -> Result<Vec<Parsed>, Error> {
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    let pieces: Vec<&[u8]> = starts
        .zip(cuts)
        .map(|(start, &end)| &text[start..end])
        .collect();
    pieces
        .into_par_iter()
        .map(|piece| {
            intake.run.check()?;
            intake.intern(layout.read(piece, intake))
        })
        .collect()
}

/// Reads up to `limit` more bytes; whether the input is at its end.
fn fill(input: &mut Input, text: &mut Vec<u8>, limit: usize) -> Result<bool, Error> {
    Ok(input.read(text, limit)? < limit)
}
