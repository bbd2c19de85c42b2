//! Locks that are asked for again and again before a thread goes to sleep over them.
//!
//! To fall asleep and be woken takes longer than most of our locks are held, above all on virtual machines.

use std::hint::spin_loop;

/// How often a lock is asked for, and how long is waited in between: together about as long as it takes to be woken.
const QUESTIONS: usize = 200;
const PAUSES: usize = 16;

/// What `ask` answers as soon as that is something; `None` if it takes too long.
pub(crate) fn soon<G>(mut ask: impl FnMut() -> Option<G>) -> Option<G> {
    for _ in 0..QUESTIONS {
        if let Some(guard) = ask() {
            return Some(guard);
        }
        for _ in 0..PAUSES {
            spin_loop();
        }
    }
    None
}
