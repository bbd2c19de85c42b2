//! The simulator as an exam: what is planted can be found, and no single column gives it away.

use std::collections::{BTreeMap, BTreeSet};

use ringsweep::simulate::{
    Among, Background, Error, Knobs, Name, Scenario, SimulatedEvent, Tactic, generate,
};

/// Scenarios whose rings have devices and addresses of their own.
const BEHAVIOUR: [Name; 5] = [
    Name::Lockstep,
    Name::EngagementSeller,
    Name::Hijacked,
    Name::SlowDrip,
    Name::Referral,
];

fn world(name: Name) -> Scenario {
    let knobs = Knobs {
        accounts: 10_000,
        events: 200_000,
        seed: 4,
        ..Knobs::default()
    };
    Scenario::new(name, &knobs).unwrap()
}

/// Chance that a random member has a larger value than a random other, ties by halves: the area
/// under the ROC curve, by ranks.
fn area(values: &[(f64, bool)]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut area) = (0.0, 0.0);
    for ties in sorted.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let members = ties.iter().filter(|value| value.1).count() as f64;
        let others = ties.len() as f64 - members;
        area += members * (below + others / 2.0);
        below += others;
    }
    let members = values.iter().filter(|value| value.1).count() as f64;
    area / (members * below)
}

/// What one column says about one account's events.
type Statistic = fn(&[SimulatedEvent]) -> f64;

fn distinct(ids: impl Iterator<Item = String>) -> f64 {
    ids.collect::<BTreeSet<_>>().len() as f64
}

const STATISTICS: [(&str, Statistic); 11] = [
    ("events", |events| events.len() as f64),
    ("first time", |events| events[0].epoch_second() as f64),
    ("last time", |events| {
        events[events.len() - 1].epoch_second() as f64
    }),
    ("mean time", |events| {
        let sum: i64 = events.iter().map(SimulatedEvent::epoch_second).sum();
        sum as f64 / events.len() as f64
    }),
    ("id", |events| {
        let digits = events[0].account_id();
        u64::from_str_radix(&digits[1..], 36).unwrap() as f64
    }),
    ("devices", |events| {
        distinct(events.iter().map(SimulatedEvent::device_id))
    }),
    ("addresses", |events| {
        distinct(events.iter().map(SimulatedEvent::ip))
    }),
    ("targets", |events| {
        distinct(events.iter().map(SimulatedEvent::target_id))
    }),
    ("owners", |events| {
        distinct(events.iter().map(SimulatedEvent::owner_id))
    }),
    ("owners per event", |events| {
        distinct(events.iter().map(SimulatedEvent::owner_id)) / events.len() as f64
    }),
    ("likes", |events| {
        let likes = events
            .iter()
            .filter(|event| event.action().as_str() == "like");
        likes.count() as f64 / events.len() as f64
    }),
];

#[test]
fn no_statistic_of_one_column_tells_members_from_others() {
    let mut telling = Vec::new();
    for name in BEHAVIOUR {
        let (events, truth) = generate(&world(name));
        let ring: BTreeSet<String> = truth.into_iter().map(|row| row.0).collect();
        let mut by_account: BTreeMap<String, Vec<SimulatedEvent>> = BTreeMap::new();
        for event in events {
            by_account
                .entry(event.account_id())
                .or_default()
                .push(event);
        }
        for (column, statistic) in STATISTICS {
            let values: Vec<(f64, bool)> = by_account
                .iter()
                .map(|(account, events)| (statistic(events), ring.contains(account)))
                .collect();
            let area = area(&values);
            if !(0.25..=0.75).contains(&area) {
                telling.push(format!("{}: {column} has area {area:.3}", name.as_str()));
            }
        }
    }
    assert!(telling.is_empty(), "{telling:#?}");
}

#[test]
fn naming_many_is_no_proof_among_those_who_name() {
    let (events, truth) = generate(&world(Name::Referral));
    let ring: BTreeSet<String> = truth.into_iter().map(|row| row.0).collect();
    let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for event in &events {
        if let Some(other) = event.counterparty_id() {
            named.entry(event.account_id()).or_default().insert(other);
        }
    }
    let values: Vec<(f64, bool)> = named
        .iter()
        .map(|(account, others)| (others.len() as f64, ring.contains(account)))
        .collect();
    let area = area(&values);
    assert!((0.25..=0.85).contains(&area), "{area:.3}");
    let most = |of_ring: bool| {
        let counts = values.iter().filter(|value| value.1 == of_ring);
        counts.map(|value| value.0 as u32).max().unwrap()
    };
    assert!(
        most(false) > 3 * most(true),
        "no member names as many as an influencer"
    );
}

/// Distinct namings from one account of `set` to another.
fn inside(events: &[SimulatedEvent], set: &BTreeSet<String>) -> BTreeSet<(String, String)> {
    events
        .iter()
        .filter_map(|event| Some((event.account_id(), event.counterparty_id()?)))
        .filter(|(who, whom)| set.contains(who) && set.contains(whom))
        .collect()
}

#[test]
fn referral_rings_name_each_other_both_ways_and_influencers_do_not() {
    let scenario = world(Name::Referral);
    let (events, truth) = generate(&scenario);
    let mut rings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (account, ring) in truth {
        rings.entry(ring).or_default().insert(account);
    }
    for (number, recipe) in scenario.rings.iter().enumerate() {
        let members = &rings[&scenario.ring_id(number)];
        let namings = inside(&events, members);
        let mates = namings.len() as f64 / members.len() as f64;
        let most = members.len() as f64 - 1.0;
        let wanted = (f64::from(recipe.jobs) * recipe.participation).min(most);
        assert!(
            (mates / wanted - 1.0).abs() < 0.35,
            "{mates} of {wanted} mates"
        );
        let back = namings
            .iter()
            .filter(|(a, b)| namings.contains(&(b.clone(), a.clone())));
        assert!(back.count() * 2 > namings.len(), "most are mutual");
    }

    let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for event in &events {
        if let Some(other) = event.counterparty_id() {
            assert_ne!(other, event.account_id(), "nobody names itself");
            named.entry(event.account_id()).or_default().insert(other);
        }
    }
    let (_, followers) = named.iter().max_by_key(|(_, others)| others.len()).unwrap();
    assert!(followers.len() >= 40);
    let within = inside(&events, followers).len() as f64;
    assert!(
        within < 1.5 * followers.len() as f64,
        "a star is empty inside: {within}"
    );
}

#[test]
fn only_worlds_with_relations_name_anybody() {
    let names_somebody = |scenario: &Scenario| {
        let (events, _) = generate(scenario);
        let naming = events
            .iter()
            .filter(|event| event.counterparty_id().is_some());
        naming.count() * 100 / events.len()
    };
    for name in [Name::Household, Name::CampusNat, Name::FlashCrowd] {
        assert!(!world(name).has_relations());
        assert_eq!(names_somebody(&world(name)), 0);
    }
    for name in [Name::Null, Name::Lockstep, Name::Mixed] {
        assert!(world(name).has_relations());
        assert!(
            (1..30).contains(&names_somebody(&world(name))),
            "{}",
            name.as_str()
        );
    }
}

#[test]
fn embedded_members_live_among_innocents() {
    for (among, shared_ips) in [
        (Among::Offices, 2),
        (Among::Campus, 1),
        (Among::Households, 3),
    ] {
        let knobs = Knobs {
            accounts: 10_000,
            events: 200_000,
            rings: Some(1),
            ring_size: Some(40),
            embedded: Some(0.6),
            among: Some(among),
            background: Background {
                campus_share: Some(0.1),
                ..Background::default()
            },
            ..Knobs::default()
        };
        let scenario = Scenario::new(Name::Lockstep, &knobs).unwrap();
        let (events, truth) = generate(&scenario);
        let ring: BTreeSet<String> = truth.into_iter().map(|row| row.0).collect();
        assert_eq!(ring.len(), 40);
        let mut users: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for event in &events {
            users
                .entry(event.ip())
                .or_default()
                .insert(event.account_id());
        }
        // Places of the size in question where members make up much more than their share.
        let nests = users.values().filter(|users| {
            let members = users.intersection(&ring).count();
            match among {
                Among::Offices => (10..250).contains(&users.len()) && members >= 3,
                Among::Campus => (100..2_000).contains(&users.len()) && members >= 12,
                Among::Households => users.len() < 15 && members >= 2,
            }
        });
        let nests = nests.count();
        assert!(nests >= shared_ips, "{among:?}: {nests}");
    }
}

#[test]
fn every_scenario_with_rings_has_many_of_various_sizes() {
    for name in Name::ALL {
        let scenario = Scenario::new(name, &Knobs::default()).unwrap();
        if scenario.rings.is_empty() {
            continue;
        }
        let sizes: BTreeSet<u32> = scenario.rings.iter().map(|ring| ring.size).collect();
        assert!(
            scenario.rings.len() >= 8 && sizes.len() >= 8,
            "{}",
            name.as_str()
        );
        assert!(scenario.rings.iter().any(|ring| ring.embedded > 0.0));
        if scenario.rings.iter().all(|ring| ring.jobs > 0) {
            assert!(scenario.rings.iter().any(|ring| ring.participation <= 0.3));
        }
    }
    let mixed = Scenario::new(Name::Mixed, &Knobs::default()).unwrap();
    let tactics: BTreeSet<&str> = mixed
        .rings
        .iter()
        .map(|ring| ring.tactic.as_str())
        .collect();
    assert_eq!(tactics.len(), 7);
    let named = |ring: &ringsweep::simulate::RingRecipe| ring.tactic == Tactic::Referral;
    assert!(mixed.rings.iter().any(named));
}

#[test]
fn backgrounds_that_are_no_platform_are_refused() {
    for background in [
        Background {
            office_share: Some(1.5),
            ..Background::default()
        },
        Background {
            burst_share: Some(f64::NAN),
            ..Background::default()
        },
        Background {
            fan_clubs: Some(100_000),
            ..Background::default()
        },
    ] {
        let knobs = Knobs {
            background,
            ..Knobs::default()
        };
        let refused = Scenario::new(Name::Null, &knobs);
        assert!(matches!(refused, Err(Error::Knob { .. })));
    }
}
