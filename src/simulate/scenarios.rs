//! The recipes: every number that makes one scenario differ from another stands in this file.
//!
//! A scenario is a platform (how many accounts, events, days), its innocent [`Surroundings`]
//! (homes, offices, campuses, cafés, fan crowds) and the [`RingRecipe`]s planted in it. The other
//! files of this folder turn it into events and know no scenario by name.

use serde::Serialize;

use super::Error;

/// A named scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Name {
    /// Many accounts on a few handsets and addresses, nothing else in common.
    DeviceFarm,
    /// Own devices and addresses; the same targets within seconds of each other.
    Lockstep,
    /// Hundreds of accounts, each serving many of the same customers over days, no synchrony.
    EngagementSeller,
    /// Nothing in common but the rotating addresses of one pool.
    ProxyPool,
    /// Ordinary accounts with a history, taken over, then in lockstep from their own homes and offices.
    Hijacked,
    /// The same moderately popular targets, drip by drip over the whole time.
    SlowDrip,
    /// A few of each, in various sizes, down to six accounts that take part in half the jobs.
    Mixed,
    /// An ordinary platform without rings.
    Null,
    /// No rings, and all the togetherness that looks like one.
    InnocentCrowds,
    /// No rings, only families, every one with a shared tablet.
    Household,
    /// No rings, nearly everybody behind the addresses of campuses.
    CampusNat,
    /// No rings, half of everything in bursts and one fan club.
    FlashCrowd,
}

impl Name {
    /// All scenarios, in the order of the reference page.
    pub const ALL: [Name; 12] = [
        Name::DeviceFarm,
        Name::Lockstep,
        Name::EngagementSeller,
        Name::ProxyPool,
        Name::Hijacked,
        Name::SlowDrip,
        Name::Mixed,
        Name::Null,
        Name::InnocentCrowds,
        Name::Household,
        Name::CampusNat,
        Name::FlashCrowd,
    ];

    /// The name as typed: `device-farm`, `lockstep`, …
    pub fn as_str(self) -> &'static str {
        match self {
            Name::DeviceFarm => "device-farm",
            Name::Lockstep => "lockstep",
            Name::EngagementSeller => "engagement-seller",
            Name::ProxyPool => "proxy-pool",
            Name::Hijacked => "hijacked",
            Name::SlowDrip => "slow-drip",
            Name::Mixed => "mixed",
            Name::Null => "null",
            Name::InnocentCrowds => "innocent-crowds",
            Name::Household => "household",
            Name::CampusNat => "campus-nat",
            Name::FlashCrowd => "flash-crowd",
        }
    }

    /// One line: what the scenario plants.
    pub fn plants(self) -> &'static str {
        match self {
            Name::DeviceFarm => "accounts on a few shared handsets and addresses",
            Name::Lockstep => "accounts that act on the same targets within seconds",
            Name::EngagementSeller => "accounts that serve the same customers over days",
            Name::ProxyPool => "accounts on the rotating addresses of one pool",
            Name::Hijacked => "ordinary accounts taken over, then in lockstep",
            Name::SlowDrip => "accounts on the same moderately popular targets, slowly",
            Name::Mixed => "a few rings of every kind, in various sizes",
            Name::Null => "nothing: an ordinary platform",
            Name::InnocentCrowds => "nothing, among campuses, cafés, families and fan crowds",
            Name::Household => "nothing: families with a shared tablet",
            Name::CampusNat => "nothing: nearly everybody behind a campus address",
            Name::FlashCrowd => "nothing: bursts on new posts and a fan club",
        }
    }
}

impl std::str::FromStr for Name {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Name::ALL
            .into_iter()
            .find(|name| name.as_str() == text)
            .ok_or_else(|| Error::UnknownScenario {
                name: text.to_owned(),
            })
    }
}

/// How a ring works.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
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
    /// Lockstep by accounts that others once owned, several of them from the same offices.
    Hijacked,
    /// Jobs are old, moderately popular targets, visited at any time.
    SlowDrip,
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
        }
    }
}

/// One planted ring.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RingRecipe {
    /// How it works.
    pub tactic: Tactic,
    /// Accounts.
    pub size: u32,
    /// Jobs over the whole time: targets or customers. None for rings of infrastructure.
    pub jobs: u32,
    /// Share of the jobs that a member takes part in.
    pub participation: f64,
    /// Window in which a lockstep job is done.
    pub jitter_seconds: u32,
    /// Ordinary events per ring event. In rings of infrastructure: sessions from the member's own
    /// places per session over the ring's.
    pub camouflage: f64,
}

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
};
const LOCKSTEP: RingRecipe = RingRecipe {
    tactic: Tactic::Lockstep,
    size: 60,
    jobs: 24,
    participation: 0.8,
    jitter_seconds: 45,
    camouflage: 1.0,
};
const SMALL_LOCKSTEP: RingRecipe = RingRecipe {
    size: 6,
    jobs: 12,
    participation: 0.5,
    jitter_seconds: 45,
    ..LOCKSTEP
};
const ENGAGEMENT_SELLER: RingRecipe = RingRecipe {
    tactic: Tactic::EngagementSeller {
        days_per_customer: 5,
    },
    size: 300,
    jobs: 30,
    participation: 0.6,
    jitter_seconds: 0,
    camouflage: 1.0,
};
const PROXY_POOL: RingRecipe = RingRecipe {
    tactic: Tactic::ProxyPool { addresses: 60 },
    size: 80,
    jobs: 0,
    participation: 1.0,
    jitter_seconds: 0,
    camouflage: 0.5,
};
const HIJACKED: RingRecipe = RingRecipe {
    tactic: Tactic::Hijacked,
    size: 50,
    jobs: 20,
    participation: 0.8,
    jitter_seconds: 45,
    camouflage: 1.0,
};
const SLOW_DRIP: RingRecipe = RingRecipe {
    tactic: Tactic::SlowDrip,
    size: 120,
    jobs: 25,
    participation: 0.48,
    jitter_seconds: 0,
    camouflage: 1.0,
};

/// Of all accounts, at most so many are planted unless sizes are asked for by name.
pub(super) const PLANTED_SHARE: f64 = 0.08;

/// No ring with jobs is scaled below this.
const SMALLEST_RING: u32 = 6;

/// No ring of infrastructure is: six people with one tablet and one address are a family.
const SMALLEST_FARM: u32 = 12;

impl RingRecipe {
    /// The ring for a smaller platform: fewer members and, in proportion, fewer handsets and
    /// addresses, so that a small farm is as crowded as a large one.
    pub(super) fn shrink(&mut self, factor: f64) {
        let full = self.size;
        let smallest = if self.jobs > 0 {
            SMALLEST_RING
        } else {
            SMALLEST_FARM
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

/// The rings of a scenario.
pub(super) fn recipes(name: Name) -> Vec<RingRecipe> {
    match name {
        Name::DeviceFarm => vec![DEVICE_FARM],
        Name::Lockstep => vec![LOCKSTEP],
        Name::EngagementSeller => vec![ENGAGEMENT_SELLER],
        Name::ProxyPool => vec![PROXY_POOL],
        Name::Hijacked => vec![HIJACKED],
        Name::SlowDrip => vec![SLOW_DRIP],
        Name::Mixed => vec![
            LOCKSTEP,
            DEVICE_FARM,
            SLOW_DRIP,
            HIJACKED,
            PROXY_POOL,
            ENGAGEMENT_SELLER,
            SMALL_LOCKSTEP,
            RingRecipe {
                size: 20,
                participation: 0.7,
                ..LOCKSTEP
            },
            RingRecipe {
                tactic: Tactic::DeviceFarm {
                    handsets: 2,
                    addresses: 1,
                },
                size: 12,
                ..DEVICE_FARM
            },
            SMALL_LOCKSTEP,
            RingRecipe {
                size: 25,
                jobs: 16,
                ..HIJACKED
            },
            RingRecipe {
                size: 40,
                jobs: 30,
                participation: 0.5,
                ..SLOW_DRIP
            },
        ],
        Name::Null
        | Name::InnocentCrowds
        | Name::Household
        | Name::CampusNat
        | Name::FlashCrowd => Vec::new(),
    }
}

/// The innocent togetherness of a platform; shares are of accounts unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Surroundings {
    /// Accounts that work or learn in an office or school of 20 to 200 behind one address.
    pub office_share: f64,
    /// Accounts on a campus, thousands behind one or two addresses all day.
    pub campus_share: f64,
    /// Households of two and more that share a tablet.
    pub tablet_share: f64,
    /// Accounts that now and then use an internet café's machines.
    pub cafe_share: f64,
    /// Accounts that once or twice use the kiosk of a travel agency.
    pub agency_share: f64,
    /// Share of all events that belongs to bursts on new posts.
    pub burst_share: f64,
    /// Fan clubs: the same fans within minutes of each post of one artist.
    pub fan_clubs: u32,
    /// Accounts in one fan club.
    pub fan_share: f64,
    /// Posts that a fan club rushes to.
    pub fan_posts: u32,
}

const ORDINARY: Surroundings = Surroundings {
    office_share: 0.25,
    campus_share: 0.03,
    tablet_share: 0.35,
    cafe_share: 0.03,
    agency_share: 0.01,
    burst_share: 0.03,
    fan_clubs: 2,
    fan_share: 0.004,
    fan_posts: 6,
};

const CROWDED: Surroundings = Surroundings {
    office_share: 0.45,
    campus_share: 0.12,
    tablet_share: 0.70,
    cafe_share: 0.08,
    agency_share: 0.04,
    burst_share: 0.08,
    fan_clubs: 3,
    fan_share: 0.03,
    fan_posts: 10,
};

/// Homes and carriers, and nothing else that people share.
const SECLUDED: Surroundings = Surroundings {
    office_share: 0.0,
    campus_share: 0.0,
    tablet_share: 0.0,
    cafe_share: 0.0,
    agency_share: 0.0,
    burst_share: 0.0,
    fan_clubs: 0,
    fan_share: 0.0,
    fan_posts: 0,
};

/// The innocents of a scenario.
pub(super) fn surroundings(name: Name) -> Surroundings {
    match name {
        Name::InnocentCrowds => CROWDED,
        Name::Household => Surroundings {
            tablet_share: 1.0,
            ..SECLUDED
        },
        Name::CampusNat => Surroundings {
            campus_share: 0.9,
            ..SECLUDED
        },
        Name::FlashCrowd => Surroundings {
            burst_share: 0.3,
            fan_clubs: 1,
            fan_share: 0.25,
            fan_posts: 10,
            ..SECLUDED
        },
        _ => ORDINARY,
    }
}
