//! Innocent crowds: bursts on new posts, and fan clubs that rush to every post of their artist.
//!
//! Fans come after a post is born, the first within seconds, half of them within minutes: a crowd
//! is synchronous without being coordinated. A burst happens once; a fan club comes again and
//! again, but always to one owner.

use super::clock::HOUR;
use super::content::{Content, Post};
use super::dice::{Dice, Shuffle, Stage};
use super::event::Action;
use super::knobs::Scenario;
use super::people::{NONE, People};
use super::rings::Planned;

/// Mean delay of a visitor after a post is born, in seconds.
const BURST_DELAY: f64 = 1_500.0;
const FAN_DELAY: f64 = 420.0;

/// Share of a fan club that comes to one post.
const FANS_WHO_COME: f64 = 0.55;

/// Sizes of bursts.
const BURST_SIZES: (u64, u64) = (12, 1_500);

/// Lays out all crowds; at most about a tenth of all events is in them.
pub(super) fn plan(
    scenario: &Scenario,
    content: &Content,
    people: &People,
    planned: &mut Vec<Planned>,
) {
    clubs(scenario, content, people, planned);
    let wanted = (scenario.surroundings.burst_share * scenario.events as f64) as usize;
    let largest = BURST_SIZES
        .1
        .min(u64::from(scenario.accounts) / 10)
        .max(BURST_SIZES.0);
    let goal = planned.len() + wanted;
    let mut dice = Dice::new(scenario.seed, Stage::Crowd, 0);
    // Posts that are never born on the time line give nothing: stop asking after a while.
    for burst in 1..=(wanted as u64 / 4 + 64) {
        if planned.len() >= goal {
            break;
        }
        let owner = content.famous_owner(&mut dice);
        let fans = people.fans_of(content.topic_of(owner));
        let posts = content.new_posts(owner).count() as u64;
        let Some(post) = content.new_posts(owner).nth(dice.below(posts) as usize) else {
            continue;
        };
        let size = dice
            .log_uniform(BURST_SIZES.0, largest)
            .min(fans.len() as u64 / 2);
        let line = Shuffle::new(scenario.seed, Stage::Audience, burst, fans.len() as u64);
        for seat in 0..size {
            let fan = fans[line.at(seat) as usize];
            rush(
                scenario,
                content,
                people,
                post,
                fan,
                BURST_DELAY,
                &mut dice,
                planned,
            );
        }
    }
}

/// The fan clubs: a fixed audience for each of the artist's latest posts.
fn clubs(scenario: &Scenario, content: &Content, people: &People, planned: &mut Vec<Planned>) {
    let around = &scenario.surroundings;
    for club in 0..u64::from(around.fan_clubs) {
        let mut dice = Dice::new(scenario.seed, Stage::Crowd, (1 << 40) + club);
        let mut owner = content.famous_owner(&mut dice);
        for _ in 0..64 {
            if content.new_posts(owner).count() >= around.fan_posts as usize {
                break;
            }
            owner = content.famous_owner(&mut dice);
        }
        let fans = people.fans_of(content.topic_of(owner));
        let wanted = (around.fan_share * f64::from(scenario.accounts)) as u64;
        let size = wanted.min(fans.len() as u64 * 4 / 5);
        let line = Shuffle::new(
            scenario.seed,
            Stage::Audience,
            (1 << 40) + club,
            fans.len().max(1) as u64,
        );
        for post in content.new_posts(owner).take(around.fan_posts as usize) {
            for seat in 0..size {
                if dice.chance(FANS_WHO_COME) {
                    let fan = fans[line.at(seat) as usize];
                    rush(
                        scenario, content, people, post, fan, FAN_DELAY, &mut dice, planned,
                    );
                }
            }
        }
    }
}

/// One fan comes to one post, unless it has not joined by then or the time line is over.
#[expect(
    clippy::too_many_arguments,
    reason = "the world, the fan, the post: nothing to bundle"
)]
fn rush(
    scenario: &Scenario,
    content: &Content,
    people: &People,
    post: Post,
    fan: u32,
    mean_delay: f64,
    dice: &mut Dice,
    planned: &mut Vec<Planned>,
) {
    let second = content.born(post).max(0) as u32 + 2 + dice.exponential(mean_delay) as u32;
    let action = Action::throw(dice);
    let joined = u32::from(people.persons[fan as usize].joined) * HOUR;
    if second >= joined && second < scenario.days * 24 * HOUR {
        planned.push(Planned {
            second,
            account: fan,
            target: post.target,
            owner: post.owner,
            action,
            counterparty: NONE,
        });
    }
}
