//! The three tiers, in their order.

use std::str::FromStr;

/// How far evidence carries, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Strong enough to act on: beyond chance and corroborated.
    Act,
    /// Strong enough for a person to look at.
    Review,
    /// Reported, no more.
    Watch,
}

impl Tier {
    /// All tiers, strongest first.
    pub const ALL: [Tier; 3] = [Tier::Act, Tier::Review, Tier::Watch];

    /// As in the `tier` columns.
    pub fn name(self) -> &'static str {
        match self {
            Tier::Act => "act",
            Tier::Review => "review",
            Tier::Watch => "watch",
        }
    }
}

impl std::fmt::Display for Tier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no tier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown tier `{0}`: it is one of act, review, watch")]
pub struct UnknownTier(pub String);

impl FromStr for Tier {
    type Err = UnknownTier;

    fn from_str(name: &str) -> Result<Self, UnknownTier> {
        let known = Tier::ALL.into_iter().find(|tier| tier.name() == name);
        known.ok_or_else(|| UnknownTier(name.into()))
    }
}
