//! The enforcement feed: stable keys, plain reasons, no clock.

use ringsweep::publish::Tier;
use ringsweep::publish::feed::{directives, write_directives};

use crate::sample;

#[test]
fn the_feed_recommends_with_reasons_and_expires() {
    let (tables, manifest) = (sample::tables(), sample::manifest());
    let feed = directives(&tables, &manifest, Tier::Review).unwrap();
    assert_eq!(feed.len(), 4 + sample::NASTY_IDS.len());
    let first = &feed[0];
    assert_eq!((&*first.account, &*first.ring), ("u1", sample::DEVICE_RING));
    assert_eq!(first.action, "review");
    assert_eq!(first.reason_codes, ["shared:device", "lockstep:lockstep"]);
    assert_eq!(
        first.reason,
        "Shares device \"d1\" with 3 other accounts and 1 more of that kind with others, acted \
         within 60s of 1 other account on \"post1|like@2026-03-01T12:00:00Z\" (lockstep) and \
         shares ip \"10.0.0.7\" with 1 other account."
    );
    assert_eq!(
        first.evidence.reference,
        format!("rings/{}", sample::DEVICE_RING)
    );
    assert_eq!(first.evidence.entities[0].id, "d1");
    assert_eq!(first.issued.as_deref(), Some("2026-03-14T23:59:58.5Z"));
    assert_eq!(first.expires.as_deref(), Some("2026-04-13T23:59:58.5Z"));
    assert_eq!(first.automated_decision, "none");

    let mut keys: Vec<&str> = feed.iter().map(|directive| &*directive.key).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), feed.len());
    assert!(
        keys.iter()
            .all(|key| key.len() == 33 && key.starts_with('D'))
    );

    let mut later = sample::manifest();
    later.run_id = "another".into();
    later.last_ts = String::new();
    let again = directives(&tables, &later, Tier::Act).unwrap();
    assert_eq!(again.len(), 3);
    assert_eq!(again[0].key, first.key, "the key is not the run's");
    assert_eq!((&again[0].issued, &again[0].expires), (&None, &None));

    let lines = |feed| {
        let mut out = Vec::new();
        write_directives(feed, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert!(lines(&feed).lines().all(|line| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        value["automated_decision"] == "none" && value["tier"].is_string()
    }));
    assert!(!lines(&again).contains("expires"));
    assert_eq!(
        lines(&feed),
        lines(&directives(&tables, &manifest, Tier::Review).unwrap())
    );
}
