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
}

impl Name {
    /// All scenarios, in the order of the reference page.
    pub const ALL: [Name; 9] = [
        Name::DeviceFarm,
        Name::Lockstep,
        Name::EngagementSeller,
        Name::ProxyPool,
        Name::Hijacked,
        Name::SlowDrip,
        Name::Mixed,
        Name::Null,
        Name::InnocentCrowds,
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

/// What a user may turn. `None` leaves the recipe's own number.
#[derive(Debug, Clone, PartialEq)]
pub struct Knobs {
    /// Accounts of the platform.
    pub accounts: u32,
    /// Events, planted ones included; met to within 2 %.
    pub events: u64,
    /// Length of the time line.
    pub days: u32,
    /// Another seed is another world.
    pub seed: u64,
    /// How many rings of the recipe, repeating it where more are asked for.
    pub rings: Option<u32>,
    /// Accounts in every ring.
    pub ring_size: Option<u32>,
    /// Share of a ring's jobs that a member takes part in.
    pub participation: Option<f64>,
    /// Length of the window in which a lockstep job is done.
    pub jitter_seconds: Option<u32>,
    /// Ordinary events per ring event.
    pub camouflage: Option<f64>,
}

impl Default for Knobs {
    fn default() -> Self {
        Knobs {
            accounts: 100_000,
            events: 2_000_000,
            days: 14,
            seed: 1,
            rings: None,
            ring_size: None,
            participation: None,
            jitter_seconds: None,
            camouflage: None,
        }
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
const PLANTED_SHARE: f64 = 0.08;

/// No ring is scaled below this.
const SMALLEST_RING: u32 = 6;

fn recipes(name: Name) -> Vec<RingRecipe> {
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
        Name::Null | Name::InnocentCrowds => Vec::new(),
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

/// Everything that a world is made from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scenario {
    /// The recipe's name.
    pub name: Name,
    /// Another seed is another world.
    pub seed: u64,
    /// Accounts of the platform.
    pub accounts: u32,
    /// Events asked for.
    pub events: u64,
    /// Length of the time line.
    pub days: u32,
    /// The innocents.
    pub surroundings: Surroundings,
    /// The rings.
    pub rings: Vec<RingRecipe>,
}

impl Scenario {
    /// The scenario called `name` with the user's `knobs`. On small platforms rings shrink until
    /// they hold at most 8 % of the accounts (none below 6), unless `ring_size` says otherwise.
    ///
    /// # Errors
    /// [`Error::Knob`] where a number makes no platform.
    pub fn new(name: Name, knobs: &Knobs) -> Result<Self, Error> {
        check(knobs)?;
        let recipe = recipes(name);
        if recipe.is_empty() && knobs.rings.is_some_and(|rings| rings > 0) {
            return Err(Error::Knob {
                knob: "rings",
                value: knobs.rings.unwrap_or(0).to_string(),
                expected: "0: this scenario has no rings".into(),
            });
        }
        let count = knobs.rings.map_or(recipe.len(), |rings| rings as usize);
        let mut rings: Vec<RingRecipe> = recipe.into_iter().cycle().take(count).collect();
        scale(&mut rings, knobs);
        let surroundings = if name == Name::InnocentCrowds {
            CROWDED
        } else {
            ORDINARY
        };
        let Knobs {
            seed,
            accounts,
            events,
            days,
            ..
        } = *knobs;
        let scenario = Scenario {
            name,
            seed,
            accounts,
            events,
            days,
            surroundings,
            rings,
        };
        scenario.fits()?;
        Ok(scenario)
    }

    /// Accounts in rings.
    pub fn planted_accounts(&self) -> u64 {
        self.rings.iter().map(|ring| u64::from(ring.size)).sum()
    }

    fn fits(&self) -> Result<(), Error> {
        let planted = self.planted_accounts();
        if planted * 2 > u64::from(self.accounts) {
            return Err(Error::TooManyPlanted {
                planted,
                accounts: self.accounts,
            });
        }
        let actions: f64 = self
            .rings
            .iter()
            .map(|ring| {
                let actions = f64::from(ring.jobs) * ring.participation;
                f64::from(ring.size)
                    * if ring.jobs == 0 {
                        30.0
                    } else {
                        actions * (1.0 + ring.camouflage)
                    }
            })
            .sum();
        if actions > 0.75 * self.events as f64 {
            return Err(Error::TooFewEvents {
                events: self.events,
                planted: actions as u64,
            });
        }
        Ok(())
    }
}

/// Turns the ring knobs and shrinks rings that would crowd a small platform.
fn scale(rings: &mut [RingRecipe], knobs: &Knobs) {
    let wanted: f64 = rings.iter().map(|ring| f64::from(ring.size)).sum();
    let shrink = (PLANTED_SHARE * f64::from(knobs.accounts) / wanted.max(1.0)).min(1.0);
    for ring in rings {
        let scaled = (f64::from(ring.size) * shrink).round() as u32;
        ring.size = knobs.ring_size.unwrap_or(scaled.max(SMALLEST_RING));
        ring.camouflage = knobs.camouflage.unwrap_or(ring.camouflage);
        if ring.jobs > 0 {
            ring.participation = knobs.participation.unwrap_or(ring.participation);
        }
        if ring.jitter_seconds > 0 {
            ring.jitter_seconds = knobs.jitter_seconds.unwrap_or(ring.jitter_seconds);
        }
        // Infrastructure shrinks with its ring, so that a small farm is as crowded as a large one.
        let share = |count: u32, full: u32| (count * ring.size).div_ceil(full).clamp(1, count);
        if shrink < 1.0 && knobs.ring_size.is_none() {
            match &mut ring.tactic {
                Tactic::DeviceFarm {
                    handsets,
                    addresses,
                } => {
                    *handsets = share(*handsets, 40).max(1);
                    *addresses = share(*addresses, 40).max(1);
                }
                Tactic::ProxyPool { addresses } => *addresses = share(*addresses, 80),
                _ => {}
            }
        }
    }
}

fn check(knobs: &Knobs) -> Result<(), Error> {
    let wrong = |knob: &'static str, value: String, expected: &str| {
        Err(Error::Knob {
            knob,
            value,
            expected: expected.to_owned(),
        })
    };
    if !(50..=100_000_000).contains(&knobs.accounts) {
        return wrong("accounts", knobs.accounts.to_string(), "50 to 100,000,000");
    }
    if !(100..=10_000_000_000).contains(&knobs.events) {
        return wrong("events", knobs.events.to_string(), "100 to 10,000,000,000");
    }
    if !(1..=366).contains(&knobs.days) {
        return wrong("days", knobs.days.to_string(), "1 to 366");
    }
    if let Some(rings) = knobs.rings.filter(|&rings| rings > 10_000) {
        return wrong("rings", rings.to_string(), "at most 10,000");
    }
    if let Some(size) = knobs.ring_size.filter(|&size| size < 2) {
        return wrong("ring-size", size.to_string(), "at least 2");
    }
    if let Some(share) = knobs
        .participation
        .filter(|share| !(*share > 0.0 && *share <= 1.0))
    {
        return wrong("participation", share.to_string(), "above 0 and at most 1");
    }
    if let Some(ratio) = knobs
        .camouflage
        .filter(|ratio| !(0.0..=100.0).contains(ratio))
    {
        return wrong("camouflage", ratio.to_string(), "0 to 100");
    }
    if let Some(jitter) = knobs.jitter_seconds.filter(|jitter| *jitter > 86_400) {
        return wrong("jitter-seconds", jitter.to_string(), "at most 86,400");
    }
    Ok(())
}
