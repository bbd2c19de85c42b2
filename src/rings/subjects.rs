//! `Subjects`: over how many *independent* things evidence repeats.
//!
//! Ten posts of one artist are one subject, thirty unrelated customers are thirty. A plain entity is its
//! own subject. A window's subject is the plain entity of the same kind that its actions belong to (the
//! owner of the target), or its key where there is none.

use crate::entities::{EntityGraph, EntityType, Sharing};
use crate::events::NONE;
use crate::recipe::Kind;
use crate::rings::foreseen::Foreseen;
use crate::rings::from_communities::Evidence;
use crate::rings::kind_sum::KindSum;

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

    /// Sums `evidence` about a set of `size` accounts by kind, in the order of kinds; kinds that
    /// contribute nothing are left out. `foreseen` holds the nats by type that a pair would share anyway;
    /// none where it is empty.
    pub fn by_kind<'e>(
        &self,
        evidence: impl IntoIterator<Item = &'e Evidence>,
        size: usize,
        foreseen: &[Foreseen],
    ) -> Vec<KindSum> {
        let kind = |evidence: &Evidence| self.entities.types[evidence.entity_type].plan.kind;
        let mut found: Vec<&Evidence> = evidence.into_iter().collect();
        found.sort_by_key(|evidence| kind(evidence));
        found
            .chunk_by(|a, b| kind(a) == kind(b))
            .map(|group| self.sum(kind(group[0]), group, size, foreseen))
            .collect()
    }

    fn sum(
        &self,
        kind: Kind,
        evidence: &[&Evidence],
        size: usize,
        foreseen: &[Foreseen],
    ) -> KindSum {
        let accounts = self.entities.log.accounts.len() as f64;
        let pairs = |members: usize| (members * members.saturating_sub(1)) as f64 / 2.0;
        let mut by_subject: Vec<((usize, u32), f64, &Evidence)> = evidence
            .iter()
            .map(|&one| {
                let shared = (accounts / f64::from(one.accounts)).ln();
                (self.of(one), pairs(one.members.len()) * shared, one)
            })
            .collect();
        by_subject.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        let (subjects, meetings) = repeated(&by_subject);
        by_subject.dedup_by_key(|one| one.0);
        let covered = distinct(evidence.iter().copied());
        let nats = |counts: fn(&Evidence) -> bool| {
            let counting = evidence.iter().filter(|one| counts(one));
            counting.map(|one| one.nats).sum()
        };
        let mut anyway = Foreseen::default();
        for (entity_type, foreseen) in self.entities.types.iter().zip(foreseen) {
            if entity_type.plan.kind == kind {
                anyway.nats += foreseen.nats;
                anyway.in_passing += foreseen.in_passing;
            }
        }
        let shared: f64 = by_subject.iter().map(|&(_, nats, _)| nats).sum();
        KindSum {
            kind,
            nats: nats(|_| true),
            subjects,
            repetition: meetings as f64 / size.max(1) as f64,
            coverage: covered as f64 / size.max(1) as f64,
            own_nats: nats(Evidence::is_own),
            exclusive_nats: nats(Evidence::is_exclusive),
            timed_nats: nats(|one| one.window.is_some()),
            echoes: self.echoed(evidence),
            pair_nats: shared / pairs(size).max(1.0) - anyway.nats,
            in_passing: anyway.in_passing,
        }
    }

    /// The kind whose moments all of `evidence` is, where it is that: relations if any of it is theirs.
    fn echoed(&self, evidence: &[&Evidence]) -> Option<Kind> {
        let kinds = evidence.iter().map(|one| self.echo_of(one.entity_type));
        kinds.reduce(|a, b| Some(a?.max(b?))).flatten()
    }

    /// The kind of another type that already speaks for the keys whose moments this type is.
    fn echo_of(&self, entity_type: usize) -> Option<Kind> {
        let types = &self.entities.types;
        let own = &types[entity_type];
        let is_same = |other: &&EntityType<'_>| {
            matches!(other.sharing, Sharing::Plain { .. })
                && other.plan.kind != own.plan.kind
                && other.plan.columns == own.plan.columns
        };
        let of = types.iter().find(is_same)?;
        matches!(own.sharing, Sharing::Windowed { .. }).then_some(of.plan.kind)
    }

    /// Whether the entities of a type of this kind are subjects.
    pub fn is_home_of(&self, entity_type: usize, kind: Kind) -> bool {
        self.entities.types[entity_type].plan.kind == kind && self.home.contains(&entity_type)
    }

    /// The subject of one piece of evidence: a type and an entity of it.
    pub fn of(&self, evidence: &Evidence) -> (usize, u32) {
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

/// Over how many independent subjects evidence, given by subject, repeats, leaving out what says next to nothing; and how many pairs of an
/// account and such a subject there are.
fn repeated(by_subject: &[((usize, u32), f64, &Evidence)]) -> (usize, usize) {
    let (mut subjects, mut meetings) = (0, 0);
    for of_one in by_subject.chunk_by(|a, b| a.0 == b.0) {
        let repeats = || {
            of_one
                .iter()
                .map(|one| one.2)
                .filter(|one| one.is_repetition())
        };
        subjects += usize::from(repeats().next().is_some());
        meetings += distinct(repeats());
    }
    (subjects, meetings)
}

/// How many accounts have a part in `evidence`.
fn distinct<'e>(evidence: impl Iterator<Item = &'e Evidence> + Clone) -> usize {
    let mut others = evidence.clone();
    if let (Some(one), None) = (others.next(), others.next()) {
        return one.members.len();
    }
    let mut members: Vec<u32> = evidence.flat_map(|one| &one.members).copied().collect();
    members.sort_unstable();
    members.dedup();
    members.len()
}
