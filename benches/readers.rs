//! Reading: interning beside a concurrent map, and CSV from a file to the log.

use std::hint::black_box;
use std::io::Write;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dashmap::DashMap;
use rayon::prelude::*;
use ringsweep::base::chance;
use ringsweep::base::run::Run;
use ringsweep::events::{ReadOptions, Source, Wanted, WantedKey, read_events};
use ringsweep::sparse::interner::{Interner, Scratch};

const KEYS: u64 = 100_000;
const LOOKUPS: u64 = 1_000_000;
const BLOCK: usize = 8_192;

fn interning(criterion: &mut Criterion) {
    let keys: Vec<String> = (0..LOOKUPS)
        .map(|i| format!("{:016x}", chance::mix(chance::mix(i) % KEYS)))
        .collect();
    let mut group = criterion.benchmark_group("interning");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(LOOKUPS));
    group.bench_function("sharded, by blocks", |bench| {
        bench.iter(|| {
            let interner = Interner::default();
            keys.par_chunks(BLOCK)
                .for_each_init(Scratch::default, |scratch, block| {
                    let ids = interner.intern(block.len(), |i| block[i].as_bytes(), scratch);
                    black_box(ids.is_ok());
                });
            assert_eq!(interner.places().len() as u64, distinct(&keys));
        });
    });
    group.bench_function("dashmap, by key", |bench| {
        bench.iter(|| {
            let map: DashMap<Box<[u8]>, u32, foldhash::fast::RandomState> = DashMap::default();
            let next = std::sync::atomic::AtomicU32::new(0);
            keys.par_iter().for_each(|key| {
                let known = map.get(key.as_bytes()).map(|id| *id);
                let id = known.unwrap_or_else(|| {
                    let fresh = || next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    *map.entry(key.as_bytes().into()).or_insert_with(fresh)
                });
                black_box(id);
            });
            assert_eq!(map.len() as u64, distinct(&keys));
        });
    });
    group.finish();
}

/// Counted once; the benches check themselves against it.
fn distinct(keys: &[String]) -> u64 {
    static COUNT: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
    *COUNT.get_or_init(|| keys.iter().collect::<std::collections::HashSet<_>>().len() as u64)
}

fn reading(criterion: &mut Criterion) {
    let rows = 200_000;
    let mut file = tempfile::Builder::new()
        .suffix(".csv")
        .tempfile()
        .expect("a temporary file");
    let mut text = b"account_id,device_id,ip,ts\n".to_vec();
    for i in 0..rows {
        let pick = |stage: u64, among: u64| chance::below(chance::draw(1, stage, i), among);
        let (account, device) = (pick(1, 50_000), chance::mix(pick(2, 60_000)));
        let (ip, time) = (pick(3, 20_000), 1_700_000_000 + i);
        writeln!(
            text,
            "{account},{device:016x},10.0.{}.{},{time}",
            ip >> 8,
            ip & 255
        )
        .expect("vectors grow");
    }
    file.write_all(&text).expect("room for a few megabytes");
    let key = |name: &str| WantedKey {
        name: name.into(),
        accounts: false,
    };
    let wanted = Wanted {
        account: "account_id".into(),
        times: vec!["ts".into()],
        keys: vec![key("device_id"), key("ip")],
    };
    let sources = [Source::file(file.path())];
    let mut group = criterion.benchmark_group("reading");
    group
        .sample_size(10)
        .throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("csv to log", |bench| {
        bench.iter(|| {
            let reading = read_events(&sources, &wanted, &ReadOptions::default(), &Run::quiet())
                .expect("the bench's own rows are fine");
            assert_eq!(reading.rows.accepted, rows);
        });
    });
    group.finish();
}

criterion_group!(benches, interning, reading);
criterion_main!(benches);
