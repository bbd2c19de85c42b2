//! The door: where errors get a voice and an exit code, and the only place that knows both.
//!
//! The floors below report facts in types of their own. Here the first cause with a known type
//! decides the exit code and says what, where and what to do; a new error type is one more arm of
//! [`voice`].

use std::fmt;
use std::io;
use std::process::ExitCode;

use ringsweep::base::run::Interrupted;
use ringsweep::evaluate::{EvaluateError, TruthError};
use ringsweep::events;
use ringsweep::links::from_edge_list::EdgeListError;
use ringsweep::lists::ListError;
use ringsweep::publish::explain::ExplainError;
use ringsweep::publish::export::CaseError;
use ringsweep::publish::feed::FeedError;
use ringsweep::publish::{OpenError, PublishError};
use ringsweep::recipe::RecipeError;
use ringsweep::simulate;
use ringsweep::store::{Fault, StoreError};
use ringsweep::sweep::SweepError;

/// The exit codes, all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done, and a limit that the user set was reached.
    #[expect(
        dead_code,
        reason = "promised in --help; no command takes such a limit yet"
    )]
    Limit = 1,
    /// The request is wrong.
    Request = 2,
    /// The data is wrong.
    Data = 3,
    /// A resource ran out.
    Resource = 4,
    /// The lock is held: try later.
    Busy = 75,
    /// Interrupted.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// An error as a person reads it; commands make these directly, everything else becomes one here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    exit: Exit,
    what: String,
    place: Option<String>,
    help: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, what: impl Into<String>) -> Self {
        Failure {
            exit,
            what: what.into(),
            place: None,
            help: None,
        }
    }

    /// The user asked for something that cannot be.
    pub(crate) fn request(what: impl Into<String>) -> Self {
        Self::new(Exit::Request, what)
    }

    /// Where it is wrong: a file with line or row, an option.
    pub(crate) fn at(self, place: impl Into<String>) -> Self {
        Failure {
            place: Some(place.into()),
            ..self
        }
    }

    /// What to do about it.
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Failure {
            help: Some(help.into()),
            ..self
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", indent(&self.what))?;
        for (label, part) in [("where", &self.place), ("help", &self.help)] {
            if let Some(part) = part {
                write!(f, "\n  {label}: {}", indent(part))?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

/// Further lines stand below the first, clear of the labels.
fn indent(text: &str) -> String {
    text.replace('\n', "\n    ")
}

/// The exit code of a command's result; an error is told on stderr.
pub(crate) fn leave(result: anyhow::Result<ExitCode>) -> ExitCode {
    let error = match result {
        Ok(code) => return code,
        Err(error) => error,
    };
    if is_closed_pipe(&error) {
        return ExitCode::SUCCESS;
    }
    let failure = judge(&error);
    eprintln!("{failure}");
    failure.exit.into()
}

/// The reader of our stdout (`head`, a pager) has seen enough: nothing is wrong.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let kind = |cause: &(dyn std::error::Error + 'static)| match cause.downcast_ref::<io::Error>() {
        Some(error) => Some(error.kind()),
        // serde_json keeps the cause to itself.
        None => cause.downcast_ref::<serde_json::Error>()?.io_error_kind(),
    };
    error
        .chain()
        .any(|cause| kind(cause) == Some(io::ErrorKind::BrokenPipe))
}

/// What `error` comes to: the first cause with a voice, under the contexts above it.
fn judge(error: &anyhow::Error) -> Failure {
    let mut contexts: Vec<String> = Vec::new();
    for cause in error.chain() {
        if let Some(failure) = voice(cause) {
            contexts.push(failure.what);
            return Failure {
                what: contexts.join(": "),
                ..failure
            };
        }
        contexts.push(cause.to_string());
    }
    Failure::request(contexts.join(": "))
}

/// The error types that this door knows.
fn voice(cause: &(dyn std::error::Error + 'static)) -> Option<Failure> {
    if let Some(failure) = cause.downcast_ref::<Failure>() {
        return Some(failure.clone());
    }
    if let Some(error) = cause.downcast_ref::<RecipeError>() {
        let failure = Failure::request(error.what());
        return Some(Failure {
            place: error.place(),
            help: error.help(),
            ..failure
        });
    }
    if let Some(error) = cause.downcast_ref::<StoreError>() {
        return Some(snapshot(error));
    }
    if let Some(error) = cause.downcast_ref::<events::Error>() {
        return Some(reading(error));
    }
    if let Some(error) = cause.downcast_ref::<SweepError>() {
        return sweeping(error);
    }
    if let Some(error) = cause.downcast_ref::<PublishError>() {
        return Some(publishing(error));
    }
    if let Some(error) = cause.downcast_ref::<OpenError>() {
        return Some(opening(error));
    }
    if let Some(error) = cause.downcast_ref::<TruthError>() {
        return truth(error);
    }
    if let Some(error) = cause.downcast_ref::<ListError>() {
        return Some(known(error));
    }
    if let Some(error) = cause.downcast_ref::<simulate::Error>() {
        return simulating(error);
    }
    if let Some(error) = cause.downcast_ref::<EdgeListError>() {
        return listing(error);
    }
    if cause.is::<EvaluateError>() || cause.is::<FeedError>() {
        return Some(
            Failure::new(Exit::Data, cause.to_string())
                .help("the sweep's files were changed after it was published: sweep again"),
        );
    }
    if cause.is::<CaseError>() || cause.is::<ExplainError>() {
        return Some(Failure::request(cause.to_string()));
    }
    if let Some(&error) = cause.downcast_ref::<Interrupted>() {
        return Some(interrupted(error));
    }
    cause
        .downcast_ref::<io::Error>()
        .map(|error| Failure::new(exit_of_io(error), error.to_string()))
}

fn interrupted(_: Interrupted) -> Failure {
    Failure::new(Exit::Interrupted, "interrupted; nothing was published")
}

/// An edge list that cannot be opened is the request's fault, one that cannot be understood the data's.
fn listing(error: &EdgeListError) -> Option<Failure> {
    match error {
        EdgeListError::Interrupted(error) => voice(error),
        EdgeListError::Io { source, .. } if !error.is_bad_data() => {
            Some(Failure::new(exit_of_io(source), error.to_string()))
        }
        _ => Some(Failure::new(Exit::Data, error.to_string())),
    }
}

/// A sweep's error is that of the stage it happened in.
fn sweeping(error: &SweepError) -> Option<Failure> {
    match error {
        SweepError::Events(error) => voice(error),
        SweepError::Recipe(error) => voice(error),
        SweepError::Store(error) => voice(error),
        SweepError::List(error) => voice(error),
        SweepError::Interrupted(error) => voice(error),
        SweepError::Participation { .. } => Some(
            Failure::request(error.to_string())
                .help("sweep the events themselves instead of the snapshot"),
        ),
        SweepError::Memory { largest, .. } => Some(
            Failure::new(Exit::Resource, error.to_string()).help(format!(
                "allow more with --memory, or lower entity.{largest}.max_accounts with --set"
            )),
        ),
    }
}

fn reading(error: &events::Error) -> Failure {
    if let events::Error::Interrupted(stopped) = error {
        return interrupted(*stopped);
    }
    let exit = if error.is_resource() {
        Exit::Resource
    } else if error.is_request() {
        Exit::Request
    } else {
        Exit::Data
    };
    let failure = Failure::new(exit, error.to_string());
    match reading_help(error) {
        Some(help) => failure.help(help),
        None => failure,
    }
}

/// What to do about events that cannot be read.
fn reading_help(error: &events::Error) -> Option<&'static str> {
    use events::Error as E;
    Some(match error {
        E::NoSuchFile { .. } => {
            "check the path; events are files, folders, patterns or - for stdin"
        }
        E::NoEventFile { .. } | E::NoMatch { .. } => {
            "name a folder or a pattern that leads to files"
        }
        E::UnknownRename { .. } => "write --column NAME=COLUMN with one of the names known",
        E::NoRenamedColumn { .. } => "use one of the columns found",
        E::NoAccountColumn { .. } => "name the column: --column account=COLUMN",
        E::NoEntityColumn { .. } => {
            "name a column that accounts can share: --column device_id=COLUMN, or use another --graph"
        }
        E::DuplicateColumn { .. } => "rename one of the two in the header",
        E::NoRows { .. } => "check that whatever wrote it has finished, and wrote to this place",
        E::Binary { .. } => "give CSV, TSV, NDJSON or Parquet, plain or packed with gzip or zstd",
        E::Damaged { .. } => "fetch or write the file again: a part of it would give wrong rings",
        E::RowTooLong { .. } => "look for a quote that is opened and never closed",
        E::TimeFormat { .. } => "write all times of a column in one format",
        E::NothingAccepted { .. } => {
            "the reasons say what is missing: see --column, --graph and min_participation"
        }
        E::Full(_) | E::TooManyRows => "sweep a shorter period, or a part of the accounts",
        _ => return None,
    })
}

fn publishing(error: &PublishError) -> Failure {
    let failure = match error {
        PublishError::NoSpace { .. } => Failure::new(Exit::Resource, error.to_string()),
        PublishError::Io { source, .. } => Failure::request(format!("{error}: {source}")),
        _ => Failure::request(error.to_string()),
    };
    match error {
        PublishError::Exists { .. } => {
            failure.help("choose another name, or replace it with --force")
        }
        PublishError::NotASweep { .. } => failure.help("choose another name, or move it away"),
        PublishError::ParentMissing { .. } => failure.help("make the folder first"),
        PublishError::IsAFolder { .. } => failure.help("name a file"),
        PublishError::ReadOnly { .. } | PublishError::Io { .. } => {
            failure.help("choose a place that you may write to")
        }
        PublishError::NoName { .. } => failure.help("end it in a new name"),
        PublishError::NoSpace { .. } => {
            failure.help("free some space; nothing half-written was left")
        }
        PublishError::NotFinite { .. } => failure,
    }
}

/// A truth that cannot be read has a cause below it; one that can has faults of its own.
fn truth(error: &TruthError) -> Option<Failure> {
    match error {
        TruthError::Io(_) => None,
        TruthError::NoColumn { .. } => {
            Some(Failure::request(error.to_string()).help("name the columns with --column"))
        }
        TruthError::Row { .. } | TruthError::Empty => {
            Some(Failure::new(Exit::Data, error.to_string()))
        }
    }
}

/// A list that is not there is the request's fault, one that cannot be understood its keeper's.
fn known(error: &ListError) -> Failure {
    match error {
        ListError::Unreadable { source, .. } => Failure::new(exit_of_io(source), error.to_string()),
        ListError::NoColumn { .. } => {
            Failure::new(Exit::Data, error.to_string()).help("name the columns in the first line")
        }
        ListError::Row { .. } => Failure::new(Exit::Data, error.to_string()),
    }
}

/// What the file system says stands below, and decides; the rest is the request.
fn simulating(error: &simulate::Error) -> Option<Failure> {
    use simulate::Error::{Interrupted as Stopped, Sink, Write};
    match error {
        Sink { .. } | Write { .. } => None,
        Stopped(stopped) => voice(stopped),
        _ => Some(Failure::request(error.to_string())),
    }
}

fn opening(error: &OpenError) -> Failure {
    let exit = match error {
        OpenError::Missing { .. } | OpenError::NotASweep { .. } => Exit::Request,
        OpenError::Damaged { .. } => Exit::Data,
        OpenError::Io { source, .. } => exit_of_io(source),
    };
    Failure::new(exit, error.to_string())
}

fn snapshot(error: &StoreError) -> Failure {
    let exit = match &error.fault {
        Fault::Io(error) => exit_of_io(error),
        Fault::TooLong { .. } => Exit::Request,
        Fault::NotASnapshot | Fault::Version { .. } | Fault::Damaged(_) => Exit::Data,
    };
    let failure = Failure::new(exit, error.fault.to_string()).at(error.path.display().to_string());
    match exit {
        Exit::Data => failure.help("make the snapshot again from its events"),
        _ => failure,
    }
}

/// No room and no memory are resources; the rest (missing, forbidden, a folder) is the request.
fn exit_of_io(error: &io::Error) -> Exit {
    use io::ErrorKind::{FileTooLarge, OutOfMemory, QuotaExceeded, StorageFull};
    match error.kind() {
        StorageFull | QuotaExceeded | FileTooLarge | OutOfMemory => Exit::Resource,
        _ => Exit::Request,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;
    use insta::assert_snapshot;
    use ringsweep::recipe::Definition;

    use super::*;

    fn io(kind: io::ErrorKind) -> anyhow::Error {
        io::Error::from(kind).into()
    }

    #[test]
    fn causes_decide_the_exit_code_through_contexts() {
        let exit = |error: anyhow::Error| judge(&error.context("writing the sweep")).exit;
        assert_eq!(exit(io(io::ErrorKind::PermissionDenied)), Exit::Request);
        assert_eq!(exit(io(io::ErrorKind::StorageFull)), Exit::Resource);
        assert_eq!(exit(Interrupted.into()), Exit::Interrupted);
        assert_eq!(exit(Failure::new(Exit::Busy, "locked").into()), Exit::Busy);
        assert_eq!(exit(anyhow::anyhow!("anything else")), Exit::Request);
    }

    #[test]
    fn a_closed_pipe_is_no_error() {
        let error = io(io::ErrorKind::BrokenPipe).context("writing to stdout");
        assert!(is_closed_pipe(&error));
        assert_eq!(leave(Err(error)), ExitCode::SUCCESS);
        let error = serde_json::Error::io(io::ErrorKind::BrokenPipe.into());
        assert!(is_closed_pipe(&error.into()));
    }

    #[test]
    fn errors_say_what_where_and_what_to_do() {
        let error = Definition::load("nope")
            .context("reading the request")
            .unwrap_err();
        assert_snapshot!(judge(&error).to_string(), @"
        error: reading the request: there is no graph definition `nope`
          help: name a TOML file or one of engagement, signup, coshare
        ");
        let setting = ["tiers.act_q=2".to_owned()];
        let error = Definition::load_with("signup", &setting).unwrap_err();
        assert_snapshot!(judge(&error.into()).to_string(), @"
        error: act_q is 2
          where: --set tiers.act_q=2
          help: a q-value is above 0 and at most 1
        ");
    }
}
