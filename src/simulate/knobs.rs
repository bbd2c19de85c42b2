//! What a user turns, and the scenario that comes of it: recipe and knobs become one checked whole.

use serde::Serialize;

use super::Error;
use super::scenarios::{Name, PLANTED_SHARE, RingRecipe, Surroundings, recipes, surroundings};

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
        let surroundings = surroundings(name);
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
        ring.camouflage = knobs.camouflage.unwrap_or(ring.camouflage);
        if ring.jobs > 0 {
            ring.participation = knobs.participation.unwrap_or(ring.participation);
        }
        if ring.jitter_seconds > 0 {
            ring.jitter_seconds = knobs.jitter_seconds.unwrap_or(ring.jitter_seconds);
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
    if let Some(jitter) = knobs.jitter_seconds.filter(|jitter| *jitter > 86_400) {
        return wrong("jitter-seconds", jitter.to_string(), "at most 86,400");
    }
    Ok(())
}
