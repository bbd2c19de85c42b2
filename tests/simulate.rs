//! Laws of the simulator: the same bytes on any number of threads, the sizes that were asked for,
//! what was planted is there, and nothing but behaviour tells it from the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use ringsweep::base::run::{Run, Silent};
use ringsweep::simulate::{
    Background, Error, Format, Knobs, Name, Scenario, SimulatedEvent, Tactic, generate,
    simulate_into,
};

fn small(name: Name) -> Scenario {
    let knobs = Knobs {
        accounts: 3_000,
        events: 40_000,
        seed: 11,
        ..Knobs::default()
    };
    Scenario::new(name, &knobs).unwrap()
}

/// One ring of the scenario among many accounts, at its full size.
fn one_ring(name: Name) -> (Vec<SimulatedEvent>, BTreeSet<String>, Scenario) {
    let knobs = Knobs {
        accounts: 8_000,
        events: 120_000,
        seed: 5,
        rings: Some(1),
        ..Knobs::default()
    };
    let scenario = Scenario::new(name, &knobs).unwrap();
    let (events, truth) = generate(&scenario);
    (
        events,
        truth.into_iter().map(|row| row.0).collect(),
        scenario,
    )
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let scenario = small(Name::Mixed);
    for format in [Format::Csv, Format::Parquet] {
        let mut folders = Vec::new();
        for threads in [1, 2, 7] {
            let place = tempfile::tempdir().unwrap();
            let out = place.path().join("world");
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| simulate_into(&scenario, &out, format, false, &Run::quiet()))
                .unwrap();
            let mut files = BTreeMap::new();
            for entry in std::fs::read_dir(&out).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_owned();
                files.insert(name, std::fs::read(path).unwrap());
            }
            assert_eq!(files.len(), 3);
            folders.push(files);
        }
        assert!(
            folders.windows(2).all(|pair| pair[0] == pair[1]),
            "{format:?}"
        );
    }
}

#[test]
fn another_seed_is_another_world() {
    let events = |seed| {
        generate(&Scenario {
            seed,
            ..small(Name::Null)
        })
        .0
    };
    let (one, two) = (events(1), events(2));
    let accounts = |events: &[SimulatedEvent]| -> BTreeSet<String> {
        events.iter().map(SimulatedEvent::account_id).collect()
    };
    assert!(accounts(&one).is_disjoint(&accounts(&two)));
}

#[test]
fn sizes_are_what_was_asked_for() {
    for name in Name::ALL {
        let scenario = small(name);
        let (events, truth) = generate(&scenario);
        let ratio = events.len() as f64 / scenario.events as f64;
        assert!((0.98..=1.02).contains(&ratio), "{}: {ratio}", name.as_str());

        let accounts: BTreeSet<String> = events.iter().map(SimulatedEvent::account_id).collect();
        assert!(accounts.len() <= scenario.accounts as usize);
        let mut by_ring: BTreeMap<String, u32> = BTreeMap::new();
        for (account, ring) in &truth {
            assert!(
                accounts.contains(account),
                "{account} of {ring} does nothing"
            );
            *by_ring.entry(ring.clone()).or_default() += 1;
        }
        let members: BTreeSet<&String> = truth.iter().map(|row| &row.0).collect();
        assert_eq!(members.len(), truth.len(), "nobody is in two rings");
        let sizes: BTreeMap<String, u32> = scenario
            .rings
            .iter()
            .enumerate()
            .map(|(at, ring)| (format!("{}-{:02}", ring.tactic.as_str(), at + 1), ring.size))
            .collect();
        assert_eq!(by_ring, sizes, "{}", name.as_str());
    }
}

#[test]
fn worlds_of_innocents_have_no_truth() {
    use Name::{CampusNat, FlashCrowd, Household, InnocentCrowds, Null};
    for name in [Null, InnocentCrowds, Household, CampusNat, FlashCrowd] {
        assert!(generate(&small(name)).1.is_empty(), "{}", name.as_str());
    }
}

#[test]
fn events_come_in_order_of_time_then_content() {
    let scenario = small(Name::Mixed);
    let (events, _) = generate(&scenario);
    let first = 1_767_571_200;
    let last = first + i64::from(scenario.days) * 86_400;
    let mut before: Option<(i64, String, String)> = None;
    for event in &events {
        assert!((first..last).contains(&event.epoch_second()));
        let key = (event.epoch_second(), event.account_id(), event.target_id());
        assert!(before.is_none_or(|before| before <= key));
        before = Some(key);
    }
}

#[test]
fn a_device_farm_lives_on_its_handsets() {
    let (events, ring, scenario) = one_ring(Name::DeviceFarm);
    let Tactic::DeviceFarm {
        handsets,
        addresses,
    } = scenario.rings[0].tactic
    else {
        panic!("a device farm has handsets");
    };
    let (ours, others): (Vec<SimulatedEvent>, Vec<SimulatedEvent>) = events
        .into_iter()
        .partition(|event| ring.contains(&event.account_id()));
    let devices: BTreeSet<String> = ours.iter().map(SimulatedEvent::device_id).collect();
    let ips: BTreeSet<String> = ours.iter().map(SimulatedEvent::ip).collect();
    assert_eq!(
        (devices.len(), ips.len()),
        (handsets as usize, addresses as usize)
    );
    assert!(
        others
            .iter()
            .all(|event| !devices.contains(&event.device_id()))
    );
    for device in &devices {
        let users: BTreeSet<String> = ours
            .iter()
            .filter(|event| event.device_id() == *device)
            .map(SimulatedEvent::account_id)
            .collect();
        assert!(
            users.len() * 3 > ring.len() * 2,
            "{} of {} on a handset",
            users.len(),
            ring.len()
        );
    }
}

/// Members on each (target, action) within `jitter` of the first of them, where there are two.
fn jobs_done(
    events: &[SimulatedEvent],
    ring: &BTreeSet<String>,
    jitter: i64,
) -> Vec<BTreeSet<String>> {
    let mut by_target: BTreeMap<(String, &str), Vec<(i64, String)>> = BTreeMap::new();
    for event in events
        .iter()
        .filter(|event| ring.contains(&event.account_id()))
    {
        let key = (event.target_id(), event.action().as_str());
        by_target
            .entry(key)
            .or_default()
            .push((event.epoch_second(), event.account_id()));
    }
    let mut jobs = Vec::new();
    for actions in by_target.values() {
        let mut at = 0;
        while at < actions.len() {
            let until = actions[at].0 + jitter;
            let together = actions[at..].iter().take_while(|action| action.0 <= until);
            let members: BTreeSet<String> = together.map(|action| action.1.clone()).collect();
            at += members.len();
            if members.len() > ring.len() / 4 {
                jobs.push(members);
            }
        }
    }
    jobs
}

#[test]
fn lockstep_rings_do_their_jobs_within_the_jitter() {
    for name in [Name::Lockstep, Name::Hijacked] {
        let (events, ring, scenario) = one_ring(name);
        let recipe = scenario.rings[0];
        let jobs = jobs_done(&events, &ring, i64::from(recipe.jitter_seconds));
        assert_eq!(jobs.len(), recipe.jobs as usize, "{}", name.as_str());
        let taken: usize = jobs.iter().map(BTreeSet::len).sum();
        let share = taken as f64 / (jobs.len() * ring.len()) as f64;
        assert!((share - recipe.participation).abs() < 0.05, "{share}");
    }
}

#[test]
fn camouflage_hides_a_member_one_to_one() {
    for camouflage in [0.0, 1.0, 4.0] {
        let knobs = Knobs {
            accounts: 8_000,
            events: 120_000,
            rings: Some(1),
            camouflage: Some(camouflage),
            background: Background {
                friend_share: Some(0.0),
                ..Background::default()
            },
            ..Knobs::default()
        };
        let scenario = Scenario::new(Name::Lockstep, &knobs).unwrap();
        let (events, truth) = generate(&scenario);
        let ring: BTreeSet<String> = truth.into_iter().map(|row| row.0).collect();
        let all = events
            .iter()
            .filter(|event| ring.contains(&event.account_id()))
            .count() as f64;
        let jobs: usize = jobs_done(&events, &ring, 45)
            .iter()
            .map(BTreeSet::len)
            .sum();
        // Everybody has been seen once before.
        let ratio = (all - ring.len() as f64) / jobs as f64 - 1.0;
        assert!(
            (ratio - camouflage).abs() < 0.1 + 0.25 * camouflage,
            "{camouflage}: {ratio}"
        );
    }
}

#[test]
fn hijacked_accounts_were_quiet_and_keep_their_colleagues() {
    let (events, ring, scenario) = one_ring(Name::Hijacked);
    let half = 1_767_571_200 + i64::from(scenario.days) * 86_400 * 2 / 5;
    let before: Vec<SimulatedEvent> = events
        .iter()
        .filter(|event| event.epoch_second() < half)
        .copied()
        .collect();
    assert!(
        jobs_done(&before, &ring, 45).is_empty(),
        "no job before the takeover"
    );

    // Some address of 20 to 250 accounts is shared by several members and many more outsiders.
    let mut users: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for event in &events {
        users
            .entry(event.ip())
            .or_default()
            .insert(event.account_id());
    }
    let offices = users.values().filter(|users| {
        let members = users.intersection(&ring).count();
        (20..250).contains(&users.len()) && members >= 4 && users.len() > 2 * members
    });
    assert!(offices.count() >= 2);
}

#[test]
fn sellers_and_drips_share_much_but_never_a_moment() {
    let (events, ring, scenario) = one_ring(Name::EngagementSeller);
    let recipe = scenario.rings[0];
    assert_eq!(jobs_done(&events, &ring, 60).len(), 0);
    let mut fans: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for event in events
        .iter()
        .filter(|event| ring.contains(&event.account_id()))
    {
        fans.entry(event.owner_id())
            .or_default()
            .insert(event.account_id());
    }
    let customers = fans
        .values()
        .filter(|fans| fans.len() * 3 > ring.len())
        .count();
    assert!(
        (20..=recipe.jobs as usize).contains(&customers),
        "{customers} customers"
    );

    let (events, ring, scenario) = one_ring(Name::SlowDrip);
    assert_eq!(jobs_done(&events, &ring, 60).len(), 0);
    let mut visits: BTreeMap<String, (BTreeSet<String>, i64, i64)> = BTreeMap::new();
    for event in events
        .iter()
        .filter(|event| ring.contains(&event.account_id()))
    {
        let at = event.epoch_second();
        let visit = visits
            .entry(event.target_id())
            .or_insert((BTreeSet::new(), at, at));
        visit.0.insert(event.account_id());
        visit.2 = at;
    }
    let dripped: Vec<_> = visits
        .values()
        .filter(|visit| visit.0.len() * 3 > ring.len())
        .collect();
    let jobs = scenario.rings[0].jobs as usize;
    assert!(
        (jobs * 4 / 5..=jobs + 1).contains(&dripped.len()),
        "{} targets",
        dripped.len()
    );
    assert!(
        dripped.iter().all(|visit| visit.2 - visit.1 > 8 * 86_400),
        "over more than a week"
    );
}

#[test]
fn a_proxy_pool_shares_addresses_and_half_of_them_with_innocents() {
    let (events, ring, scenario) = one_ring(Name::ProxyPool);
    let Tactic::ProxyPool { addresses } = scenario.rings[0].tactic else {
        panic!("a pool has addresses");
    };
    let mut users: BTreeMap<String, (BTreeSet<String>, usize)> = BTreeMap::new();
    for event in &events {
        let user = users.entry(event.ip()).or_default();
        if ring.contains(&event.account_id()) {
            user.0.insert(event.account_id());
        } else {
            user.1 += 1;
        }
    }
    let pool: Vec<_> = users
        .values()
        .filter(|user| user.0.len() >= 4 && user.1 < 200)
        .collect();
    let expected = addresses as usize;
    assert!(
        (expected * 7 / 10..=expected * 3 / 2).contains(&pool.len()),
        "{}",
        pool.len()
    );
    let lent = pool.iter().filter(|user| user.1 > 0).count();
    assert!(
        lent * 4 > expected,
        "{lent} of {expected} are somebody's home"
    );
}

/// z of the rank-sum test (Mann and Whitney 1947): how far the ranks of `marked` are from those of
/// the rest; beyond ±4 only once in 16,000 worlds.
fn rank_z(mut values: Vec<(String, bool)>) -> f64 {
    values.sort();
    let n = values.len() as f64;
    let marked = values.iter().filter(|value| value.1).count() as f64;
    let ranks: f64 = values
        .iter()
        .enumerate()
        .filter(|(_, value)| value.1)
        .map(|(rank, _)| rank as f64)
        .sum();
    let mean = marked * (n - 1.0) / 2.0;
    let variance = marked * (n - marked) * (n + 1.0) / 12.0;
    (ranks - mean) / variance.sqrt()
}

type Column = fn(&SimulatedEvent) -> String;

#[test]
fn no_single_column_tells_a_ring() {
    let scenario = small(Name::Mixed);
    let (events, truth) = generate(&scenario);
    let ring: BTreeSet<String> = truth.into_iter().map(|row| row.0).collect();

    let columns: [(&str, Column); 4] = [
        ("account", SimulatedEvent::account_id),
        ("device", SimulatedEvent::device_id),
        ("ip", |event| {
            let octets: Vec<String> = event
                .ip()
                .split('.')
                .map(|octet| format!("{octet:0>3}"))
                .collect();
            octets.concat()
        }),
        ("last digit", |event| {
            event.account_id().chars().rev().collect()
        }),
    ];
    for (name, column) in columns {
        // One value per account (its first event), or the busy ones would count many times.
        let mut first: BTreeMap<String, String> = BTreeMap::new();
        for event in &events {
            first
                .entry(event.account_id())
                .or_insert_with(|| column(event));
        }
        let forms: BTreeSet<usize> = first.values().map(String::len).collect();
        assert_eq!(forms.len(), 1, "{name} has one form");
        let mut groups: BTreeSet<(String, bool)> = BTreeSet::new();
        for (account, value) in first {
            groups.insert((value, ring.contains(&account)));
        }
        let z = rank_z(groups.into_iter().collect());
        assert!(z.abs() < 4.0, "{name}: z = {z}");
    }
}

#[test]
fn being_busy_is_no_proof() {
    let scenario = small(Name::Mixed);
    let (events, truth) = generate(&scenario);
    let ring: BTreeSet<String> = truth.into_iter().map(|row| row.0).collect();
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for event in &events {
        *counts.entry(event.account_id()).or_default() += 1;
    }
    let mut members: Vec<u32> = ring.iter().map(|account| counts[account]).collect();
    members.sort_unstable();
    let busy = members[members.len() / 2];
    let innocent = counts
        .iter()
        .filter(|(account, count)| **count >= busy && !ring.contains(*account));
    let guilty = members.iter().filter(|count| **count >= busy).count();
    let innocent = innocent.count();
    assert!(
        innocent > 2 * guilty,
        "{innocent} innocents are as busy as {guilty} members"
    );
}

#[test]
fn a_folder_is_made_whole_or_not_at_all() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("world");
    let names = || -> Vec<String> {
        let entries = std::fs::read_dir(place.path()).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    let scenario = small(Name::Null);

    let stop = AtomicBool::new(true);
    let interrupted = Run {
        progress: &Silent,
        stop: &stop,
    };
    let result = simulate_into(&scenario, &out, Format::Csv, false, &interrupted);
    assert!(matches!(result, Err(Error::Interrupted(_))));
    assert!(names().is_empty(), "an interrupted run leaves nothing");

    simulate_into(&scenario, &out, Format::Csv, false, &Run::quiet()).unwrap();
    let result = simulate_into(&scenario, &out, Format::Csv, false, &Run::quiet());
    assert!(matches!(result, Err(Error::Exists { .. })));

    let before = std::fs::read(out.join("events.csv")).unwrap();
    let other = Scenario {
        seed: 12,
        ..scenario
    };
    let result = simulate_into(&other, &out, Format::Csv, true, &interrupted);
    assert!(matches!(result, Err(Error::Interrupted(_))));
    assert_eq!(
        std::fs::read(out.join("events.csv")).unwrap(),
        before,
        "the old one stands"
    );

    simulate_into(&other, &out, Format::Csv, true, &Run::quiet()).unwrap();
    assert_ne!(std::fs::read(out.join("events.csv")).unwrap(), before);
    assert_eq!(names(), ["world"]);

    std::fs::remove_file(out.join("scenario.json")).unwrap();
    let result = simulate_into(&other, &out, Format::Csv, true, &Run::quiet());
    assert!(
        matches!(result, Err(Error::Foreign { .. })),
        "not ours, not replaced"
    );
    assert!(out.join("events.csv").is_file());
}

#[test]
fn numbers_that_make_no_platform_are_refused() {
    let knobs = Knobs {
        accounts: 2_000,
        events: 30_000,
        ..Knobs::default()
    };
    let refused = |name, knobs: Knobs| Scenario::new(name, &knobs).unwrap_err();
    let cases = [
        (
            Name::Lockstep,
            Knobs {
                accounts: 3,
                ..knobs.clone()
            },
        ),
        (
            Name::Lockstep,
            Knobs {
                events: 0,
                ..knobs.clone()
            },
        ),
        (
            Name::Lockstep,
            Knobs {
                events: 500_000_000,
                ..knobs.clone()
            },
        ),
        (
            Name::Lockstep,
            Knobs {
                days: 0,
                ..knobs.clone()
            },
        ),
        (
            Name::Lockstep,
            Knobs {
                participation: Some(f64::NAN),
                ..knobs.clone()
            },
        ),
        (
            Name::Lockstep,
            Knobs {
                camouflage: Some(-1.0),
                ..knobs.clone()
            },
        ),
        (
            Name::Lockstep,
            Knobs {
                ring_size: Some(1),
                ..knobs.clone()
            },
        ),
        (
            Name::Null,
            Knobs {
                rings: Some(2),
                ..knobs.clone()
            },
        ),
    ];
    for (name, knobs) in cases {
        assert!(matches!(refused(name, knobs), Error::Knob { .. }));
    }
    let crowded = Knobs {
        ring_size: Some(1_500),
        ..knobs.clone()
    };
    assert!(matches!(
        refused(Name::Lockstep, crowded),
        Error::TooManyPlanted { .. }
    ));
    let few = Knobs {
        events: 1_000,
        ..knobs
    };
    assert!(matches!(
        refused(Name::Lockstep, few),
        Error::TooFewEvents { .. }
    ));
    assert!(matches!(
        "botnet".parse::<Name>(),
        Err(Error::UnknownScenario { .. })
    ));
}

#[test]
fn tiny_and_odd_platforms_stand() {
    for (accounts, events, days) in [(50, 100, 1), (51, 5_000, 3), (200, 1_000, 40)] {
        for name in [
            Name::Null,
            Name::InnocentCrowds,
            Name::FlashCrowd,
            Name::CampusNat,
        ] {
            let knobs = Knobs {
                accounts,
                events,
                days,
                seed: 3,
                ..Knobs::default()
            };
            let (made, _) = generate(&Scenario::new(name, &knobs).unwrap());
            assert!(!made.is_empty(), "{accounts} accounts, {}", name.as_str());
        }
    }
    let knobs = Knobs {
        accounts: 400,
        events: 9_000,
        days: 1,
        ring_size: Some(9),
        ..Knobs::default()
    };
    let scenario = Scenario::new(Name::Mixed, &knobs).unwrap();
    assert_eq!(generate(&scenario).1.len(), 16 * 9);
}
