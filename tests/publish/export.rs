//! Case files: what other tools read is what the tables say, whatever the ids.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::events::{BytesStart, Event};
use ringsweep::publish::export::{CaseError, CaseFile, CaseFormat, CsvNodes, ExportFormat};
use serde_json::Value;

use crate::sample;

type Graph = (BTreeSet<String>, BTreeMap<(String, String), f64>);

fn case(accounts_only: bool) -> CaseFile {
    let rings = [
        sample::NASTY_RING.to_owned(),
        sample::DEVICE_RING.to_owned(),
    ];
    CaseFile::of(&sample::tables(), &rings, accounts_only).unwrap()
}

fn written(format: &dyn CaseFormat, case: &CaseFile) -> String {
    let mut out = Vec::new();
    format.write(case, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Nodes and edges straight from the tables.
fn expected() -> Graph {
    let tables = sample::tables();
    let asked = |ring: &str| ring != sample::FAMILY;
    let account = |id: &str| format!("a:{id}");
    let mut nodes = BTreeSet::new();
    let mut edges = BTreeMap::new();
    for row in tables.members.iter().filter(|row| asked(&row.ring_id)) {
        nodes.insert(account(&row.account_id));
    }
    for row in tables.evidence.iter().filter(|row| asked(&row.ring_id)) {
        nodes.insert(format!("e:{}:{}", row.entity_type, row.entity_id));
    }
    for row in tables.links.iter().filter(|row| asked(&row.ring_id)) {
        edges.insert(
            (account(&row.account_a), account(&row.account_b)),
            row.weight,
        );
    }
    for row in tables.uses.iter().filter(|row| asked(&row.ring_id)) {
        let entity = format!("e:{}:{}", row.entity_type, row.entity_id);
        edges.insert((account(&row.account_id), entity), f64::from(row.events));
    }
    (nodes, edges)
}

/// What XML cannot carry stands as the bytes.
fn in_xml((nodes, edges): Graph) -> Graph {
    let id = |id: String| {
        id.replace('\u{1}', "\\x01")
            .replace('\u{fffe}', "\\xEF\\xBF\\xBE")
    };
    let edges = edges
        .into_iter()
        .map(|((a, b), weight)| ((id(a), id(b)), weight));
    (nodes.into_iter().map(id).collect(), edges.collect())
}

/// Adds to the graph and fails on what tools stumble over.
#[derive(Default)]
struct Collected {
    graph: Graph,
    edge_ids: BTreeSet<String>,
}

impl Collected {
    fn node(&mut self, id: String) {
        assert!(self.graph.0.insert(id), "a node twice");
    }

    fn edge(&mut self, id: String, source: String, target: String, weight: f64) {
        assert!(self.edge_ids.insert(id), "an edge id twice");
        assert!(weight > 0.0 && source != target);
        assert!(self.graph.0.contains(&source) && self.graph.0.contains(&target));
        assert!(
            !self.graph.1.contains_key(&(target.clone(), source.clone())),
            "a parallel edge"
        );
        assert!(
            self.graph.1.insert((source, target), weight).is_none(),
            "a parallel edge"
        );
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).unwrap()?;
    let raw = attribute.value.into_owned();
    assert!(
        !raw.contains(['\n', '\t', '\r']),
        "a parser would normalise {raw:?}"
    );
    Some(quick_xml::escape::unescape(&raw).unwrap().into_owned())
}

/// Reads elements `node` and `edge`; GraphML has the weight as data, GEXF as an attribute.
fn from_xml(text: &str) -> Graph {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut collected = Collected::default();
    let mut edge = None;
    let mut in_weight = false;
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            Event::Start(element) => match element.name().as_ref() {
                "node" => collected.node(attribute(&element, "id").unwrap()),
                "edge" => {
                    let end = |name| attribute(&element, name).unwrap();
                    let ends = (end("id"), end("source"), end("target"));
                    match attribute(&element, "weight") {
                        Some(weight) => {
                            collected.edge(ends.0, ends.1, ends.2, weight.parse().unwrap());
                        }
                        None => edge = Some(ends),
                    }
                }
                "data" => in_weight = attribute(&element, "key").unwrap() == "edge_weight",
                _ => {}
            },
            Event::Text(text) if in_weight => {
                let weight = text.parse().unwrap();
                let (id, source, target) = edge.take().unwrap();
                collected.edge(id, source, target, weight);
                in_weight = false;
            }
            _ => {}
        }
    }
    collected.graph
}

#[test]
fn xml_formats_carry_the_graph() {
    assert_eq!(
        from_xml(&written(ExportFormat::GraphMl.writer(), &case(false))),
        in_xml(expected())
    );
    assert_eq!(
        from_xml(&written(ExportFormat::Gexf.writer(), &case(false))),
        in_xml(expected())
    );
}

#[test]
fn json_carries_the_graph() {
    let value: Value =
        serde_json::from_str(&written(ExportFormat::Json.writer(), &case(false))).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut collected = Collected::default();
    for node in value["nodes"].as_array().unwrap() {
        collected.node(text(&node["id"]));
    }
    for edge in value["edges"].as_array().unwrap() {
        let weight = edge["weight"].as_f64().unwrap();
        collected.edge(
            text(&edge["id"]),
            text(&edge["source"]),
            text(&edge["target"]),
            weight,
        );
    }
    assert_eq!(collected.graph, expected());
    assert_eq!(value["nodes"][0]["tier"], "act");
    assert_eq!(value["multigraph"], false);
}

#[test]
fn csv_carries_the_graph() {
    let mut collected = Collected::default();
    let (nodes, edges) = (
        written(&CsvNodes, &case(false)),
        written(ExportFormat::Csv.writer(), &case(false)),
    );
    for row in csv::Reader::from_reader(nodes.as_bytes()).records() {
        collected.node(row.unwrap()[0].to_owned());
    }
    for row in csv::Reader::from_reader(edges.as_bytes()).records() {
        let row = row.unwrap();
        let cell = |at: usize| row[at].to_owned();
        collected.edge(cell(0), cell(1), cell(2), row[3].parse().unwrap());
    }
    assert_eq!(collected.graph, expected());
}

/// The quoted strings and bare words of a Graphviz file, read by its rules.
fn dot_tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let mut token = String::new();
        match character {
            '"' => loop {
                match characters.next().expect("a string is closed") {
                    '"' => break,
                    '\\' => match characters.next().unwrap() {
                        '"' => token.push('"'),
                        'n' => token.push('\n'),
                        '\\' => token.push('\\'),
                        other => panic!("an escape \\{other} that was not written"),
                    },
                    other => token.push(other),
                }
            },
            space if space.is_whitespace() => continue,
            first => {
                token.push(first);
                while let Some(&next) = characters.peek() {
                    if next.is_whitespace() || "[]=,;\"".contains(next) || "[]=,;".contains(first) {
                        break;
                    }
                    token.push(next);
                    characters.next();
                }
            }
        }
        tokens.push(token);
    }
    tokens
}

#[test]
fn graphviz_strings_are_closed_and_read_back() {
    let tokens = dot_tokens(&written(ExportFormat::Dot.writer(), &case(false)));
    let mut edges = BTreeMap::new();
    for at in tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| *token == "--")
        .map(|(at, _)| at)
    {
        let weight = tokens[at..]
            .iter()
            .position(|token| token == "weight")
            .unwrap();
        let weight: f64 = tokens[at + weight + 2].parse().unwrap();
        edges.insert((tokens[at - 1].clone(), tokens[at + 1].clone()), weight);
    }
    let id = |id: String| id.replace('\u{1}', "\\x01").replace(['\t', '\r'], "?");
    let id_read = |text: String| text.replace("\\x09", "?").replace("\\x0D", "?");
    let expected: BTreeMap<_, _> = expected()
        .1
        .into_iter()
        .map(|((a, b), weight)| ((id(a), id(b)), weight))
        .collect();
    let edges: BTreeMap<_, _> = edges
        .into_iter()
        .map(|((a, b), weight)| ((id_read(a), id_read(b)), weight))
        .collect();
    assert_eq!(edges, expected);
}

#[test]
fn accounts_only_leaves_the_entities_out() {
    let case = case(true);
    assert!(case.nodes.iter().all(|node| node.id.starts_with("a:")));
    assert_eq!(case.nodes.len(), 4 + sample::NASTY_IDS.len());
    assert!(!case.edges.is_empty());
}

#[test]
fn overlapping_rings_loops_and_empty_links_do_no_harm() {
    let mut tables = sample::tables();
    let other = |ring: &str| ring == sample::FAMILY;
    let mut member = tables.members[0].clone();
    member.ring_id = sample::FAMILY.into();
    tables.members.push(member);
    let mut link = tables
        .links
        .iter()
        .find(|row| !other(&row.ring_id))
        .unwrap()
        .clone();
    link.ring_id = sample::FAMILY.into();
    tables.links.push(link.clone());
    link.account_b.clone_from(&link.account_a);
    tables.links.push(link);
    let mut empty = tables
        .links
        .iter()
        .find(|row| other(&row.ring_id))
        .unwrap()
        .clone();
    empty.weight = 0.0;
    tables
        .links
        .retain(|row| !(other(&row.ring_id) && row.account_a == empty.account_a));
    tables.links.push(empty);
    let rings = [sample::DEVICE_RING.to_owned(), sample::FAMILY.to_owned()];
    let case = CaseFile::of(&tables, &rings, false).unwrap();
    let graph = from_xml(&written(ExportFormat::Gexf.writer(), &case));
    assert_eq!(graph.0.len(), 4 + 2 + 4 + 1);
    assert!(!graph.1.contains_key(&("a:f1".into(), "a:f2".into())));
    let both = format!("{};{}", sample::DEVICE_RING, sample::FAMILY);
    assert!(written(ExportFormat::Json.writer(), &case).contains(&both));
}

#[test]
fn an_unknown_ring_is_told_with_its_neighbours() {
    let error = CaseFile::of(&sample::tables(), &["R00000000000000ab".into()], false).unwrap_err();
    let CaseError::UnknownRing { ring, nearest } = error;
    assert_eq!(ring, "R00000000000000ab");
    assert!(nearest.contains(&sample::DEVICE_RING.to_owned()));
}
