//! Foreseen: what people of one taste would have in common anyway.
//!
//! A pair of active people of one taste shares many things, most of them popular. What a set shares is held against that among
//! *like things*: a list of obscure things says more than all that its members may have in common among famous ones, and a list of famous
//! things is held against everything. So of all bounds on fame under which the members are a good part of the audience the one is taken where the mean pair
//! goes furthest beyond what is foreseen under the same bound, if they work through what is under it as through a list: people who live in a world of their own
//! (a language, a town) have all that is obscure elsewhere to choose from, and pick.

use crate::rings::population::TypeFacts;
use crate::rings::taste::LIST;

/// A thing is obscure where its accounts are at most so many times the members: they are a good part of its audience.
const AUDIENCE: usize = 4;

/// What the mean pair of a set shares of one type without being any more than people of one taste, nats.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Foreseen {
    /// In all: what is foreseen among things under the bound, and all that the pair shares beyond it.
    pub nats: f64,
    /// Of that, what it shares under the bound over things that say nothing of the set.
    pub in_passing: f64,
}

/// What the mean pair shares over one thing, nats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shared {
    /// Accounts that have the thing.
    pub accounts: u32,
    /// Members that have it.
    pub members: usize,
    /// Nats of the mean pair.
    pub nats: f64,
    /// Whether it speaks for the set.
    pub speaks: bool,
}

/// Holds what is `shared` by `size` accounts of the type of `facts` against people who are `relative` times as active as the mean account and
/// meet `affinity` times more often than strangers. Cost: the distinct degrees of the type, and `shared` times its logarithm.
pub fn foreseen(
    facts: &TypeFacts,
    size: usize,
    (relative, affinity): (f64, f64),
    shared: &mut [Shared],
) -> Foreseen {
    shared.sort_by(|a, b| a.accounts.cmp(&b.accounts).then(a.nats.total_cmp(&b.nats)));
    let all: f64 = shared
        .iter()
        .filter(|one| one.speaks)
        .map(|one| one.nats)
        .sum();
    let mut degrees = facts.degrees.iter().copied().peekable();
    let club = |degree| facts.club_nats(degree, relative, affinity);
    let (mut among, mut spoken, mut silent) = (0.0, 0.0, 0.0);
    let (mut things, mut had) = (0, 0);
    let mut best: Option<Foreseen> = None;
    for same in shared.chunk_by(|a, b| a.accounts == b.accounts) {
        let accounts = same[0].accounts;
        while let Some(degree) = degrees.next_if(|degree| degree.0 <= accounts) {
            among += club(degree);
        }
        for one in same {
            let sum = if one.speaks { &mut spoken } else { &mut silent };
            *sum += one.nats;
            things += usize::from(one.speaks);
            had += usize::from(one.speaks) * one.members;
        }
        let nats = among + (all - spoken);
        let is_list = had as f64 >= LIST * (things * size) as f64;
        let is_obscure = accounts as usize <= AUDIENCE * size && is_list;
        if is_obscure && best.is_none_or(|best| nats < best.nats) {
            best = Some(Foreseen {
                nats,
                in_passing: silent.min(among),
            });
        }
    }
    let nats = among + degrees.map(club).sum::<f64>();
    let everything = Foreseen {
        nats,
        in_passing: silent.min(nats),
    };
    best.filter(|best| best.nats < nats).unwrap_or(everything)
}

#[cfg(test)]
mod tests {
    use super::{Foreseen, Shared, foreseen};
    use crate::recipe::Kind;
    use crate::rings::population::TypeFacts;

    /// Of ten thousand accounts: so many have the thing, so many such things, and nats that it says of two of them.
    const OBSCURE: (u32, u32, f64) = (10, 1000, 6.9);
    const FAMOUS: (u32, u32, f64) = (1000, 10, 2.3);

    fn facts() -> TypeFacts {
        TypeFacts {
            kind: Kind::Behaviour,
            accounts: 10_000.0,
            pickable: 1010.0,
            mean_activity: 2.0,
            incidences: 20_000.0,
            pairs: 10_000.0,
            affinity: 4.0,
            null: 4.0,
            degrees: vec![OBSCURE, FAMOUS],
            given_key: false,
        }
    }

    fn shared(accounts: u32, nats: f64, speaks: bool) -> Shared {
        Shared {
            accounts,
            members: 15,
            nats,
            speaks,
        }
    }

    #[test]
    fn a_list_of_obscure_things_is_held_against_obscure_things() {
        let facts = facts();
        let all: f64 = facts
            .degrees
            .iter()
            .map(|&one| facts.club_nats(one, 3.0, 4.0))
            .sum();
        let obscure = facts.club_nats(OBSCURE, 3.0, 4.0);
        let mut list = [shared(1000, 2.0, false), shared(10, 14.0, true)];
        let found = foreseen(&facts, 20, (3.0, 4.0), &mut list);
        assert_eq!(found.nats, obscure);
        assert_eq!(found.in_passing, 0.0);
        let everything = foreseen(&facts, 2, (3.0, 4.0), &mut list);
        assert_eq!(
            (everything.nats, everything.in_passing),
            (all, 2.0),
            "no audience to speak of"
        );
    }

    #[test]
    fn who_picks_among_obscure_things_lives_in_a_world_of_its_own() {
        let mut list = vec![shared(10, 14.0, true)];
        let everything = foreseen(&facts(), 2, (3.0, 4.0), &mut list.clone());
        let picked = Shared {
            members: 2,
            ..shared(10, 0.1, true)
        };
        list.extend(vec![picked; 12]);
        assert_eq!(
            foreseen(&facts(), 20, (3.0, 4.0), &mut list).nats,
            everything.nats
        );
    }

    #[test]
    fn a_list_of_famous_things_is_held_against_everything() {
        let mut list = [shared(1000, 9.0, true)];
        let found = foreseen(&facts(), 20, (3.0, 4.0), &mut list);
        assert!(found.nats > 2.0 && found.nats < 9.0, "{found:?}");
        assert!(foreseen(&facts(), 20, (3.0, 4.0), &mut []) != Foreseen::default());
    }
}
