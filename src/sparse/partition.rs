//! `Partition`: which community each node is in, with canonical labels.

/// Labels by node, numbered by first appearance: node 0 is in community 0, the first node that is
/// not in it opens community 1, and so on. Equal groupings are therefore equal values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Partition {
    labels: Vec<u32>,
    communities: usize,
}

impl Partition {
    /// From any labels (`labels[v] < labels.len()`), renumbered.
    ///
    /// # Panics
    /// If a label is not below the number of nodes.
    pub fn from_labels(mut labels: Vec<u32>) -> Self {
        let mut number = vec![u32::MAX; labels.len()];
        let mut communities = 0;
        for label in &mut labels {
            let slot = &mut number[*label as usize];
            if *slot == u32::MAX {
                *slot = communities;
                communities += 1;
            }
            *label = *slot;
        }
        Partition {
            labels,
            communities: communities as usize,
        }
    }

    /// The same from a forest, which needs no memory: `parents[v]` is a smaller node of `v`'s community, or `v` itself, which
    /// only the first of each is.
    ///
    /// # Panics
    /// If a parent is no element.
    pub fn from_parents(parents: Vec<u32>) -> Self {
        let mut labels = parents;
        let mut communities = 0;
        for element in 0..labels.len() {
            let parent = labels[element] as usize;
            labels[element] = if parent == element {
                communities += 1;
                communities - 1
            } else {
                labels[parent]
            };
        }
        Partition {
            labels,
            communities: communities as usize,
        }
    }

    /// The same of `nodes` nodes among which these are `at` (ascending); all others are alone.
    #[must_use]
    pub fn spread(&self, at: &[u32], nodes: usize) -> Self {
        let mut labels = vec![u32::MAX; nodes];
        for (&node, &label) in at.iter().zip(&self.labels) {
            labels[node as usize] = label;
        }
        let alone = labels.iter_mut().filter(|label| **label == u32::MAX);
        for (label, next) in alone.zip(self.communities as u32..) {
            *label = next;
        }
        Partition::from_labels(labels)
    }

    /// Labels by node.
    #[inline]
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// Labels by node, given away.
    pub fn into_labels(self) -> Vec<u32> {
        self.labels
    }

    /// Number of communities.
    #[inline]
    pub fn communities(&self) -> usize {
        self.communities
    }

    /// Members of every community, ascending: community `c` is
    /// `members[starts[c] .. starts[c + 1]]`. One counting sort.
    pub fn groups(&self) -> Groups {
        let mut starts = vec![0u32; self.communities + 1];
        for &label in &self.labels {
            starts[label as usize + 1] += 1;
        }
        for c in 0..self.communities {
            starts[c + 1] += starts[c];
        }
        let mut next = starts.clone();
        let mut members = vec![0; self.labels.len()];
        for (node, &label) in (0..).zip(&self.labels) {
            let slot = &mut next[label as usize];
            members[*slot as usize] = node;
            *slot += 1;
        }
        Groups { starts, members }
    }
}

/// The communities of a [`Partition`] as lists of nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups {
    starts: Vec<u32>,
    members: Vec<u32>,
}

impl Groups {
    /// From lists that already obey the layout: group `c` is `members[starts[c] .. starts[c + 1]]`.
    pub(crate) fn from_parts(starts: Vec<u32>, members: Vec<u32>) -> Self {
        debug_assert_eq!(starts.last().copied(), Some(members.len() as u32));
        Groups { starts, members }
    }

    /// The nodes of all groups, one group after the other.
    pub fn members(&self) -> &[u32] {
        &self.members
    }

    /// Number of communities.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// True when there is no community.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Nodes of community `c`, ascending.
    pub fn get(&self, c: usize) -> &[u32] {
        &self.members[self.starts[c] as usize..self.starts[c + 1] as usize]
    }

    /// All communities in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.len()).map(|c| self.get(c))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_are_communities() {
        let roots = vec![0, 1, 0, 3, 1, 5, 3, 0];
        let expected = Partition::from_labels(roots.clone());
        assert_eq!(Partition::from_parents(roots), expected);
        assert_eq!(
            Partition::from_parents(vec![0, 1, 0, 3, 1, 5, 3, 2]),
            expected
        );
    }

    #[test]
    fn labels_are_canonical() {
        let a = Partition::from_labels(vec![3, 3, 1, 0, 1]);
        assert_eq!(a.labels(), [0, 0, 1, 2, 1]);
        assert_eq!(a, Partition::from_labels(vec![4, 4, 0, 2, 0]));
        assert_eq!(
            a.groups().iter().collect::<Vec<_>>(),
            [&[0, 1][..], &[2, 4], &[3]]
        );
    }
}
