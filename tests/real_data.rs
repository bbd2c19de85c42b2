//! Real data with known answers, where a machine has it.
//!
//! `RINGSWEEP_DATA` names the folder; without it every test here says so and passes. The data is not
//! the project's to give away, so no other test may need it, and only totals are compared here.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

mod common {
    pub(crate) mod command;
    pub(crate) mod sweeping;
    pub(crate) mod tables;
}
use common::command::ringsweep;
use common::sweeping::sweep;
use common::tables::table;

/// The file `name` of the data, or `None` and a message where there is no data.
fn data(name: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("RINGSWEEP_DATA") else {
        eprintln!("skipped: RINGSWEEP_DATA does not name a folder of real data");
        return None;
    };
    let path = Path::new(&folder).join(name);
    assert!(path.exists(), "{} is not there", path.display());
    Some(path)
}

/// The JSON that a command prints last.
fn report(arguments: &[&str], path: &Path, out: &Path) -> Value {
    let output = ringsweep(arguments)
        .arg(path)
        .args(["--json", "--out"])
        .arg(out)
        .assert()
        .success()
        .get_output()
        .clone();
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// What `CooRTweet` 2.1.3 makes of the tweets: window, minimal participation, pairs of contents,
/// accounts, edges, largest weight, components, largest component.
const COORTWEET: [[u64; 8]; 9] = [
    [10, 1, 1_098, 1_525, 1_092, 3, 511, 39],
    [60, 1, 6_281, 3_954, 6_206, 4, 449, 2_786],
    [120, 1, 12_535, 5_066, 12_339, 6, 391, 4_023],
    [600, 1, 59_037, 6_958, 57_421, 9, 198, 6_458],
    [10, 2, 447, 525, 442, 3, 95, 35],
    [60, 2, 3_791, 2_110, 3_721, 4, 23, 2_019],
    [600, 2, 38_172, 3_736, 36_620, 9, 6, 3_720],
    [60, 5, 1_235, 772, 1_193, 4, 1, 772],
    [600, 10, 8_164, 700, 7_336, 9, 1, 700],
];

#[test]
fn coshared_tweets_are_counted_as_coortweet_counts_them() {
    let Some(tweets) = data("coortweet/russian_coord_tweets.csv") else {
        return;
    };
    let folder = scratch();
    let out = folder.path().join("links.csv");
    for [
        window,
        least,
        pairs,
        accounts,
        edges,
        heaviest,
        parts,
        largest,
    ] in COORTWEET
    {
        let window = format!("entity.object.within={window}s");
        let least = format!("min_participation={least}");
        let arguments = [
            "links", "--graph", "coshare", "--set", &window, "--set", &least,
        ];
        let found = report(&arguments, &tweets, &out);
        assert_eq!(found["co_actions"], pairs, "{window} {least}");
        assert_eq!(found["accounts"], accounts, "{window} {least}");
        assert_eq!(found["pairs"], edges, "{window} {least}");
        assert_eq!(found["max_weight"], heaviest as f64, "{window} {least}");

        let edges = folder.path().join("edges.csv");
        let rows = table(&out);
        let list = rows
            .iter()
            .map(|row| format!("{},{}\n", row["account_a"], row["account_b"]));
        fs::write(&edges, list.collect::<String>()).unwrap();
        let labels = folder.path().join("labels.csv");
        let found = report(&["cluster", "--algorithm", "components"], &edges, &labels);
        assert_eq!(found["communities"], parts, "{window} {least}");
        let mut sizes: HashMap<String, u64> = HashMap::new();
        for mut row in table(&labels) {
            *sizes.entry(row.remove("label").unwrap()).or_default() += 1;
        }
        assert_eq!(sizes.into_values().max(), Some(largest), "{window} {least}");
    }
}

#[test]
fn the_edges_are_coortweets_one_by_one() {
    let Some(tweets) = data("coortweet/russian_coord_tweets.csv") else {
        return;
    };
    let Some(edges) = data("coortweet/peer_russian_tw60_mp2_edges.csv") else {
        return;
    };
    let folder = scratch();
    let out = folder.path().join("links.csv");
    report(&["links", "--graph", "coshare"], &tweets, &out);
    let weights = |path: &Path, columns: [&str; 3]| -> BTreeMap<(String, String), String> {
        let [from, to, weight] = columns;
        let rows = table(path).into_iter().map(|row| {
            let (a, b) = (row[from].clone(), row[to].clone());
            ((a.clone().min(b.clone()), a.max(b)), row[weight].clone())
        });
        rows.filter(|((a, b), _)| a != b).collect()
    };
    let ours = weights(&out, ["account_a", "account_b", "weight"]);
    let theirs = weights(&edges, ["from", "to", "weight"]);
    assert_eq!(ours.len(), 3_721);
    assert!(ours == theirs, "the edge lists differ");
}

/// Accounts in the co-retweet network of the Coordination Network Toolkit's own fixture, loops left
/// out, by window and least weight.
#[test]
fn retweets_are_counted_as_the_coordination_network_toolkit_counts_them() {
    let Some(retweets) = data("qut/co_retweet.csv") else {
        return;
    };
    let folder = scratch();
    let columns = "account=user_id,object_id=repost_id,content_id=message_id,time=timestamp";
    for (window, least, accounts) in [(1, 1, 2), (1, 2, 0), (60, 1, 6)] {
        let settings = [
            "min_participation=1".to_owned(),
            format!("entity.object.within={window}s"),
            format!("entity.object.min_shared={least}"),
        ];
        let mut arguments = vec!["links", "--graph", "coshare", "--column", columns];
        for setting in &settings {
            arguments.extend(["--set", setting]);
        }
        let found = report(&arguments, &retweets, &folder.path().join("links.csv"));
        assert_eq!(found["accounts"], accounts, "{settings:?}");
    }
}

#[test]
fn graphalytics_answers_are_exact() {
    let folder = scratch();
    let out = folder.path().join("labels.csv");
    for graph in ["directed", "undirected"] {
        let Some(edges) = data(&format!("graphalytics/example-{graph}.e")) else {
            return;
        };
        let nodes = edges.with_extension("v");
        for (algorithm, answer) in [("cdlp", "CDLP"), ("components", "WCC")] {
            let mut arguments = vec!["cluster", "--algorithm", algorithm];
            arguments.extend(["--nodes", nodes.to_str().unwrap()]);
            if algorithm == "cdlp" {
                arguments.extend(["--rounds", "2"]);
            }
            if graph == "directed" {
                arguments.push("--directed");
            }
            report(&arguments, &edges, &out);
            let ours: BTreeSet<(String, String)> = table(&out)
                .into_iter()
                .map(|row| (row["node"].clone(), row["label"].clone()))
                .collect();
            let answer = edges.with_file_name(format!("example-{graph}-{answer}"));
            let text = fs::read_to_string(answer).unwrap();
            let theirs: BTreeSet<(String, String)> = text
                .lines()
                .filter_map(|line| line.split_once(' '))
                .map(|(node, label)| (node.to_owned(), label.to_owned()))
                .collect();
            assert_eq!(ours, theirs, "{graph} {algorithm}");
        }
    }
}

#[test]
fn the_best_known_modularity_is_reached() {
    for (graph, best) in [("karate", 0.4198), ("football", 0.6046)] {
        let Some(edges) = data(&format!("communities/{graph}.edges.csv")) else {
            return;
        };
        let folder = scratch();
        let out = folder.path().join("labels.csv");
        let found = report(&["cluster", "--algorithm", "leiden"], &edges, &out);
        let modularity = found["modularity"].as_f64().unwrap();
        assert!(
            (modularity - best).abs() < 0.000_06,
            "{graph}: {modularity}"
        );
    }
}

/// Normalised mutual information of two labellings, over the mean of their entropies.
fn nmi(pairs: &[(String, String)]) -> f64 {
    let total = pairs.len() as f64;
    let entropy = |counts: HashMap<(&str, &str), f64>| -> f64 {
        counts
            .values()
            .map(|n| -(n / total) * (n / total).ln())
            .sum()
    };
    let count = |key: fn(&(String, String)) -> (&str, &str)| {
        let mut counts: HashMap<(&str, &str), f64> = HashMap::new();
        for pair in pairs {
            *counts.entry(key(pair)).or_default() += 1.0;
        }
        entropy(counts)
    };
    let (one, other) = (count(|pair| (&pair.0, "")), count(|pair| ("", &pair.1)));
    let both = count(|pair| (&pair.0, &pair.1));
    2.0 * (one + other - both) / (one + other)
}

#[test]
fn planted_communities_are_recovered() {
    let reference = [
        ("leiden", "0.1", 0.978),
        ("leiden", "0.3", 0.930),
        ("leiden", "0.5", 0.614),
        ("label-propagation", "0.1", 1.0),
        ("label-propagation", "0.3", 0.983),
    ];
    for (algorithm, mixing, least) in reference {
        let Some(edges) = data(&format!("communities/lfr_mu-{mixing}.edges.csv")) else {
            return;
        };
        let Some(truth) = data(&format!("communities/lfr_mu-{mixing}.truth.csv")) else {
            return;
        };
        let folder = scratch();
        let out = folder.path().join("labels.csv");
        report(&["cluster", "--algorithm", algorithm], &edges, &out);
        let labels: HashMap<String, String> = table(&out)
            .into_iter()
            .map(|row| (row["node"].clone(), row["label"].clone()))
            .collect();
        let pairs: Vec<(String, String)> = table(&truth)
            .into_iter()
            .map(|row| (row["community"].clone(), labels[&row["node"]].clone()))
            .collect();
        let found = nmi(&pairs);
        // One of several partitions of nearly equal quality is found: two hundredths of leeway.
        assert!(
            found >= least - 0.02,
            "{algorithm} at {mixing}: {found}, not {least}"
        );
    }
}

fn evaluate(sweep: &Path, truth: &Path) -> Value {
    let arguments = [
        Path::new("evaluate"),
        sweep,
        "--json".as_ref(),
        "--truth".as_ref(),
        truth,
    ];
    let output = ringsweep(arguments).assert().success().get_output().clone();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn fraudulent_signups_are_found() {
    let Some(signups) = data("signup/signups.csv") else {
        return;
    };
    let folder = scratch();
    let out = folder.path().join("swept");
    let columns = "account=account,device_id=device,ip_address=ip,purchase_time=ts";
    sweep(&signups, "signup", &out, &["--column", columns]);
    let found = evaluate(&out, &signups);
    let tiers = found["tiers"].as_array().unwrap();
    let of = |tier: &Value, measure: &str| tier["accounts"][measure].as_f64().unwrap();
    let (act, all) = (&tiers[0], &tiers[tiers.len() - 1]);
    assert!(of(act, "precision") >= 0.99, "{act}");
    assert!(of(act, "recall") >= 0.45, "{act}");
    // The best rule on one entity alone: an address shared by two.
    assert!(of(all, "precision") >= 0.90, "{all}");
    assert!(of(all, "f1") >= 0.63, "{all}");
}

/// As found: a byte order mark, American dates, and a last line that is cut.
#[test]
fn signups_as_they_were_found_are_read() {
    let Some(raw) = data("signup/raw_with_bom_and_cut_last_line.csv") else {
        return;
    };
    let folder = scratch();
    let out = folder.path().join("swept");
    sweep(&raw, "signup", &out, &[]);
    let manifest: Value =
        serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["rows"]["read"], 30_190);
    assert_eq!(manifest["rows"]["accepted"], 30_189);
    let rejects = table(&out.join("rejects.csv"));
    assert_eq!(rejects.len(), 1);
    assert_eq!(rejects[0]["row"], "30190");
    let rings = table(&out.join("rings.csv"));
    assert!(rings.len() > 300, "{}", rings.len());
}

/// A toy of eleven customers on one device and one address among couples.
#[test]
fn the_largest_group_of_sessions_ranks_first() {
    let Some(sessions) = data("sessions/customer_sessions_joined.csv") else {
        return;
    };
    let folder = scratch();
    let out = folder.path().join("swept");
    sweep(&sessions, "engagement", &out, &[]);
    let rings = table(&out.join("rings.csv"));
    let first = rings.first().expect("a ring is found");
    assert_eq!(first["size"], "11");
    let on_device: BTreeSet<String> = table(&sessions)
        .into_iter()
        .filter(|row| row["device_id"].ends_with("0015-000000000004"))
        .map(|row| row["account_id"].clone())
        .collect();
    let members: BTreeSet<String> = table(&out.join("members.csv"))
        .into_iter()
        .filter(|row| row["ring_id"] == first["ring_id"])
        .map(|row| row["account_id"].clone())
        .collect();
    assert_eq!(members, on_device);
    assert_eq!(
        table(&out.join("rejects.csv")).len(),
        1,
        "one row has no customer"
    );
}
