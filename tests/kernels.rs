//! Laws of the community kernels, held on random graphs against slow twins and petgraph.

use proptest::prelude::*;
use ringsweep::base::chance::{below, draw};
use ringsweep::base::run::Run;
use ringsweep::kernels::agreement::agreement;
use ringsweep::kernels::cdlp::{Cdlp, cdlp};
use ringsweep::kernels::components::{Components, components, find_wrong};
use ringsweep::kernels::connected_parts::find_disconnected;
use ringsweep::kernels::label_propagation::{LabelPropagation, find_unsettled, label_propagation};
use ringsweep::kernels::leiden::{Leiden, leiden};
use ringsweep::kernels::louvain::{Louvain, louvain};
use ringsweep::kernels::objective::Objective;
use ringsweep::kernels::quality::quality;
use ringsweep::sparse::build::{EdgeBatch, Parallel, graph_from_edges};
use ringsweep::sparse::graph::Graph;
use ringsweep::sparse::partition::Partition;

fn weighted(nodes: usize, edges: &[(u32, u32, u32)]) -> Graph {
    let batch = EdgeBatch {
        ends: edges.iter().map(|&(u, v, _)| (u, v)).collect(),
        weights: edges.iter().map(|&(_, _, weight)| weight).collect(),
    };
    graph_from_edges(nodes, vec![batch], Parallel::Sum).unwrap()
}

fn plain(nodes: usize, ends: Vec<(u32, u32)>) -> Graph {
    let batch = EdgeBatch {
        ends,
        weights: Vec::new(),
    };
    graph_from_edges(nodes, vec![batch], Parallel::Collapse).unwrap()
}

/// Any small graph: parallel edges, loops and lone nodes included.
fn any_edges() -> impl Strategy<Value = (usize, Vec<(u32, u32, u32)>)> {
    (1..40u32).prop_flat_map(|nodes| {
        let edge = (0..nodes, 0..nodes, 1..6u32);
        (Just(nodes as usize), prop::collection::vec(edge, 0..120))
    })
}

/// `groups` of `size` nodes, scattered over the ids, with `inside` random edges a node within its
/// group and `outside` anywhere: large enough to be cut into many chunks.
fn planted(groups: u64, size: u64, inside: u64, outside: u64) -> (Graph, Partition) {
    let nodes = groups * size;
    let group_of = |v: u64| v % groups;
    let mut ends = Vec::new();
    for v in 0..nodes {
        for i in 0..inside {
            let member = below(draw(1, v, i), size);
            ends.push((v as u32, (member * groups + group_of(v)) as u32));
        }
        for i in 0..outside {
            ends.push((v as u32, below(draw(2, v, i), nodes) as u32));
        }
    }
    let truth = (0..nodes).map(|v| group_of(v) as u32).collect();
    (plain(nodes as usize, ends), Partition::from_labels(truth))
}

fn on_threads<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
        .install(work)
}

/// What a partition is worth, pair of nodes by pair of nodes.
fn slow_quality(graph: &Graph, labels: &[u32], objective: Objective, resolution: f64) -> f64 {
    let nodes = graph.nodes() as u32;
    let tie = |u: u32, v: u32| {
        let place = graph.neighbours(u).binary_search(&v).ok();
        place.map_or(0.0, |i| {
            f64::from(graph.weights(u).map_or(1, |weights| weights[i]))
        })
    };
    let degree: Vec<f64> = (0..nodes)
        .map(|u| {
            (0..nodes)
                .map(|v| tie(u, v) * if u == v { 2.0 } else { 1.0 })
                .sum()
        })
        .collect();
    let total: f64 = degree.iter().sum();
    let mut value = 0.0;
    for u in 0..nodes {
        for v in 0..nodes {
            if labels[u as usize] != labels[v as usize] {
                continue;
            }
            let twice = if u == v { 2.0 } else { 1.0 };
            value += match objective {
                Objective::Modularity if total == 0.0 => 0.0,
                Objective::Modularity => {
                    (tie(u, v) * twice
                        - resolution * degree[u as usize] * degree[v as usize] / total)
                        / total
                }
                Objective::ConstantPotts => {
                    tie(u, v) * twice / 2.0 - if u == v { 0.0 } else { resolution / 2.0 }
                }
            };
        }
    }
    value
}

/// The rule of Graphalytics, literally.
fn slow_cdlp(graph: &Graph, rounds: u32) -> Vec<u32> {
    let mut labels: Vec<u32> = (0..graph.nodes() as u32).collect();
    for _ in 0..rounds {
        labels = (0..graph.nodes() as u32)
            .map(|v| {
                let mut votes = std::collections::BTreeMap::new();
                for (u, weight) in graph.edges(v) {
                    *votes.entry(labels[u as usize]).or_insert(0) += weight;
                }
                let most = votes.values().copied().max();
                let winner = votes.iter().find(|(_, votes)| Some(**votes) == most);
                winner.map_or(labels[v as usize], |(&label, _)| label)
            })
            .collect();
    }
    labels
}

proptest! {
    #[test]
    fn quality_is_the_sum_over_pairs((nodes, edges) in any_edges(), groups in 1..6u32, resolution in 0.1..2.0) {
        let graph = weighted(nodes, &edges);
        let labels = (0..nodes as u64).map(|v| (draw(5, 5, v) % u64::from(groups)) as u32 % nodes as u32);
        let partition = Partition::from_labels(labels.collect());
        for objective in [Objective::Modularity, Objective::ConstantPotts] {
            let fast = quality(&graph, &partition, objective, resolution);
            let slow = slow_quality(&graph, partition.labels(), objective, resolution);
            prop_assert!((fast - slow).abs() < 1e-9 * slow.abs().max(1.0), "{} {}", fast, slow);
        }
    }

    #[test]
    fn louvain_never_loses_and_stays_inside_components((nodes, edges) in any_edges(), seed in any::<u64>()) {
        let graph = weighted(nodes, &edges);
        let value = |partition: &Partition| quality(&graph, partition, Objective::Modularity, 1.0);
        let mut last = value(&Partition::from_labels((0..nodes as u32).collect()));
        for levels in 1..5 {
            let params = Louvain { seed, levels, ..Louvain::default() };
            let (partition, trace) = louvain(&graph, &params, &Run::quiet()).unwrap();
            prop_assert!(trace.settled && value(&partition) >= last - 1e-9);
            last = value(&partition);
            let (parts, _) = components(&graph, &Components::default(), &Run::quiet()).unwrap();
            prop_assert_eq!(agreement(&partition, &parts).pair_precision, 1.0);
        }
    }

    #[test]
    fn leiden_is_connected_and_beats_both_trivial_answers(
        (nodes, edges) in any_edges(), seed in any::<u64>(), cpm in any::<bool>(),
    ) {
        let graph = weighted(nodes, &edges);
        let (objective, resolution) =
            if cpm { (Objective::ConstantPotts, 1.3) } else { (Objective::Modularity, 1.0) };
        let params = Leiden { objective, resolution, seed, ..Leiden::default() };
        let (partition, _) = leiden(&graph, &params, &Run::quiet()).unwrap();
        prop_assert_eq!(partition.labels().len(), nodes);
        prop_assert_eq!(find_disconnected(&graph, &partition), None);
        let value = quality(&graph, &partition, objective, resolution);
        let alone = Partition::from_labels((0..nodes as u32).collect());
        prop_assert!(value >= quality(&graph, &alone, objective, resolution) - 1e-9);
        let (parts, _) = components(&graph, &Components::default(), &Run::quiet()).unwrap();
        let coarser = agreement(&partition, &parts);
        prop_assert!(coarser.pair_precision == 1.0, "a community crosses components");
    }

    #[test]
    fn label_propagation_settles_where_everyone_agrees((nodes, edges) in any_edges(), seed in any::<u64>()) {
        let graph = weighted(nodes, &edges);
        let params = LabelPropagation { seed, ..LabelPropagation::default() };
        let (partition, trace) = label_propagation(&graph, &params, &Run::quiet()).unwrap();
        prop_assert!(trace.settled);
        prop_assert_eq!(find_unsettled(&graph, &partition), None);
    }

    #[test]
    fn components_are_those_of_petgraph((nodes, edges) in any_edges(), link_one_of in 0..4u32, sample in 0..4usize) {
        let graph = weighted(nodes, &edges);
        let params = Components { link_one_of, sample };
        let (partition, _) = components(&graph, &params, &Run::quiet()).unwrap();
        prop_assert_eq!(partition.communities(), petgraph::algo::connected_components(&graph));
        prop_assert_eq!(find_wrong(&graph, &partition), None);
    }

    #[test]
    fn cdlp_is_its_definition((nodes, edges) in any_edges(), rounds in 0..6u32) {
        let ends = edges.iter().map(|&(u, v, _)| (u, v)).collect();
        let batch = EdgeBatch { ends, weights: Vec::new() };
        let graph = graph_from_edges(nodes, vec![batch], Parallel::Directions).unwrap();
        let (labels, trace) = cdlp(&graph, &Cdlp { rounds }, &Run::quiet()).unwrap();
        prop_assert_eq!(labels, slow_cdlp(&graph, rounds));
        prop_assert!(trace.rounds <= rounds);
    }
}

#[test]
fn every_kernel_gives_the_same_bytes_on_any_number_of_threads() {
    let (graph, _) = planted(600, 100, 5, 2);
    let answers = |threads| {
        on_threads(threads, || {
            let run = Run::quiet();
            (
                leiden(&graph, &Leiden::default(), &run).unwrap(),
                louvain(&graph, &Louvain::default(), &run).unwrap(),
                label_propagation(&graph, &LabelPropagation::default(), &run).unwrap(),
                cdlp(&graph, &Cdlp::default(), &run).unwrap(),
                components(&graph, &Components::default(), &run).unwrap(),
            )
        })
    };
    let one = answers(1);
    assert_eq!(one, answers(2));
    assert_eq!(one, answers(7));
}

/// One shape for every way through the kernel: a large component, groups apart, and trees that a few links do not join,
/// which are a path, a lattice and pairs. Their nodes are numbered by chance.
#[test]
fn components_of_any_shape_are_those_of_petgraph() {
    let nodes = 40_000u32;
    let mut place: Vec<u32> = (0..nodes).collect();
    place.sort_by_key(|&v| draw(4, u64::from(v), 0));
    let path: Vec<(u32, u32)> = (1..nodes).map(|v| (v - 1, v)).collect();
    let beside = path.iter().copied().filter(|&(_, v)| v % 200 != 0);
    let lattice = beside.chain((200..nodes).map(|v| (v - 200, v))).collect();
    let pairs = (0..nodes / 2).map(|v| (2 * v, 2 * v + 1)).collect();
    let shapes: [(Vec<(u32, u32)>, usize); 3] =
        [(path, 1), (lattice, 1), (pairs, nodes as usize / 2)];
    let shuffled = |edges: &[(u32, u32)]| -> Graph {
        let ends = edges.iter();
        let ends = ends.map(|&(u, v)| (place[u as usize], place[v as usize]));
        plain(nodes as usize, ends.collect())
    };
    let in_order = shapes.iter().map(|(edges, expected)| {
        let graph = plain(nodes as usize, edges.clone());
        (graph, *expected)
    });
    let by_chance = shapes
        .iter()
        .map(|(edges, expected)| (shuffled(edges), *expected));
    let planted = [
        (planted(400, 100, 7, 0).0, 400),
        (planted(400, 100, 7, 3).0, 1),
    ];
    for (graph, expected) in in_order.chain(by_chance).chain(planted) {
        let found = |threads| {
            on_threads(threads, || {
                components(&graph, &Components::default(), &Run::quiet())
                    .unwrap()
                    .0
            })
        };
        let one = found(1);
        assert_eq!(one.communities(), expected);
        assert_eq!(find_wrong(&graph, &one), None);
        assert_eq!(one, found(3));
    }
}

#[test]
fn graphs_do_not_depend_on_threads_or_on_the_order_of_edges() {
    let edges: Vec<(u32, u32)> = (0..200_000)
        .map(|i| {
            (
                below(draw(3, 0, i), 9000) as u32,
                below(draw(3, 1, i), 9000) as u32,
            )
        })
        .collect();
    let build = |threads, edges: &[(u32, u32)], parallel| {
        let batches = edges
            .chunks(999)
            .map(|ends| EdgeBatch {
                ends: ends.to_vec(),
                weights: Vec::new(),
            })
            .collect();
        on_threads(threads, || {
            graph_from_edges(9000, batches, parallel).unwrap()
        })
    };
    let backwards: Vec<_> = edges.iter().rev().copied().collect();
    for parallel in [Parallel::Collapse, Parallel::Sum, Parallel::Directions] {
        assert_eq!(build(1, &edges, parallel), build(3, &backwards, parallel));
    }
}

#[test]
fn planted_communities_are_found_on_many_chunks() {
    let (graph, truth) = planted(600, 100, 5, 2);
    let run = Run::quiet();
    let (found, trace) = label_propagation(&graph, &LabelPropagation::default(), &run).unwrap();
    assert!(trace.settled);
    assert_eq!(find_unsettled(&graph, &found), None);
    let nmi = agreement(&found, &truth).nmi;
    assert!(nmi > 0.995, "label propagation: {nmi}");
    let params = Leiden {
        objective: Objective::ConstantPotts,
        resolution: 0.02,
        ..Leiden::default()
    };
    let (found, _) = leiden(&graph, &params, &run).unwrap();
    assert_eq!(find_disconnected(&graph, &found), None);
    let nmi = agreement(&found, &truth).nmi;
    assert!(nmi > 0.99, "constant Potts: {nmi}");
    let (found, _) = leiden(&graph, &Leiden::default(), &run).unwrap();
    let value = |partition| quality(&graph, partition, Objective::Modularity, 1.0);
    assert!(
        value(&found) >= value(&truth) - 0.001,
        "{} {}",
        value(&found),
        value(&truth)
    );
}

#[test]
fn label_propagation_settles_on_stars_bipartite_graphs_and_hubs() {
    let leaves = 5000;
    let star = plain(
        leaves + 1,
        (1..=leaves as u32).map(|leaf| (0, leaf)).collect(),
    );
    let bipartite = plain(
        2000,
        (0..1000)
            .flat_map(|u| (0..4).map(move |i| (u, 1000 + (u * 7 + i * 13) % 1000)))
            .collect(),
    );
    let hubs = plain(
        6000,
        (3..6000)
            .flat_map(|v| (0..3).map(move |hub| (hub, v)))
            .collect(),
    );
    for graph in [star, bipartite, hubs] {
        let (found, trace) =
            label_propagation(&graph, &LabelPropagation::default(), &Run::quiet()).unwrap();
        assert!(trace.settled, "{trace:?}");
        assert_eq!(find_unsettled(&graph, &found), None);
    }
}

#[test]
fn a_stop_flag_ends_every_kernel() {
    use std::sync::atomic::AtomicBool;
    let (graph, _) = planted(10, 100, 3, 1);
    let stop = AtomicBool::new(true);
    let run = Run {
        stop: &stop,
        ..Run::quiet()
    };
    assert!(leiden(&graph, &Leiden::default(), &run).is_err());
    assert!(louvain(&graph, &Louvain::default(), &run).is_err());
    assert!(label_propagation(&graph, &LabelPropagation::default(), &run).is_err());
    assert!(cdlp(&graph, &Cdlp::default(), &run).is_err());
    assert!(components(&graph, &Components::default(), &run).is_err());
}

#[test]
fn graphs_without_nodes_or_edges_have_answers() {
    for nodes in [0, 1, 5] {
        let graph = plain(nodes, Vec::new());
        let run = Run::quiet();
        assert_eq!(
            leiden(&graph, &Leiden::default(), &run)
                .unwrap()
                .0
                .communities(),
            nodes
        );
        assert_eq!(
            louvain(&graph, &Louvain::default(), &run)
                .unwrap()
                .0
                .communities(),
            nodes
        );
        let found = label_propagation(&graph, &LabelPropagation::default(), &run)
            .unwrap()
            .0;
        assert_eq!(found.communities(), nodes);
        assert_eq!(
            components(&graph, &Components::default(), &run)
                .unwrap()
                .0
                .communities(),
            nodes
        );
        assert_eq!(cdlp(&graph, &Cdlp::default(), &run).unwrap().0.len(), nodes);
    }
}

/// Two cliques joined through one node that a later move takes away: what Louvain may leave in
/// pieces. Every Leiden answer on such graphs is connected; here on many of them at once.
#[test]
fn communities_stay_connected_on_sparse_graphs() {
    for seed in 0..200 {
        let ends = (0..90).map(|i| {
            (
                below(draw(seed, 0, i), 60) as u32,
                below(draw(seed, 1, i), 60) as u32,
            )
        });
        let graph = plain(60, ends.collect());
        let params = Leiden {
            seed,
            restarts: 1,
            ..Leiden::default()
        };
        let (found, _) = leiden(&graph, &params, &Run::quiet()).unwrap();
        assert_eq!(find_disconnected(&graph, &found), None, "seed {seed}");
    }
}
