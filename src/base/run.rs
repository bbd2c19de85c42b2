//! How long work is told to stop and how it tells where it is: passed as an argument, never global.

use std::sync::atomic::{AtomicBool, Ordering};

/// The work was asked to stop before it was done; what it had so far is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

/// Where a stage reports its progress. The binary draws bars; the library's default is silence.
pub trait Progress: Sync {
    /// A stage begins; `total` is in the stage's own unit (`bytes`, `rounds`, …), 0 if unknown.
    fn start(&self, stage: &str, total: u64);
    /// `done` more units are finished. Called from any thread.
    fn advance(&self, done: u64);
    /// The stage is over.
    fn finish(&self);
}

/// Progress that nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn start(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
    fn finish(&self) {}
}

/// What long work is given: whom to tell, and a flag that says when to stop.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// Receives progress.
    pub progress: &'a dyn Progress,
    /// Set by a signal handler; work checks it between chunks.
    pub stop: &'a AtomicBool,
}

static NEVER: AtomicBool = AtomicBool::new(false);

impl Run<'static> {
    /// A run that reports to nobody and is never interrupted.
    #[must_use]
    pub fn quiet() -> Self {
        Run {
            progress: &Silent,
            stop: &NEVER,
        }
    }
}

impl Run<'_> {
    /// `Err` once somebody asked to stop.
    ///
    /// # Errors
    /// [`Interrupted`], and nothing else.
    #[inline]
    pub fn check(&self) -> Result<(), Interrupted> {
        if self.stop.load(Ordering::Relaxed) {
            Err(Interrupted)
        } else {
            Ok(())
        }
    }
}
