//! Events and a definition as text, links as a map: the library's way from one to the other.

use std::collections::BTreeMap;

use ringsweep::base::run::{Interrupted, Run};
use ringsweep::entities::entities;
use ringsweep::links::{Pairs, Projector};
use ringsweep::recipe::{Definition, plan};
use ringsweep::sweep::{self, Input};

/// One link: weight in micro-units, shared entities or moments, pairs of actions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) weight: u64,
    pub(crate) shared: u32,
    pub(crate) co_actions: u32,
}

pub(crate) type Links = BTreeMap<(String, String), Link>;

/// The links between the accounts of `csv` under the definition `toml`.
pub(crate) fn links(csv: &str, toml: &str) -> Links {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.csv");
    std::fs::write(&path, csv).unwrap();
    let definition = Definition::from_toml("test", toml).unwrap();
    let run = Run::quiet();
    let input = Input::of(&[path]).unwrap();
    let loaded = match sweep::load(&input, &definition, BTreeMap::new(), &run) {
        Ok(loaded) => loaded,
        Err(error) => {
            // Filters may leave nothing, and then there is no link.
            assert!(error.to_string().contains("could be used"), "{error}");
            return Links::new();
        }
    };
    let plan = plan(&definition, &loaded.reading.found).unwrap();
    let graph = entities(&loaded.log, &plan);
    let name = |id| String::from_utf8(graph.log.accounts.get(id).to_vec()).unwrap();
    let mut links = Links::new();
    Projector::new(&graph, definition.min_participation, &run)
        .unwrap()
        .project(&run, Pairs::clone, |pairs| {
            for i in 0..pairs.len() {
                let link = Link {
                    weight: pairs.weight[i],
                    shared: pairs.shared[i],
                    co_actions: pairs.co_actions[i],
                };
                let pair = (name(pairs.node[i]), name(pairs.other[i]));
                assert!(pair.0 < pair.1, "{pair:?}");
                assert_eq!(links.insert(pair, link), None, "one row a pair");
            }
            Ok::<_, Interrupted>(())
        })
        .unwrap();
    links
}
