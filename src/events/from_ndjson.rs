//! Rows of newline-delimited JSON: one object a line, its members are the columns.
//!
//! A value becomes a key as it is written: `7` and `"7"` are the same key, `7.0` and `007` are others.
//! A missing member, `null` and `""` are absent. Of two members with one name the last counts. There
//! is no header, so which columns an input has is known only when it was read.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use memchr::{memchr, memrchr};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::events::chunk::{Chunk, Reason, Span};
use crate::events::plan::Plan;
use crate::events::times::TimeFormat;

/// Names that are kept to tell the user which columns there are.
const MOST_NAMES: usize = 1_000;

/// The wanted columns.
#[derive(Debug, Clone)]
pub(super) struct Members {
    /// Distinct names with the slots they fill.
    columns: Vec<(String, Vec<usize>)>,
}

impl Members {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut columns: Vec<(String, Vec<usize>)> = Vec::new();
        for (slot, name) in plan.columns.iter().enumerate() {
            match columns.iter_mut().find(|(known, _)| known == name) {
                Some((_, slots)) => slots.push(slot),
                None => columns.push((name.clone(), vec![slot])),
            }
        }
        Members { columns }
    }

    /// Reads the lines of `text`, which begins and ends at line borders.
    pub(super) fn read<'t, 'p>(
        &self,
        text: &'t [u8],
        plan: &'p Plan,
        formats: &[TimeFormat],
        samples: usize,
    ) -> Chunk<'t, 'p> {
        let mut chunk = Chunk::new(plan, &vec![text; plan.slots()], samples);
        let mut values: Vec<Option<&RawValue>> = vec![None; self.columns.len()];
        let mut row = vec![Span::default(); plan.slots()];
        let first_time = plan.keys + 1;
        for (at, line) in lines(text) {
            values.fill(None);
            row.fill(Span::default());
            let verdict = self
                .parse(line, &mut values)
                .and_then(|()| self.place(text, &values, &mut row, &mut chunk))
                .and_then(|()| {
                    chunk.accept(&row, |slot, cell| formats[slot - first_time].parse(cell))
                });
            if let Err(reason) = verdict {
                chunk.reject(reason, at, line);
            }
        }
        chunk
    }

    fn parse<'t>(&self, line: &'t [u8], values: &mut [Option<&'t RawValue>]) -> Result<(), Reason> {
        let mut json = serde_json::Deserializer::from_slice(line);
        let object = Object {
            columns: &self.columns,
            values,
        };
        if json
            .deserialize_map(object)
            .and_then(|()| json.end())
            .is_ok()
        {
            return Ok(());
        }
        let opens = line.iter().find(|byte| !byte.is_ascii_whitespace());
        let valid = serde_json::from_slice::<IgnoredAny>(line).is_ok();
        Err(if valid && opens != Some(&b'{') {
            Reason::NotAnObject
        } else {
            Reason::InvalidJson
        })
    }

    /// Turns the values of a row into cells.
    fn place(
        &self,
        text: &[u8],
        values: &[Option<&RawValue>],
        row: &mut [Span],
        chunk: &mut Chunk,
    ) -> Result<(), Reason> {
        for ((_, slots), value) in self.columns.iter().zip(values) {
            let Some(value) = value else { continue };
            let raw = value.get();
            let start = raw.as_ptr() as usize - text.as_ptr() as usize;
            let inner = start + 1..start + raw.len() - 1;
            let plain = match raw.as_bytes() {
                [b'"', .., b'"'] if memchr(b'\\', raw.as_bytes()).is_some() => None,
                [b'"', .., b'"'] => Some(Span::of_text(inner.start, inner.end)),
                [b'{' | b'[', ..] => return Err(Reason::NestedValue),
                b"null" => Some(Span::default()),
                _ => Some(Span::of_text(start, start + raw.len())),
            };
            for &slot in slots {
                chunk.named[slot] = true;
                row[slot] = if let Some(span) = plain {
                    span
                } else {
                    let decoded: String =
                        serde_json::from_str(raw).map_err(|_| Reason::InvalidJson)?;
                    chunk.cells[slot].write(|out| out.extend_from_slice(decoded.as_bytes()))
                };
            }
        }
        Ok(())
    }

    /// Looks through the lines of `text`: adds the names of members to `names` and calls `see` with
    /// every time (by slot).
    pub(super) fn sample(
        text: &[u8],
        plan: &Plan,
        names: &mut BTreeSet<String>,
        mut see: impl FnMut(usize, &[u8]),
    ) {
        for (_, line) in lines(text) {
            let Ok(members) =
                serde_json::from_slice::<std::collections::BTreeMap<Cow<str>, &RawValue>>(line)
            else {
                continue;
            };
            for slot in plan.time_slots() {
                let Some(value) = members.get(plan.columns[slot].as_str()) else {
                    continue;
                };
                let text = serde_json::from_str::<Cow<str>>(value.get());
                let text = text.unwrap_or(Cow::Borrowed(value.get()));
                if !text.is_empty() && text != "null" {
                    see(slot, text.as_bytes());
                }
            }
            let room = MOST_NAMES.saturating_sub(names.len());
            names.extend(members.into_keys().map(Cow::into_owned).take(room));
        }
    }
}

/// The lines of `text` that are not blank, with where they begin, without their ends.
fn lines(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let length = memchr(b'\n', rest).unwrap_or(rest.len());
        at = start + length + 1;
        Some((
            start,
            rest[..length]
                .strip_suffix(b"\r")
                .unwrap_or(&rest[..length]),
        ))
    })
    .filter(|(_, line)| !line.trim_ascii().is_empty())
}

/// Where the last whole row of `text` ends, which goes on behind its end: every newline is a border.
pub(super) fn last_border(text: &[u8]) -> usize {
    memrchr(b'\n', text).map_or(0, |line| line + 1)
}

/// Takes the wanted members of an object and passes over the others.
struct Object<'c, 'v, 't> {
    columns: &'c [(String, Vec<usize>)],
    values: &'v mut [Option<&'t RawValue>],
}

impl<'t> Visitor<'t> for Object<'_, '_, 't> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(column) = members.next_key_seed(Name(self.columns))? {
            match column {
                Some(column) => self.values[column] = Some(members.next_value()?),
                None => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// The number of the column that a member's name stands for, if it is wanted.
struct Name<'c>(&'c [(String, Vec<usize>)]);

impl<'t> DeserializeSeed<'t> for Name<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'t>>(self, name: D) -> Result<Self::Value, D::Error> {
        name.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<usize>;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|(wanted, _)| wanted == name))
    }
}
