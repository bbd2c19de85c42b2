//! Reading: interning beside plain concurrent maps, and CSV from a file to the log.
//!
//! Ways of interning are timed by turns in one run and compared by the ratio of their medians, which
//! means something even on a machine that does other things as well.

use std::hash::BuildHasher;
use std::hint::black_box;
use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dashmap::DashMap;
use foldhash::quality::RandomState;
use hashbrown::HashMap;
use rayon::prelude::*;
use ringsweep::base::chance;
use ringsweep::base::run::Run;
use ringsweep::events::{ReadOptions, Source, Wanted, WantedKey, read_events};
use ringsweep::sparse::interner::Interner;

const KEYS: u64 = 800_000;
const LOOKUPS: u64 = 5_000_000;
const BLOCK: usize = 5_000;
const ROUNDS: usize = 9;
const SHARDS: usize = 64;

/// A way to intern all keys; how many are distinct.
type Way = fn(&[String]) -> usize;

fn ours(keys: &[String]) -> usize {
    let interner = Interner::default();
    let blocks = keys.par_chunks(BLOCK);
    let numbers: Vec<Vec<u32>> = blocks
        .filter_map(|block| {
            let ids = interner.intern(block.len(), |i| block[i].as_bytes().into());
            ids.ok()
        })
        .collect();
    let numbers: Vec<&[u32]> = numbers.iter().map(Vec::as_slice).collect();
    interner.places(&numbers).len()
}

fn dashmap_by_key(keys: &[String]) -> usize {
    let map: DashMap<Box<[u8]>, u32, RandomState> = DashMap::default();
    let next = AtomicU32::new(0);
    keys.par_chunks(BLOCK).for_each(|block| {
        let ids: Vec<u32> = block
            .iter()
            .map(|key| {
                let known = map.get(key.as_bytes()).map(|id| *id);
                known.unwrap_or_else(|| {
                    let fresh = || next.fetch_add(1, Ordering::Relaxed);
                    *map.entry(key.as_bytes().into()).or_insert_with(fresh)
                })
            })
            .collect();
        black_box(ids);
    });
    map.len()
}

/// The same map for short keys as they are in our slots: no allocation, no pointer to follow.
fn dashmap_by_number(keys: &[String]) -> usize {
    let map: DashMap<(u128, usize), u32, RandomState> = DashMap::default();
    let next = AtomicU32::new(0);
    keys.par_chunks(BLOCK).for_each(|block| {
        let ids: Vec<u32> = block
            .iter()
            .map(|key| {
                let mut bytes = [0; 16];
                bytes[..key.len()].copy_from_slice(key.as_bytes());
                let key = (u128::from_be_bytes(bytes), key.len());
                let known = map.get(&key).map(|id| *id);
                let fresh = || next.fetch_add(1, Ordering::Relaxed);
                known.unwrap_or_else(|| *map.entry(key).or_insert_with(fresh))
            })
            .collect();
        black_box(ids);
    });
    map.len()
}

type LockedMap = Mutex<HashMap<Box<[u8]>, u32, RandomState>>;

/// Maps behind locks that are taken once a block and shard.
fn locked_by_block(keys: &[String]) -> usize {
    let state = RandomState::default();
    let shards: Vec<LockedMap> = (0..SHARDS)
        .map(|_| Mutex::new(HashMap::with_hasher(state.clone())))
        .collect();
    keys.par_chunks(BLOCK).for_each(|block| {
        let mut ids = vec![0; block.len()];
        let mut by_shard: Vec<(usize, usize)> = (0..block.len())
            .map(|i| (state.hash_one(block[i].as_bytes()) as usize % SHARDS, i))
            .collect();
        by_shard.sort_unstable();
        for run in by_shard.chunk_by(|a, b| a.0 == b.0) {
            let mut shard = shards[run[0].0]
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            for &(_, index) in run {
                let next = shard.len() as u32;
                let key = block[index].as_bytes();
                let known = shard.get(key).copied();
                ids[index] = known.unwrap_or_else(|| *shard.entry(key.into()).or_insert(next));
            }
        }
        black_box(ids);
    });
    let count = |shard: &LockedMap| shard.lock().unwrap_or_else(PoisonError::into_inner).len();
    shards.iter().map(count).sum()
}

fn interning(_: &mut Criterion) {
    let hex = |i: u64| format!("{:016x}", chance::mix(chance::mix(i) % KEYS));
    let short: Vec<String> = (0..LOOKUPS).map(hex).collect();
    let long: Vec<String> = short
        .iter()
        .map(|key| {
            let (a, b) = key.split_at(8);
            format!("{a}-{}-{}-4a5b-{b}6c7d", &b[..4], &b[4..])
        })
        .collect();
    say(&format!(
        "keys of 16 bytes: {LOOKUPS} look-ups, {KEYS} keys"
    ));
    by_turns(
        &short,
        &[
            ("short keys by blocks (ours)", ours),
            ("dashmap of numbers", dashmap_by_number),
            ("dashmap of boxed keys", dashmap_by_key),
            ("locked maps by blocks", locked_by_block),
        ],
    );
    say(&format!(
        "keys of 36 bytes: {LOOKUPS} look-ups, {KEYS} keys"
    ));
    by_turns(
        &long,
        &[
            ("long keys by blocks (ours)", ours),
            ("locked maps by blocks", locked_by_block),
        ],
    );
}

fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("somebody listens to a bench");
}

/// Times every way once a round, and prints medians and their ratio to the first.
fn by_turns(keys: &[String], ways: &[(&str, Way)]) {
    let mut seconds = vec![Vec::new(); ways.len()];
    let distinct = ours(keys);
    for _ in 0..ROUNDS {
        for (seconds, (name, way)) in seconds.iter_mut().zip(ways) {
            let start = Instant::now();
            assert_eq!(way(keys), distinct, "{name}");
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
        let ratio = median / medians[0];
        say(&format!("  {name:40} {median:.3} s  {ratio:.2}"));
    }
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
