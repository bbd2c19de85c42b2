//! The scenarios: their names, and the innocents of each.
//!
//! A scenario is a platform (how many accounts, events, days), its innocent [`Surroundings`]
//! (homes, offices, campuses, cafés, fan crowds, friends) and the rings planted in it
//! (`recipes.rs`). The other files of this folder turn it into events and know no scenario by name.

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
    /// Accounts that name each other, among friends and influencers who name others too.
    Referral,
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
    pub const ALL: [Name; 13] = [
        Name::DeviceFarm,
        Name::Lockstep,
        Name::EngagementSeller,
        Name::ProxyPool,
        Name::Hijacked,
        Name::SlowDrip,
        Name::Referral,
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
            Name::Referral => "referral",
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
            Name::Referral => "accounts that name each other, densely and both ways",
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
    /// Accounts that name friends; 0: the world has no such column.
    pub friend_share: f64,
    /// Accounts that name hundreds, or that hundreds name.
    pub influencer_share: f64,
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
    friend_share: 0.06,
    influencer_share: 0.0004,
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
    friend_share: 0.15,
    influencer_share: 0.0010,
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
    friend_share: 0.0,
    influencer_share: 0.0,
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
        // Where naming is the crime, it must be common among the innocent.
        Name::Referral => Surroundings {
            friend_share: 0.20,
            ..ORDINARY
        },
        _ => ORDINARY,
    }
}
