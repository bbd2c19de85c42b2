//! A small sweep made by hand, as the engine would publish it: a device ring with a window beside
//! it, a behaviour ring with ids that no format likes, and a family that is only watched.

use std::collections::BTreeMap;

use ringsweep::publish::manifest::{
    AllowRecord, AllowedRecord, EntityCounts, InputRecord, RowCounts, SeedRecord, Timings,
};
use ringsweep::publish::{
    EvidenceRow, LinkRow, Manifest, MemberRow, RejectRow, RingRow, SeedRow, SweepTables, UseRow,
};

pub(crate) const DEVICE_RING: &str = "R00000000000000aa";
pub(crate) const NASTY_RING: &str = "R00000000000000bb";
pub(crate) const FAMILY: &str = "R00000000000000cc";

/// Ids that quoting, markup, line ends and encodings trip over.
pub(crate) const NASTY_IDS: [&str; 9] = [
    "quote\"s and 'apostrophes'",
    "<tag attr=\"&amp;\">",
    "comma, tab\tand semicolon;",
    "line\nbreak\r\nand return\r",
    "ünïcode 漢字 😀",
    "back\\\\slash at the end\\\\",
    "a:b|c@d",
    "\u{1}control\u{fffe}",
    " spaces around ",
];

/// Builds rows ring by ring, so that counts agree with one another.
#[derive(Default)]
pub(crate) struct Builder {
    tables: SweepTables,
}

/// One entity of a ring: type, id, who has it, accounts in all, bits.
pub(crate) type Entity<'a> = (&'a str, &'a str, &'a [&'a str], u32, f64);

impl Builder {
    pub(crate) fn ring(
        &mut self,
        ring: &str,
        tier: &str,
        cost: f64,
        members: &[(&str, &str, f64)],
        entities: &[Entity<'_>],
    ) {
        let total: f64 = entities.iter().map(|entity| entity.4).sum::<f64>() - cost;
        let reasons: Vec<String> = entities
            .iter()
            .map(|entity| format!("shared:{}", entity.0))
            .collect();
        let time = |minute: usize| format!("2026-03-0{}T12:{:02}:00Z", 1 + minute % 9, minute % 60);
        for &(account, tier, score) in members {
            self.tables.members.push(MemberRow {
                account_id: account.into(),
                ring_id: ring.into(),
                tier: tier.into(),
                score,
                role: if score >= 10.0 { "core" } else { "associate" }.into(),
                reasons: "shared:device;lockstep:lockstep".into(),
            });
        }
        self.tables.rings.push(RingRow {
            ring_id: ring.into(),
            size: members.len() as u32,
            tier: tier.into(),
            bits: (total * 1e3).round() / 1e3,
            q_value: 0.00123,
            score: total,
            first_ts: time(0),
            last_ts: time(8),
            density: 0.8333,
            exclusivity: 1.0,
            synchrony: 0.25,
            repetition: entities.len() as f64,
            reasons: reasons.join(";"),
            status: "new".into(),
            cost,
        });
        for &(entity_type, entity_id, users, accounts, bits) in entities {
            self.tables.evidence.push(EvidenceRow {
                ring_id: ring.into(),
                entity_type: entity_type.into(),
                entity_id: entity_id.into(),
                members: users.len() as u32,
                accounts,
                expected: 0.013,
                bits,
                first_ts: time(1),
                last_ts: time(7),
            });
            for (at, user) in users.iter().enumerate() {
                self.tables.uses.push(UseRow {
                    ring_id: ring.into(),
                    entity_type: entity_type.into(),
                    entity_id: entity_id.into(),
                    account_id: (*user).into(),
                    events: at as u32 + 1,
                    first_ts: time(at + 1),
                    last_ts: time(at + 2),
                });
            }
        }
        for (at, a) in members.iter().enumerate() {
            for b in &members[at + 1..] {
                let (a, b) = if a.0 < b.0 { (a.0, b.0) } else { (b.0, a.0) };
                let shared = entities
                    .iter()
                    .filter(|e| e.2.contains(&a) && e.2.contains(&b))
                    .count();
                if shared > 0 {
                    self.tables.links.push(LinkRow {
                        ring_id: ring.into(),
                        account_a: a.into(),
                        account_b: b.into(),
                        weight: shared as f64 * 6.907_755,
                        shared: shared as u32,
                        co_actions: 2,
                    });
                }
            }
        }
    }

    pub(crate) fn build(self) -> SweepTables {
        self.tables
    }
}

pub(crate) fn tables() -> SweepTables {
    let mut builder = Builder::default();
    builder.ring(
        DEVICE_RING,
        "act",
        30.5,
        &[
            ("u1", "act", 40.0),
            ("u2", "act", 40.0),
            ("u3", "act", 21.25),
            ("u4", "review", 3.1),
        ],
        &[
            ("device", "d1", &["u1", "u2", "u3", "u4"], 4, 60.125),
            ("device", "d2", &["u1", "u2", "u3"], 3, 44.5),
            (
                "lockstep",
                "post1|like@2026-03-01T12:00:00Z",
                &["u1", "u2"],
                3,
                12.25,
            ),
            ("ip", "10.0.0.7", &["u1", "u2"], 40, 8.0),
        ],
    );
    let nasty: Vec<(&str, &str, f64)> = NASTY_IDS.iter().map(|&id| (id, "review", 12.0)).collect();
    builder.ring(
        NASTY_RING,
        "review",
        17.0,
        &nasty,
        &[
            ("owner", NASTY_IDS[3], &NASTY_IDS, 12, 80.0),
            ("owner", NASTY_IDS[0], &NASTY_IDS[..4], 9, 20.333),
            ("ip", NASTY_IDS[0], &NASTY_IDS[4..], 9, 19.5),
        ],
    );
    builder.ring(
        FAMILY,
        "watch",
        4.0,
        &[("f1", "watch", 1.5), ("f2", "watch", 1.5)],
        &[("device", "tablet", &["f1", "f2"], 2, 6.0)],
    );
    let mut tables = builder.build();
    tables.seeds.push(SeedRow {
        account_id: "u1".into(),
        ring_id: DEVICE_RING.into(),
        label: String::new(),
        bad: 0.0625,
        good: 0.0,
        seed_id: "u2".into(),
        seed_label: "bad".into(),
        share: 0.0625,
    });
    tables.rejects.push(RejectRow {
        source: "events.csv".into(),
        row: 17,
        byte: 5_000_000_000,
        reason: "bad_time".into(),
        sample: "u9,\"d\n9\",yesterday".into(),
    });
    tables
}

pub(crate) const DEFINITION: &str = r#"
[columns]
account = "account_id"
time = "ts"

[[entity]]
name = "device"
kind = "infrastructure"
columns = ["device_id"]

[[entity]]
name = "ip"
kind = "infrastructure"
columns = ["ip"]

[[entity]]
name = "owner"
kind = "behaviour"
columns = ["owner_id"]

[[entity]]
name = "lockstep"
kind = "behaviour"
columns = ["target_id"]
within = "60s"
"#;

pub(crate) fn manifest() -> Manifest {
    Manifest {
        tool: Manifest::TOOL.into(),
        version: "0.1.0".into(),
        run_id: "0123456789abcdef".into(),
        graph: "engagement".into(),
        graph_hash: "fedcba9876543210".into(),
        definition: DEFINITION.into(),
        seed: u64::MAX,
        first_ts: "2026-03-01T00:00:00Z".into(),
        last_ts: "2026-03-14T23:59:58.5Z".into(),
        inputs: vec![InputRecord {
            name: "events.csv".into(),
            format: "csv+gzip".into(),
            bytes: 12,
            xxh3: "00".repeat(16),
            rows: 4,
        }],
        time_formats: BTreeMap::from([("ts".into(), "rfc3339".into())]),
        entities_off: BTreeMap::from([("owner".into(), "no column owner_id".into())]),
        rows: RowCounts {
            read: 4,
            accepted: 3,
            rejected: BTreeMap::from([("bad_time".into(), 1)]),
            filtered: BTreeMap::new(),
        },
        seeds: Some(SeedRecord {
            name: "seeds.csv".into(),
            xxh3: "11".repeat(16),
            as_of: "2026-03-14T23:59:58.5Z".into(),
            entries: 2,
            bad: 1,
            good: 1,
            ..Default::default()
        }),
        allow: Some(AllowRecord {
            name: "allow.csv".into(),
            entries: vec![AllowedRecord {
                row: 1,
                kind: "ip".into(),
                value: "10.20.0.0/16".into(),
                status: "applied".into(),
                ..Default::default()
            }],
            ..Default::default()
        }),
        entities: vec![EntityCounts {
            name: "device".into(),
            entities: 3,
            ..Default::default()
        }],
        results: BTreeMap::from([("rings".into(), 3)]),
        format: String::new(),
        tables: BTreeMap::new(),
        timings: Timings {
            stages: vec![("read".into(), 0.25), ("links".into(), 0.125)],
            peak_bytes: 1 << 20,
            threads: 2,
            started: "2026-03-15T01:00:00Z".into(),
        },
    }
}
