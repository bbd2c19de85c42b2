//! Locks that are asked for again and again before a thread goes to sleep over them.
//!
//! To fall asleep and be woken takes longer than most of our locks are held, above all on virtual machines.

use std::hint::spin_loop;
use std::sync::{LockResult, PoisonError, TryLockResult};

/// How often a lock is asked for, and how long is waited in between: together about as long as it takes to be woken.
const QUESTIONS: usize = 200;
const PAUSES: usize = 16;

/// The lock that `ask` asks for, or `wait` waits for if it takes too long. What it guards is as whoever had it last left
/// it, even if that thread panicked.
pub(crate) fn locked<G>(
    ask: impl Fn() -> TryLockResult<G>,
    wait: impl FnOnce() -> LockResult<G>,
) -> G {
    for _ in 0..QUESTIONS {
        if let Ok(guard) = ask() {
            return guard;
        }
        for _ in 0..PAUSES {
            spin_loop();
        }
    }
    wait().unwrap_or_else(PoisonError::into_inner)
}
