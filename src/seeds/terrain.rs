//! `Terrain`: the ground that walks go over, accounts and everything that two of them share.
//!
//! From an account a walk chooses a type of entity that the account shares with somebody, all types alike, so
//! that one device weighs as much as forty posts; within the type an entity, by its rarity `ln(N/d)`. From
//! an entity all its `d` accounts are alike. At each step the walk may give up, the sooner the more ways
//! there are to go on: it goes on with chance `ln 2 / ln(2 + H)`, `H` being the entropy of the next step in
//! bits (Talukdar and Crammer, *New regularized algorithms for transductive learning*, ECML 2009). Where two
//! share a phone there is nearly no choice; at a carrier's address with thousands of accounts the walk
//! probably ends not knowing anything, and what a single account there is says next to nothing about another.
//!
//! Windowed entities are bursts here: actions on one key that follow each other at most `within` apart are one
//! shared moment. (The evidence of rings uses exact windows; a walk needs only a place to meet.)
//!
//! Nodes are the accounts by their ids, then the entities of each layer.

use crate::base::information::bits;
use crate::entities::{EntityGraph, Sharing};
use crate::kernels::absorption::{Chain, fixed};
use crate::lists::Seed;
use crate::sparse::postings::Postings;
use crate::sparse::rows::Rows;

/// A seed ends a walk that is on it with this chance, times its weight: its label is believed as much as all
/// of its surroundings together, so a wrong one can be seen to be at odds with them.
const BELIEF: f64 = 0.5;

/// The chance with which `seed` ends a walk that is on it.
pub(super) fn belief(seed: Seed) -> f64 {
    BELIEF * f64::from(seed.hundredths) / 100.0
}

/// The chain of all walks over `entities` in the presence of `seeds` (ascending by account).
pub(super) fn chain(entities: &EntityGraph<'_>, seeds: &[Seed]) -> Chain {
    let accounts = entities.log.accounts.len();
    let layers = layers(entities);
    let departures = departures(&layers, accounts, seeds);
    let nodes = layers
        .last()
        .map_or(accounts, |layer| layer.first_node + layer.entities());
    Chain::build(nodes, |node, out| {
        if (node as usize) < accounts {
            for layer in &layers {
                for &entity in layer.of_account.get(node) {
                    let arrival = layer.arrival[entity as usize];
                    if arrival > 0 {
                        out.push((layer.first_node as u32 + entity, arrival));
                    }
                }
            }
            return;
        }
        let at = layers.partition_point(|layer| layer.first_node <= node as usize) - 1;
        let layer = &layers[at];
        let entity = node - layer.first_node as u32;
        let weight = layer.weight[entity as usize];
        for &account in layer.of_entity.get(entity) {
            let chance = fixed(weight * departures[at][account as usize]);
            if chance > 0 {
                out.push((account, chance));
            }
        }
    })
}

/// The entities of one type, as far as they are shared.
struct Layer {
    /// The number of its first entity's node.
    first_node: usize,
    of_account: Rows,
    of_entity: Rows,
    /// Nats that sharing it says, by entity; 0 where nobody shares it.
    weight: Vec<f64>,
    /// The chance to step from it to one given account.
    arrival: Vec<u32>,
}

impl Layer {
    fn entities(&self) -> usize {
        self.of_entity.len()
    }

    fn new(of_entity: Rows, accounts: usize, first_node: usize) -> Self {
        let degrees =
            || (0..of_entity.len() as u32).map(|entity| f64::from(of_entity.degree(entity)));
        let weight = degrees()
            .map(|d| {
                if d > 1.0 {
                    (accounts as f64 / d).ln()
                } else {
                    0.0
                }
            })
            .collect();
        let arrival = degrees()
            .map(|d| {
                if d > 1.0 {
                    fixed(goes_on(bits(d.ln())) / d)
                } else {
                    0
                }
            })
            .collect();
        Layer {
            first_node,
            of_account: of_entity.transpose(accounts),
            of_entity,
            weight,
            arrival,
        }
    }
}

/// Every type of entity with its nodes; a type for which there are no more numbers is left out.
fn layers(entities: &EntityGraph<'_>) -> Vec<Layer> {
    let accounts = entities.log.accounts.len();
    let mut layers: Vec<Layer> = Vec::new();
    let mut next = accounts;
    for entity_type in &entities.types {
        let of_entity = match &entity_type.sharing {
            Sharing::Plain { of_entity, .. } => of_entity.clone(),
            Sharing::Windowed { postings, .. } => bursts(postings),
        };
        if u32::try_from(next + of_entity.len()).is_ok() {
            let layer = Layer::new(of_entity, accounts, next);
            next += layer.entities();
            layers.push(layer);
        }
    }
    layers
}

/// The accounts of each burst: a run of actions on one key, each at most `within` after the one before, by two
/// accounts or more.
fn bursts(postings: &Postings) -> Rows {
    let mut ranges = Vec::new();
    for key in 0..postings.keys() as u32 {
        let range = postings.of(key);
        let mut start = range.start;
        for p in range.clone() {
            let ends = p + 1 == range.end
                || postings.times[p + 1].saturating_sub(postings.times[p]) > postings.within;
            if ends {
                let first = postings.nodes[start];
                if postings.nodes[start..=p].iter().any(|&node| node != first) {
                    ranges.push(start..p + 1);
                }
                start = p + 1;
            }
        }
    }
    Rows::build(ranges.len(), |burst, accounts| {
        accounts.extend_from_slice(&postings.nodes[ranges[burst as usize].clone()]);
    })
}

/// For each layer and account, the chance to step to an entity per nat of its weight.
fn departures(layers: &[Layer], accounts: usize, seeds: &[Seed]) -> Vec<Vec<f64>> {
    let mut departures: Vec<Vec<f64>> = layers.iter().map(|_| vec![0.0; accounts]).collect();
    let mut seeds = seeds.iter().peekable();
    for account in 0..accounts as u32 {
        let absorbed = seeds
            .next_if(|seed| seed.account == account)
            .map_or(0.0, |&seed| belief(seed));
        let weights = |layer: &'_ Layer| -> Vec<f64> {
            let entities = layer.of_account.get(account).iter();
            entities
                .map(|&entity| layer.weight[entity as usize])
                .filter(|&weight| weight > 0.0)
                .collect()
        };
        let by_layer: Vec<Vec<f64>> = layers.iter().map(weights).collect();
        let types = by_layer
            .iter()
            .filter(|weights| !weights.is_empty())
            .count() as f64;
        let totals: Vec<f64> = by_layer
            .iter()
            .map(|weights| weights.iter().sum())
            .collect();
        let entropy: f64 = by_layer
            .iter()
            .zip(&totals)
            .flat_map(|(weights, total)| weights.iter().map(move |weight| weight / total / types))
            .map(|chance| -bits(chance * chance.ln()))
            .sum();
        let steps = (1.0 - absorbed) * goes_on(entropy);
        for (departures, total) in departures.iter_mut().zip(totals) {
            if total > 0.0 {
                departures[account as usize] = steps / types / total;
            }
        }
    }
    departures
}

/// The chance that a walk goes on where its next step has an entropy of `bits`.
fn goes_on(bits: f64) -> f64 {
    std::f64::consts::LN_2 / (2.0 + bits.max(0.0)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sparse::postings::Actions;

    #[test]
    fn a_burst_is_a_run_of_near_actions_by_two_accounts_or_more() {
        let keys = [0, 0, 0, 0, 0, 1, 1];
        let actions = Actions {
            key: |row: usize| Some(keys[row]),
            times: &[0, 50, 100, 200, 210, 205, 215],
            nodes: &[1, 2, 3, 4, 4, 5, 6],
        };
        let bursts = bursts(&Postings::build(&actions, 2, 7, 60));
        let all: Vec<&[u32]> = (0..bursts.len() as u32)
            .map(|burst| bursts.get(burst))
            .collect();
        assert_eq!(all, [&[1, 2, 3][..], &[5, 6]]);
    }

    #[test]
    fn the_more_ways_there_are_the_sooner_a_walk_gives_up() {
        assert!((goes_on(0.0) - 1.0).abs() < 1e-12);
        let phone_carrier = [1.0, 12.0].map(goes_on);
        assert!(
            phone_carrier[0] > 0.6 && phone_carrier[1] < 0.3,
            "{phone_carrier:?}"
        );
    }
}
