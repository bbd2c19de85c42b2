//! `Pool`: things that are costly to make, lent to whoever works next.

use std::sync::{Mutex, PoisonError};

/// As many things as there were ever borrowers at the same time.
#[derive(Debug)]
pub struct Pool<T> {
    idle: Mutex<Vec<T>>,
}

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Pool {
            idle: Mutex::default(),
        }
    }
}

impl<T> Pool<T> {
    /// Lends a thing to `work`: one that was given back, or else a new one by `make`.
    pub fn with<R>(&self, make: impl FnOnce() -> T, work: impl FnOnce(&mut T) -> R) -> R {
        let idle = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        let mut thing = idle.unwrap_or_else(make);
        let result = work(&mut thing);
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(thing);
        }
        result
    }

    /// All things that were given back.
    pub fn into_things(self) -> Vec<T> {
        self.idle
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
