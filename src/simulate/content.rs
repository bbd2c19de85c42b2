//! What there is to act on: owners of very unequal fame, and their posts, born over time.
//!
//! Fame is Zipf, over the whole platform and within each topic. A post lives from its own birth to
//! the next one of its owner and then fades: a visitor at time `t` looks for what was the newest
//! post at `t − age`, with a heavy-tailed `age`. So young posts get most, old ones a trickle, and
//! no list of popularity has to be kept per hour.

use super::clock::HOUR;
use super::dice::{Dice, Stage, exp, ln};
use super::knobs::Scenario;
use super::people::{Person, topic_count};

/// Accounts per owner of content on a large platform.
const ACCOUNTS_PER_OWNER: u32 = 16;

/// Owners on a small one, where it has so many accounts: variety does not shrink with the audience.
const FEWEST_OWNERS: u32 = 1_000;

/// Posts are born from so many days before the time line.
const HISTORY_DAYS: u32 = 30;

/// Owners that an account comes back to.
const FAVOURITES: u64 = 6;

/// One post of one owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Post {
    pub(super) owner: u32,
    /// Index over all posts.
    pub(super) target: u32,
}

/// Owners and posts.
#[derive(Debug)]
pub(super) struct Content {
    owners: u32,
    topics: u32,
    /// Posts of owner `o` are `first_post[o]..first_post[o + 1]`.
    first_post: Vec<u32>,
    /// Second of birth by post, rising within an owner; negative before the time line.
    births: Vec<i32>,
}

impl Content {
    /// Fills the platform. Owner `o` belongs to topic `o % topics` and is the `o / topics`-th most
    /// famous there. Cost: O(posts).
    pub(super) fn publish(scenario: &Scenario) -> Self {
        let topics = u32::from(topic_count(scenario.accounts));
        let owners = (scenario.accounts / ACCOUNTS_PER_OWNER)
            .max(scenario.accounts.min(FEWEST_OWNERS))
            .max(topics * 4);
        let end = (scenario.days * 24 * HOUR) as i32;
        let begin = -((HISTORY_DAYS * 24 * HOUR) as i32);
        let mut first_post = Vec::with_capacity(owners as usize + 1);
        let mut births = Vec::new();
        for owner in 0..owners {
            first_post.push(births.len() as u32);
            let mut dice = Dice::new(scenario.seed, Stage::Owner, u64::from(owner));
            // The famous post more often, but how often differs more from person to person.
            let fame = 1.0 + 6.0 / (1.0 + f64::from(owner / topics)).sqrt();
            let a_day = 0.06 * fame * dice.log_normal(0.9);
            let days = f64::from(scenario.days + HISTORY_DAYS);
            let count = (a_day * days).min(20.0 * days) as usize + 1;
            let from = births.len();
            births.extend((0..count).map(|_| begin + dice.below((end - begin) as u64) as i32));
            births[from] = begin;
            births[from..].sort_unstable();
        }
        first_post.push(births.len() as u32);
        Content {
            owners,
            topics,
            first_post,
            births,
        }
    }

    /// Number of posts.
    pub(super) fn posts(&self) -> u32 {
        self.births.len() as u32
    }

    /// Second of birth of a post.
    pub(super) fn born(&self, post: Post) -> i32 {
        self.births[post.target as usize]
    }

    /// What `person` acts on at `second`: a favourite, something of its interests, or what
    /// everybody looks at.
    pub(super) fn choose(
        &self,
        seed: u64,
        number: u32,
        person: &Person,
        second: u32,
        dice: &mut Dice,
    ) -> Post {
        let owner = match dice.pick(&[0.25, 0.32, 0.18, 0.25]) {
            0 => {
                let slot = dice.zipf(FAVOURITES);
                let mut taste = Dice::of_pair(seed, Stage::Visit, u64::from(number), slot);
                let topic = person.topics[usize::from(taste.chance(0.3))];
                self.owner_in(topic, &mut taste)
            }
            1 => self.owner_in(person.topics[0], dice),
            2 => self.owner_in(person.topics[1], dice),
            _ => dice.zipf(u64::from(self.owners)) as u32,
        };
        self.fading(owner, second, dice)
    }

    /// An owner of `topic`, by fame.
    fn owner_in(&self, topic: u16, dice: &mut Dice) -> u32 {
        let topic = u32::from(topic);
        let inside = (self.owners - topic).div_ceil(self.topics);
        dice.zipf(u64::from(inside)) as u32 * self.topics + topic
    }

    /// A post of `owner` as seen at `second`: young ones are likelier (Pareto ages, median 9 hours).
    pub(super) fn fading(&self, owner: u32, second: u32, dice: &mut Dice) -> Post {
        let age = 8.0 * f64::from(HOUR) * (exp(-ln(1.0 - dice.unit()) / 0.9) - 1.0);
        self.newest_before(owner, f64::from(second) - age)
    }

    /// The newest post of `owner` born by `second`; its first one if all are younger.
    pub(super) fn newest_before(&self, owner: u32, second: f64) -> Post {
        let (from, to) = (
            self.first_post[owner as usize],
            self.first_post[owner as usize + 1],
        );
        let born = &self.births[from as usize..to as usize];
        let by_then = born.partition_point(|&birth| f64::from(birth) <= second);
        Post {
            owner,
            target: from + (by_then as u32).saturating_sub(1),
        }
    }

    /// The posts of `owner` that are born on the time line.
    pub(super) fn new_posts(&self, owner: u32) -> impl Iterator<Item = Post> + '_ {
        let range = self.first_post[owner as usize]..self.first_post[owner as usize + 1];
        range
            .filter(|&post| self.births[post as usize] >= 0)
            .map(move |target| Post { owner, target })
    }

    /// Topic of an owner.
    pub(super) fn topic_of(&self, owner: u32) -> u16 {
        (owner % self.topics) as u16
    }

    /// An owner by fame over the whole platform.
    pub(super) fn famous_owner(&self, dice: &mut Dice) -> u32 {
        dice.zipf(u64::from(self.owners)) as u32
    }

    /// An owner whom about a hundredth of the platform knows; no star.
    pub(super) fn popular_owner(&self, dice: &mut Dice) -> u32 {
        let (from, to) = (self.owners / 400, self.owners / 50);
        from + dice.below(u64::from((to - from).max(1))) as u32
    }

    /// An owner that is neither a star nor unknown: what rings are paid for.
    pub(super) fn moderate_owner(&self, dice: &mut Dice) -> u32 {
        let (from, to) = (self.owners / 50, self.owners * 3 / 5);
        from + dice.below(u64::from((to - from).max(1))) as u32
    }
}
