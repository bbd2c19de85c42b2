//! Events of a platform that grows without getting denser: a million events a day, for as many days as it takes.
//!
//! Every event is a function of its number, so that a hundred million are written without being held. A tenth
//! as many accounts as events; of the accounts, every tenth shares a device with its neighbour; two at home behind one
//! address and some twenty behind each of the others; content is popular for a day. Rings of twenty act
//! together eight times, from devices of their own.

use std::io::{self, Write};

use ringsweep::base::chance::{below, draw, mix, unit};

const MEMBERS: u64 = 20;
const BURSTS: u64 = 8;
const EVENTS_PER_RING: u64 = 12_500;
const EVENTS_PER_DAY: u64 = 1_000_000;
const TARGETS_PER_DAY: u64 = 40_000;
const START: u64 = 1_700_000_000;

/// Of `count` events.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Events {
    pub(crate) count: u64,
}

/// One event.
pub(crate) struct Event {
    pub(crate) account: u64,
    pub(crate) device: u64,
    address: u64,
    target: u64,
    time: u64,
}

impl Events {
    fn rings(self) -> u64 {
        self.count / EVENTS_PER_RING
    }

    /// How many accounts are in them.
    pub(crate) fn members(self) -> u64 {
        self.rings() * MEMBERS
    }

    /// The ring of `account`, if it is in one.
    pub(crate) fn ring_of(self, account: u64) -> Option<u64> {
        Some(account / MEMBERS).filter(|&ring| ring < self.rings())
    }

    fn event(self, number: u64) -> Event {
        let time = |number: u64| START + number * 86_400 / EVENTS_PER_DAY;
        let spacing = EVENTS_PER_RING / BURSTS;
        let (burst, member) = (number / spacing, number % spacing);
        if member < MEMBERS && burst < self.rings() * BURSTS {
            let ring = burst % self.rings();
            return Event {
                account: ring * MEMBERS + member,
                device: 4 * self.count + 2 * ring + member % 2,
                address: 4 * self.count + ring,
                target: 4 * self.count + burst,
                time: time(burst * spacing) + member,
            };
        }
        let pick = |stage: u64, among: u64| below(draw(stage, 0, number), among);
        let account = pick(1, self.count / 10);
        let owner = account - u64::from(account % 20 == 1);
        let at_home = pick(2, 10) < 6;
        let popular = unit(draw(3, 0, number)).powi(3);
        let day = number / EVENTS_PER_DAY;
        Event {
            account,
            device: 2 * owner + u64::from(pick(4, 4) == 0),
            address: if at_home {
                account / 2
            } else {
                self.count + pick(5, self.count / 50)
            },
            target: day * TARGETS_PER_DAY + (popular * TARGETS_PER_DAY as f64) as u64,
            time: time(number),
        }
    }

    /// All events in order.
    pub(crate) fn iter(self) -> impl Iterator<Item = Event> {
        (0..self.count).map(move |number| self.event(number))
    }

    /// Writes them as CSV for the definition `engagement`.
    pub(crate) fn write(self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(b"account_id,device_id,ip,target_id,ts\n")?;
        for event in self.iter() {
            let device = mix(event.device);
            let [_, b, c, d] = (event.address as u32).to_be_bytes();
            let a = 10 + (event.address >> 24);
            writeln!(
                out,
                "{},{device:016x},{a}.{b}.{c}.{d},{},{}",
                event.account, event.target, event.time
            )?;
        }
        Ok(())
    }

    /// How many pairs of accounts have had a device in common, worked out by sorting.
    pub(crate) fn pairs_by_device(self) -> u64 {
        let mut has: Vec<(u64, u64)> = self
            .iter()
            .map(|event| (event.device, event.account))
            .collect();
        has.sort_unstable();
        has.dedup();
        let mut pairs: Vec<(u64, u64)> = Vec::new();
        for users in has.chunk_by(|a, b| a.0 == b.0) {
            for (at, a) in users.iter().enumerate() {
                pairs.extend(users[at + 1..].iter().map(|b| (a.1, b.1)));
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        pairs.len() as u64
    }
}
