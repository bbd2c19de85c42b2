//! Where people act from: which device and which address, hour by hour.
//!
//! At home behind the household's address (leased, and for some re-leased every few days to another
//! household), on the way behind a carrier's NAT with thousands of others, at work behind the
//! office's, now and then in a café, at a kiosk, on public wifi. Rings of infrastructure take their
//! members to the ring's handsets or addresses instead.
//!
//! Devices and addresses are plain numbers here, each kind in a range of its own; `names.rs` turns
//! them into text that tells nothing about the range.

use super::clock::{at_work, local_hour};
use super::dice::{Dice, Stage};
use super::knobs::Scenario;
use super::people::{NONE, People, Person, VenueKind};
use super::recipes::Tactic;

/// Accounts on one address of a carrier, roughly, at any time.
const ACCOUNTS_PER_CARRIER_ADDRESS: u32 = 2_500;

/// Carriers in a region.
const CARRIERS: u32 = 3;

/// Accounts per spot of public wifi.
const ACCOUNTS_PER_WIFI: u32 = 300;

/// Share of households whose address is re-leased, and after how many hours.
const RELEASED: f64 = 0.3;
const LEASE_HOURS: u32 = 96;

/// Device and address of one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) device: u64,
    pub(super) address: u64,
}

/// The kinds of device, each a range of 2³² numbers.
#[derive(Clone, Copy)]
enum Device {
    Phone,
    Laptop,
    Tablet,
    Machine,
    Handset,
}

impl Device {
    fn number(self, index: u32) -> u64 {
        ((self as u64) << 32) + u64::from(index)
    }
}

/// Where each range of addresses begins.
#[derive(Debug)]
pub(super) struct Places {
    seed: u64,
    tablet_share: f64,
    households: u32,
    offices: u64,
    carriers: u64,
    wifi: u64,
    venues: u64,
    rings: u64,
    /// Tactic by ring.
    tactics: Vec<(Tactic, f64)>,
}

/// Numbers kept free for each ring's own handsets and addresses.
const PER_RING: u32 = 4_096;

impl Places {
    /// Lays out the addresses.
    pub(super) fn lay_out(scenario: &Scenario, people: &People) -> Self {
        let homes = u64::from(people.households);
        let carriers = homes + people.first_in_office.len() as u64;
        let regions = people.region_sizes.len() as u64;
        let per_region = u64::from(scenario.accounts / ACCOUNTS_PER_CARRIER_ADDRESS + 8);
        let wifi = carriers + regions * per_region;
        let venues = wifi + regions * u64::from(scenario.accounts / ACCOUNTS_PER_WIFI + 1);
        let rings = venues + 4 * people.venues.len() as u64;
        Places {
            seed: scenario.seed,
            tablet_share: scenario.surroundings.tablet_share,
            households: people.households,
            offices: homes,
            carriers,
            wifi,
            venues,
            rings,
            tactics: scenario
                .rings
                .iter()
                .map(|ring| (ring.tactic, ring.camouflage))
                .collect(),
        }
    }

    /// Where account `number` is for a session in `hour`.
    pub(super) fn visit(&self, people: &People, number: u32, hour: u32, dice: &mut Dice) -> Spot {
        let person = &people.persons[number as usize];
        if let Some(spot) = self.ring_spot(number, person, hour, dice) {
            return spot;
        }
        let local = local_hour(hour, i32::from(person.zone));
        if person.office != NONE && at_work(local) && dice.chance(0.65) {
            let address = self.offices + u64::from(person.office);
            return Spot {
                device: self.own_device(number, dice),
                address,
            };
        }
        if person.venue != NONE
            && let Some(spot) = self.venue_spot(people, number, person, local, dice)
        {
            return spot;
        }
        let region = u64::from(person.region);
        let in_region = people.region_sizes[usize::from(person.region)];
        match dice.pick(&[0.57, 0.40, 0.03]) {
            0 => self.home_spot(number, person, hour, dice),
            1 => {
                let address = self.carrier(number, region, in_region, hour);
                Spot {
                    device: Device::Phone.number(number),
                    address,
                }
            }
            _ => {
                let spots = u64::from(in_region / ACCOUNTS_PER_WIFI + 1);
                let address = self.wifi + region * self.wifi_per_region() + dice.below(spots);
                Spot {
                    device: Device::Phone.number(number),
                    address,
                }
            }
        }
    }

    fn wifi_per_region(&self) -> u64 {
        (self.venues - self.wifi) / super::clock::ZONES.len() as u64
    }

    fn own_device(&self, number: u32, dice: &mut Dice) -> u64 {
        let mut habits = Dice::of_pair(self.seed, Stage::Visit, u64::from(number), 1 << 20);
        if habits.chance(0.45) && dice.chance(0.4) {
            Device::Laptop.number(number)
        } else {
            Device::Phone.number(number)
        }
    }

    /// Home: the household's address now, and sometimes its tablet.
    fn home_spot(&self, number: u32, person: &Person, hour: u32, dice: &mut Dice) -> Spot {
        let household = person.household;
        let mut habits = Dice::of_pair(self.seed, Stage::Visit, u64::from(household), 1 << 21);
        let tablet = person.housemates > 1 && habits.chance(self.tablet_share);
        let on_tablet = 0.1 + 0.5 * habits.unit();
        let device = if tablet && dice.chance(on_tablet) {
            Device::Tablet.number(household)
        } else {
            self.own_device(number, dice)
        };
        Spot {
            device,
            address: self.home_address(household, hour),
        }
    }

    /// The address of a household in an hour. Re-leased ones move along the pool of all homes, so
    /// that an address has another tenant a few days later.
    fn home_address(&self, household: u32, hour: u32) -> u64 {
        let mut habits = Dice::of_pair(self.seed, Stage::Visit, u64::from(household), 1 << 22);
        if !habits.chance(RELEASED) {
            return u64::from(household);
        }
        let lease = u64::from(hour / LEASE_HOURS);
        (u64::from(household) + lease * 977) % u64::from(self.households)
    }

    /// A carrier's NAT: one of its addresses, another every few hours.
    fn carrier(&self, number: u32, region: u64, in_region: u32, hour: u32) -> u64 {
        let mut contract = Dice::of_pair(self.seed, Stage::Carrier, u64::from(number), 0);
        let carrier = contract.below(u64::from(CARRIERS));
        let moved = u64::from(hour + contract.below(6) as u32) / 6;
        let mut session = Dice::of_pair(self.seed, Stage::Carrier, u64::from(number), moved + 1);
        let addresses = u64::from(in_region / CARRIERS / ACCOUNTS_PER_CARRIER_ADDRESS + 1);
        let per_region = (self.wifi - self.carriers) / super::clock::ZONES.len() as u64;
        self.carriers + region * per_region + carrier * addresses + session.below(addresses)
    }

    fn venue_spot(
        &self,
        people: &People,
        number: u32,
        person: &Person,
        local: u32,
        dice: &mut Dice,
    ) -> Option<Spot> {
        let venue = people.venues[person.venue as usize];
        let address =
            self.venues + 4 * u64::from(person.venue) + dice.below(u64::from(venue.addresses));
        let (share, device) = match venue.kind {
            VenueKind::Cafe => (
                0.12,
                Device::Machine.number(person.venue * 8 + dice.below(5) as u32),
            ),
            VenueKind::Agency => (0.05, Device::Machine.number(person.venue * 8)),
            VenueKind::Campus => {
                let awake = (8..23).contains(&(local % 24));
                (if awake { 0.6 } else { 0.3 }, self.own_device(number, dice))
            }
        };
        dice.chance(share).then_some(Spot { device, address })
    }

    /// What the member of a ring of infrastructure uses; nothing for others, and nothing in the
    /// sessions that are camouflage.
    fn ring_spot(&self, number: u32, person: &Person, hour: u32, dice: &mut Dice) -> Option<Spot> {
        let (tactic, camouflage) = *self.tactics.get(person.ring as usize)?;
        let owned = self.rings + u64::from(person.ring * PER_RING);
        match tactic {
            Tactic::DeviceFarm {
                handsets,
                addresses,
            } => {
                if dice.chance(camouflage / (1.0 + camouflage)) {
                    return None;
                }
                let handset = dice.below(u64::from(handsets)) as u32;
                let device = Device::Handset.number(person.ring * PER_RING + handset);
                Some(Spot {
                    device,
                    address: owned + dice.below(u64::from(addresses)),
                })
            }
            Tactic::ProxyPool { addresses } => {
                if dice.chance(camouflage / (1.0 + camouflage)) {
                    return None;
                }
                let exit = dice.below(u64::from(addresses));
                // Every other exit is somebody's home.
                let mut lender =
                    Dice::of_pair(self.seed, Stage::Ring, u64::from(person.ring), exit);
                let address = if exit.is_multiple_of(2) {
                    self.home_address(lender.below(u64::from(self.households)) as u32, hour)
                } else {
                    owned + exit
                };
                Some(Spot {
                    device: self.own_device(number, dice),
                    address,
                })
            }
            _ => None,
        }
    }
}
