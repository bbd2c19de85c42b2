//! Text inputs, read piece by piece by whichever thread has nothing else to do.
//!
//! A thread takes the input, reads on from where the last one stopped, leaves what follows the last row border to
//! the next, and gives the input back; then it parses and interns what it has read, which is still in its near
//! cache. Nobody waits for anybody but to read.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use rayon::prelude::*;

use crate::base::patience::locked;
use crate::events::chunk::Chunk;
use crate::events::error::Error;
use crate::events::from_csv::{self, Layout};
use crate::events::from_ndjson::{self, Members};
use crate::events::input::Input;
use crate::events::intake::{Current, Intake, Parsed};

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

    /// Where the last whole row ends of a text that goes on.
    fn last_border(&self, text: &[u8]) -> usize {
        match self {
            Text::Delimited(layout) => from_csv::last_border(text, layout.delimiter),
            Text::Lines { .. } => from_ndjson::last_border(text),
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

/// Reads a whole text input; `head` is what was read of it already.
pub(super) fn read(
    intake: &Intake,
    input: &mut Input,
    head: Vec<u8>,
    layout: &Text,
    current: &mut Current,
) -> Result<(), Error> {
    let pieces = Mutex::new(Pieces::new(intake, input, head, layout)?);
    let books = Mutex::new(Books {
        current,
        next: 0,
        early: BTreeMap::new(),
    });
    let work = || {
        let mut text = Vec::new();
        loop {
            // Neither lock is held while there is other work to do, so no thread can come back for one it holds.
            let Some(piece) = lock(&pieces).next(&mut text)? else {
                return Ok(());
            };
            intake.run.check()?;
            let parsed = intake.intern(layout.read(&text, intake))?;
            lock(&books).take(piece, parsed);
            intake.run.progress.advance(piece.stored_bytes);
        }
    };
    let all = (0..rayon::current_num_threads()).into_par_iter();
    all.try_for_each(|_| work().inspect_err(|_| lock(&pieces).stop()))
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    locked(|| shared.try_lock(), || shared.lock())
}

/// Whole rows that one thread reads.
#[derive(Clone, Copy)]
struct Piece {
    /// How many came before it.
    number: usize,
    /// Where it begins in the text.
    offset: u64,
    /// Bytes of the input that were read for it.
    stored_bytes: u64,
}

/// What is left to read of an input.
struct Pieces<'a> {
    input: &'a mut Input,
    layout: &'a Text,
    piece_bytes: usize,
    given: usize,
    /// What was read behind the last row border, and where it begins in the text.
    rest: Vec<u8>,
    offset: u64,
    /// There is nothing more to read.
    end: bool,
}

impl<'a> Pieces<'a> {
    /// All rows; `head` is what was read already.
    fn new(
        intake: &Intake,
        input: &'a mut Input,
        head: Vec<u8>,
        layout: &'a Text,
    ) -> Result<Self, Error> {
        let mut pieces = Pieces {
            input,
            layout,
            piece_bytes: intake.options.piece_bytes.max(1),
            given: 0,
            rest: Vec::new(),
            offset: 0,
            end: false,
        };
        let mut text = head;
        while !pieces.end && text.len() < layout.body() {
            pieces.read_on(&mut text)?;
        }
        let body = layout.body().min(text.len());
        pieces.offset = body as u64;
        pieces.rest.extend_from_slice(&text[body..]);
        Ok(pieces)
    }

    /// Makes `text` the next whole rows, if there are any more.
    fn next(&mut self, text: &mut Vec<u8>) -> Result<Option<Piece>, Error> {
        text.clear();
        let stored_before = self.input.stored_bytes();
        if self.end && self.rest.is_empty() {
            return Ok(None);
        }
        text.append(&mut self.rest);
        let border = loop {
            if !self.end {
                self.read_on(text)?;
            }
            if self.end {
                break text.len();
            }
            match self.layout.last_border(text) {
                0 if text.len() > MAX_ROW_BYTES => {
                    return Err(Error::RowTooLong {
                        source_name: self.input.name.clone(),
                        byte: self.offset,
                        limit: MAX_ROW_BYTES,
                    });
                }
                0 => {}
                border => break border,
            }
        };
        self.rest.extend_from_slice(&text[border..]);
        text.truncate(border);
        let piece = Piece {
            number: self.given,
            offset: self.offset,
            stored_bytes: self.input.stored_bytes() - stored_before,
        };
        self.given += 1;
        self.offset += border as u64;
        Ok(Some(piece))
    }

    /// Leaves the rest unread.
    fn stop(&mut self) {
        self.end = true;
        self.rest.clear();
    }

    /// Reads some more. Doubling what a long row has so far keeps the work linear however small pieces are.
    fn read_on(&mut self, text: &mut Vec<u8>) -> Result<(), Error> {
        let more = self.piece_bytes.max(text.len());
        self.end = self.input.read(text, more)? < more;
        Ok(())
    }
}

/// What was found in pieces, taken in their order.
struct Books<'a> {
    current: &'a mut Current,
    /// The number of the piece that is to be taken next.
    next: usize,
    /// Pieces that were done before others that come before them.
    early: BTreeMap<usize, (u64, Parsed)>,
}

impl Books<'_> {
    fn take(&mut self, piece: Piece, parsed: Parsed) {
        self.early.insert(piece.number, (piece.offset, parsed));
        while let Some((offset, parsed)) = self.early.remove(&self.next) {
            self.current.take(parsed, offset);
            self.next += 1;
        }
    }
}
