//! Who is in a ring: accounts drawn from all accounts, and some from one office, campus or household.
//!
//! Accounts are recruited along a shuffle of all of them, so nothing about an account tells
//! beforehand; only those that join after the ring began are passed over. A ring that is embedded first takes the
//! said share of its members out of innocent groups, which keep most of their people.

use super::clock::HOUR;
use super::dice::{Dice, Shuffle, Stage};
use super::knobs::Scenario;
use super::people::{NONE, People};
use super::recipes::{Among, RingRecipe};
use super::rings::campaign;

/// Members out of one office.
const FROM_ONE_OFFICE: usize = 8;

/// Groups that are asked before an embedded ring goes without.
const GROUPS_ASKED: u64 = 2_000;

/// Marks the members of every ring in `people` and returns their account numbers by ring.
pub(super) fn recruit(scenario: &Scenario, people: &mut People) -> Vec<Vec<u32>> {
    let line = Shuffle::new(
        scenario.seed,
        Stage::Recruits,
        0,
        u64::from(scenario.accounts),
    );
    let mut next = 0;
    let mut rings = Vec::with_capacity(scenario.rings.len());
    for (ring, recipe) in scenario.rings.iter().enumerate() {
        let mut crew = Crew {
            ring: ring as u32,
            early: (campaign(scenario, ring).0 / HOUR) as u16,
            members: Vec::with_capacity(recipe.size as usize),
        };
        crew.hire_neighbours(scenario.seed, recipe, people);
        // Rings hold at most half of all accounts and nine in ten join early: the line is long enough.
        while crew.members.len() < recipe.size as usize && next < u64::from(scenario.accounts) {
            crew.hire(line.at(next) as u32, people);
            next += 1;
        }
        crew.members.sort_unstable();
        rings.push(crew.members);
    }
    rings
}

/// A ring that is hiring.
struct Crew {
    ring: u32,
    /// Last hour in which a member may have joined the platform.
    early: u16,
    members: Vec<u32>,
}

impl Crew {
    /// Takes the account in, if it is free and has been there long enough.
    fn hire(&mut self, account: u32, people: &mut People) {
        let person = &mut people.persons[account as usize];
        if person.ring == NONE && person.joined <= self.early {
            person.ring = self.ring;
            self.members.push(account);
        }
    }

    /// Takes the first members out of innocent groups.
    fn hire_neighbours(&mut self, seed: u64, recipe: &RingRecipe, people: &mut People) {
        let wanted = (f64::from(recipe.size) * recipe.embedded).round() as usize;
        let mut dice = Dice::new(seed, Stage::Recruits, 1 + u64::from(self.ring));
        for _ in 0..GROUPS_ASKED {
            if self.members.len() >= wanted {
                break;
            }
            let (group, most) = group(recipe.among, people, &mut dice);
            let line = Shuffle::new(seed, Stage::RingMember, dice.bits(), group.len() as u64);
            let until = wanted.min(self.members.len() + most);
            for at in 0..group.len() as u64 {
                if self.members.len() >= until {
                    break;
                }
                self.hire(group[line.at(at) as usize], people);
            }
        }
    }
}

/// The accounts of some innocent group, and how many of them one ring may take.
fn group(among: Among, people: &People, dice: &mut Dice) -> (Vec<u32>, usize) {
    let accounts = people.persons.len() as u64;
    match among {
        Among::Offices => {
            let offices = people.first_in_office.len() as u64 - 1;
            if offices == 0 {
                return (Vec::new(), 0);
            }
            let office = dice.below(offices) as u32;
            (people.staff_of(office).to_vec(), FROM_ONE_OFFICE)
        }
        Among::Campus => {
            let students = &people.students;
            let Some(&(venue, _)) = students.get(dice.below(students.len() as u64) as usize) else {
                return (Vec::new(), 0);
            };
            let first = students.partition_point(|student| student.0 < venue);
            let last = students.partition_point(|student| student.0 <= venue);
            let mates = students[first..last].iter().map(|student| student.1);
            (mates.collect(), last - first)
        }
        Among::Households => {
            let somebody = dice.below(accounts) as usize;
            let household = people.persons[somebody].household;
            let near = somebody.saturating_sub(6)..(somebody + 7).min(people.persons.len());
            let family = near.filter(|&number| people.persons[number].household == household);
            let family: Vec<u32> = family.map(|number| number as u32).collect();
            let shared = family.len() > 1;
            (if shared { family } else { Vec::new() }, 6)
        }
    }
}
