//! Who lives on the platform: households cut from a line of accounts, zones cut from the line of
//! households, and for every account what it is interested in, how active it is, where it works.
//!
//! Accounts are numbered `0..n` along that line, so neighbours in number are neighbours in life.
//! None of it can be read from the output: ids are scrambled at the door (`names.rs`).

use super::clock::ZONES;
use super::dice::{Dice, Shuffle, Stage};
use super::knobs::Scenario;
use super::scenarios::Surroundings;

/// No office, venue or ring.
pub(super) const NONE: u32 = u32::MAX;

/// Spread of the logarithm of activity: the busiest 1 % do about an eighth of everything.
const ACTIVITY_SPREAD: f64 = 1.15;

/// Nobody is more active than so many average accounts.
const BUSIEST: f64 = 60.0;

/// Share of accounts that join after the time line begins, and the part of it in which they do.
const NEWCOMERS: f64 = 0.12;
const NEWCOMERS_UNTIL: f64 = 0.8;

/// A campus of fewer accounts has one address.
const SMALL_CAMPUS: u32 = 500;

/// Household sizes 1 to 6.
const HOUSEHOLD_SIZES: [f64; 6] = [0.42, 0.28, 0.13, 0.11, 0.04, 0.02];

/// One account.
#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    /// Household; members are neighbours in number.
    pub(super) household: u32,
    /// People who share the household.
    pub(super) housemates: u8,
    /// Hours ahead of UTC.
    pub(super) zone: i8,
    /// Index into the zones.
    pub(super) region: u8,
    /// Main and second interest.
    pub(super) topics: [u16; 2],
    /// Workplace, or [`NONE`].
    pub(super) office: u32,
    /// Café, agency or campus that it goes to, or [`NONE`].
    pub(super) venue: u32,
    /// First hour in which it exists.
    pub(super) joined: u16,
    /// Its ring, or [`NONE`].
    pub(super) ring: u32,
    /// Activity relative to the average account.
    pub(super) activity: f32,
}

/// What a venue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VenueKind {
    /// A few shared machines, used now and then by regulars.
    Cafe,
    /// One shared machine that everybody uses once or twice.
    Agency,
    /// One or two addresses for thousands, own devices, all day.
    Campus,
}

/// A place that strangers share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Venue {
    pub(super) kind: VenueKind,
    /// Addresses at the venue.
    pub(super) addresses: u32,
}

/// Everybody, and the places they have in common.
#[derive(Debug)]
pub(super) struct People {
    /// By account number.
    pub(super) persons: Vec<Person>,
    /// Number of households.
    pub(super) households: u32,
    /// Number of offices; office `i` has its members in `office_members[first_in_office[i]..]`.
    pub(super) first_in_office: Vec<u32>,
    /// Account numbers by office.
    pub(super) office_members: Vec<u32>,
    /// Cafés, agencies and campuses.
    pub(super) venues: Vec<Venue>,
    /// `(venue, account)` of everybody on a campus, by venue.
    pub(super) students: Vec<(u32, u32)>,
    /// Accounts per region.
    pub(super) region_sizes: Vec<u32>,
    /// Account numbers by main topic; topic `t` is `by_topic[first_of_topic[t]..first_of_topic[t + 1]]`.
    pub(super) by_topic: Vec<u32>,
    /// Where each topic begins.
    pub(super) first_of_topic: Vec<u32>,
}

/// How many topics a platform of that many accounts has.
pub(super) fn topic_count(accounts: u32) -> u16 {
    (f64::from(accounts).sqrt() / 5.0).clamp(6.0, 400.0) as u16
}

impl People {
    /// Settles the platform. Cost: O(accounts) time and 40 bytes an account.
    pub(super) fn settle(scenario: &Scenario) -> Self {
        let mut persons = Vec::with_capacity(scenario.accounts as usize);
        let mut households = 0;
        let hours = f64::from(scenario.days * 24);
        let topics = topic_count(scenario.accounts);
        while persons.len() < scenario.accounts as usize {
            let mut dice = Dice::new(scenario.seed, Stage::Household, u64::from(households));
            let region = region_at(persons.len() as f64 / f64::from(scenario.accounts));
            let left = scenario.accounts as usize - persons.len();
            let size = (dice.pick(&HOUSEHOLD_SIZES) + 1).min(left);
            for _ in 0..size {
                let number = persons.len() as u64;
                persons.push(born(
                    scenario.seed,
                    number,
                    households,
                    size,
                    region,
                    topics,
                    hours,
                ));
            }
            households += 1;
        }
        let mut people = People {
            persons,
            households,
            first_in_office: vec![0],
            office_members: Vec::new(),
            venues: Vec::new(),
            students: Vec::new(),
            region_sizes: vec![0; ZONES.len()],
            by_topic: Vec::new(),
            first_of_topic: Vec::new(),
        };
        for person in &people.persons {
            people.region_sizes[usize::from(person.region)] += 1;
        }
        let mut first = 0;
        for region in 0..ZONES.len() {
            let count = people.region_sizes[region];
            people.employ(scenario.seed, region, first, count, &scenario.surroundings);
            first += count;
        }
        people.students.sort_unstable();
        people.index_topics(topics);
        people
    }

    /// Gives one region (accounts `first..first + count`) its offices and venues. Positions of a
    /// shuffle are dealt out in turn, so nobody gets two workplaces.
    fn employ(&mut self, seed: u64, region: usize, first: u32, count: u32, around: &Surroundings) {
        if count == 0 {
            return;
        }
        let shuffle = Shuffle::new(seed, Stage::Office, region as u64, u64::from(count));
        let mut dice = Dice::new(seed, Stage::Office, (1 << 40) + region as u64);
        let quota = |share: f64| (share * f64::from(count)).round() as u32;
        let account = |position: u32| first as usize + shuffle.at(u64::from(position)) as usize;

        let workers = quota(around.office_share).min(count);
        let mut next = 0;
        while next < workers {
            let size = (dice.log_uniform(20, 200) as u32).min(workers - next);
            let office = self.first_in_office.len() as u32 - 1;
            let topic = self.persons[account(next)].topics[0];
            for position in next..next + size {
                let member = account(position);
                self.persons[member].office = office;
                // Colleagues in one trade: four in ten share an interest.
                if dice.chance(0.4) {
                    self.persons[member].topics[1] = topic;
                }
                self.office_members.push(member as u32);
            }
            self.first_in_office.push(self.office_members.len() as u32);
            next += size;
        }

        let kinds = [
            (VenueKind::Campus, around.campus_share, 5_000, 2),
            (VenueKind::Cafe, around.cafe_share, 70, 1),
            (VenueKind::Agency, around.agency_share, 250, 1),
        ];
        for (kind, share, usual, addresses) in kinds {
            let visitors = quota(share).min(count - next);
            let venues = visitors.div_ceil(usual);
            let base = self.venues.len() as u32;
            let addresses = if visitors < SMALL_CAMPUS {
                1
            } else {
                addresses
            };
            self.venues
                .extend((0..venues).map(|_| Venue { kind, addresses }));
            for position in next..next + visitors {
                let venue = base + position % venues;
                self.persons[account(position)].venue = venue;
                if kind == VenueKind::Campus {
                    self.students.push((venue, account(position) as u32));
                }
            }
            next += visitors;
        }
    }

    fn index_topics(&mut self, topics: u16) {
        let mut first = vec![0u32; usize::from(topics) + 1];
        for person in &self.persons {
            first[usize::from(person.topics[0]) + 1] += 1;
        }
        for topic in 0..usize::from(topics) {
            first[topic + 1] += first[topic];
        }
        let mut next = first.clone();
        self.by_topic = vec![0; self.persons.len()];
        for (number, person) in self.persons.iter().enumerate() {
            let slot = &mut next[usize::from(person.topics[0])];
            self.by_topic[*slot as usize] = number as u32;
            *slot += 1;
        }
        self.first_of_topic = first;
    }

    /// Accounts whose main interest is `topic`.
    pub(super) fn fans_of(&self, topic: u16) -> &[u32] {
        let topic = usize::from(topic);
        &self.by_topic[self.first_of_topic[topic] as usize..self.first_of_topic[topic + 1] as usize]
    }

    /// Accounts that work in `office`.
    pub(super) fn staff_of(&self, office: u32) -> &[u32] {
        let office = office as usize;
        let range =
            self.first_in_office[office] as usize..self.first_in_office[office + 1] as usize;
        &self.office_members[range]
    }
}

/// The region in which the household at `place` along the line (0 to 1) lives.
fn region_at(place: f64) -> u8 {
    let mut end = 0.0;
    for (region, zone) in ZONES.iter().enumerate() {
        end += zone.1;
        if place < end {
            return region as u8;
        }
    }
    ZONES.len() as u8 - 1
}

fn born(
    seed: u64,
    number: u64,
    household: u32,
    housemates: usize,
    region: u8,
    topics: u16,
    hours: f64,
) -> Person {
    let mut dice = Dice::new(seed, Stage::Account, number);
    let mut topic = || dice.zipf(u64::from(topics) + 8).min(u64::from(topics) - 1) as u16;
    let topics = [topic(), topic()];
    let newcomer = dice.chance(NEWCOMERS);
    let joined = dice.unit() * NEWCOMERS_UNTIL * hours;
    Person {
        household,
        housemates: housemates as u8,
        zone: ZONES[usize::from(region)].0 as i8,
        region,
        topics,
        office: NONE,
        venue: NONE,
        joined: if newcomer { joined as u16 } else { 0 },
        ring: NONE,
        activity: dice.log_normal(ACTIVITY_SPREAD).min(BUSIEST) as f32,
    }
}
