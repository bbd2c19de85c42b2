//! `Desk`: where the actions on a key are sorted by time.
//!
//! Time and place become one word. Many of them are first parted by spans of time, which takes two passes, and then
//! sorted inside their span by the library: where actions come evenly little is left to do, and where they come in a burst it is what
//! sorting them all would have been.

/// Room for sorting.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    /// Time and place in one word, before and after they are parted by time.
    moments: Vec<u64>,
    parted: Vec<u64>,
    /// Where the next of a span of time goes.
    next: Vec<u32>,
    before: Vec<u32>,
}

/// Fewer are sorted as they come.
const PARTED_FROM: usize = 64;
/// Postings of a span of time, if they came evenly; there the library's sort is quickest.
const IN_A_SPAN: u32 = 8;
/// Spans at most, so that what is written side by side stays in the second nearest cache.
const SPAN_BITS: u32 = 14;

impl Desk {
    /// Sorts `times`, and what is beside them, by time; equal times stay in their order, for `rows` ascend.
    pub(crate) fn sort_by_time(&mut self, rows: &mut [u32], times: &mut [i64]) {
        if times.is_sorted() {
            return;
        }
        let (least, most) = times
            .iter()
            .fold((i64::MAX, i64::MIN), |(least, most), &time| {
                (least.min(time), most.max(time))
            });
        let place_bits = rows.len().ilog2() + 1;
        let reach = most.abs_diff(least);
        if reach.leading_zeros() < place_bits {
            let mut moments: Vec<(i64, u32)> =
                times.iter().copied().zip(rows.iter().copied()).collect();
            moments.sort_unstable();
            for ((row, time), moment) in rows.iter_mut().zip(times).zip(moments) {
                (*time, *row) = moment;
            }
            return;
        }
        // Time and place in one word sort twice as fast as two.
        self.moments.clear();
        self.moments.extend(
            (0u64..)
                .zip(&*times)
                .map(|(place, time)| time.abs_diff(least) << place_bits | place),
        );
        if rows.len() < PARTED_FROM {
            self.moments.sort_unstable();
        } else {
            self.sort_by_parts(u64::BITS - (reach << place_bits).leading_zeros());
        }
        self.before.clear();
        self.before.extend_from_slice(rows);
        for ((row, time), moment) in rows.iter_mut().zip(times).zip(&self.moments) {
            *time = least + (moment >> place_bits) as i64;
            *row = self.before[(moment & ((1 << place_bits) - 1)) as usize];
        }
    }

    /// Sorts moments of at most so many `bits`: first by spans of time, which takes two passes, and then inside them.
    fn sort_by_parts(&mut self, bits: u32) {
        let Desk {
            moments,
            parted,
            next,
            ..
        } = self;
        let spans = (moments.len() as u32 / IN_A_SPAN)
            .ilog2()
            .clamp(1, SPAN_BITS);
        let shift = bits.saturating_sub(spans);
        next.clear();
        next.resize((1 << spans) + 1, 0);
        for moment in &*moments {
            next[(moment >> shift) as usize + 1] += 1;
        }
        for span in 0..1 << spans {
            next[span + 1] += next[span];
        }
        parted.clear();
        parted.resize(moments.len(), 0);
        for &moment in &*moments {
            let slot = &mut next[(moment >> shift) as usize];
            parted[*slot as usize] = moment;
            *slot += 1;
        }
        // What was the beginning of a span is now its end.
        let mut start = 0;
        for &end in &next[..1 << spans] {
            parted[start..end as usize].sort_unstable();
            start = end as usize;
        }
        std::mem::swap(moments, parted);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn times_are_sorted_and_rows_go_with_them(
            // Even, in bursts, and as far apart as can be.
            lists in prop::collection::vec((prop_oneof![
                prop::collection::vec(0i64..100_000_000, 0..700),
                prop::collection::vec(prop_oneof![20 => 0i64..9, 1 => 0i64..1 << 50], 0..700),
                prop::collection::vec(prop_oneof![0i64..9, any::<i64>()], 0..200),
            ], any::<bool>()), 1..4)
        ) {
            let mut desk = Desk::default();
            for (mut times, reversed) in lists {
                if reversed {
                    times.sort_unstable_by(|a, b| b.cmp(a));
                }
                let mut rows: Vec<u32> = (0..times.len() as u32).map(|row| 3 * row).collect();
                let mut expected: Vec<(i64, u32)> = times.iter().copied().zip(rows.iter().copied()).collect();
                expected.sort_unstable();
                desk.sort_by_time(&mut rows, &mut times);
                let found: Vec<(i64, u32)> = times.into_iter().zip(rows).collect();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
