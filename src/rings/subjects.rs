//! `Subjects`: over how many *independent* things evidence repeats.
//!
//! Ten posts of one artist are one subject, thirty unrelated customers are thirty. A plain entity is its
//! own subject. A window's subject is the plain entity of the same kind that its actions belong to (the
//! owner of the target), or its key where there is none.

use crate::entities::{EntityGraph, Sharing};
use crate::events::NONE;
use crate::recipe::Kind;
use crate::rings::from_communities::Evidence;
use crate::rings::tiers::KindSum;

/// Looks subjects up in a graph.
pub struct Subjects<'a> {
    entities: &'a EntityGraph<'a>,
    /// For each type, the plain type that holds its subjects.
    home: Vec<usize>,
}

impl<'a> Subjects<'a> {
    /// Decides where the subjects of each type of `entities` are found.
    pub fn new(entities: &'a EntityGraph<'a>) -> Self {
        let home = entities
            .types
            .iter()
            .enumerate()
            .map(|(number, entity_type)| match entity_type.sharing {
                Sharing::Plain { .. } => number,
                Sharing::Windowed { .. } => entities
                    .types
                    .iter()
                    .position(|other| {
                        matches!(other.sharing, Sharing::Plain { .. })
                            && other.plan.kind == entity_type.plan.kind
                    })
                    .unwrap_or(number),
            })
            .collect();
        Subjects { entities, home }
    }

    /// Sums `evidence` by kind, in the order of kinds; kinds that contribute nothing are left out.
    pub fn by_kind<'e>(&self, evidence: impl IntoIterator<Item = &'e Evidence>) -> Vec<KindSum> {
        let mut found: Vec<(Kind, f64, (usize, u32))> = evidence
            .into_iter()
            .map(|evidence| {
                let kind = self.entities.types[evidence.entity_type].plan.kind;
                (kind, evidence.nats, self.of(evidence))
            })
            .collect();
        found.sort_by(|a, b| (a.0, a.2).cmp(&(b.0, b.2)));
        found
            .chunk_by(|a, b| a.0 == b.0)
            .map(|group| KindSum {
                kind: group[0].0,
                nats: group.iter().map(|&(_, nats, _)| nats).sum(),
                subjects: group.chunk_by(|a, b| a.2 == b.2).count(),
            })
            .collect()
    }

    /// The subject of one piece of evidence: a type and an entity of it.
    fn of(&self, evidence: &Evidence) -> (usize, u32) {
        let itself = (evidence.entity_type, evidence.entity);
        let home = self.home[evidence.entity_type];
        let (Some((from, to)), true) = (evidence.window, home != evidence.entity_type) else {
            return itself;
        };
        let Sharing::Windowed { postings, .. } = &self.entities.types[evidence.entity_type].sharing
        else {
            return itself;
        };
        let subject = postings
            .between(evidence.entity, from, to)
            .map(|p| self.entities.types[home].keys.rows()[postings.rows[p] as usize])
            .find(|&subject| subject != NONE);
        subject.map_or(itself, |subject| (home, subject))
    }
}
