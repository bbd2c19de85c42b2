//! Rings: what their members do together.
//!
//! A member is an account like any other (same ids, same homes, same clocks) that got a ring
//! number, an ordinary activity in proportion to its jobs, and the jobs themselves. Jobs are laid
//! out before the time line is written, as [`Planned`] actions; where a member acts from is decided
//! later by `places.rs`, as for everybody.

use super::clock::{HOUR, ZONES, lively_second};
use super::content::{Content, Post};
use super::dice::{Dice, Stage};
use super::event::Action;
use super::friends;
use super::knobs::Scenario;
use super::people::{NONE, People};
use super::recipes::{RingRecipe, Tactic};

/// An action that is known beforehand: a job of a ring or part of a crowd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Planned {
    pub(super) second: u32,
    pub(super) account: u32,
    pub(super) target: u32,
    pub(super) owner: u32,
    pub(super) action: Action,
    /// The account it names, or [`NONE`].
    pub(super) counterparty: u32,
}

/// A ring works from some moment in this part of the time line on; members have joined by then.
const STARTS: (f64, f64) = (0.08, 0.35);

/// Hijacked accounts live on undisturbed for this part of the time line.
const TAKEOVER: f64 = 0.4;

/// Drips are slow: they start by this part of the time line and go on to its end.
const LAST_DRIP: f64 = 0.2;

/// Of the time that is left, other rings work at least this share.
const SHORTEST_CAMPAIGN: f64 = 0.5;

/// Chance that a mate who was named names back.
const MUTUAL: f64 = 0.7;

/// Namings of strangers per naming of a mate, where camouflage is one to one.
const NAMED_STRANGERS: f64 = 0.3;

/// Sessions of one action each that every member of a ring of infrastructure makes. What ties such a ring together is
/// where its members act from; who comes by once or never is in no list that anybody could check.
const TURNS: u32 = 6;

/// Spread of the logarithm of a member's ordinary activity.
const COVER_SPREAD: f64 = 0.7;

/// The seconds between which a ring works.
pub(super) fn campaign(scenario: &Scenario, ring: usize) -> (u32, u32) {
    let end = scenario.days * 24 * HOUR;
    let mut dice = Dice::new(scenario.seed, Stage::Ring, (1 << 40) + ring as u64);
    let (first, last) = match scenario.rings[ring].tactic {
        Tactic::Hijacked => (TAKEOVER, TAKEOVER),
        Tactic::SlowDrip => (STARTS.0, LAST_DRIP),
        _ => STARTS,
    };
    let start = ((first + (last - first) * dice.unit()) * f64::from(end)) as u32;
    let lasts = SHORTEST_CAMPAIGN + (1.0 - SHORTEST_CAMPAIGN) * dice.unit();
    match scenario.rings[ring].tactic {
        Tactic::SlowDrip => (start, end),
        _ => (start, start + (lasts * f64::from(end - start)) as u32),
    }
}

/// Ordinary events that a member of `recipe` is expected to add, where the average account of the
/// platform has `average`.
///
/// Rings with jobs: so many as camouflage asks for. Rings of infrastructure do nothing but ordinary
/// things, a little more than others, so that the handsets pay.
pub(super) fn cover_events(seed: u64, account: u32, recipe: &RingRecipe, average: f64) -> f64 {
    let mut dice = Dice::new(seed, Stage::RingMember, u64::from(account));
    let spread = dice.log_normal(COVER_SPREAD);
    if recipe.jobs == 0 {
        let in_all = (1.2 * average * spread).max(average.clamp(9.0, 12.0));
        return in_all - f64::from(TURNS);
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
    let (start, end) = campaign(scenario, ring);
    let end_of_all = scenario.days * 24 * HOUR;
    for &account in members {
        let mut dice = Dice::of_pair(scenario.seed, Stage::RingMember, u64::from(account), 1);
        let joined = u32::from(people.persons[account as usize].joined) * HOUR;
        let mut act = |until: u32| {
            let until = until.max(joined + HOUR).min(end_of_all);
            planned.push(ordinary(
                scenario, content, people, account, joined, until, &mut dice,
            ));
        };
        // So that everybody in the truth is seen in the events: before the jobs begin or soon after.
        act(2 * start);
        if recipe.jobs == 0 {
            (1..TURNS).for_each(|_| act(end_of_all));
        }
    }
    if recipe.tactic == Tactic::Referral {
        return name_each_other(scenario, content, people, ring, members, planned);
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

/// Members name mates: a pair comes about with the chance that gives each member the share
/// `participation` of `jobs` mates, and most pairs are mutual. Some strangers are named as cover.
fn name_each_other(
    scenario: &Scenario,
    content: &Content,
    people: &People,
    ring: usize,
    members: &[u32],
    planned: &mut Vec<Planned>,
) {
    let recipe = &scenario.rings[ring];
    let mates = f64::from(recipe.jobs) * recipe.participation;
    // A pair gives each of its two (1 + MUTUAL) / 2 namings on average.
    let pair = mates / (members.len() as f64 - 1.0).max(1.0) * 2.0 / (1.0 + MUTUAL);
    let campaign = campaign(scenario, ring);
    let mut name = |who: u32, whom: u32, dice: &mut Dice| {
        let naming = friends::naming(scenario, content, people, who, whom, campaign, dice);
        planned.extend(naming);
    };
    for (at, &one) in members.iter().enumerate() {
        for &other in &members[at + 1..] {
            let key = u64::from(one) << 32 | u64::from(other);
            let mut dice = Dice::of_pair(scenario.seed, Stage::RingAction, ring as u64, key);
            if !dice.chance(pair) {
                continue;
            }
            let first = dice.chance(0.5);
            let (who, whom) = if first { (one, other) } else { (other, one) };
            for _ in 0..=dice.pick(&[0.7, 0.3]) {
                name(who, whom, &mut dice);
            }
            if dice.chance(MUTUAL) {
                name(whom, who, &mut dice);
            }
        }
        let mut dice = Dice::of_pair(scenario.seed, Stage::RingMember, u64::from(one), 2);
        let strangers = mates * recipe.camouflage * NAMED_STRANGERS * dice.log_normal(0.5);
        for _ in 0..strangers.round() as u32 {
            let stranger = dice.below(u64::from(scenario.accounts)) as u32;
            if stranger != one {
                name(one, stranger, &mut dice);
            }
        }
    }
}

/// One ordinary action of a member between two seconds.
fn ordinary(
    scenario: &Scenario,
    content: &Content,
    people: &People,
    account: u32,
    from: u32,
    until: u32,
    dice: &mut Dice,
) -> Planned {
    let person = &people.persons[account as usize];
    let second = lively_second(dice, from, until, i32::from(person.zone));
    let post = content.choose(scenario.seed, account, person, second, dice);
    let action = Action::throw(dice);
    Planned {
        second,
        account,
        target: post.target,
        owner: post.owner,
        action,
        counterparty: NONE,
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
        let owner = if recipe.popular > 0.0 && dice.chance(recipe.popular) {
            content.popular_owner(dice)
        } else {
            content.moderate_owner(dice)
        };
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
            counterparty: NONE,
        }
    }
}
