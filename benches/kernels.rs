//! Kernels on a planted graph of 50,000 nodes; every answer is checked before it is timed.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use ringsweep::base::chance::{below, draw};
use ringsweep::base::run::Run;
use ringsweep::kernels::agreement::agreement;
use ringsweep::kernels::components::{Components, components, find_wrong};
use ringsweep::kernels::label_propagation::{LabelPropagation, find_unsettled, label_propagation};
use ringsweep::kernels::leiden::{Leiden, find_disconnected, leiden};
use ringsweep::sparse::build::{EdgeBatch, Parallel, graph_from_edges};
use ringsweep::sparse::partition::Partition;

const GROUPS: u64 = 500;
const SIZE: u64 = 100;

fn planted_edges() -> Vec<(u32, u32)> {
    let mut ends = Vec::new();
    for v in 0..GROUPS * SIZE {
        for i in 0..7 {
            let member = below(draw(1, v, i), SIZE) * GROUPS + v % GROUPS;
            ends.push((v as u32, member as u32));
        }
        for i in 0..3 {
            ends.push((v as u32, below(draw(2, v, i), GROUPS * SIZE) as u32));
        }
    }
    ends
}

fn kernels(criterion: &mut Criterion) {
    let batches = || {
        let edges = planted_edges();
        edges
            .chunks(1 << 16)
            .map(|ends| EdgeBatch {
                ends: ends.to_vec(),
                weights: Vec::new(),
            })
            .collect()
    };
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

criterion_group!(benches, kernels);
criterion_main!(benches);
