//! Grouping where all that is kept of an item is its place: no list beside the result.
//!
//! How many items of a block are in each bucket is counted first; so a block can write them to where they lie in the result, bucket
//! by bucket and block by block, as the key's place in the bucket and the item's place in the block, sixteen bits each. Then every
//! bucket is brought into the order of its keys, by way of a copy that stays in a near cache.

use rayon::prelude::*;

use super::grouping::{BLOCK, Groups, Parting, begin, group};
use crate::base::pool::Pool;

/// Bits of a place in its block.
const PLACE_BITS: u32 = BLOCK.ilog2();
const PLACE_MASK: u32 = BLOCK as u32 - 1;

/// Groups the items `0..count`, of which nothing is kept but their places, by a key below `keys`; `key(i)` is the key of item `i`, if
/// it has one, and is asked twice.
///
/// Cost: `O(count + keys)`; beside the result a copy of a bucket for each thread, where there are not more than some thirty million
/// keys.
pub fn group_places(
    count: usize,
    keys: usize,
    key: impl Fn(usize) -> Option<u32> + Sync,
) -> Groups<u32> {
    let parting = Parting::new(keys);
    if parting.width > 1 << (u32::BITS - PLACE_BITS) {
        return group(count, keys, |place| Some((key(place)?, place as u32)));
    }
    let (buckets, shift) = (parting.buckets(), parting.width.ilog2());
    let places = |block: usize| block * BLOCK..(block * BLOCK + BLOCK).min(count);
    let counts: Vec<Vec<u32>> = (0..count.div_ceil(BLOCK))
        .into_par_iter()
        .map(|block| {
            let mut counts = vec![0; buckets];
            for key in places(block).filter_map(&key) {
                counts[(key >> shift) as usize] += 1;
            }
            counts
        })
        .collect();
    let inside = |bucket: usize| counts.iter().map(move |counts| counts[bucket] as usize);
    let mut items = vec![0; (0..buckets).flat_map(inside).sum()];
    let mut targets: Vec<Vec<_>> = counts.iter().map(|_| Vec::with_capacity(buckets)).collect();
    let mut rest = &mut items[..];
    for bucket in 0..buckets {
        for (targets, count) in targets.iter_mut().zip(inside(bucket)) {
            let (target, after) = rest.split_at_mut(count);
            rest = after;
            targets.push(target.iter_mut());
        }
    }
    targets
        .into_par_iter()
        .enumerate()
        .for_each(|(block, mut targets)| {
            for place in places(block) {
                let Some(key) = key(place) else { continue };
                if let Some(slot) = targets[(key >> shift) as usize].next() {
                    let low = key & ((1 << shift) - 1);
                    *slot = low << PLACE_BITS | place as u32 & PLACE_MASK;
                }
            }
        });
    let mut offsets = vec![0; keys + 1];
    let (mut rest, mut end) = (&mut items[..], 0);
    let mut tasks = Vec::with_capacity(buckets);
    for (bucket, ends) in offsets[1..].chunks_mut(parting.width).enumerate() {
        let (target, after) = rest.split_at_mut(inside(bucket).sum());
        rest = after;
        let first = end;
        end += target.len() as u64;
        tasks.push((bucket, first, ends, target));
    }
    let pool = Pool::default();
    tasks
        .into_par_iter()
        .for_each(|(bucket, first, ends, target)| {
            pool.with(Vec::new, |parted: &mut Vec<u32>| {
                parted.clear();
                parted.extend_from_slice(target);
                for packed in &*parted {
                    ends[(packed >> PLACE_BITS) as usize] += 1;
                }
                begin(ends);
                let mut rest = &parted[..];
                for (block, count) in inside(bucket).enumerate() {
                    let (entries, after) = rest.split_at(count);
                    rest = after;
                    for packed in entries {
                        let slot = &mut ends[(packed >> PLACE_BITS) as usize];
                        target[*slot as usize] = (block * BLOCK) as u32 | packed & PLACE_MASK;
                        *slot += 1;
                    }
                }
                for end in ends {
                    *end += first;
                }
            });
        });
    Groups { offsets, items }
}
