//! The rings: every number that makes one ring differ from another stands in this file.
//!
//! A scenario of one tactic plants eight to ten rings of various sizes, so that recall has a
//! curve: large and easy ones, small ones, and ones that hide (few members at a job, much
//! camouflage, members who live among innocents of one office, campus or household).

use serde::Serialize;

use super::scenarios::Name;

/// How a ring works.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "tactic")]
pub enum Tactic {
    /// Whatever members do runs over these handsets and addresses.
    DeviceFarm {
        /// Shared handsets.
        handsets: u32,
        /// Shared addresses.
        addresses: u32,
    },
    /// Jobs done together within the jitter.
    Lockstep,
    /// Jobs are customers, each served over some days on any of its posts.
    EngagementSeller {
        /// How long one customer's order takes.
        days_per_customer: u32,
    },
    /// Whatever members do comes from rotating addresses.
    ProxyPool {
        /// Addresses in the pool; half of them are homes of innocent households.
        addresses: u32,
    },
    /// Lockstep by accounts that others once owned, most of them from a few offices.
    Hijacked,
    /// Jobs are old, moderately popular targets, visited at any time.
    SlowDrip,
    /// Jobs are other members to be named, most of whom name back.
    Referral,
}

impl Tactic {
    /// The name in ring ids of the truth.
    pub fn as_str(self) -> &'static str {
        match self {
            Tactic::DeviceFarm { .. } => "device-farm",
            Tactic::Lockstep => "lockstep",
            Tactic::EngagementSeller { .. } => "engagement-seller",
            Tactic::ProxyPool { .. } => "proxy-pool",
            Tactic::Hijacked => "hijacked",
            Tactic::SlowDrip => "slow-drip",
            Tactic::Referral => "referral",
        }
    }
}

/// Where the members come from who do not come from just anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Among {
    /// A few offices, about eight from each.
    Offices,
    /// One campus.
    Campus,
    /// Households, everybody in each.
    Households,
}

/// One planted ring.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RingRecipe {
    /// How it works.
    #[serde(flatten)]
    pub tactic: Tactic,
    /// Accounts.
    pub size: u32,
    /// Jobs over the whole time: targets, customers or mates. None for rings of infrastructure.
    pub jobs: u32,
    /// Share of the jobs that a member takes part in.
    pub participation: f64,
    /// Window in which a lockstep job is done.
    pub jitter_seconds: u32,
    /// Ordinary events per ring event. In rings of infrastructure: sessions from the member's own
    /// places per session over the ring's.
    pub camouflage: f64,
    /// Where some of the members come from.
    pub among: Among,
    /// Share of the members who come from there.
    pub embedded: f64,
    /// Share of the jobs whose customer or target is popular, not moderately so.
    #[serde(skip_serializing_if = "is_none")]
    pub popular: f64,
}

/// Written only where it is turned on: worlds from before it have the same bytes.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_none(share: &f64) -> bool {
    *share <= 0.0
}

const LOCKSTEP: RingRecipe = RingRecipe {
    tactic: Tactic::Lockstep,
    size: 60,
    jobs: 14,
    participation: 0.7,
    jitter_seconds: 45,
    camouflage: 0.8,
    among: Among::Offices,
    embedded: 0.0,
    popular: 0.0,
};
const SMALL_LOCKSTEP: RingRecipe = RingRecipe {
    size: 6,
    jobs: 20,
    participation: 0.5,
    ..LOCKSTEP
};
const DEVICE_FARM: RingRecipe = RingRecipe {
    tactic: Tactic::DeviceFarm {
        handsets: 4,
        addresses: 3,
    },
    size: 40,
    jobs: 0,
    participation: 1.0,
    jitter_seconds: 0,
    camouflage: 0.0,
    ..LOCKSTEP
};
const ENGAGEMENT_SELLER: RingRecipe = RingRecipe {
    tactic: Tactic::EngagementSeller {
        days_per_customer: 5,
    },
    size: 300,
    jobs: 22,
    participation: 0.5,
    jitter_seconds: 0,
    camouflage: 0.7,
    ..LOCKSTEP
};
const PROXY_POOL: RingRecipe = RingRecipe {
    tactic: Tactic::ProxyPool { addresses: 60 },
    size: 80,
    camouflage: 0.5,
    ..DEVICE_FARM
};
const HIJACKED: RingRecipe = RingRecipe {
    tactic: Tactic::Hijacked,
    size: 50,
    jobs: 12,
    embedded: 0.6,
    ..LOCKSTEP
};
const SLOW_DRIP: RingRecipe = RingRecipe {
    tactic: Tactic::SlowDrip,
    size: 120,
    jobs: 24,
    participation: 0.45,
    jitter_seconds: 0,
    camouflage: 0.7,
    ..LOCKSTEP
};
const REFERRAL: RingRecipe = RingRecipe {
    tactic: Tactic::Referral,
    size: 24,
    jobs: 10,
    participation: 0.6,
    jitter_seconds: 0,
    camouflage: 1.0,
    ..LOCKSTEP
};

/// Of all accounts, at most so many are planted unless sizes are asked for by name.
pub(super) const PLANTED_SHARE: f64 = 0.08;

/// No ring with jobs is scaled below this.
const SMALLEST_RING: u32 = 6;

/// No ring of infrastructure is (six people with one tablet and one address are a family), nor one
/// of relations (six people who name each other are friends).
const SMALLEST_FARM: u32 = 12;

impl RingRecipe {
    /// With the size changed.
    const fn of(self, size: u32) -> Self {
        RingRecipe { size, ..self }
    }

    /// With `jobs`, of which a member takes part in the share `participation`.
    const fn works(self, jobs: u32, participation: f64) -> Self {
        RingRecipe {
            jobs,
            participation,
            ..self
        }
    }

    /// With the share `embedded` of the members from one kind of innocent group.
    const fn from(self, among: Among, embedded: f64) -> Self {
        RingRecipe {
            among,
            embedded,
            ..self
        }
    }

    /// With more or less of an ordinary life.
    const fn hidden(self, camouflage: f64) -> Self {
        RingRecipe { camouflage, ..self }
    }

    /// The ring for a smaller platform: fewer members and, in proportion, fewer handsets and
    /// addresses, so that a small farm is as crowded as a large one.
    pub(super) fn shrink(&mut self, factor: f64) {
        let full = self.size;
        let smallest = match self.tactic {
            Tactic::Referral => SMALLEST_FARM,
            _ if self.jobs == 0 => SMALLEST_FARM,
            _ => SMALLEST_RING,
        };
        let scaled = (f64::from(full) * factor).round() as u32;
        self.size = scaled.max(smallest).min(full);
        let size = self.size;
        let share = |count: u32| (count * size).div_ceil(full);
        match &mut self.tactic {
            Tactic::DeviceFarm {
                handsets,
                addresses,
            } => {
                *handsets = share(*handsets);
                *addresses = share(*addresses);
            }
            Tactic::ProxyPool { addresses } => *addresses = share(*addresses),
            _ => {}
        }
    }
}

const fn farm(handsets: u32, addresses: u32) -> RingRecipe {
    RingRecipe {
        tactic: Tactic::DeviceFarm {
            handsets,
            addresses,
        },
        ..DEVICE_FARM
    }
}

const fn pool(addresses: u32) -> RingRecipe {
    RingRecipe {
        tactic: Tactic::ProxyPool { addresses },
        ..PROXY_POOL
    }
}

/// The rings of a scenario.
pub(super) fn recipes(name: Name) -> Vec<RingRecipe> {
    use Among::{Campus, Households, Offices};
    match name {
        Name::DeviceFarm => vec![
            DEVICE_FARM,
            farm(6, 4).of(60),
            farm(3, 2).of(30),
            farm(4, 2).of(50).hidden(0.5),
            farm(3, 2).of(24).from(Offices, 0.4),
            farm(2, 2).of(20),
            farm(2, 2).of(16).hidden(0.5),
            farm(2, 1).of(14).from(Households, 0.5),
            farm(2, 1).of(12),
        ],
        Name::Lockstep => vec![
            LOCKSTEP,
            LOCKSTEP.of(120).works(16, 0.6),
            LOCKSTEP.of(40).from(Offices, 0.4),
            LOCKSTEP.of(30).works(20, 0.5),
            LOCKSTEP.of(24).from(Campus, 0.5),
            LOCKSTEP.of(20).works(30, 0.3).hidden(1.5),
            LOCKSTEP.of(16).hidden(2.0),
            LOCKSTEP.of(12).works(16, 0.6).from(Households, 0.5),
            SMALL_LOCKSTEP.of(8),
            SMALL_LOCKSTEP,
            SMALL_LOCKSTEP.works(30, 0.3),
        ],
        Name::EngagementSeller => vec![
            ENGAGEMENT_SELLER,
            ENGAGEMENT_SELLER.of(200).from(Offices, 0.3),
            ENGAGEMENT_SELLER.of(150).works(40, 0.3),
            ENGAGEMENT_SELLER.of(100).from(Campus, 0.3),
            ENGAGEMENT_SELLER.of(60),
            ENGAGEMENT_SELLER.of(40).hidden(1.5),
            ENGAGEMENT_SELLER.of(24).from(Households, 0.4),
            ENGAGEMENT_SELLER.of(12).works(20, 0.6),
        ],
        Name::ProxyPool => vec![
            PROXY_POOL,
            pool(90).of(120),
            pool(45).of(60).from(Offices, 0.3),
            pool(30).of(50),
            pool(30).of(40).hidden(1.0),
            pool(20).of(30).from(Campus, 0.4),
            pool(16).of(24),
            pool(12).of(16),
        ],
        Name::Hijacked => vec![
            HIJACKED,
            HIJACKED.of(80).works(16, 0.5),
            HIJACKED.of(40),
            HIJACKED.of(30).from(Campus, 0.6),
            HIJACKED.of(25).works(14, 0.6),
            HIJACKED.of(20).works(30, 0.3),
            HIJACKED.of(14).from(Households, 0.6),
            HIJACKED.of(10).works(14, 0.6),
            HIJACKED.of(6).works(20, 0.5),
        ],
        Name::SlowDrip => vec![
            SLOW_DRIP,
            SLOW_DRIP.of(100).from(Offices, 0.3),
            SLOW_DRIP.of(80).works(40, 0.3),
            SLOW_DRIP.of(60).from(Campus, 0.3),
            SLOW_DRIP.of(40).works(30, 0.4),
            SLOW_DRIP.of(30),
            SLOW_DRIP.of(20).from(Households, 0.4),
            SLOW_DRIP.of(12),
        ],
        Name::Referral => vec![
            REFERRAL,
            REFERRAL.of(60).works(14, 0.5),
            REFERRAL.of(45).from(Offices, 0.4),
            REFERRAL.of(36).works(20, 0.3),
            REFERRAL.of(30).from(Campus, 0.5),
            REFERRAL.of(20).from(Households, 0.5),
            REFERRAL.of(16).hidden(1.5),
            REFERRAL.of(12).works(8, 0.7),
            REFERRAL.of(10).works(7, 0.75),
            REFERRAL.of(8).works(6, 0.8),
        ],
        Name::Mixed => vec![
            LOCKSTEP,
            DEVICE_FARM,
            SLOW_DRIP,
            HIJACKED,
            PROXY_POOL,
            ENGAGEMENT_SELLER,
            REFERRAL.of(30),
            SMALL_LOCKSTEP,
            LOCKSTEP.of(20),
            farm(2, 1).of(12),
            SMALL_LOCKSTEP.of(12).works(30, 0.3),
            HIJACKED.of(25).from(Households, 0.5),
            SLOW_DRIP.of(40).works(30, 0.4),
            REFERRAL.of(12).works(10, 0.7).from(Offices, 0.5),
            ENGAGEMENT_SELLER.of(40).from(Campus, 0.3),
            LOCKSTEP.of(40).works(24, 0.3).from(Offices, 0.4),
        ],
        Name::Null
        | Name::InnocentCrowds
        | Name::Household
        | Name::CampusNat
        | Name::FlashCrowd => Vec::new(),
    }
}
