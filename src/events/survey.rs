//! The look ahead: what each input is, which columns it has, how its times are written.
//!
//! Every input is opened and its beginning read before any row is taken, so a wrong file name, a
//! missing column or a duplicate header is known within moments, not after the first hundred gigabytes.

use std::collections::BTreeSet;

use crate::base::run::Run;
use crate::events::error::Error;
use crate::events::from_csv::{HEADER_BYTES, Layout};
use crate::events::from_ndjson::Members;
#[cfg(feature = "parquet")]
use crate::events::from_parquet::Table;
use crate::events::input::{Format, Input, format_of, skip_mark};
use crate::events::plan::Plan;
use crate::events::sources::Source;
use crate::events::text::Text;
use crate::events::time_detection::Sample;

/// Decompressed bytes that are looked at: so many in all, at least so many of each input.
const SAMPLE_BYTES: usize = 4 << 20;
const LEAST_SAMPLE_BYTES: usize = HEADER_BYTES;

/// How to read one input.
pub(super) enum Reader {
    /// There is nothing in it.
    Empty,
    Text(Text),
    #[cfg(feature = "parquet")]
    Parquet(Table),
}

/// One input that was looked at.
pub(super) struct Surveyed<'s> {
    pub(super) source: &'s Source,
    pub(super) reader: Reader,
    /// Standard input stays open; files are opened again, so that thousands do not use up handles.
    pub(super) open: Option<(Input, Vec<u8>)>,
    /// The columns that were seen.
    pub(super) columns: Vec<String>,
}

/// All inputs, and what the sample says about each time column.
pub(super) struct Survey<'s> {
    pub(super) inputs: Vec<Surveyed<'s>>,
    pub(super) times: Vec<Sample>,
}

impl<'s> Survey<'s> {
    pub(super) fn take(sources: &'s [Source], plan: &Plan, run: &Run) -> Result<Self, Error> {
        let limit = (SAMPLE_BYTES / sources.len().max(1)).max(LEAST_SAMPLE_BYTES);
        let mut survey = Survey {
            inputs: Vec::with_capacity(sources.len()),
            times: vec![Sample::default(); plan.time_slots().len()],
        };
        for source in sources {
            run.check()?;
            let surveyed = survey.look_at(source, plan, limit)?;
            survey.inputs.push(surveyed);
        }
        Ok(survey)
    }

    /// The columns of all inputs.
    pub(super) fn columns(&self) -> BTreeSet<String> {
        self.inputs
            .iter()
            .flat_map(|input| input.columns.iter().cloned())
            .collect()
    }

    /// There is nothing to read at all.
    pub(super) fn is_empty(&self) -> bool {
        self.inputs
            .iter()
            .all(|input| matches!(input.reader, Reader::Empty))
    }

    /// Some input has no header, so not all columns are known yet.
    pub(super) fn has_lines(&self) -> bool {
        let lines = |input: &Surveyed| matches!(input.reader, Reader::Text(Text::Lines { .. }));
        self.inputs.iter().any(lines)
    }

    fn look_at(
        &mut self,
        source: &'s Source,
        plan: &Plan,
        limit: usize,
    ) -> Result<Surveyed<'s>, Error> {
        let mut input = Input::open(source)?;
        let mut head = Vec::new();
        let whole = input.read(&mut head, limit)? < limit;
        let (reader, columns) = if skip_mark(&head).is_empty() {
            (Reader::Empty, Vec::new())
        } else {
            match format_of(source, &head)? {
                Format::Delimited => self.look_at_delimited(source, &head, whole, plan)?,
                Format::Lines => self.look_at_lines(&head, whole, plan),
                #[cfg(feature = "parquet")]
                Format::Parquet => {
                    let table = Table::open(source, &mut input, std::mem::take(&mut head), plan)?;
                    table.sample_times(plan, &mut self.times)?;
                    let columns = table.columns();
                    (Reader::Parquet(table), columns)
                }
                #[cfg(not(feature = "parquet"))]
                Format::Parquet => {
                    return Err(Error::NoParquet {
                        source_name: source.name.clone(),
                    });
                }
            }
        };
        let open = source.path.is_none().then_some((input, head));
        Ok(Surveyed {
            source,
            reader,
            open,
            columns,
        })
    }

    fn look_at_delimited(
        &mut self,
        source: &Source,
        head: &[u8],
        whole: bool,
        plan: &Plan,
    ) -> Result<(Reader, Vec<String>), Error> {
        let layout = Layout::find(&source.name, head, plan)?;
        let body = &head[layout.body..whole_lines(head, whole).max(layout.body)];
        let first = plan.time_slots().start;
        layout.sample_times(body, plan, |slot, text| self.times[slot - first].see(text));
        let columns = layout.header.clone();
        Ok((Reader::Text(Text::Delimited(layout)), columns))
    }

    fn look_at_lines(&mut self, head: &[u8], whole: bool, plan: &Plan) -> (Reader, Vec<String>) {
        let members = Members::new(plan);
        let body = head.len() - skip_mark(head).len();
        let text = &head[body..whole_lines(head, whole).max(body)];
        let mut names = BTreeSet::new();
        let first = plan.time_slots().start;
        Members::sample(text, plan, &mut names, |slot, text| {
            self.times[slot - first].see(text);
        });
        (
            Reader::Text(Text::Lines { members, body }),
            names.into_iter().collect(),
        )
    }
}

/// Where the last complete line of a sample ends.
fn whole_lines(head: &[u8], whole: bool) -> usize {
    if whole {
        head.len()
    } else {
        memchr::memrchr(b'\n', head).map_or(0, |line| line + 1)
    }
}
