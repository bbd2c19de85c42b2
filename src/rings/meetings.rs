//! Meetings: when and how the members of a set come together.
//!
//! Who listens to the same show every evening does what hundreds do, in the same second, day after day. That is one appointment, and the
//! hour explains it: an audience comes when the show is on, a guild raids after dinner, a class sings in its lesson. A ring works when there is
//! work. So what happens at one *hour of the day*, again and again, is one meeting, and the others have to tell the members apart.
//!
//! And whoever plays together does one thing after the other: three in one sitting are company. A ring meets for a job, and is gone.

use std::collections::{BTreeMap, BTreeSet};

use crate::recipe::Kind;
use crate::rings::from_communities::Evidence;
use crate::rings::rooms::{listed, touched};
use crate::rings::weigh::{Scales, Weighed};

/// How long people sit together: a lesson, a meal, a match, a show, microseconds.
pub(super) const SITTING: i64 = 3 * 3600 * 1_000_000;

/// How long an appointment is, with whoever comes early or stays on: a show, a match, a lesson; microseconds. Who is about in the evenings has
/// longer ones.
const HOUR: i64 = 90 * 60 * 1_000_000;

const DAY: i64 = 24 * 3600 * 1_000_000;

/// When a set comes together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Meetings {
    /// The time of day from which on most was done within an hour and a half, microseconds since midnight.
    pub hour: Option<i64>,
    /// In how many sittings members did what others did in the same moments.
    pub sittings: usize,
    /// Of those, the ones at the hour of the day at which most was done.
    pub at_the_hour: usize,
    /// Nats of the moments of behaviour at that hour.
    pub hour_nats: f64,
    /// Of the nats of all such moments, the share of those.
    pub hour_share: f64,
    /// Independent subjects of a sitting, on average.
    pub in_a_row: f64,
    /// Of the nats at that hour, the share of such with things of which the members are at least half of all who have them.
    pub own: f64,
    /// Nats of behaviour at other hours, over moments or not.
    pub beside_nats: f64,
    /// Of what the median member has in common with others, the most that it did in one sitting, 0 to 1.
    pub in_one_sitting: f64,
    /// Of what the median member does, the share that it has in common with others.
    pub of_life: f64,
}

impl Default for Meetings {
    /// Nobody has asked: no hour explains anything, and whoever meets may have done so again and again.
    fn default() -> Self {
        Meetings {
            hour: None,
            sittings: usize::MAX,
            at_the_hour: 0,
            hour_nats: 0.0,
            hour_share: 0.0,
            in_a_row: 0.0,
            own: 1.0,
            beside_nats: f64::INFINITY,
            in_one_sitting: 0.0,
            of_life: 1.0,
        }
    }
}

/// One moment of a set.
#[derive(Debug, Clone, Copy)]
struct Moment {
    from: i64,
    nats: f64,
    behaviour: bool,
    /// Its subject, where it says enough to count.
    subject: Option<(usize, u32)>,
}

/// When the members of `weighed` come together. Cost: its evidence, times its logarithm.
pub fn meetings(scales: &Scales<'_>, weighed: &Weighed) -> Meetings {
    let kind = |one: &Evidence| scales.entities.types[one.entity_type].plan.kind;
    let deeds = weighed.evidence.iter().filter(|one| kind(one).is_deed());
    let moments = deeds.filter_map(|one| {
        Some(Moment {
            from: one.window?.0,
            nats: one.nats,
            behaviour: kind(one) == Kind::Behaviour,
            subject: one.is_repetition().then(|| scales.subjects.of(one)),
        })
    });
    let moments: Vec<Moment> = moments.collect();
    let mut found = of(moments);
    ask_members(scales, weighed, &mut found);
    found
}

/// A thing and its type.
type Thing = (usize, u32);

/// What the members do besides, and how much of what they have in common they did in one sitting. Cost: their events.
fn ask_members(scales: &Scales<'_>, weighed: &Weighed, found: &mut Meetings) {
    let entities = scales.entities;
    let Some(times) = entities.log.times.first() else {
        return;
    };
    let behaviour = |one: &&Evidence| entities.types[one.entity_type].plan.kind == Kind::Behaviour;
    let behaviour = || weighed.evidence.iter().filter(behaviour);
    let things: Vec<&Evidence> = behaviour().filter(|one| one.window.is_none()).collect();
    let lists = listed(entities, things.iter().copied());
    let at_the_hour = |time| found.hour.is_some_and(|hour| is_at(hour, time));
    // How often the members did each thing, and at the hour.
    let mut done: BTreeMap<Thing, (usize, usize)> = BTreeMap::new();
    let (mut sat, mut shares) = (Vec::new(), Vec::new());
    for &account in &weighed.set.accounts {
        let rows = entities.log.rows_of(account);
        let events = rows.len().max(1);
        let (mut by_time, mut in_common): (Vec<(i64, Thing)>, usize) = (Vec::new(), 0);
        for row in rows {
            let (time, before) = (times.micros[row], by_time.len());
            by_time.extend(touched(entities, &lists, row).map(|thing| (time, thing)));
            in_common += usize::from(by_time.len() > before);
            for &(_, thing) in &by_time[before..] {
                let times = done.entry(thing).or_default();
                *times = (times.0 + 1, times.1 + usize::from(at_the_hour(time)));
            }
        }
        by_time.sort_unstable();
        let things = |some: &[(i64, Thing)]| different(some.iter().map(|one| one.1));
        let most = in_sittings(&by_time, |one| one.0)
            .into_iter()
            .map(things)
            .max();
        sat.push(most.unwrap_or(0) as f64 / things(&by_time).max(1) as f64);
        shares.push(in_common as f64 / events as f64);
    }
    let thing = |one: &Evidence| (one.entity_type, one.entity);
    let besides = things.iter().filter(|one| {
        let times = done.get(&thing(one)).copied().unwrap_or_default();
        times.1 * 2 < times.0
    });
    found.beside_nats += besides.map(|one| one.nats).sum::<f64>();
    found.in_one_sitting = median(sat);
    found.of_life = median(shares);
    let own: BTreeSet<Thing> = things
        .iter()
        .filter(|one| one.is_own())
        .map(|one| thing(one))
        .collect();
    let moments = behaviour().filter(|one| one.window.is_some_and(|moment| at_the_hour(moment.0)));
    let owned = moments.filter(|one| own.contains(&scales.subjects.of(one)));
    found.own = owned.map(|one| one.nats).sum::<f64>() / found.hour_nats.max(f64::MIN_POSITIVE);
}

/// How many different ones there are among `all`.
pub(super) fn different<T: Ord>(all: impl Iterator<Item = T>) -> usize {
    let mut all: Vec<T> = all.collect();
    all.sort_unstable();
    all.dedup();
    all.len()
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_unstable_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or(0.0)
}

fn of(mut moments: Vec<Moment>) -> Meetings {
    moments.sort_by_key(|moment| (moment.from, moment.subject));
    // That two of a crowd do something in the same minute is no meeting.
    let telling: Vec<Moment> = moments
        .iter()
        .filter(|one| one.subject.is_some())
        .copied()
        .collect();
    let sat = in_sittings(&telling, |one| one.from);
    let of_one = |sitting: &&[Moment]| different(sitting.iter().filter_map(|one| one.subject));
    let subjects: usize = sat.iter().map(of_one).sum();
    let Some(hour) = hour(&moments) else {
        return Meetings {
            sittings: 0,
            ..Meetings::default()
        };
    };
    let at_the_hour: Vec<Moment> = moments
        .iter()
        .filter(|one| is_at(hour, one.from))
        .copied()
        .collect();
    let telling_then: Vec<Moment> = telling
        .iter()
        .filter(|one| is_at(hour, one.from))
        .copied()
        .collect();
    let nats = |of: &[Moment]| {
        of.iter()
            .filter(|one| one.behaviour)
            .map(|one| one.nats)
            .sum::<f64>()
    };
    let (all, hour_nats) = (nats(&moments), nats(&at_the_hour));
    Meetings {
        hour: Some(hour),
        sittings: sat.len(),
        at_the_hour: in_sittings(&telling_then, |one| one.from).len(),
        hour_nats,
        in_a_row: subjects as f64 / sat.len().max(1) as f64,
        hour_share: hour_nats / all.max(f64::MIN_POSITIVE),
        beside_nats: (all - hour_nats).max(0.0),
        ..Meetings::default()
    }
}

/// What is sorted by `time`, in sittings. The tracks of one list follow each other: who met once goes on meeting for an hour.
fn in_sittings<T>(sorted: &[T], time: impl Fn(&T) -> i64) -> Vec<&[T]> {
    let mut found = Vec::new();
    let mut first = 0;
    for at in 1..=sorted.len() {
        let over = |one: &T| time(one).saturating_sub(time(&sorted[first])) > SITTING;
        if sorted.get(at).is_none_or(over) {
            found.push(&sorted[first..at]);
            first = at;
        }
    }
    found
}

/// Since midnight.
fn time_of_day(time: i64) -> i64 {
    time.rem_euclid(DAY)
}

/// Whether `time` is at the `hour` of a day.
fn is_at(hour: i64, time: i64) -> bool {
    (time_of_day(time) - hour).rem_euclid(DAY) <= HOUR
}

/// The time of day from which on most was done within [`HOUR`]; of equals the earliest. `None` where there is no moment.
fn hour(moments: &[Moment]) -> Option<i64> {
    let mut by_day: Vec<(i64, f64)> = moments
        .iter()
        .map(|one| (time_of_day(one.from), one.nats))
        .collect();
    by_day.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut best: Option<(f64, i64)> = None;
    for from in 0..by_day.len() {
        let hour = by_day[from].0;
        let around = by_day[from..].iter().chain(&by_day[..from]);
        let nats: f64 = around
            .take_while(|one| is_at(hour, one.0))
            .map(|one| one.1)
            .sum();
        if best.is_none_or(|best| nats > best.0) {
            best = Some((nats, hour));
        }
    }
    best.map(|(_, hour)| hour)
}

#[cfg(test)]
mod tests {
    use super::{DAY, HOUR, Moment, SITTING, hour, of};

    fn moment(from: i64, nats: f64, subject: u32) -> Moment {
        Moment {
            from,
            nats,
            behaviour: true,
            subject: Some((0, subject)),
        }
    }

    #[test]
    fn a_show_is_one_appointment_and_what_is_done_at_other_hours_is_not() {
        let show = (0..7).map(|day| moment(day * DAY - 60_000_000, 5.0, day as u32));
        let besides =
            [(3, 5), (4, 11)].map(|(day, at)| moment(day * DAY + at * SITTING / 3, 3.0, 9));
        let chance = Moment {
            subject: None,
            ..moment(20 * DAY, 0.001, 0)
        };
        let found = of(show.chain(besides).chain([chance]).collect());
        assert_eq!((found.sittings, found.at_the_hour), (9, 7));
        assert_eq!(found.in_a_row, 1.0);
        assert!((found.hour_nats - 35.001).abs() < 1e-9);
        assert!(found.hour_share > 0.8);
    }

    #[test]
    fn an_hour_may_lie_around_midnight() {
        let found = [moment(-HOUR / 4, 1.0, 0), moment(HOUR / 4, 1.0, 1)];
        assert_eq!(hour(&found), Some(DAY - HOUR / 4));
        assert_eq!(of(found.to_vec()).in_a_row, 2.0);
        assert_eq!(hour(&[]), None);
    }
}
