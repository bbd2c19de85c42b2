//! Caught: sets in which more accounts are known to be bad than innocence explains.
//!
//! Taste, friendship and a roof over the head explain what people have in common. They do not explain that several of them were
//! caught. Of innocent sets, which are what they are whoever is a seed, at most one in `e^s` has seeds that say `s` nats
//! ([`seeded`](crate::rings::seeded)). So among the `r` strongest of all sets at most `r e^−s` are innocent and have as many
//! seeds; for having been free to say how strong, that is paid for `1 + 1/2 + … + 1/J` times, `J` being the number of sets. And of the sets
//! that are as surprising, at most such a share is innocent: the q-value (Wang and Ramdas, *False discovery rate control with e-values*, JRSS B
//! 84, 2022, with weights).
//!
//! A set that was looked for around a seed has one in any case. There only the others count.

use crate::rings::seeded::Seeded;
use crate::rings::weigh::Weighed;

/// Whether seeds say so much of `set`, one of `judged`, that at most one innocent set is to be expected of which they do: taste
/// explains what its members have in common, and not that.
pub fn is_caught(set: &Weighed, seeds: &Seeded, judged: usize) -> bool {
    says(set, seeds) >= (judged.max(1) as f64).ln()
}

/// Nats that seeds say of `set`, beyond the one that it was looked for around.
fn says(set: &Weighed, seeds: &Seeded) -> f64 {
    if set.around_seeds {
        seeds.beyond_the_first(&set.set.accounts)
    } else {
        set.seed_nats()
    }
}

/// By set, the share of innocent ones that is to be expected among those in which seeds are as surprising.
pub fn caught_q(sets: &[Weighed], seeds: &Seeded) -> Vec<f64> {
    let own = |at: usize| sets[at].nats - sets[at].seed_nats();
    let mut by_evidence: Vec<usize> = (0..sets.len()).collect();
    by_evidence.sort_by(|&a, &b| own(b).total_cmp(&own(a)));
    let said: Vec<f64> = by_evidence
        .iter()
        .map(|&at| says(&sets[at], seeds))
        .collect();
    let mut q = vec![1.0; sets.len()];
    for (&at, of_it) in by_evidence.iter().zip(shares(&said)) {
        q[at] = of_it;
    }
    q
}

/// q-values of sets, the strongest first, in which seeds say so many nats.
fn shares(says: &[f64]) -> Vec<f64> {
    let ranks = || (1..=says.len()).map(|rank| rank as f64);
    let freedom: f64 = ranks().map(|rank| 1.0 / rank).sum();
    let innocent: Vec<f64> = ranks()
        .zip(says)
        .map(|(rank, nats)| freedom * rank * (-nats).exp())
        .collect();
    let mut order: Vec<usize> = (0..says.len()).collect();
    order.sort_by(|&a, &b| innocent[a].total_cmp(&innocent[b]));
    let (mut q, mut smallest) = (vec![1.0; says.len()], 1.0f64);
    for (before, &at) in order.iter().enumerate().rev() {
        smallest = smallest.min(innocent[at] / (before + 1) as f64);
        q[at] = smallest;
    }
    q
}

#[cfg(test)]
mod tests {
    use super::shares;

    #[test]
    fn strong_sets_and_company_need_less() {
        let alone = |rank: usize| {
            let mut says = vec![0.0; 200];
            says[rank] = 6.0;
            shares(&says)[rank]
        };
        assert!(alone(0) < 0.05 && alone(9) > 0.05);
        let mut says = vec![0.0; 200];
        says[..10].fill(6.0);
        assert!(shares(&says)[9] < 0.05, "ten are found, half of one is not");
        assert!(shares(&says)[10..].iter().all(|&q| q == 1.0));
    }

    #[test]
    fn no_seeds_catch_nobody() {
        assert!(shares(&[0.0; 50]).iter().all(|&q| q == 1.0));
        assert!(shares(&[]).is_empty());
    }
}
