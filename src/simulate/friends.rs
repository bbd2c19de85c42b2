//! Who names whom without any harm: friends, invitations, influencers.
//!
//! Some events name somebody: a post is sent to a friend, liked on an invitation. Friends live in one
//! household, work in one office or are near each other along the line of accounts of one taste;
//! what friends do to each other is partly mutual. Newcomers were invited by somebody, who may
//! have been a newcomer before: chains and trees. Influencers name hundreds, or hundreds name them:
//! stars that are denser than any ring in numbers and empty inside.

use super::clock::{HOUR, lively_second};
use super::content::Content;
use super::dice::{Dice, Shuffle, Stage};
use super::event::Action;
use super::knobs::Scenario;
use super::people::{NONE, People};
use super::rings::Planned;

/// Friends that one account names over the time line (log-uniform).
const FRIENDS: (u64, u64) = (3, 30);

/// Chance that a friend names back.
const MUTUAL: f64 = 0.3;

/// How far along the line of one taste a friend may be (log-uniform).
const CIRCLE: (u64, u64) = (1, 300);

/// Chance that a newcomer was invited by an account of the platform.
const INVITED: f64 = 0.5;

/// How many an influencer names, or is named by (log-uniform).
const FOLLOWERS: (u64, u64) = (40, 600);

/// Lays out everything that innocents name; nothing where the world has no relations.
pub(super) fn plan(
    scenario: &Scenario,
    content: &Content,
    people: &People,
    planned: &mut Vec<Planned>,
) {
    let around = &scenario.surroundings;
    if around.friend_share <= 0.0 {
        return;
    }
    let teller = Teller {
        scenario,
        content,
        people,
    };
    for account in 0..scenario.accounts {
        let mut dice = Dice::new(scenario.seed, Stage::Friends, u64::from(account));
        if dice.chance(around.friend_share) {
            for _ in 0..dice.log_uniform(FRIENDS.0, FRIENDS.1) {
                let friend = teller.friend(account, &mut dice);
                teller.tell(account, friend, 0, &mut dice, planned);
                if dice.chance(MUTUAL) {
                    teller.tell(friend, account, 0, &mut dice, planned);
                }
            }
        }
        let joined = people.persons[account as usize].joined;
        if joined > 0 && dice.chance(INVITED * around.friend_share.min(0.5) * 2.0) {
            let host = teller.friend(account, &mut dice);
            // The invitation is the newcomer's first sight of the platform.
            let from = u32::from(joined) * HOUR;
            teller.tell(host, account, from, &mut dice, planned);
        }
    }
    let stars = around.influencer_share * f64::from(scenario.accounts);
    for star in 0..stars.round() as u64 {
        teller.star(star, planned);
    }
}

struct Teller<'a> {
    scenario: &'a Scenario,
    content: &'a Content,
    people: &'a People,
}

impl Teller<'_> {
    /// Somebody whom `account` knows; perhaps itself, which then tells nothing.
    fn friend(&self, account: u32, dice: &mut Dice) -> u32 {
        let person = &self.people.persons[account as usize];
        match dice.pick(&[0.15, 0.25, 0.60]) {
            0 if person.housemates > 1 => {
                // Housemates are neighbours in number.
                let near = (account + dice.below(5) as u32).saturating_sub(2);
                let near = near.min(self.scenario.accounts - 1);
                let same = self.people.persons[near as usize].household == person.household;
                if same { near } else { account }
            }
            1 if person.office != NONE => {
                let staff = self.people.staff_of(person.office);
                staff[dice.below(staff.len() as u64) as usize]
            }
            _ => {
                let line = self.people.fans_of(person.topics[0]);
                let at = line.partition_point(|&other| other < account) as u64;
                let length = line.len() as u64;
                let far = dice.log_uniform(CIRCLE.0, CIRCLE.1) % length;
                let step = if dice.chance(0.5) { far } else { length - far };
                line[((at + step) % length) as usize]
            }
        }
    }

    /// `account` names `friend` at a lively moment after `earliest`, once or a few times.
    fn tell(
        &self,
        account: u32,
        friend: u32,
        earliest: u32,
        dice: &mut Dice,
        planned: &mut Vec<Planned>,
    ) {
        if friend == account {
            return;
        }
        let end = self.scenario.days * 24 * HOUR;
        let times = 1 + dice.pick(&[0.8, 0.15, 0.05]);
        for _ in 0..times {
            planned.extend(naming(
                self.scenario,
                self.content,
                self.people,
                account,
                friend,
                (earliest, end),
                dice,
            ));
        }
    }

    /// One influencer and its hundreds of the same taste; every other one is named, not naming.
    fn star(&self, star: u64, planned: &mut Vec<Planned>) {
        let mut dice = Dice::new(self.scenario.seed, Stage::Friends, (1 << 40) + star);
        let centre = dice.below(u64::from(self.scenario.accounts)) as u32;
        let line = self
            .people
            .fans_of(self.people.persons[centre as usize].topics[0]);
        let wanted = dice.log_uniform(FOLLOWERS.0, FOLLOWERS.1);
        let size = wanted.min(line.len() as u64 / 2);
        let order = Shuffle::new(
            self.scenario.seed,
            Stage::Audience,
            (1 << 41) + star,
            line.len() as u64,
        );
        for seat in 0..size {
            let other = line[order.at(seat) as usize];
            let (who, whom) = if star.is_multiple_of(2) {
                (centre, other)
            } else {
                (other, centre)
            };
            self.tell(who, whom, 0, &mut dice, planned);
        }
    }
}

/// `account` names `other` in acting on a post of its taste, at a lively second of the time given, if by then
/// both have joined.
pub(super) fn naming(
    scenario: &Scenario,
    content: &Content,
    people: &People,
    account: u32,
    other: u32,
    (earliest, end): (u32, u32),
    dice: &mut Dice,
) -> Option<Planned> {
    let person = &people.persons[account as usize];
    let joined = person.joined.max(people.persons[other as usize].joined);
    let from = earliest.max(u32::from(joined) * HOUR);
    if from >= end {
        return None;
    }
    let second = lively_second(dice, from, end, i32::from(person.zone));
    let post = content.choose(scenario.seed, account, person, second, dice);
    Some(Planned {
        second,
        account,
        target: post.target,
        owner: post.owner,
        action: Action::throw(dice),
        counterparty: other,
    })
}
