//! How good was it? A sweep held against a truth that somebody else knows.
//!
//! Two kinds of truth: *rings* (`account_id,ring_id`: who belongs together; an account that is not in
//! the file is innocent) and *labels* (`account_id,label`: who is bad; an account that is not in the
//! file is unknown and counts nowhere). All figures are counts and ratios of counts, so they are the
//! same on every machine. Tiers are cumulative: `review` is what one gets who acts on `act` and
//! `review`.

mod accounts;
pub mod baselines;
mod calibration;
mod comparison;
mod groups;
mod pairs;
mod recall;
mod report;
mod rings;
pub mod stability;
mod truth;

use serde::Serialize;

pub use accounts::AccountScores;
pub use calibration::CalibrationBin;
pub use comparison::{Comparison, MethodScores, compare, ours};
pub use groups::{GroupScores, GroupTier, UNNAMED, group_of};
pub use recall::{Participation, RecallPoint, RecallTier, ScenarioError};
pub use rings::{BestMatch, RingScores};
pub use truth::{Truth, TruthColumns, TruthError};

use crate::base::run::Interrupted;
use crate::publish::{SweepTables, Tier};

/// All figures of one sweep against one truth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// `rings` or `labels`.
    pub truth: &'static str,
    /// Bad accounts of the truth.
    pub bad_accounts: u64,
    /// Rings of the truth with two accounts or more.
    pub truth_rings: u64,
    /// Area under precision over recall, accounts ranked by tier, ring score and member score.
    pub average_precision: f64,
    /// Figures by cumulative tier: `act`, `review`, `watch` (everything).
    pub tiers: Vec<TierScores>,
    /// For every ring of the truth the published ring most like it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub best_matches: Vec<BestMatch>,
    /// Figures by kind of true ring.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupScores>,
    /// Recall by size of true rings and, where it is known, by participation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recall_curve: Vec<RecallPoint>,
    /// Promised against realised shares of false rings.
    pub calibration: Vec<CalibrationBin>,
}

/// Figures of everything in one tier or above.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TierScores {
    /// The lowest tier that counts.
    pub tier: Tier,
    /// By account.
    pub accounts: AccountScores,
    /// By ring.
    pub rings: RingScores,
    /// By pair of accounts in one ring; for ring truths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairs: Option<Ratios>,
}

/// Precision, recall and their harmonic mean.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Ratios {
    /// Right ones among the found; 0 when nothing was found.
    pub precision: f64,
    /// Found ones among the right; 0 when there is nothing to find.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

impl Ratios {
    /// From counts: right and found, found, right.
    fn of(hits: u64, found: u64, right: u64) -> Self {
        let precision = ratio(hits, found);
        let recall = ratio(hits, right);
        let f1 = ratio(2 * hits, found + right);
        Ratios {
            precision,
            recall,
            f1,
        }
    }
}

/// `part / whole`, 0 for nothing of nothing.
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// Why a sweep cannot be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// A row of the sweep has a tier that is none.
    #[error("in {table}, {id}")]
    Tier {
        /// The table.
        table: &'static str,
        /// The row's id.
        id: String,
        /// What its tier says.
        source: crate::publish::tier::UnknownTier,
    },
    /// A member's ring is missing.
    #[error("member {account} is in {ring}, which is not among the rings")]
    NoSuchRing {
        /// The account.
        account: String,
        /// The ring.
        ring: String,
    },
}

/// Why methods cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// The sweep cannot be evaluated.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// Asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// Holds `tables` against `truth`. Cost: a few sorts and maps over members and truth.
///
/// # Errors
/// [`EvaluateError`] where the sweep holds something that no sweep should.
pub fn evaluate(tables: &SweepTables, truth: &Truth) -> Result<Evaluation, EvaluateError> {
    evaluate_with(tables, truth, &Participation::default())
}

/// [`evaluate`] where the participation of some true rings is known.
///
/// # Errors
/// [`EvaluateError`].
pub fn evaluate_with(
    tables: &SweepTables,
    truth: &Truth,
    participation: &Participation,
) -> Result<Evaluation, EvaluateError> {
    let ranked = accounts::ranked(tables)?;
    let published = rings::published(tables)?;
    let known = truth.rings();
    let tiers = Tier::ALL.map(|tier| {
        let published = rings::down_to(&published, tier);
        TierScores {
            tier,
            accounts: accounts::scores(&ranked, truth, tier),
            rings: rings::scores(&published, truth),
            pairs: truth.has_rings().then(|| pairs::scores(&published, truth)),
        }
    });
    Ok(Evaluation {
        truth: if truth.has_rings() { "rings" } else { "labels" },
        bad_accounts: truth.bad_accounts(),
        truth_rings: known.len() as u64,
        average_precision: accounts::average_precision(&ranked, truth),
        tiers: tiers.into(),
        best_matches: rings::best_matches(&published, truth),
        groups: groups::scores(&ranked, &published, truth),
        recall_curve: recall::curve(&published, truth, participation),
        calibration: calibration::bins(&published, truth),
    })
}
