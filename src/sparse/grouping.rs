//! Grouping: a stable counting sort of many items by key, in parallel and without a lock or an atomic.
//!
//! Every block of items is first parted by *bucket*, a run of keys so short that what is scattered into it
//! stays in a near cache. Then every bucket is one task: count its keys, scatter. Items keep their order
//! within a key, so the result depends on neither threads nor blocks.

use rayon::prelude::*;

/// Items by key.
///
/// Layout: the items of key `k` are `items[offsets[k] .. offsets[k + 1]]`, in the order they came in;
/// `offsets` is one longer than there are keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups<T> {
    /// Where the items of each key lie.
    pub offsets: Vec<u64>,
    /// The items, key by key.
    pub items: Vec<T>,
}

/// Items parted by one task: few enough that a block stays in the second-level cache.
pub(super) const BLOCK: usize = 1 << 16;
/// Keys of a bucket at least, a power of two.
const KEYS_PER_BUCKET: usize = 1 << 12;
/// Buckets at most: as many streams can be written side by side.
const BUCKETS: usize = 512;

impl<T> Groups<T> {
    /// Where the items of `key` lie.
    #[inline]
    pub fn range(&self, key: u32) -> std::ops::Range<usize> {
        self.offsets[key as usize] as usize..self.offsets[key as usize + 1] as usize
    }

    /// The items of `key`.
    #[inline]
    pub fn of(&self, key: u32) -> &[T] {
        &self.items[self.range(key)]
    }
}

/// Groups the items `0..count` by a key below `keys`; `item(i)` is the key of item `i` and what is kept of
/// it, or nothing if it has none, and is asked twice.
///
/// Cost: `O(count + keys)`; four bytes and a kept item for every item while it lasts.
pub fn group<T: Copy + Default + Send + Sync>(
    count: usize,
    keys: usize,
    item: impl Fn(usize) -> Option<(u32, T)> + Sync,
) -> Groups<T> {
    let parting = Parting::new(keys);
    // One list for all blocks: it goes back to the system as a whole, and what is not used of it costs nothing.
    let mut entries = vec![(0, T::default()); count];
    let blocks: Vec<Block<'_, T>> = entries
        .par_chunks_mut(BLOCK)
        .enumerate()
        .map(|(block, entries)| {
            let items = block * BLOCK..block * BLOCK + entries.len();
            parting.part(items.filter_map(&item), entries)
        })
        .collect();
    parting.gather(&blocks)
}

/// How keys are parted into buckets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parting {
    pub(super) keys: usize,
    /// Keys of a bucket, a power of two.
    pub(super) width: usize,
}

impl Parting {
    /// Of keys below `keys`.
    pub(crate) fn new(keys: usize) -> Self {
        let width = keys.div_ceil(BUCKETS).next_power_of_two();
        Parting {
            keys,
            width: width.max(KEYS_PER_BUCKET),
        }
    }

    /// How many buckets there are.
    pub(super) fn buckets(self) -> usize {
        self.keys.div_ceil(self.width)
    }

    /// Parts items with their keys into `entries`, where there is room for all of them. They are gone through twice.
    pub(crate) fn part<T: Copy>(
        self,
        items: impl Iterator<Item = (u32, T)> + Clone,
        entries: &mut [(u32, T)],
    ) -> Block<'_, T> {
        let (buckets, shift) = (self.buckets(), self.width.ilog2());
        let mut starts = vec![0; buckets + 1];
        for (key, _) in items.clone() {
            starts[(key >> shift) as usize + 1] += 1;
        }
        for bucket in 0..buckets {
            starts[bucket + 1] += starts[bucket];
        }
        let mut next = starts.clone();
        for (key, item) in items {
            let slot = &mut next[(key >> shift) as usize];
            entries[*slot as usize] = (key & ((1 << shift) - 1), item);
            *slot += 1;
        }
        Block { starts, entries }
    }

    /// The items of all `blocks`, by key.
    pub(crate) fn gather<T: Copy + Default + Send + Sync>(
        self,
        blocks: &[Block<'_, T>],
    ) -> Groups<T> {
        let total = blocks.iter().map(Block::len).sum();
        let mut offsets = vec![0; self.keys + 1];
        let mut items = vec![T::default(); total];
        let (mut rest, mut end) = (items.as_mut_slice(), 0);
        let mut tasks = Vec::with_capacity(self.buckets());
        for (bucket, ends) in offsets[1..].chunks_mut(self.width).enumerate() {
            let inside = blocks.iter().map(|block| block.of(bucket).len()).sum();
            let (target, after) = rest.split_at_mut(inside);
            rest = after;
            tasks.push((bucket, end, ends, target));
            end += inside as u64;
        }
        tasks
            .into_par_iter()
            .for_each(|(bucket, first, ends, target)| {
                let entries = || blocks.iter().flat_map(|block| block.of(bucket));
                for &(low, _) in entries() {
                    ends[low as usize] += 1;
                }
                begin(ends);
                for &(low, item) in entries() {
                    let slot = &mut ends[low as usize];
                    target[*slot as usize] = item;
                    *slot += 1;
                }
                for end in ends {
                    *end += first;
                }
            });
        Groups { offsets, items }
    }
}

/// From how many each key has to where they begin.
pub(super) fn begin(counts: &mut [u64]) {
    let mut start = 0;
    for slot in counts {
        start += std::mem::replace(slot, start);
    }
}

/// Some items, bucket by bucket: those of bucket `b` are `entries[starts[b] .. starts[b + 1]]`, each with
/// its key's place in the bucket.
#[derive(Debug)]
pub(crate) struct Block<'a, T> {
    starts: Vec<u32>,
    entries: &'a [(u32, T)],
}

impl<T> Block<'_, T> {
    fn len(&self) -> usize {
        self.starts.last().map_or(0, |&end| end as usize)
    }

    fn of(&self, bucket: usize) -> &[(u32, T)] {
        &self.entries[self.starts[bucket] as usize..self.starts[bucket + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::chance;
    use crate::sparse::grouped_places::group_places;

    #[test]
    fn items_come_out_by_key_in_the_order_they_came() {
        for (count, keys) in [
            (0, 0),
            (0, 3),
            (10, 1),
            (200_000, 90),
            (150_000, 70_000),
            (70_000, 40_000_000),
        ] {
            let key = |i: usize| {
                let bits = chance::draw(3, 0, i as u64);
                (!bits.is_multiple_of(5)).then(|| (bits >> 8) as u32 % keys as u32)
            };
            let groups = group(count, keys, |i| Some((key(i)?, i as u32)));
            let mut expected: Vec<(u32, u32)> = (0..count)
                .filter_map(|i| Some((key(i)?, i as u32)))
                .collect();
            expected.sort_unstable();
            let mut own: Vec<u32> = (0..count).filter_map(key).collect();
            own.sort_unstable();
            own.dedup();
            let found: Vec<(u32, u32)> = own
                .into_iter()
                .flat_map(|key| groups.of(key).iter().map(move |&item| (key, item)))
                .collect();
            assert_eq!(found, expected);
            assert_eq!(group_places(count, keys, key), groups);
        }
    }
}
