//! From a community to rings: peel away whoever weakens the evidence, then look at what is left.
//!
//! Greedy peeling in the manner of FRAUDAR (Hooi et al., KDD 2016) with the ring statistic as the
//! objective: again and again the member whose departure costs least leaves, and the best set seen on
//! the way is kept. What remains of the community is gathered afresh and peeled again, so one community
//! can hold several rings, or none.
//!
//! Departures from FRAUDAR: the objective pays for its freedom to choose instead of dividing by the size,
//! so it is zero where there is nothing to find; in sets of more than `SINGLY` members several leave at
//! a time; contributions that a departure does not touch are refreshed when a tenth of the set has left.

use crate::base::run::{Interrupted, Run};
use crate::entities::EntityGraph;
use crate::recipe::Kind;
use crate::rings::case::Case;
use crate::rings::exhibits::{ByMember, Exhibits, gather_of};
use crate::rings::population::Population;
use crate::sparse::union_find::UnionFind;

/// Sets up to this size lose one member at a time.
const SINGLY: usize = 200;

/// Larger sets lose this share of their members at a time.
const STEP: usize = 50;

/// A ring inside a community.
pub struct Found {
    /// Its accounts, ascending.
    pub accounts: Vec<u32>,
    /// All that they have in common, where that was gathered on the way.
    pub gathered: Option<Exhibits>,
}

/// Each ring inside `community` (ascending) by the evidence of the kinds that are `wanted`, ascending by its accounts.
///
/// # Errors
/// [`Interrupted`].
pub fn refine(
    entities: &EntityGraph<'_>,
    population: &Population,
    community: &[u32],
    wanted: impl Fn(Kind) -> bool,
    least: usize,
    run: &Run<'_>,
) -> Result<Vec<Found>, Interrupted> {
    let all_is_wanted = population.types.iter().all(|facts| wanted(facts.kind));
    let mut rings = Vec::new();
    let mut open = vec![community.to_vec()];
    while let Some(accounts) = open.pop() {
        run.check()?;
        let exhibits = gather_of(entities, population, accounts, &wanted);
        let parts = connected(&exhibits);
        if parts.len() != 1 || parts[0].len() < exhibits.accounts.len() {
            // Accounts that no exhibit holds together are no set; each connected part is a case of its own.
            open.extend(parts.into_iter().filter(|part| part.len() >= least));
            continue;
        }
        let Some(ring) = strongest(&exhibits, population, least) else {
            continue;
        };
        if ring.len() == exhibits.accounts.len() {
            rings.push(Found {
                accounts: ring,
                gathered: all_is_wanted.then_some(exhibits),
            });
            continue;
        }
        let rest: Vec<u32> = exhibits
            .accounts
            .into_iter()
            .filter(|account| ring.binary_search(account).is_err())
            .collect();
        rings.push(Found {
            accounts: ring,
            gathered: None,
        });
        if rest.len() >= least {
            open.push(rest);
        }
    }
    rings.sort_unstable_by(|a, b| a.accounts.cmp(&b.accounts));
    Ok(rings)
}

/// Accounts of each connected part, each ascending: members joined by exhibits; loners left out.
fn connected(exhibits: &Exhibits) -> Vec<Vec<u32>> {
    let sets = UnionFind::new(exhibits.accounts.len());
    for exhibit in &exhibits.list {
        sets.link_all(&exhibit.members);
    }
    let mut parts = sets.into_parts();
    for member in parts.iter_mut().flatten() {
        *member = exhibits.accounts[*member as usize];
    }
    parts
}

/// Accounts (ascending) of the set with the most evidence on the way down, peeling one account after the
/// other; `None` if no set of at least `least` pays its cost.
pub fn strongest(exhibits: &Exhibits, population: &Population, least: usize) -> Option<Vec<u32>> {
    let by_member = exhibits.by_member();
    let mut case = Case::new(exhibits, &by_member, population);
    let mut ledger = Ledger::new(&case, exhibits.list.len());
    let mut order = Vec::with_capacity(exhibits.accounts.len());
    let mut losses = Vec::new();
    let mut best = (ledger.sum() + case.seed_nats() - case.cost(), 0);
    while case.size() > least {
        cheapest(&case, &ledger, &by_member, &mut losses);
        for &(_, member) in &losses {
            case.remove(member);
            order.push(member);
            ledger.refresh(&case, by_member.get(member));
        }
        ledger.refresh_when_stale(&case);
        let evidence = ledger.sum() + case.seed_nats() - case.cost();
        if evidence > best.0 {
            best = (evidence, order.len());
        }
        let past_the_peak = best.0 > 0.0 && evidence < best.0 / 2.0;
        if past_the_peak && case.size() * 2 < exhibits.accounts.len() - best.1 {
            break;
        }
    }
    for &member in order[best.1..].iter().rev() {
        case.restore(member);
    }
    if case.evidence() <= 0.0 {
        return None;
    }
    Some(
        case.members()
            .map(|member| exhibits.accounts[member as usize])
            .collect(),
    )
}

/// The members whose departure costs least, and what it costs, fewest nats first; of equals the last goes first.
fn cheapest(
    case: &Case<'_>,
    ledger: &Ledger,
    by_member: &ByMember<u32>,
    losses: &mut Vec<(f64, u32)>,
) {
    losses.clear();
    losses.extend(case.members().map(|member| {
        let loss: f64 = by_member
            .get(member)
            .iter()
            .map(|&number| ledger.margin[number as usize])
            .sum();
        (loss + case.seed_loss(member), member)
    }));
    let leave = if losses.len() <= SINGLY {
        1
    } else {
        losses.len() / STEP
    };
    let by_loss = |a: &(f64, u32), b: &(f64, u32)| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1));
    losses.select_nth_unstable_by(leave - 1, by_loss);
    losses.truncate(leave);
    losses.sort_unstable_by(by_loss);
}

/// What each exhibit contributes now, and what it would lose with one of its members.
struct Ledger {
    value: Vec<f64>,
    margin: Vec<f64>,
    /// Size of the set when everything was last worked out.
    fresh_at: usize,
}

impl Ledger {
    fn new(case: &Case<'_>, exhibits: usize) -> Self {
        let mut ledger = Ledger {
            value: vec![0.0; exhibits],
            margin: vec![0.0; exhibits],
            fresh_at: 0,
        };
        ledger.refresh_all(case);
        ledger
    }

    fn sum(&self) -> f64 {
        self.value.iter().sum()
    }

    fn refresh_all(&mut self, case: &Case<'_>) {
        for number in 0..self.value.len() {
            self.refresh_one(case, number);
        }
        self.fresh_at = case.size();
    }

    fn refresh(&mut self, case: &Case<'_>, numbers: &[u32]) {
        for &number in numbers {
            self.refresh_one(case, number as usize);
        }
    }

    fn refresh_when_stale(&mut self, case: &Case<'_>) {
        if case.size() * 10 <= self.fresh_at * 9 {
            self.refresh_all(case);
        }
    }

    fn refresh_one(&mut self, case: &Case<'_>, number: usize) {
        if case.sharing(number) < 2 {
            (self.value[number], self.margin[number]) = (0.0, 0.0);
            return;
        }
        let value = case.contribution(number, 0);
        self.value[number] = value;
        self.margin[number] = value - case.contribution(number, 1);
    }
}
