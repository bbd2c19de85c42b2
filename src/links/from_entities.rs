//! From entities to links: the weighted account–account projection.

use crate::base::run::{Interrupted, Run};
use crate::base::weight::MICRO;
use crate::entities::{EntityGraph, EntityType, Sharing};
use crate::kernels::coaction::{self, Coactions, Differing, Own};
use crate::kernels::direct::Direct;
use crate::kernels::projection::{self, Pairs, Shared, Source};
use crate::links::{participation, weighting};
use crate::recipe::{Kind, WeightRule};
use crate::sparse::graph::Graph;
use crate::sparse::grouping::Groups;

/// Micro-units in one unit of a stored link weight: 32 bits then reach 4 million nats.
pub const MICRO_PER_STORED: u64 = 1000;

/// Stored weight units in one unit (nat).
pub const STORED_PER_UNIT: f64 = (MICRO / MICRO_PER_STORED) as f64;

/// Accounts and the links between them; why two are linked is looked up again where it matters.
#[derive(Debug, Clone, Default)]
pub struct AccountGraph {
    /// Node = account id; weights in thousandths of a unit, at least 1, saturating.
    pub graph: Graph,
    /// Linked pairs by entity type, in the order of [`EntityGraph::types`].
    pub pairs_by_type: Vec<u64>,
}

/// An entity graph made ready for projection: inverse indices and weight tables.
pub struct Projector<'a> {
    entities: &'a EntityGraph<'a>,
    /// Per type: actions of each account, for windowed ones.
    by_account: Vec<Option<Groups<Own>>>,
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
        let by_account = entities
            .types
            .iter()
            .map(|entity_type| match &entity_type.sharing {
                Sharing::Windowed { postings, .. } => {
                    Some(coaction::by_node(postings, accounts, cap(entity_type)))
                }
                Sharing::Plain { .. } => None,
            })
            .collect();
        let mut projector = Projector {
            entities,
            by_account,
            takes_part: Vec::new(),
            direct: entities.types.iter().map(direct).collect(),
        };
        for (number, entity_type) in entities.types.iter().enumerate() {
            let takes_part = match (&entity_type.sharing, projector.source(number)) {
                (
                    Sharing::Windowed {
                        contents: Some(_), ..
                    },
                    Source::Timed(timed),
                ) => Some(participation::takes_part(
                    entities.log,
                    &timed,
                    min_participation,
                    run,
                )?),
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
        let sources: Vec<_> = (0..self.entities.types.len())
            .map(|number| self.source(number))
            .collect();
        projection::project(self.entities.log.accounts.len(), &sources, run, make, take)
    }

    /// The links between accounts of the same group: `group_of[i]` is the group of `members[i]`, which
    /// are ascending and distinct. Asked for the few accounts that end in rings, instead of storing why
    /// every pair is linked.
    pub fn links_within(&self, members: &[u32], group_of: &[u32]) -> Pairs {
        let sources: Vec<_> = (0..self.entities.types.len())
            .map(|number| self.source(number))
            .collect();
        projection::project_within(
            self.entities.log.accounts.len(),
            &sources,
            members,
            group_of,
        )
    }

    /// The links as a graph that communities are found in.
    ///
    /// # Errors
    /// [`Interrupted`].
    pub fn account_graph(&self, run: &Run<'_>) -> Result<AccountGraph, Interrupted> {
        let mut upper = Upper::new(self.entities.log.accounts.len());
        let mut pairs_by_type = vec![0u64; self.entities.types.len()];
        self.project(run, Stored::new, |stored| {
            for (count, more) in pairs_by_type.iter_mut().zip(&stored.by_source) {
                *count += more;
            }
            upper.append(&stored);
            Ok::<_, Interrupted>(())
        })?;
        Ok(AccountGraph {
            graph: upper.mirror(),
            pairs_by_type,
        })
    }

    fn source(&self, number: usize) -> Source<'_> {
        let entity_type = &self.entities.types[number];
        let accounts = self.entities.log.accounts.len();
        let cap = cap(entity_type);
        let table = |largest: u32| {
            weighting::table(entity_type.plan.weight, accounts, largest.min(cap) as usize)
        };
        match (&entity_type.sharing, &self.by_account[number]) {
            (
                Sharing::Windowed {
                    postings, contents, ..
                },
                Some(of_node),
            ) => Source::Timed(Coactions {
                postings,
                of_node,
                weight: table(postings.crowd.iter().copied().max().unwrap_or(0)),
                per_co_action: entity_type.plan.weight == WeightRule::Count,
                cap,
                min_co_actions: entity_type.plan.min_shared,
                contents: contents.as_ref().map(|contents| Differing {
                    of_row: &contents.rows,
                    as_key: &contents.as_key,
                    takes_part: self.takes_part.get(number).and_then(Option::as_deref),
                }),
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
                unreachable!("every windowed type has an index by account")
            }
        }
    }
}

fn cap(entity_type: &EntityType<'_>) -> u32 {
    entity_type.plan.max_accounts.unwrap_or(u32::MAX)
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

fn largest_degree(entity_type: &EntityType<'_>) -> u32 {
    match &entity_type.sharing {
        Sharing::Plain { of_entity, .. } => (0..of_entity.len() as u32)
            .map(|entity| of_entity.degree(entity))
            .max()
            .unwrap_or(0),
        Sharing::Windowed { .. } => 0,
    }
}

/// A chunk of pairs in the form that is kept.
struct Stored {
    node: Vec<u32>,
    other: Vec<u32>,
    weight: Vec<u32>,
    by_source: Vec<u64>,
}

impl Stored {
    fn new(pairs: &Pairs) -> Self {
        let weight = pairs
            .weight
            .iter()
            .map(|&micro| {
                u32::try_from(micro.div_ceil(MICRO_PER_STORED))
                    .unwrap_or(u32::MAX)
                    .max(1)
            })
            .collect();
        let mut by_source = vec![0; 32];
        for &sources in &pairs.sources {
            for (bit, count) in by_source.iter_mut().enumerate() {
                *count += u64::from(sources >> bit & 1);
            }
        }
        Stored {
            node: pairs.node.clone(),
            other: pairs.other.clone(),
            weight,
            by_source,
        }
    }
}

/// The strict upper triangle while it is being put together.
struct Upper {
    degree: Vec<u32>,
    other: Vec<u32>,
    weight: Vec<u32>,
}

impl Upper {
    fn new(nodes: usize) -> Self {
        Upper {
            degree: vec![0; nodes],
            other: Vec::new(),
            weight: Vec::new(),
        }
    }

    fn append(&mut self, stored: &Stored) {
        for &node in &stored.node {
            self.degree[node as usize] += 1;
        }
        self.other.extend_from_slice(&stored.other);
        self.weight.extend_from_slice(&stored.weight);
    }

    /// Both directions: every row gets its smaller neighbours (in order, because rows are visited in
    /// order) and then its larger ones.
    fn mirror(self) -> Graph {
        let nodes = self.degree.len();
        let mut offsets = vec![0u64; nodes + 1];
        for &other in &self.other {
            offsets[other as usize + 1] += 1;
        }
        for node in 0..nodes {
            offsets[node + 1] += offsets[node] + u64::from(self.degree[node]);
        }
        let mut next = offsets.clone();
        let mut neighbours = vec![0; 2 * self.other.len()];
        let mut weights = vec![0; 2 * self.other.len()];
        let mut arc = 0;
        for node in 0..nodes {
            for _ in 0..self.degree[node] {
                let (other, weight) = (self.other[arc], self.weight[arc]);
                for (row, value) in [(other, node as u32), (node as u32, other)] {
                    let slot = &mut next[row as usize];
                    neighbours[*slot as usize] = value;
                    weights[*slot as usize] = weight;
                    *slot += 1;
                }
                arc += 1;
            }
        }
        Graph::from_rows(offsets, neighbours, Some(weights))
    }
}
