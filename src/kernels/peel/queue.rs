//! `Queue`: the node with the smallest key, while keys fall.
//!
//! A heap with four children a node in one array of `(key, node)`, and where each node stands in it.
//! Four children because a peeled graph lowers many keys and takes few nodes away: lowering climbs a
//! tree half as high as a binary one, and the children of a place lie in one cache line.
//! Equal keys go by node, so the order in which nodes come out says nothing about the heap's shape.

const CHILDREN: usize = 4;

/// Where a node stands that has come out.
const OUT: u32 = u32::MAX;

/// Nodes `0..n`, each with a key, until they come out.
#[derive(Debug)]
pub(super) struct Queue {
    /// Every entry is smaller than its children, at `4 * place + 1 ..= 4 * place + 4`.
    heap: Vec<(u64, u32)>,
    /// The place of every node in `heap`.
    place_of: Vec<u32>,
}

impl Queue {
    /// All nodes with their keys. O(n).
    pub(super) fn new(keys: &[u64]) -> Self {
        let mut queue = Queue {
            heap: keys.iter().copied().zip(0..).collect(),
            place_of: (0..keys.len() as u32).collect(),
        };
        for place in (0..queue.heap.len().div_ceil(CHILDREN)).rev() {
            queue.sink(place);
        }
        queue
    }

    /// Takes out the smallest: node and key.
    pub(super) fn pop(&mut self) -> Option<(u32, u64)> {
        let last = self.heap.pop()?;
        let (key, node) = match self.heap.first().copied() {
            None => last,
            Some(smallest) => {
                self.put(0, last);
                self.sink(0);
                smallest
            }
        };
        self.place_of[node as usize] = OUT;
        Some((node, key))
    }

    /// Lowers the key of `node` by `amount`, if it is still in.
    #[inline]
    pub(super) fn lower(&mut self, node: u32, amount: u64) {
        let place = self.place_of[node as usize];
        if place != OUT {
            self.heap[place as usize].0 -= amount;
            self.rise(place as usize);
        }
    }

    #[inline]
    fn put(&mut self, place: usize, entry: (u64, u32)) {
        self.heap[place] = entry;
        self.place_of[entry.1 as usize] = place as u32;
    }

    #[inline]
    fn rise(&mut self, mut place: usize) {
        let entry = self.heap[place];
        while place > 0 {
            let parent = (place - 1) / CHILDREN;
            if self.heap[parent] < entry {
                break;
            }
            self.put(place, self.heap[parent]);
            place = parent;
        }
        self.put(place, entry);
    }

    fn sink(&mut self, mut place: usize) {
        let Some(&entry) = self.heap.get(place) else {
            return;
        };
        loop {
            let first = CHILDREN * place + 1;
            let end = (first + CHILDREN).min(self.heap.len());
            let smallest = (first..end).min_by_key(|&child| self.heap[child]);
            let Some(child) = smallest.filter(|&child| self.heap[child] < entry) else {
                break;
            };
            self.put(place, self.heap[child]);
            place = child;
        }
        self.put(place, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::chance::{below, draw};

    #[test]
    fn comes_out_as_from_a_sorted_list_while_keys_fall() {
        let mut keys: Vec<Option<u64>> = (0..300).map(|i| Some(draw(1, 0, i) % 500)).collect();
        let plain: Vec<u64> = keys.iter().flatten().copied().collect();
        let mut queue = Queue::new(&plain);
        for step in 0..300 {
            for i in 0..5 {
                let node = below(draw(2, step, i), 300) as u32;
                let amount = keys[node as usize].map_or(1, |key| draw(3, step, i) % (key + 1));
                if let Some(key) = &mut keys[node as usize] {
                    *key -= amount;
                }
                queue.lower(node, amount);
            }
            let expected = (0..300u32)
                .filter_map(|node| keys[node as usize].map(|key| (key, node)))
                .min();
            assert_eq!(queue.pop().map(|(node, key)| (key, node)), expected);
            if let Some((_, node)) = expected {
                keys[node as usize] = None;
            }
        }
        assert_eq!(queue.pop(), None);
        assert_eq!(Queue::new(&[]).pop(), None);
    }
}
