//! Rings: who is recruited, and what they do together.
//!
//! A member is an account like any other (same ids, same homes, same clocks) that got a ring
//! number, an ordinary activity in proportion to its jobs, and the jobs themselves. Jobs are laid
//! out before the time line is written, as [`Planned`] actions; where a member acts from is decided
//! later by `places.rs`, as for everybody.

use super::clock::{HOUR, ZONES, lively_second};
use super::content::{Content, Post};
use super::dice::{Dice, Shuffle, Stage};
use super::event::Action;
use super::knobs::Scenario;
use super::people::{NONE, People};
use super::scenarios::{RingRecipe, Tactic};

/// An action that is known beforehand: a job of a ring or part of a crowd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Planned {
    pub(super) second: u32,
    pub(super) account: u32,
    pub(super) target: u32,
    pub(super) owner: u32,
    pub(super) action: Action,
}

/// Jobs start in this part of the time line at the earliest; members have joined by then.
const QUIET_START: f64 = 0.08;

/// Hijacked accounts live on undisturbed for this part of the time line.
const TAKEOVER: f64 = 0.4;

/// Of a hijacked ring, how many come from the same few offices.
const FROM_OFFICES: f64 = 0.6;

/// Spread of the logarithm of a member's ordinary activity.
const COVER_SPREAD: f64 = 0.7;

/// Marks the members of every ring in `people` and returns their account numbers by ring.
///
/// Accounts are recruited along a shuffle of all of them, so nothing about an account tells
/// beforehand; only those that join late are passed over.
pub(super) fn recruit(scenario: &Scenario, people: &mut People) -> Vec<Vec<u32>> {
    let line = Shuffle::new(
        scenario.seed,
        Stage::Recruits,
        0,
        u64::from(scenario.accounts),
    );
    let mut next = 0;
    let early = (QUIET_START * f64::from(scenario.days * 24)) as u16;
    let mut rings = Vec::with_capacity(scenario.rings.len());
    for (ring, recipe) in scenario.rings.iter().enumerate() {
        let mut members = Vec::with_capacity(recipe.size as usize);
        if recipe.tactic == Tactic::Hijacked {
            hire_colleagues(scenario.seed, ring, recipe, people, &mut members);
        }
        // Rings hold at most half of all accounts and nine in ten join early: the line is long enough.
        while members.len() < recipe.size as usize && next < u64::from(scenario.accounts) {
            let account = line.at(next) as u32;
            next += 1;
            let person = &mut people.persons[account as usize];
            if person.ring == NONE && person.joined <= early {
                person.ring = ring as u32;
                members.push(account);
            }
        }
        members.sort_unstable();
        rings.push(members);
    }
    rings
}

/// Takes the first members of a hijacked ring from a few offices, about eight from each.
fn hire_colleagues(
    seed: u64,
    ring: usize,
    recipe: &RingRecipe,
    people: &mut People,
    members: &mut Vec<u32>,
) {
    let offices = people.first_in_office.len() as u64 - 1;
    let mut dice = Dice::new(seed, Stage::Recruits, 1 + ring as u64);
    let wanted = (f64::from(recipe.size) * FROM_OFFICES) as usize;
    for _ in 0..wanted.div_ceil(8).min(offices as usize) {
        let office = dice.below(offices) as u32;
        let staff = people.staff_of(office);
        let line = Shuffle::new(
            seed,
            Stage::RingMember,
            u64::from(office),
            staff.len() as u64,
        );
        let picked: Vec<u32> = (0..staff.len() as u64)
            .map(|at| staff[line.at(at) as usize])
            .collect();
        let mut taken = 0;
        for account in picked {
            let person = &mut people.persons[account as usize];
            if taken == 8 || members.len() >= wanted {
                break;
            }
            if person.ring == NONE && person.joined == 0 {
                person.ring = ring as u32;
                members.push(account);
                taken += 1;
            }
        }
    }
}

/// Ordinary events that a member of `recipe` is expected to add, where the average account of the
/// platform has `average`.
///
/// Rings with jobs: so many as camouflage asks for. Rings of infrastructure do nothing but ordinary
/// things, half as much again as
/// others, so that the handsets pay.
pub(super) fn cover_events(seed: u64, account: u32, recipe: &RingRecipe, average: f64) -> f64 {
    let mut dice = Dice::new(seed, Stage::RingMember, u64::from(account));
    let spread = dice.log_normal(COVER_SPREAD);
    if recipe.jobs == 0 {
        return (1.5 * average * spread).max(average.clamp(9.0, 15.0));
    }
    f64::from(recipe.jobs) * recipe.participation * recipe.camouflage * spread
}

/// Lays out the jobs of one ring.
pub(super) fn plan(
    scenario: &Scenario,
    content: &Content,
    people: &People,
    ring: usize,
    members: &[u32],
    planned: &mut Vec<Planned>,
) {
    let recipe = &scenario.rings[ring];
    let end = scenario.days * 24 * HOUR;
    let start = match recipe.tactic {
        Tactic::Hijacked => (TAKEOVER * f64::from(end)) as u32,
        _ => (QUIET_START * f64::from(end)) as u32,
    };
    for &account in members {
        planned.push(first_sight(scenario, content, people, account, start));
    }
    let mut dice = Dice::new(scenario.seed, Stage::Ring, ring as u64);
    for job in 0..recipe.jobs {
        let order = Order::take(recipe, content, start, end, &mut dice);
        for &account in members {
            let zone = i32::from(people.persons[account as usize].zone);
            let key = (ring as u64) << 32 | u64::from(job);
            let mut dice = Dice::of_pair(scenario.seed, Stage::RingAction, key, u64::from(account));
            if dice.chance(recipe.participation) {
                planned.push(order.fulfil(content, account, zone, &mut dice));
            }
        }
    }
}

/// One ordinary action of a member before the jobs begin or soon after, so that everybody in the
/// truth is seen in the events.
fn first_sight(
    scenario: &Scenario,
    content: &Content,
    people: &People,
    account: u32,
    start: u32,
) -> Planned {
    let person = &people.persons[account as usize];
    let mut dice = Dice::of_pair(scenario.seed, Stage::RingMember, u64::from(account), 1);
    let joined = u32::from(person.joined) * HOUR;
    let until = (2 * start)
        .max(joined + HOUR)
        .min(scenario.days * 24 * HOUR);
    let second = lively_second(&mut dice, joined, until, i32::from(person.zone));
    let post = content.choose(scenario.seed, account, person, second, &mut dice);
    let action = Action::throw(&mut dice);
    Planned {
        second,
        account,
        target: post.target,
        owner: post.owner,
        action,
    }
}

/// One job: what is to be done and when.
struct Order {
    owner: u32,
    /// The very post, or any of the owner's.
    post: Option<Post>,
    /// The very action, or any.
    action: Option<Action>,
    from: u32,
    until: u32,
    /// Everybody at once, or each in its own waking hours.
    together: bool,
}

impl Order {
    fn take(recipe: &RingRecipe, content: &Content, start: u32, end: u32, dice: &mut Dice) -> Self {
        let owner = content.moderate_owner(dice);
        let spacious = |length: u32| end.saturating_sub(length).max(start + 1);
        match recipe.tactic {
            Tactic::EngagementSeller { days_per_customer } => {
                let length = (days_per_customer * 24 * HOUR).min(end - start);
                let from = start + dice.below(u64::from(spacious(length) - start)) as u32;
                Order {
                    owner,
                    post: None,
                    action: None,
                    from,
                    until: from + length,
                    together: false,
                }
            }
            Tactic::SlowDrip => {
                let post = content.newest_before(owner, f64::from(start));
                Order {
                    owner,
                    post: Some(post),
                    action: None,
                    from: start,
                    until: end,
                    together: false,
                }
            }
            _ => {
                let zone = ZONES[dice.below(ZONES.len() as u64) as usize].0;
                let from = lively_second(dice, start, spacious(recipe.jitter_seconds + 1), zone);
                let post = content.newest_before(owner, f64::from(from));
                let until = (from + recipe.jitter_seconds + 1).min(end);
                let action = Some(Action::throw(dice));
                Order {
                    owner,
                    post: Some(post),
                    action,
                    from,
                    until,
                    together: true,
                }
            }
        }
    }

    fn fulfil(&self, content: &Content, account: u32, zone: i32, dice: &mut Dice) -> Planned {
        let second = if self.together {
            self.from + dice.below(u64::from(self.until - self.from)) as u32
        } else {
            lively_second(dice, self.from, self.until, zone)
        };
        let post = self
            .post
            .unwrap_or_else(|| content.fading(self.owner, second, dice));
        let action = self.action.unwrap_or_else(|| Action::throw(dice));
        Planned {
            second,
            account,
            target: post.target,
            owner: post.owner,
            action,
        }
    }
}
