//! Why: a ring as the sum of its evidence, an account by its part in it, from the tables alone.
//!
//! Of an account on the allow list it says who answers for it, and of a ring what was left out before.
//!
//! An explanation is a value (written as JSON) with a text form for people. It adds nothing to what
//! the sweep published: whatever it says can be checked in `evidence`, `uses` and `links`.

mod account;
mod account_text;
mod allowed;
mod ring;
mod ring_text;
mod shape;

use serde::Serialize;

pub use account::{AccountExplanation, AccountInRing, SharedEntity};
pub use ring::{EvidenceLine, MemberLine, RingExplanation, Without};

use super::ids::id_text;
use super::manifest::{AllowedRecord, Manifest};
use super::nearest::{nearest, suggestion};
use super::rows::SweepTables;

/// What is known about a ring or an account.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Explanation {
    /// Of a ring.
    Ring(Box<RingExplanation>),
    /// Of an account.
    Account(AccountExplanation),
    /// Of an account that was left out.
    Allowed(AllowedRecord),
}

/// Why there is nothing to explain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    /// Neither a ring nor a member of one.
    #[error(
        "`{id}` is neither a ring of this sweep nor an account in one{}",
        suggestion(nearest)
    )]
    Unknown {
        /// What was asked for.
        id: String,
        /// Rings and accounts of nearly that name.
        nearest: Vec<String>,
    },
}

/// Explains the ring or the account `id`; a ring goes first where both have that name. At most
/// `top` entities are told one by one, the rest as one sum.
///
/// # Errors
/// [`ExplainError::Unknown`] with what may have been meant.
pub fn explain(
    tables: &SweepTables,
    manifest: &Manifest,
    id: &str,
    top: usize,
) -> Result<Explanation, ExplainError> {
    if let Some(ring) = RingExplanation::of(tables, manifest, id, top) {
        return Ok(Explanation::Ring(Box::new(ring)));
    }
    // As published, or as it stood in the events.
    for account in [id, &id_text(id.as_bytes())] {
        if let Some(account) = AccountExplanation::of(tables, account, top) {
            return Ok(Explanation::Account(account));
        }
    }
    if let Some(entry) = allowed::account(manifest, id) {
        return Ok(Explanation::Allowed(entry.clone()));
    }
    let rings = tables.rings.iter().map(|row| &*row.ring_id);
    let accounts = tables.members.iter().map(|row| &*row.account_id);
    let nearest = nearest(id, rings.chain(accounts));
    Err(ExplainError::Unknown {
        id: id.into(),
        nearest,
    })
}

impl std::fmt::Display for Explanation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Explanation::Ring(ring) => ring_text::write(ring, f),
            Explanation::Account(account) => account_text::write(account, f),
            Explanation::Allowed(entry) => allowed::write_account(entry, f),
        }
    }
}
