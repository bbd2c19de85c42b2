//! `Returning`: the co-actions of a row with those whom it meets often enough, found before anything is added up.
//!
//! Where a pair needs two co-actions, most of those whom a row meets are met once, and a place in the table of tallies
//! would be made for each of them for nothing. So all co-actions of a row are first noted one after the other, then
//! counted in bytes that stay in the nearest cache, where different nodes may share one. What a byte has counted is at
//! least what each of its nodes was met, so whoever is left out by it was met too rarely; the few that are kept
//! by chance are told apart when they are added up.

use crate::kernels::accumulator::Row;
use crate::kernels::coaction::{Coactions, TOGETHER};
use crate::kernels::small_row::SmallRow;

/// Room for the co-actions of a small row.
#[derive(Debug, Default)]
pub(crate) struct Returning {
    /// The node met, and its action in the lower half.
    met: Vec<u64>,
    /// Beside it: the action of the row's node.
    own: Vec<u32>,
    counts: MetBytes,
}

/// How often nodes were met, in bytes that different nodes may share.
#[derive(Debug, Default)]
pub(super) struct MetBytes(Vec<u8>);

/// Bytes for every node that may be met: one in so many is then kept by chance.
const BYTES_EACH: usize = 16;
/// Bytes at least.
const LEAST_BITS: u32 = 6;

impl MetBytes {
    /// Counts the nodes of what was `noted`, and says of a node whether it may be there `least` times.
    #[inline]
    pub(super) fn count<T: Copy>(
        &mut self,
        noted: &[T],
        node: fn(T) -> u32,
        least: u32,
    ) -> impl Fn(u32) -> bool + use<'_, T> {
        let bits = (BYTES_EACH * noted.len())
            .next_power_of_two()
            .ilog2()
            .max(LEAST_BITS);
        if self.0.len() < 1 << bits {
            self.0.resize(1 << bits, 0);
        }
        // So many bits of a byte are set.
        let met = &mut self.0[..1 << bits];
        met.fill(0);
        let mask = met.len() - 1;
        let place =
            move |who: u32| (who.wrapping_mul(0x9E37_79B1) >> (u32::BITS - bits)) as usize & mask;
        for &noted in noted {
            let met = &mut met[place(node(noted))];
            *met = *met << 1 | 1;
        }
        let met = &*met;
        let enough = u8::MAX >> (u8::BITS - least.clamp(1, u8::BITS));
        move |who| met[place(who)] >= enough
    }
}

impl Returning {
    /// Adds the co-actions of `node`, at most `adds`, with nodes above it by a source whose bit is `bit` to an empty row; those
    /// with nodes that are met less often than the source asks for may be missing.
    pub(crate) fn add(
        &mut self,
        node: u32,
        (source, bit): (&Coactions<'_>, u32),
        adds: usize,
        row: &mut SmallRow,
    ) {
        let noted = self.note(node, source, adds);
        let kept = self.keep_returning(noted, source.min_co_actions);
        row.begin(kept);
        let moments = &source.company.moments;
        // All that one action of the node meets follow each other.
        let (mut last, mut moment) = (u32::MAX, 0);
        for (&met, &own) in self.met[..kept].iter().zip(&self.own) {
            if own != last {
                (last, moment) = (own, moments.of(own));
            }
            let tally = row.entry(who(met));
            source.add_to(tally, bit, (own as usize, moment), met as u32);
        }
    }

    /// Notes all co-actions; how many there are.
    #[inline]
    fn note(&mut self, node: u32, source: &Coactions<'_>, adds: usize) -> usize {
        let company = source.company;
        // One more, because what is not kept is written too.
        let room = adds + 1;
        if self.met.len() < room {
            self.met.resize(room, 0);
            self.own.resize(room, 0);
        }
        let (met, own) = (&mut self.met[..room], &mut self.own[..room]);
        let mut noted = 0;
        for place in company.places(node) {
            if place % TOGETHER == 0 {
                company.call(place..place + TOGETHER);
            }
            let own_action = company.own(place);
            let window = company.window(own_action);
            let before = noted;
            for (&who, at) in company.within(&window).iter().zip(window.start..) {
                // Whether a neighbour is above cannot be predicted, so it is noted without asking.
                met[noted] = u64::from(who) << u32::BITS | u64::from(at);
                own[noted] = own_action.at;
                noted += usize::from(who > node);
            }
            if source.asks_more() {
                let mut kept = before;
                for at in before..noted {
                    let (met_at, own_at) = (met[at], own[at]);
                    let allowed = source.allows(node, own_at, met_at as u32);
                    (met[kept], own[kept]) = (met_at, own_at);
                    kept += usize::from(allowed);
                }
                noted = kept;
            }
        }
        noted
    }

    /// Moves the co-actions with nodes that may have been met `least` times to the front; how many they are.
    #[inline]
    fn keep_returning(&mut self, noted: usize, least: u32) -> usize {
        if noted < least as usize {
            return 0;
        }
        let (met, own) = (&mut self.met[..noted], &mut self.own[..noted]);
        let returns = self.counts.count(met, who, least);
        let mut kept = 0;
        for at in 0..noted {
            // Asked of what was read: what was just written would have to be waited for.
            let this = met[at];
            let again = returns(who(this));
            (met[kept], own[kept]) = (this, own[at]);
            kept += usize::from(again);
        }
        kept
    }
}

/// The node of what was noted.
#[inline]
fn who(met: u64) -> u32 {
    (met >> u32::BITS) as u32
}
