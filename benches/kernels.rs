//! Kernels on a planted graph of 50,000 nodes; every answer is checked before it is timed.
//!
//! Connected components are also timed beside petgraph's, by turns, on a planted graph of a million nodes, once on
//! its own kind of graph and once on our rows: what is printed last is how many times as long it takes.

use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use petgraph::algo::connected_components;
use petgraph::graph::UnGraph;
use ringsweep::base::chance::{below, draw};
use ringsweep::base::run::Run;
use ringsweep::kernels::agreement::agreement;
use ringsweep::kernels::components::{Components, components, find_wrong};
use ringsweep::kernels::connected_parts::find_disconnected;
use ringsweep::kernels::label_propagation::{LabelPropagation, find_unsettled, label_propagation};
use ringsweep::kernels::leiden::{Leiden, leiden};
use ringsweep::sparse::build::{EdgeBatch, Parallel, graph_from_edges};
use ringsweep::sparse::graph::Graph;
use ringsweep::sparse::partition::Partition;

const GROUPS: u64 = 500;
const SIZE: u64 = 100;

/// Groups of the graph that petgraph is timed on.
const GROUPS_BESIDE: u64 = 10_000;
const ROUNDS: usize = 5;

fn planted_edges(groups: u64) -> Vec<(u32, u32)> {
    let mut ends = Vec::new();
    for v in 0..groups * SIZE {
        for i in 0..7 {
            let member = below(draw(1, v, i), SIZE) * groups + v % groups;
            ends.push((v as u32, member as u32));
        }
        for i in 0..3 {
            ends.push((v as u32, below(draw(2, v, i), groups * SIZE) as u32));
        }
    }
    ends
}

fn batches(edges: &[(u32, u32)]) -> Vec<EdgeBatch> {
    let blocks = edges.chunks(1 << 16);
    let batches = blocks.map(|ends| EdgeBatch {
        ends: ends.to_vec(),
        weights: Vec::new(),
    });
    batches.collect()
}

/// What is timed beside ours: the number of components.
type Way<'a> = (&'a str, Box<dyn Fn() -> usize + 'a>);

/// Components beside petgraph's: once where one component holds all, and once where the groups are apart.
fn beside_petgraph(_: &mut Criterion) {
    let nodes = (GROUPS_BESIDE * SIZE) as usize;
    let edges = planted_edges(GROUPS_BESIDE);
    let apart = |&(u, v): &(u32, u32)| u64::from(u) % GROUPS_BESIDE == u64::from(v) % GROUPS_BESIDE;
    let inside: Vec<(u32, u32)> = edges.iter().copied().filter(apart).collect();
    for (name, edges) in [
        ("one component", edges),
        ("ten thousand components", inside),
    ] {
        let graph = graph_from_edges(nodes, batches(&edges), Parallel::Collapse);
        let graph = graph.expect("weights are 1");
        say(&format!(
            "connected components, {nodes} nodes, {} edges, {name}, {} threads",
            graph.arcs() / 2,
            rayon::current_num_threads()
        ));
        by_turns(&graph);
    }
}

fn by_turns(graph: &Graph) {
    let run = Run::quiet();
    let mut own: UnGraph<(), ()> = UnGraph::with_capacity(graph.nodes(), graph.arcs() / 2);
    for _ in 0..graph.nodes() {
        own.add_node(());
    }
    for v in 0..graph.nodes() as u32 {
        for &u in graph.neighbours(v).iter().filter(|&&u| u >= v) {
            own.add_edge(v.into(), u.into(), ());
        }
    }
    let ours = || components(graph, &Components::default(), &run).expect("nobody interrupts");
    assert_eq!(find_wrong(graph, &ours().0), None);
    let ways: [Way<'_>; 3] = [
        ("ours", Box::new(|| ours().0.communities())),
        (
            "petgraph on its own graph",
            Box::new(|| connected_components(&own)),
        ),
        (
            "petgraph on our rows",
            Box::new(|| connected_components(graph)),
        ),
    ];
    let mut seconds = vec![Vec::new(); ways.len()];
    let expected = ours().0.communities();
    for _ in 0..ROUNDS {
        for (seconds, (name, way)) in seconds.iter_mut().zip(&ways) {
            let start = Instant::now();
            assert_eq!(black_box(way()), expected, "{name}");
            seconds.push(start.elapsed().as_secs_f64());
        }
    }
    let medians: Vec<f64> = seconds
        .iter_mut()
        .map(|seconds| {
            seconds.sort_by(f64::total_cmp);
            seconds[ROUNDS / 2]
        })
        .collect();
    for ((name, _), median) in ways.iter().zip(&medians) {
        say(&format!(
            "  {name:30} {median:.4} s  {:.2}",
            median / medians[0]
        ));
    }
}

fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("somebody listens to a bench");
}

fn kernels(criterion: &mut Criterion) {
    let edges = planted_edges(GROUPS);
    let batches = || batches(&edges);
    let nodes = (GROUPS * SIZE) as usize;
    let graph = graph_from_edges(nodes, batches(), Parallel::Collapse).expect("weights are 1");
    let truth = Partition::from_labels((0..nodes as u64).map(|v| (v % GROUPS) as u32).collect());
    let run = Run::quiet();

    let (parts, _) = components(&graph, &Components::default(), &run).expect("nobody interrupts");
    assert_eq!(find_wrong(&graph, &parts), None);
    let (found, _) =
        label_propagation(&graph, &LabelPropagation::default(), &run).expect("nobody interrupts");
    assert_eq!(find_unsettled(&graph, &found), None);
    assert!(agreement(&found, &truth).nmi > 0.99);
    let (found, _) = leiden(&graph, &Leiden::default(), &run).expect("nobody interrupts");
    assert_eq!(find_disconnected(&graph, &found), None);

    let mut group = criterion.benchmark_group("kernels");
    group.sample_size(10);
    group.bench_function("graph_from_edges", |bencher| {
        bencher.iter_batched(
            batches,
            |batches| black_box(graph_from_edges(nodes, batches, Parallel::Collapse)),
            criterion::BatchSize::PerIteration,
        );
    });
    group.bench_function("components", |bencher| {
        bencher.iter(|| black_box(components(&graph, &Components::default(), &run)));
    });
    group.bench_function("label_propagation", |bencher| {
        bencher.iter(|| {
            black_box(label_propagation(
                &graph,
                &LabelPropagation::default(),
                &run,
            ))
        });
    });
    group.bench_function("leiden", |bencher| {
        bencher.iter(|| black_box(leiden(&graph, &Leiden::default(), &run)));
    });
    group.finish();
}

criterion_group!(benches, kernels, beside_petgraph);
criterion_main!(benches);
