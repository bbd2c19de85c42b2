//! What a user turns, and the scenario that comes of it: recipe and knobs become one checked whole.

use serde::Serialize;

use super::Error;
use super::recipes::{Among, PLANTED_SHARE, RingRecipe, Tactic, recipes};
use super::scenarios::{Name, Surroundings, surroundings};

/// Above so many events per account and day the busiest would never sleep.
const BUSIEST_DAY: u64 = 80;

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
    /// Share of the members of every ring that come out of innocent groups.
    pub embedded: Option<f64>,
    /// Which groups.
    pub among: Option<Among>,
    /// Share of a ring's customers and targets that are popular.
    pub popular: Option<f64>,
    /// The innocents.
    pub background: Background,
}

/// What may be turned about the innocents; see [`Surroundings`]. `None` leaves the scenario's own.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Background {
    /// Accounts in offices and schools.
    pub office_share: Option<f64>,
    /// Accounts on campuses.
    pub campus_share: Option<f64>,
    /// Households with a shared tablet.
    pub tablet_share: Option<f64>,
    /// Accounts that go to internet cafés.
    pub cafe_share: Option<f64>,
    /// Accounts that have used a kiosk.
    pub agency_share: Option<f64>,
    /// Events in bursts on new posts.
    pub burst_share: Option<f64>,
    /// Number of fan clubs.
    pub fan_clubs: Option<u32>,
    /// Accounts in one fan club.
    pub fan_share: Option<f64>,
    /// Accounts that name friends.
    pub friend_share: Option<f64>,
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
            embedded: None,
            among: None,
            popular: None,
            background: Background::default(),
        }
    }
}

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
    /// they hold about 8 % of the accounts (none below 6, farms and pools none below 12), unless `ring_size` says otherwise.
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
        turn(&mut rings, knobs);
        let surroundings = knobs.background.turn(surroundings(name))?;
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

    /// `lockstep-01`: the tactic of a ring and its place in [`Scenario::rings`], from one.
    pub fn ring_id(&self, ring: usize) -> String {
        let tactic = self.rings.get(ring).map_or("none", |of| of.tactic.as_str());
        format!("{tactic}-{:02}", ring + 1)
    }

    /// Whether accounts name accounts, so that events have a column for it.
    pub fn has_relations(&self) -> bool {
        let named = |ring: &RingRecipe| ring.tactic == Tactic::Referral;
        self.surroundings.friend_share > 0.0 || self.rings.iter().any(named)
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

/// Shrinks rings that would crowd a small platform, then turns the ring knobs.
fn turn(rings: &mut [RingRecipe], knobs: &Knobs) {
    let wanted: f64 = rings.iter().map(|ring| f64::from(ring.size)).sum();
    let factor = PLANTED_SHARE * f64::from(knobs.accounts) / wanted.max(1.0);
    for ring in rings {
        match knobs.ring_size {
            Some(size) => ring.size = size,
            None if factor < 1.0 => ring.shrink(factor),
            None => {}
        }
        ring.embedded = knobs.embedded.unwrap_or(ring.embedded);
        ring.among = knobs.among.unwrap_or(ring.among);
        ring.popular = knobs.popular.unwrap_or(ring.popular);
        ring.camouflage = knobs.camouflage.unwrap_or(ring.camouflage);
        if ring.jobs > 0 {
            ring.participation = knobs.participation.unwrap_or(ring.participation);
        }
        if ring.jitter_seconds > 0 {
            ring.jitter_seconds = knobs.jitter_seconds.unwrap_or(ring.jitter_seconds);
        }
    }
}

impl Background {
    /// `around` with the knobs turned.
    fn turn(&self, around: Surroundings) -> Result<Surroundings, Error> {
        let share = |knob: &'static str, turned: Option<f64>, own: f64, most: f64| match turned {
            Some(share) if !(0.0..=most).contains(&share) => Err(Error::Knob {
                knob,
                value: share.to_string(),
                expected: format!("0 to {most}"),
            }),
            turned => Ok(turned.unwrap_or(own)),
        };
        Ok(Surroundings {
            office_share: share("office-share", self.office_share, around.office_share, 1.0)?,
            campus_share: share("campus-share", self.campus_share, around.campus_share, 1.0)?,
            tablet_share: share("tablet-share", self.tablet_share, around.tablet_share, 1.0)?,
            cafe_share: share("cafe-share", self.cafe_share, around.cafe_share, 1.0)?,
            agency_share: share("agency-share", self.agency_share, around.agency_share, 1.0)?,
            // The rest of the platform needs events too.
            burst_share: share("burst-share", self.burst_share, around.burst_share, 0.5)?,
            fan_share: share("fan-share", self.fan_share, around.fan_share, 1.0)?,
            friend_share: share("friend-share", self.friend_share, around.friend_share, 1.0)?,
            fan_clubs: match self.fan_clubs {
                Some(clubs) if clubs > 1_000 => {
                    return Err(Error::Knob {
                        knob: "fan-clubs",
                        value: clubs.to_string(),
                        expected: "at most 1,000".into(),
                    });
                }
                clubs => clubs.unwrap_or(around.fan_clubs),
            },
            ..around
        })
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
    if !(100..=1_000_000_000).contains(&knobs.events) {
        return wrong("events", knobs.events.to_string(), "100 to 1,000,000,000");
    }
    if !(1..=366).contains(&knobs.days) {
        return wrong("days", knobs.days.to_string(), "1 to 366");
    }
    let most = u64::from(knobs.accounts) * u64::from(knobs.days) * BUSIEST_DAY;
    if knobs.events > most {
        return wrong(
            "events",
            knobs.events.to_string(),
            &format!("at most {most}, {BUSIEST_DAY} per account and day"),
        );
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
    if let Some(share) = knobs.embedded.filter(|share| !(0.0..=1.0).contains(share)) {
        return wrong("embedded", share.to_string(), "0 to 1");
    }
    if let Some(share) = knobs.popular.filter(|share| !(0.0..=1.0).contains(share)) {
        return wrong("popular", share.to_string(), "0 to 1");
    }
    if let Some(jitter) = knobs.jitter_seconds.filter(|jitter| *jitter > 86_400) {
        return wrong("jitter-seconds", jitter.to_string(), "at most 86,400");
    }
    Ok(())
}
