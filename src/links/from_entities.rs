//! From entities to links: the weighted account–account projection.

use std::borrow::Cow;

use rayon::prelude::*;

use crate::base::run::{Interrupted, Run};
use crate::base::weight::MICRO;
use crate::entities::{EntityGraph, EntityType, Sharing};
use crate::kernels::coaction::{self, Coactions, Contents};
use crate::kernels::company::Company;
use crate::kernels::direct::Direct;
use crate::kernels::pairs::Pairs;
use crate::kernels::projection;
use crate::kernels::sources::{Shared, Source};
use crate::links::expected::{self, Expected, Sample};
use crate::links::mirror::{Blocks, Piece, mirror, stored};
use crate::links::thinning::Thinning;
use crate::links::{participation, weighting};
use crate::recipe::{Kind, WeightRule};
use crate::sparse::graph::Graph;
use crate::sparse::postings::Postings;

/// Accounts and the links between them; why two are linked is looked up again where it matters.
#[derive(Debug, Clone, Default)]
pub struct AccountGraph {
    /// Node = account id; weights in thousandths of a unit, at least 1, saturating.
    pub graph: Graph,
    /// Linked pairs, with those that were left out of the graph.
    pub pairs: u64,
    /// The same by entity type, in the order of [`EntityGraph::types`].
    pub pairs_by_type: Vec<u64>,
}

/// Among so few accounts everybody is searched: it takes no time, and there two common things may weigh less than a rare one.
const FEW: usize = 10_000;

/// Finished links, of which graphs are made.
pub struct Projected {
    accounts: usize,
    blocks: Blocks,
    /// Of links over infrastructure alone.
    of_homes: Option<Blocks>,
    pairs: u64,
    pairs_by_type: Vec<u64>,
    thinning: Thinning,
    /// What a link weighs that is more than one thing in common, at least.
    repeated: u32,
}

impl Projected {
    /// The graph of the links over infrastructure alone, once, where they were asked for and there are others too. Where it
    /// is thinned, those of accounts without a heavy link are left out.
    pub fn take_homes(&mut self) -> Option<Graph> {
        let blocks = self.of_homes.take()?;
        let blocks = blocks.among(self.accounts, self.at_least(self.thinning.heavy));
        Some(mirror(self.accounts, blocks))
    }

    /// The graph of all links. Where it is thinned, those of accounts that have no more than one thing in common with
    /// anybody are left out.
    pub fn account_graph(self) -> AccountGraph {
        let least = self.at_least(self.thinning.heavy.min(self.repeated));
        let blocks = self.blocks.among(self.accounts, least);
        AccountGraph {
            graph: mirror(self.accounts, blocks),
            pairs: self.pairs,
            pairs_by_type: self.pairs_by_type,
        }
    }

    /// What accounts that stay are linked by: `least`, or by anything where there are relations, or few accounts.
    fn at_least(&self, least: u32) -> u32 {
        let spares = self.thinning.whole == 0 && self.accounts > FEW;
        if spares { least } else { 0 }
    }
}

/// An entity graph made ready for projection: inverse indices and weight tables.
pub struct Projector<'a> {
    entities: &'a EntityGraph<'a>,
    /// Per type: the actions that can make pairs, for windowed ones.
    company: Vec<Option<Cow<'a, Company>>>,
    /// Per type: who takes part, where contents must differ.
    takes_part: Vec<Option<Vec<bool>>>,
    /// Per type: who is linked by naming or being named, for relations.
    direct: Vec<Option<Direct>>,
}

impl<'a> Projector<'a> {
    /// Prepares `entities`; `min_participation` is counted again where contents must differ.
    ///
    /// # Errors
    /// [`Interrupted`].
    pub fn new(
        entities: &'a EntityGraph<'a>,
        min_participation: u32,
        run: &Run<'_>,
    ) -> Result<Self, Interrupted> {
        let accounts = entities.log.accounts.len();
        let company = entities
            .types
            .iter()
            .map(|entity_type| company(entity_type, accounts))
            .collect();
        let mut projector = Projector {
            entities,
            company,
            takes_part: Vec::new(),
            direct: entities.types.iter().map(direct).collect(),
        };
        for (number, entity_type) in entities.types.iter().enumerate() {
            let takes_part = match (&entity_type.sharing, projector.source(number)) {
                (
                    Sharing::Windowed {
                        contents: Some(contents),
                        ..
                    },
                    Source::Timed(timed),
                ) => {
                    let least = min_participation;
                    let takes_part =
                        participation::takes_part(entities.log, &timed, &contents.rows, least, run);
                    Some(takes_part?)
                }
                _ => None,
            };
            projector.takes_part.push(takes_part);
        }
        Ok(projector)
    }

    /// Projects row by row; finished rows are mapped by `make` in parallel and taken in order.
    ///
    /// # Errors
    /// [`Interrupted`], or the first error of `take`.
    pub fn project<T: Send, E: From<Interrupted>>(
        &self,
        run: &Run<'_>,
        make: impl Fn(&Pairs) -> T + Sync,
        take: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let accounts = self.entities.log.accounts.len();
        projection::project(accounts, &self.sources(), run, make, take)
    }

    fn sources(&self) -> Vec<Source<'_>> {
        (0..self.entities.types.len())
            .map(|number| self.source(number))
            .collect()
    }

    /// The links between accounts of the same group: `group_of[i]` is the group of `members[i]`, which
    /// are ascending and distinct. Asked for the few accounts that end in rings, instead of storing why
    /// every pair is linked.
    pub fn links_within(&self, members: &[u32], group_of: &[u32]) -> Pairs {
        let accounts = self.entities.log.accounts.len();
        projection::project_within(accounts, &self.sources(), members, group_of)
    }

    /// The links as a graph that communities are found in, without those that `thinning` leaves out.
    ///
    /// # Errors
    /// [`Interrupted`].
    pub fn account_graph(
        &self,
        thinning: Thinning,
        run: &Run<'_>,
    ) -> Result<AccountGraph, Interrupted> {
        let apart = vec![false; self.entities.types.len()];
        Ok(self.projected(thinning, &apart, run)?.account_graph())
    }

    /// The same before there is a graph, and in the same pass the links over infrastructure alone, where there are others
    /// too: what people like makes so many more links that those who only share what they live on are drawn to whoever
    /// likes the same.
    ///
    /// # Errors
    /// [`Interrupted`].
    pub fn links_and_homes(
        &self,
        thinning: Thinning,
        run: &Run<'_>,
    ) -> Result<Projected, Interrupted> {
        self.projected(thinning, &self.apart(), run)
    }

    /// How many links [`Self::links_and_homes`] will keep, as a sample of accounts tells.
    pub fn expected(&self, thinning: Thinning) -> Expected {
        let accounts = self.entities.log.accounts.len();
        let count = |seen: &mut Sample, pairs: &Pairs, of_homes: &Pairs| {
            let [links, homes] =
                [pairs, of_homes].map(|pairs| Piece::new(pairs, thinning).kept() as u64);
            seen.add(links, homes);
        };
        let chosen = expected::chosen(accounts);
        let sources = (&*self.sources(), &*self.apart());
        let seen = projection::project_chosen(accounts, sources, &chosen, count);
        Sample::of(&seen).expected(accounts)
    }

    /// Which types are infrastructure, where there are others too.
    fn apart(&self) -> Vec<bool> {
        let kinds = self.entities.types.iter().map(|of| of.plan.kind);
        let mut apart: Vec<bool> = kinds.map(|kind| kind == Kind::Infrastructure).collect();
        if apart.iter().all(|&infrastructure| infrastructure) {
            apart.fill(false);
        }
        apart
    }

    fn projected(
        &self,
        thinning: Thinning,
        apart: &[bool],
        run: &Run<'_>,
    ) -> Result<Projected, Interrupted> {
        let mut projected = Projected {
            accounts: self.entities.log.accounts.len(),
            blocks: Blocks::default(),
            of_homes: apart.contains(&true).then(Blocks::default),
            pairs: 0,
            pairs_by_type: vec![0; self.entities.types.len()],
            thinning,
            repeated: self.single().saturating_add(1),
        };
        let sources = self.sources();
        let pieces = |pairs: &Pairs, of_homes: &Pairs| {
            (Piece::new(pairs, thinning), Piece::new(of_homes, thinning))
        };
        let accounts = projected.accounts;
        projection::project_apart(accounts, (&sources, apart), run, pieces, |pieces| {
            let (piece, of_homes) = &pieces;
            projected.blocks.push(piece);
            if let Some(blocks) = &mut projected.of_homes {
                blocks.push(of_homes);
            }
            projected.pairs += piece.pairs;
            for (count, more) in projected.pairs_by_type.iter_mut().zip(&piece.by_source) {
                *count += more;
            }
            Ok::<_, Interrupted>(())
        })?;
        Ok(projected)
    }

    /// What a single thing that two accounts have in common weighs at most, as it is stored.
    fn single(&self) -> u32 {
        let accounts = self.entities.log.accounts.len();
        let rules = self.entities.types.iter().map(|of| of.plan.weight);
        let heaviest = rules.map(|rule| weighting::table(rule, accounts, 2)[2]);
        stored(heaviest.max().unwrap_or(0))
    }

    fn source(&self, number: usize) -> Source<'_> {
        let entity_type = &self.entities.types[number];
        let accounts = self.entities.log.accounts.len();
        let cap = cap(entity_type);
        let table = |largest: u32| {
            weighting::table(entity_type.plan.weight, accounts, largest.min(cap) as usize)
        };
        match (&entity_type.sharing, &self.company[number]) {
            (Sharing::Windowed { postings, .. }, Some(company)) => Source::Timed(Coactions {
                company,
                weight: match entity_type.plan.weight {
                    WeightRule::Count => coaction::Weight::PerCoAction(MICRO),
                    _ => coaction::Weight::PerMoment(table(largest_crowd(postings))),
                },
                min_co_actions: entity_type.plan.min_shared,
                takes_part: self.takes_part.get(number).and_then(Option::as_deref),
            }),
            (
                Sharing::Plain {
                    of_account,
                    of_entity,
                },
                _,
            ) => {
                let shared = Shared {
                    of_node: of_account,
                    of_thing: of_entity,
                    weight: table(largest_degree(entity_type)),
                    cap,
                    min_shared: entity_type.plan.min_shared,
                };
                match &self.direct[number] {
                    Some(direct) => Source::Related(shared, direct),
                    None => Source::Shared(shared),
                }
            }
            (Sharing::Windowed { .. }, None) => {
                unreachable!("every windowed type has its company")
            }
        }
    }
}

fn cap(entity_type: &EntityType<'_>) -> u32 {
    entity_type.plan.max_accounts.unwrap_or(u32::MAX)
}

fn company<'a>(entity_type: &'a EntityType<'_>, accounts: usize) -> Option<Cow<'a, Company>> {
    let Sharing::Windowed {
        postings,
        company,
        contents,
        ..
    } = &entity_type.sharing
    else {
        return None;
    };
    if let Some(company) = company {
        return Some(Cow::Borrowed(company));
    }
    let contents = contents.as_ref().map(|contents| Contents {
        of_row: &contents.rows,
        as_key: &contents.as_key,
    });
    let cap = cap(entity_type);
    Some(Cow::Owned(coaction::company(
        postings,
        accounts,
        (cap, entity_type.plan.weight != WeightRule::Count),
        contents.as_ref(),
    )))
}

/// Who names whom, weighted by how little that says of accounts that name or are named by many.
fn direct(entity_type: &EntityType<'_>) -> Option<Direct> {
    let (
        Kind::Relation,
        Sharing::Plain {
            of_account,
            of_entity,
        },
    ) = (entity_type.plan.kind, &entity_type.sharing)
    else {
        return None;
    };
    let rule = entity_type.plan.weight;
    let relations = of_account.total();
    Some(Direct::new(of_account, of_entity, |who, whom| {
        weighting::naming(
            rule,
            relations,
            of_account.degree(who),
            of_entity.degree(whom),
        )
    }))
}

fn largest_crowd(postings: &Postings) -> u32 {
    postings.crowd.par_iter().copied().max().unwrap_or(0)
}

fn largest_degree(entity_type: &EntityType<'_>) -> u32 {
    match &entity_type.sharing {
        Sharing::Plain { of_entity, .. } => (0..of_entity.len() as u32)
            .map(|entity| of_entity.degree(entity))
            .max()
            .unwrap_or(0),
        Sharing::Windowed { .. } => 0,
    }
}
