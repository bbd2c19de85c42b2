//! Graph definitions: what ships, what is refused and how, what an override does, what a plan decides.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use insta::assert_snapshot;
use proptest::prelude::*;
use ringsweep::recipe::{Definition, Kind, Plan, RecipeError, WeightRule, plan, shipped};

const BASE: &str = r#"min_participation = 1

[columns]
account = "account_id"
time = "ts"

[[entity]]
name = "device"
kind = "infrastructure"
columns = ["device_id"]
max_accounts = 200

[[entity]]
name = "lockstep"
kind = "behaviour"
columns = ["target_id"]
within = "60s"

[tiers]
act_q = 0.01
review_q = 0.05
"#;

/// The definition in `text`, read from a file called `mine.toml`, with overrides.
fn load(text: &str, settings: &[&str]) -> Result<Definition, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    std::fs::write(&path, text).unwrap();
    let settings: Vec<String> = settings.iter().map(|&text| text.to_owned()).collect();
    let path = path.to_str().unwrap();
    Definition::load_with(path, &settings)
        .map_err(|error| error.to_string().replace(path, "mine.toml"))
}

/// What is said when `from` in the base definition reads `to`.
fn fault(from: &str, to: &str) -> String {
    assert!(BASE.contains(from), "{from}");
    load(&BASE.replacen(from, to, 1), &[]).expect_err(to)
}

fn set(settings: &[&str]) -> String {
    load(BASE, settings).expect_err("the override is wrong")
}

fn planned(graph: &Definition, found: &[&str]) -> Result<Plan, RecipeError> {
    plan(
        graph,
        &found
            .iter()
            .map(|&name| name.to_owned())
            .collect::<BTreeSet<_>>(),
    )
}

#[test]
fn shipped_definitions_are_valid_and_repeat_themselves() {
    assert_eq!(
        shipped::names().collect::<Vec<_>>(),
        ["engagement", "signup", "coshare"]
    );
    for name in shipped::names() {
        let graph = Definition::load(name).unwrap();
        assert_eq!(graph.name, name);
        let again = Definition::from_toml(name, &graph.to_toml()).unwrap();
        assert_eq!(again, graph);
        assert_eq!(again.hash(), graph.hash());
        assert_eq!(graph.hash().len(), 32);
        assert_eq!(
            graph.publication.action, "review",
            "the default action is always review"
        );
    }
}

#[test]
fn shipped_definitions_have_the_promised_columns() {
    let columns = |name: &str| {
        let wanted = Definition::load(name).unwrap().wanted();
        let mut all = vec![wanted.account];
        all.extend(wanted.times);
        all.extend(wanted.keys.into_iter().map(|key| key.name));
        all.join(" ")
    };
    assert_snapshot!(columns("engagement"), @"account_id ts device_id ip owner_id target_id action counterparty_id");
    assert_snapshot!(columns("signup"), @"user_id signup_time purchase_time device_id ip_address");
    assert_snapshot!(columns("coshare"), @"account_id timestamp_share object_id content_id");
}

#[test]
fn wanted_marks_the_columns_that_hold_accounts() {
    let text = BASE
        .replace("\"behaviour\"", "\"relation\"")
        .replace("within = \"60s\"\n", "");
    let wanted = load(&text, &[]).unwrap().wanted();
    let accounts: Vec<bool> = wanted.keys.iter().map(|key| key.accounts).collect();
    assert_eq!(accounts, [false, true]);
}

#[test]
fn faults_point_into_the_text() {
    assert_snapshot!(fault("max_accounts", "max_acounts"), @"
    unknown key `max_acounts`
    mine.toml:11:1
    11 | max_acounts = 200
       | ^^^^^^^^^^^
    expected one of `name`, `kind`, `columns`, `optional`, `fallback`, `within`, `time`, `content`, `max_accounts`, `min_shared`, `weight`
    ");
    assert_snapshot!(fault("\"infrastructure\"", "\"infra\""), @r#"
    unknown value `infra`
    mine.toml:9:8
    9 | kind = "infra"
      |        ^^^^^^^
    expected one of `infrastructure`, `behaviour`, `relation`
    "#);
    assert_snapshot!(fault("max_accounts = 200", "max_accounts = \"many\""), @r#"
    invalid type: string "many"
    mine.toml:11:16
    11 | max_accounts = "many"
       |                ^^^^^^
    expected a whole number from 0 to 4294967295
    "#);
    assert_snapshot!(fault("max_accounts = 200", "max_accounts = -1"), @"
    invalid value: integer `-1`
    mine.toml:11:16
    11 | max_accounts = -1
       |                ^^
    expected a whole number from 0 to 4294967295
    ");
    assert_snapshot!(fault("max_accounts = 200", "max_accounts = 1"), @"
    max_accounts is 1: no link could ever be made
    mine.toml:11:16
    11 | max_accounts = 1
       |                ^
    at least 2, or leave it out for no cap
    ");
    assert_snapshot!(fault("[columns]", "[colums]"), @"
    unknown key `colums`
    mine.toml:3:2
    3 | [colums]
      |  ^^^^^^
    expected one of `min_participation`, `columns`, `entity`, `detection`, `rings`, `tiers`, `publication`
    ");
    assert_snapshot!(fault("account = \"account_id\"\n", ""), @"
    missing key `account`
    mine.toml:3:1
    3 | [columns]
      | ^^^^^^^^^
    ");
    assert_snapshot!(fault("name = \"device\"", "name = \"Device\""), @r#"
    `Device` is not a name
    mine.toml:8:8
    8 | name = "Device"
      |        ^^^^^^^^
    a name is lowercase letters, digits and _, and begins with a letter
    "#);
    assert_snapshot!(fault("name = \"lockstep\"", "name = \"device\""), @r#"
    there are two entities `device`
    mine.toml:14:8
    14 | name = "device"
       |        ^^^^^^^^
    give every entity a name of its own
    "#);
    assert_snapshot!(fault("[\"device_id\"]", "[]"), @"
    an entity needs a column
    mine.toml:10:11
    10 | columns = []
       |           ^^
    name its key columns
    ");
    assert_snapshot!(fault("[\"device_id\"]", "[\"device_id\", \"device_id\"]"), @r#"
    the column `device_id` stands twice in the key
    mine.toml:10:11
    10 | columns = ["device_id", "device_id"]
       |           ^^^^^^^^^^^^^^^^^^^^^^^^^^
    name it once
    "#);
    assert_snapshot!(fault("[\"device_id\"]", "[\"account_id\"]"), @r#"
    the column `account_id` is the account: nobody shares it
    mine.toml:10:11
    10 | columns = ["account_id"]
       |           ^^^^^^^^^^^^^^
    name a column whose values accounts have in common
    "#);
    assert_snapshot!(fault("[\"device_id\"]", "[\"ts\"]"), @r#"
    the column `ts` is a time
    mine.toml:10:11
    10 | columns = ["ts"]
       |           ^^^^^^
    for the same moment use `within` (0s is the same instant)
    "#);
    assert_snapshot!(fault("within = \"60s\"", "within = \"soon\""), @r#"
    `soon` is not a duration
    mine.toml:17:10
    17 | within = "soon"
       |          ^^^^^^
    a duration is written as 60s, 5m, 1h30m, 2d or 500ms
    "#);
    assert_snapshot!(fault("within = \"60s\"", "within = true"), @r#"
    invalid type: boolean `true`
    mine.toml:17:10
    17 | within = true
       |          ^^^^
    expected a duration such as "60s", or seconds
    "#);
    assert_snapshot!(fault("within = \"60s\"", "content = \"post\""), @r#"
    `content` without `within`
    mine.toml:17:11
    17 | content = "post"
       |           ^^^^^^
    add within = "60s"
    "#);
    assert_snapshot!(fault("within = \"60s\"", "within = \"60s\"\ncontent = \"target_id\""), @r#"
    `target_id` is the key: within it every content is the same
    mine.toml:18:11
    18 | content = "target_id"
       |           ^^^^^^^^^^^
    name the column that tells two posts apart
    "#);
    assert_snapshot!(fault("within = \"60s\"", "time = \"purchase\""), @r#"
    `time` without `within`
    mine.toml:17:8
    17 | time = "purchase"
       |        ^^^^^^^^^^
    add within = "60s"
    "#);
    assert_snapshot!(fault("time = \"ts\"\n", ""), @r#"
    `within` needs a time column
    mine.toml:16:10
    16 | within = "60s"
       |          ^^^^^
    name the time under [columns], or as `time` of this entity
    "#);
    assert_snapshot!(
        fault("\"infrastructure\"\ncolumns = [\"device_id\"]", "\"relation\"\ncolumns = [\"a\", \"b\"]"),
        @r#"
        a relation with 2 columns
        mine.toml:10:11
        10 | columns = ["a", "b"]
           |           ^^^^^^^^^^
        a relation is one column that holds the other account's id
        "#
    );
    assert_snapshot!(fault("min_participation = 1", "min_participation = 0"), @"
    min_participation is 0
    mine.toml:1:21
    1 | min_participation = 0
      |                     ^
    1 keeps every account
    ");
    assert_snapshot!(fault("act_q = 0.01", "act_q = 0.5"), @"
    act_q 0.5 is above review_q 0.05
    mine.toml:20:9
    20 | act_q = 0.5
       |         ^^^
    act is the stricter tier: its q-value must be the smaller one
    ");
    assert_snapshot!(fault("act_q = 0.01", "act_q = nan"), @"
    act_q is NaN
    mine.toml:20:9
    20 | act_q = nan
       |         ^^^
    a q-value is above 0 and at most 1
    ");
    assert_snapshot!(fault("act_q = 0.01", "act_q = "), @"
    string values must be quoted
    mine.toml:20:9
    20 | act_q =
       |        ^
    expected literal string
    ");
    assert_snapshot!(load("[columns]\naccount = \"a\"\n", &[]).unwrap_err(), @"
    missing key `entity`
    mine.toml:1:1
    1 | [columns]
      | ^
    ");
    assert_snapshot!(load("entity = []\n[columns]\naccount = \"a\"\n", &[]).unwrap_err(), @"
    the definition has no entity
    mine.toml:1:10
    1 | entity = []
      |          ^^
    add an [[entity]] section
    ");
    assert_snapshot!(load("", &[]).unwrap_err(), @"
    missing key `columns`
    mine.toml:1:1
    1 |
      | ^
    ");
}

#[test]
fn a_name_that_is_no_definition_lists_those_that_are() {
    assert_snapshot!(Definition::load("engagment").unwrap_err().to_string(), @"
    there is no graph definition `engagment`
    name a TOML file or one of engagement, signup, coshare
    ");
    assert!(matches!(
        Definition::load("/"),
        Err(RecipeError::Unreadable { .. })
    ));
}

#[test]
fn overrides_reach_every_key() {
    let graph = load(
        BASE,
        &[
            "min_participation=2",
            "entity.device.max_accounts=500",
            "entity.device.weight=newman",
            "entity.device.columns=[\"device_id\", \"model\"]",
            "entity.lockstep.within=10m",
            "entity.lockstep.optional=['action']",
            "detection.resolution=2",
            "detection.algorithm=label-propagation",
            "publication.expiry_days = 7",
            "columns.time=2026-01-01",
        ],
    )
    .unwrap();
    assert_eq!(graph.min_participation, 2);
    assert_eq!(graph.entities[0].max_accounts, Some(500));
    assert_eq!(graph.entities[0].weight, WeightRule::Newman);
    assert_eq!(graph.entities[0].columns, ["device_id", "model"]);
    assert_eq!(graph.entities[1].within_micros(), Some(600_000_000));
    assert_eq!(graph.entities[1].optional, ["action"]);
    assert_eq!(graph.detection.resolution, 2.0);
    assert_eq!(graph.publication.expiry_days, 7);
    assert_eq!(graph.columns.time.as_deref(), Some("2026-01-01"));
    assert_ne!(graph.hash(), load(BASE, &[]).unwrap().hash());
}

#[test]
fn the_last_override_wins_and_a_renamed_entity_answers_to_its_new_name() {
    let settings = [
        "entity.lockstep.within=1",
        "entity.lockstep.name=pulse",
        "entity.pulse.within=600",
    ];
    let graph = load(BASE, &settings).unwrap();
    assert_eq!(graph.entities[1].within_micros(), Some(600_000_000));
}

#[test]
fn an_override_may_repair_what_the_file_has_wrong() {
    let text = BASE.replace("max_accounts = 200", "max_accounts = 0");
    assert!(load(&text, &[]).is_err());
    assert_eq!(
        load(&text, &["entity.device.max_accounts=2"])
            .unwrap()
            .entities[0]
            .max_accounts,
        Some(2)
    );
}

#[test]
fn faulty_overrides_say_what_there_is() {
    assert_snapshot!(set(&["entity.devise.max_accounts=3"]), @"
    the definition has no entity `devise`
    --set entity.devise.max_accounts=3
    its entities are device, lockstep
    ");
    assert_snapshot!(set(&["entity.device.max_acounts=3"]), @"
    unknown key `max_acounts`
    --set entity.device.max_acounts=3
    expected one of `name`, `kind`, `columns`, `optional`, `fallback`, `within`, `time`, `content`, `max_accounts`, `min_shared`, `weight`
    ");
    assert_snapshot!(set(&["entity.device=3"]), @"
    this names no key of an entity
    --set entity.device=3
    write entity.NAME.key=value, section.key=value or key=value
    ");
    assert_snapshot!(set(&["ring.min_size=3"]), @"
    unknown key `ring`
    --set ring.min_size=3
    expected one of `min_participation`, `columns`, `entity`, `detection`, `rings`, `tiers`, `publication`
    ");
    assert_snapshot!(set(&["rings.min_sise=3"]), @"
    unknown key `min_sise`
    --set rings.min_sise=3
    expected `min_size` or `min_bits`
    ");
    assert_snapshot!(set(&["rings.min_size=many"]), @r#"
    invalid type: string "many"
    --set rings.min_size=many
    expected a whole number from 0 to 4294967295
    "#);
    assert_snapshot!(set(&["rings.min_size=1"]), @"
    min_size is 1
    --set rings.min_size=1
    a ring has at least 2 accounts
    ");
    assert_snapshot!(set(&["tiers.review_q=0.001"]), @"
    act_q 0.01 is above review_q 0.001
    --set tiers.review_q=0.001
    act is the stricter tier: its q-value must be the smaller one
    ");
    assert_snapshot!(set(&["min_participation.x=1"]), @"
    `min_participation` is not a section
    --set min_participation.x=1
    ");
    assert_snapshot!(set(&["rings=1"]), @"
    invalid type: integer `1`
    --set rings=1
    expected a section with keys of its own
    ");
    assert_snapshot!(set(&["rings.min_size"]), @"
    an override needs a key and a value
    --set rings.min_size
    write entity.NAME.key=value, section.key=value or key=value
    ");
    assert_snapshot!(set(&["rings.min_size="]), @"
    an override needs a value
    --set rings.min_size=
    write entity.NAME.key=value, section.key=value or key=value
    ");
    assert_snapshot!(set(&["=1"]), @"
    this names no key
    --set =1
    write entity.NAME.key=value, section.key=value or key=value
    ");
    assert_snapshot!(set(&["a.b.c=1"]), @"
    this names no key
    --set a.b.c=1
    write entity.NAME.key=value, section.key=value or key=value
    ");
}

#[test]
fn missing_columns_switch_entities_off_with_a_reason() {
    let graph = Definition::load("engagement").unwrap();
    let plan = planned(&graph, &["account_id", "target_id", "device_id"]).unwrap();
    let mut text = String::new();
    for entity in &plan.entities {
        writeln!(text, "{} {}", entity.name, entity.columns.join("+")).unwrap();
    }
    for (entity, reason) in &plan.off {
        writeln!(text, "{entity} is off: {reason}").unwrap();
    }
    assert_snapshot!(text, @"
    device device_id
    owner target_id
    ip is off: column ip is not in the input
    lockstep is off: column ts is not in the input
    counterparty is off: column counterparty_id is not in the input
    ");
}

#[test]
fn optional_columns_join_the_key_and_fallbacks_stand_in() {
    let graph = Definition::load("engagement").unwrap();
    let key = |found: &[&str], name: &str| {
        let plan = planned(&graph, found).unwrap();
        plan.entities
            .into_iter()
            .find(|entity| entity.name == name)
            .map(|entity| entity.columns)
    };
    let all = ["target_id", "owner_id", "action", "ts"];
    assert_eq!(key(&all, "lockstep").unwrap(), ["target_id", "action"]);
    assert_eq!(key(&all[..2], "owner").unwrap(), ["owner_id"]);
    assert_eq!(key(&["target_id", "ts"], "owner").unwrap(), ["target_id"]);
    assert_eq!(
        key(&["target_id", "ts"], "lockstep").unwrap(),
        ["target_id"]
    );
}

#[test]
fn windows_use_their_own_time_or_the_events() {
    let graph = Definition::load("signup").unwrap();
    let plan = planned(
        &graph,
        &["device_id", "ip_address", "signup_time", "purchase_time"],
    )
    .unwrap();
    let times: Vec<_> = plan
        .entities
        .iter()
        .map(|entity| entity.time.as_deref())
        .collect();
    let (signup, purchase) = (Some("signup_time"), Some("purchase_time"));
    assert_eq!(times, [None, None, signup, purchase, purchase]);
    let without = planned(&graph, &["device_id", "signup_time"]).unwrap();
    assert_eq!(without.entities.len(), 2);
    assert_eq!(without.off.len(), 3);
}

#[test]
fn coshare_counts_as_coortweet_does() {
    let graph = Definition::load("coshare").unwrap();
    let plan = planned(&graph, &["object_id", "content_id", "timestamp_share"]).unwrap();
    let object = &plan.entities[0];
    assert_eq!(graph.min_participation, 2);
    assert_eq!(object.kind, Kind::Behaviour);
    assert_eq!(object.within_micros, Some(60_000_000));
    assert_eq!(object.content.as_deref(), Some("content_id"));
    assert_eq!(
        (object.max_accounts, object.weight),
        (None, WeightRule::Count)
    );
}

#[test]
fn no_entity_at_all_is_an_error_that_lists_why() {
    let graph = Definition::load("coshare").unwrap();
    assert_snapshot!(planned(&graph, &["account_id"]).unwrap_err().to_string(), @"
    the input has the columns of no entity of `coshare`
    object: column object_id is not in the input
    map the input's columns with --column NAME=COLUMN
    ");
}

#[test]
fn the_effective_definition_is_written_out_in_full() {
    let graph = load(BASE, &["entity.lockstep.within=90"]).unwrap();
    assert_snapshot!(graph.to_toml(), @r#"
    min_participation = 1

    [columns]
    account = "account_id"
    time = "ts"

    [[entity]]
    name = "device"
    kind = "infrastructure"
    columns = ["device_id"]
    max_accounts = 200
    min_shared = 1
    weight = "evidence"

    [[entity]]
    name = "lockstep"
    kind = "behaviour"
    columns = ["target_id"]
    within = "90s"
    min_shared = 1
    weight = "evidence"

    [detection]
    algorithm = "leiden"
    resolution = 1.0
    rounds = 32
    blocks = 32

    [rings]
    min_size = 2
    min_bits = 0.0

    [tiers]
    act_q = 0.01
    review_q = 0.05
    repetition = 3

    [publication]
    action = "review"
    expiry_days = 30
    "#);
    assert_snapshot!(graph.hash(), @"40b0f46b58eb02acacdbdbf25f48de72");
}

#[test]
fn a_passage_is_marked_under_its_characters() {
    let text = BASE.replace("\"device_id\"", "\"gerät\", 7");
    assert_snapshot!(load(&text, &[]).unwrap_err(), @r#"
    invalid type: integer `7`
    mine.toml:10:21
    10 | columns = ["gerät", 7]
       |                     ^
    expected a text in quotes
    "#);
    let text = BASE
        .replace("name = \"device\"", "\tname\t= 7")
        .replace('\n', "\r\n");
    assert_snapshot!(load(&text, &[]).unwrap_err().replace('\t', "<tab>"), @"
    invalid type: integer `7`
    mine.toml:8:9
    8 | <tab>name<tab>= 7
      | <tab>    <tab>  ^
    expected a text in quotes
    ");
    assert_eq!(load(&format!("\u{feff}{BASE}"), &[]), load(BASE, &[]));
}

proptest! {
    #[test]
    fn any_damage_to_a_definition_is_an_answer(
        at in 0..BASE.len(),
        length in 0..12usize,
        with in "[\\PC\n\t\"=\\[\\]]{0,6}",
    ) {
        let end = (at + length).min(BASE.len());
        let text = format!("{}{with}{}", &BASE[..at], &BASE[end..]);
        match Definition::from_toml("mine", &text) {
            Ok(graph) => prop_assert_eq!(&Definition::from_toml("mine", &graph.to_toml()).unwrap(), &graph),
            Err(error) => {
                let RecipeError::Text { what, spot, .. } = error else { panic!("{error}") };
                prop_assert!(!what.is_empty());
                prop_assert!(text.lines().count().max(1) >= spot.line, "{spot}");
            }
        }
    }

    #[test]
    fn any_override_is_an_answer(
        key in "(entity\\.(device|lockstep|x)\\.|rings\\.|tiers\\.|\\PC{0,3}\\.)?(within|min_size|act_q|name|\\PC{0,3})",
        value in "([0-9]{0,12}[a-z]{0,2}|\\PC{0,6}|\\[\"\\PC{0,3}\"\\])",
    ) {
        if let Ok(graph) = load(BASE, &[&format!("{key}={value}")]) {
            prop_assert_eq!(Definition::from_toml("mine", &graph.to_toml()).unwrap(), graph);
        }
    }
}
