//! How many threads, and running on just so many.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use super::door::{Exit, Failure};

/// The number of threads that `--threads` asks for; all that the machine has when it does not.
pub(crate) fn count(asked: Option<NonZeroUsize>) -> usize {
    asked
        .or_else(|| available_parallelism().ok())
        .map_or(1, NonZeroUsize::get)
}

/// Runs `work` on `threads` threads: all parallel work inside stays on them.
pub(crate) fn on<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> anyhow::Result<T> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| {
            Failure::new(
                Exit::Resource,
                format!("cannot start {threads} threads: {error}"),
            )
            .help("ask for fewer with --threads")
        })?;
    Ok(pool.install(work))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_runs_on_the_threads_asked_for() {
        let three = NonZeroUsize::new(3);
        assert_eq!(on(count(three), rayon::current_num_threads).unwrap(), 3);
        assert!(count(None) >= 1);
    }
}
