//! The world of one scenario, and any hour of it on demand.
//!
//! What an account does in an hour is a pure function of (seed, account, hour): sessions by its
//! activity and the local rhythm, one to eight actions in a session, all from one place. So hours
//! can be made in any order, by any number of threads, and one after the other they are the whole
//! time line, sorted, in memory for one hour at a time.

use rayon::prelude::*;

use super::clock::{HOUR, START, local_hour, rhythm};
use super::content::Content;
use super::crowds;
use super::dice::{Dice, Stage, poisson};
use super::event::{Action, NOBODY, SimulatedEvent};
use super::friends;
use super::knobs::Scenario;
use super::names::Names;
use super::people::{NONE, People};
use super::places::{Places, Spot};
use super::recruits;
use super::rings::{self, Planned};

/// How many actions a session has, and how often; three on average.
const SESSION_LENGTHS: [(u32, f64); 6] = [
    (1, 0.35),
    (2, 0.20),
    (3, 0.15),
    (4, 0.10),
    (6, 0.10),
    (8, 0.10),
];
const MEAN_SESSION: f64 = 3.0;

/// Below so many expected events the luck of the draw is worth correcting.
const CALIBRATED_BELOW: f64 = 500_000.0;

/// Everything that is settled before the first event.
pub(super) struct World {
    scenario: Scenario,
    people: People,
    content: Content,
    places: Places,
    names: Names,
    /// Account numbers by ring.
    rings: Vec<Vec<u32>>,
    /// Jobs and crowds, by second.
    planned: Vec<Planned>,
    /// Sessions per hour at rhythm 1, by account.
    rates: Vec<f32>,
}

impl World {
    /// Settles the scenario. Cost: time and memory linear in accounts, posts and planned actions.
    pub(super) fn settle(scenario: &Scenario) -> Self {
        let mut people = People::settle(scenario);
        let content = Content::publish(scenario);
        let rings = recruits::recruit(scenario, &mut people);
        let places = Places::lay_out(scenario, &people);
        let mut planned = Vec::new();
        for (ring, members) in rings.iter().enumerate() {
            rings::plan(scenario, &content, &people, ring, members, &mut planned);
        }
        crowds::plan(scenario, &content, &people, &mut planned);
        friends::plan(scenario, &content, &people, &mut planned);
        planned.par_sort_unstable();
        let names = Names::new(scenario.seed);
        let mut world = World {
            scenario: scenario.clone(),
            people,
            content,
            places,
            names,
            rings,
            planned,
            rates: Vec::new(),
        };
        world.set_rates();
        world
    }

    /// Hours on the time line.
    pub(super) fn hours(&self) -> u32 {
        self.scenario.days * 24
    }

    /// Ring accounts as (account code, ring), by ring and code.
    pub(super) fn truth(&self) -> Vec<(u64, u32)> {
        let mut truth: Vec<(u64, u32)> = Vec::new();
        for (ring, members) in self.rings.iter().enumerate() {
            truth.extend(
                members
                    .iter()
                    .map(|&number| (self.names.account(number), ring as u32)),
            );
        }
        truth.sort_unstable_by_key(|&(account, ring)| (ring, account));
        truth
    }

    /// Number of posts on the platform.
    pub(super) fn posts(&self) -> u32 {
        self.content.posts()
    }

    /// Events that are jobs of rings or parts of crowds.
    pub(super) fn planned_events(&self) -> u64 {
        self.planned.len() as u64
    }

    /// Shares out the events that are not planned, members of rings first, and corrects the luck of
    /// the draw where it would show.
    fn set_rates(&mut self) {
        let average = self.scenario.events as f64 / f64::from(self.scenario.accounts);
        // Rhythm summed over the hours in which an account exists, by zone and first hour.
        let hours = self.hours();
        let mut lively: Vec<Vec<f64>> = Vec::new();
        let zones: Vec<i32> = super::clock::ZONES.iter().map(|zone| zone.0).collect();
        for &zone in &zones {
            let mut from = vec![0.0; hours as usize + 1];
            for hour in (0..hours).rev() {
                from[hour as usize] = from[hour as usize + 1] + rhythm(local_hour(hour, zone));
            }
            lively.push(from);
        }
        let mut rest = self.scenario.events as f64 - self.planned.len() as f64;
        let mut weight = 0.0;
        for (number, person) in self.people.persons.iter().enumerate() {
            let lively = lively[usize::from(person.region)][usize::from(person.joined)];
            if person.ring == NONE {
                weight += f64::from(person.activity) * lively;
                self.rates.push(person.activity);
            } else {
                let recipe = &self.scenario.rings[person.ring as usize];
                let events =
                    rings::cover_events(self.scenario.seed, number as u32, recipe, average);
                rest -= events;
                self.rates.push((events / MEAN_SESSION / lively) as f32);
            }
        }
        self.scale_rates(rest.max(0.0) / MEAN_SESSION / weight.max(f64::MIN_POSITIVE));
        for _ in 0..3 {
            let wanted = self.scenario.events as f64 - self.planned.len() as f64;
            if wanted > CALIBRATED_BELOW {
                break;
            }
            let got: u64 = (0..hours)
                .into_par_iter()
                .map(|hour| self.count(hour))
                .sum();
            self.scale_rates(wanted.max(0.0) / (got as f64).max(1.0));
        }
    }

    /// Scales everybody's rate but those of rings.
    fn scale_rates(&mut self, factor: f64) {
        for (rate, person) in self.rates.iter_mut().zip(&self.people.persons) {
            if person.ring == NONE {
                *rate = (f64::from(*rate) * factor) as f32;
            }
        }
    }

    /// Sessions of an account in an hour.
    fn sessions(&self, number: usize, hour: u32) -> u32 {
        let person = &self.people.persons[number];
        if hour < u32::from(person.joined) {
            return 0;
        }
        let rate = f64::from(self.rates[number]) * rhythm(local_hour(hour, i32::from(person.zone)));
        let key = u64::from(hour) << 32 | number as u64;
        poisson(
            rate,
            Dice::new(self.scenario.seed, Stage::SessionCount, key).unit(),
        )
    }

    fn session_dice(&self, number: usize, hour: u32, session: u32) -> (Dice, u32) {
        let key = u64::from(hour) << 32 | u64::from(session);
        let mut dice = Dice::of_pair(self.scenario.seed, Stage::Session, number as u64, key);
        let shares = SESSION_LENGTHS.map(|length| length.1);
        let length = SESSION_LENGTHS[dice.pick(&shares)].0;
        (dice, length)
    }

    /// Unplanned events in an hour, without making them.
    fn count(&self, hour: u32) -> u64 {
        let mut events = 0;
        for number in 0..self.rates.len() {
            for session in 0..self.sessions(number, hour) {
                events += u64::from(self.session_dice(number, hour, session).1);
            }
        }
        events
    }

    /// The events of an hour, sorted by time and then by content.
    pub(super) fn hour(&self, hour: u32) -> Vec<SimulatedEvent> {
        let mut events = Vec::new();
        for number in 0..self.rates.len() {
            for session in 0..self.sessions(number, hour) {
                let (dice, length) = self.session_dice(number, hour, session);
                self.act(number as u32, hour, dice, length, &mut events);
            }
        }
        let (from, until) = (hour * HOUR, (hour + 1) * HOUR);
        let first = self
            .planned
            .partition_point(|planned| planned.second < from);
        for planned in self.planned[first..]
            .iter()
            .take_while(|planned| planned.second < until)
        {
            let key = u64::from(planned.second) << 32 | u64::from(planned.target);
            let account = u64::from(planned.account);
            let mut dice = Dice::of_pair(self.scenario.seed, Stage::Visit, account, key ^ 1 << 63);
            let spot = self
                .places
                .visit(&self.people, planned.account, hour, &mut dice);
            events.push(self.event(*planned, spot));
        }
        events.sort_unstable();
        events
    }

    /// One session: a place, then one action after the other, a minute apart or so.
    fn act(
        &self,
        number: u32,
        hour: u32,
        mut dice: Dice,
        length: u32,
        events: &mut Vec<SimulatedEvent>,
    ) {
        let spot = self.places.visit(&self.people, number, hour, &mut dice);
        let gaps: Vec<u32> = (1..length)
            .map(|_| 4 + dice.exponential(50.0).min(400.0) as u32)
            .collect();
        let duration: u32 = gaps.iter().sum();
        let mut second = hour * HOUR + dice.below(u64::from(HOUR - duration)) as u32;
        let person = &self.people.persons[number as usize];
        for index in 0..length as usize {
            let post = self
                .content
                .choose(self.scenario.seed, number, person, second, &mut dice);
            let action = Action::throw(&mut dice);
            let (target, owner) = (post.target, post.owner);
            events.push(self.event(
                Planned {
                    second,
                    account: number,
                    target,
                    owner,
                    action,
                    counterparty: NONE,
                },
                spot,
            ));
            second += gaps.get(index).copied().unwrap_or(0);
        }
    }

    fn event(&self, planned: Planned, spot: Spot) -> SimulatedEvent {
        SimulatedEvent {
            epoch_second: START + i64::from(planned.second),
            account: self.names.account(planned.account),
            device: self.names.device(spot.device),
            address: self.names.address(spot.address),
            target: self.names.target(planned.target),
            owner: self.names.owner(planned.owner),
            action: planned.action,
            counterparty: if planned.counterparty == NONE {
                NOBODY
            } else {
                self.names.account(planned.counterparty)
            },
        }
    }
}
