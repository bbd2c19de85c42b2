//! `Exhibits`: what the members of one set have in common, laid out for judging.
//!
//! An exhibit is an entity that at least two members share and that could speak for *some* subset of
//! them; whatever is too common to speak for any subset is left out when the exhibits are gathered, so
//! that judging costs what the evidence costs and not what the members did.

use crate::base::information::{ln_choose, ln_choose_of, ln_factorial};
use crate::entities::{EntityGraph, Sharing};
use crate::events::{NONE, UNKNOWN_TIME};
use crate::recipe::Kind;
use crate::rings::population::{self, Population};
use crate::rings::windows::{self, Moment};
use crate::sparse::ahead::{TOGETHER, read_ahead};
use crate::sparse::repeats::keep_repeats_in;

/// One entity shared inside a set.
#[derive(Debug, Clone, PartialEq)]
pub struct Exhibit {
    /// Number of the entity type.
    pub entity_type: usize,
    /// The entity (windowed: the key).
    pub entity: u32,
    /// For windowed types, the moment.
    pub window: Option<Window>,
    /// Accounts of the whole platform that have it (windowed: that acted inside the window).
    pub accounts: u32,
    /// Indices of the members that have it, ascending.
    pub members: Vec<u32>,
}

/// The moment of a windowed exhibit.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// First action of a member, microseconds.
    pub from: i64,
    /// Last action of a member.
    pub to: i64,
    /// Index of the key in [`Exhibits::keys`].
    pub key: usize,
    /// Actions of anybody on the key at any time.
    pub key_actions: u32,
    /// Share of all the platform's actions of this type that fall in the window.
    pub rhythm: f64,
}

/// A set of accounts with everything that could speak for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Exhibits {
    /// The accounts; an index into this list is a *member*.
    pub accounts: Vec<u32>,
    /// By type, then by entity, then by window.
    pub list: Vec<Exhibit>,
    /// For each key with a window in the list, the members that acted on it at any time, ascending, and how
    /// often.
    pub keys: Vec<Vec<(u32, u32)>>,
    /// Entities of each member, per type: `activity[type][member]`.
    pub activity: Vec<Vec<u32>>,
    /// What is too common to speak for any of them, per type: the accounts that have it, and the nats that pairs of members share over it; none for
    /// windows.
    pub in_passing: Vec<Vec<(u32, f64)>>,
}

/// Gathers the exhibits of `accounts` (ascending).
pub fn gather(entities: &EntityGraph<'_>, population: &Population, accounts: Vec<u32>) -> Exhibits {
    gather_of(entities, population, accounts, |_| true)
}

/// Gathers the exhibits of `accounts` (ascending) of the kinds that are `wanted`.
pub fn gather_of(
    entities: &EntityGraph<'_>,
    population: &Population,
    accounts: Vec<u32>,
    wanted: impl Fn(Kind) -> bool,
) -> Exhibits {
    let mut list: Vec<Exhibit> = Vec::new();
    let mut keys = Vec::new();
    let mut activity = Vec::with_capacity(entities.types.len());
    let mut in_passing = vec![Vec::new(); entities.types.len()];
    let mut uses = Vec::new();
    let mut met = Vec::new();
    for (number, entity_type) in entities.types.iter().enumerate() {
        let facts = &population.types[number];
        if !wanted(facts.kind) {
            // Nobody asks how active they are in what is not looked at.
            activity.push(vec![0; accounts.len()]);
            continue;
        }
        activity.push(
            accounts
                .iter()
                .map(|&a| population::activity(entities, entity_type, a))
                .collect(),
        );
        let all_picks = ln_factorial(facts.accounts);
        let price = facts.pickable.ln();
        let speaks = |accounts: u32, members: usize| {
            // The subset that suits it best is exactly its own members.
            let (accounts, members) = (f64::from(accounts), members as f64);
            let picks = if accounts > facts.accounts {
                ln_choose(accounts, members)
            } else {
                ln_choose_of(facts.accounts, all_picks, members)
            };
            picks - ln_choose(accounts, members) > price
        };
        match &entity_type.sharing {
            Sharing::Plain {
                of_account,
                of_entity,
            } => {
                let all = accounts.iter().map(|&a| of_account.get(a).len()).sum();
                uses.clear();
                uses.reserve(all);
                let mut members = 0..;
                for some in accounts.chunks(TOGETHER) {
                    read_ahead(some.iter().map(|&a| of_account.get(a).first().copied()));
                    for (&account, member) in some.iter().zip(&mut members) {
                        let entities = of_account.get(account).iter();
                        uses.extend(entities.map(|&entity| keyed(entity, member)));
                    }
                }
                sort_shared(&mut uses, &mut met);
                read_ahead(uses.windows(2).map(|two| {
                    let is_shared = key(two[0]) == key(two[1]);
                    Some(of_entity.degree(if is_shared { key(two[0]) } else { 0 }))
                }));
                for_each_shared(&uses, |entity, uses| {
                    let degree = of_entity.degree(entity);
                    if speaks(degree, uses.len()) {
                        list.push(Exhibit {
                            entity_type: number,
                            entity,
                            window: None,
                            accounts: degree,
                            members: uses.iter().map(|&one| one as u32).collect(),
                        });
                    } else {
                        let nats = facts.pairs_nats(uses.len(), degree);
                        in_passing[number].push((degree, nats));
                    }
                });
            }
            Sharing::Windowed {
                postings, rhythm, ..
            } => {
                let times = entity_type
                    .plan
                    .time
                    .as_ref()
                    .and_then(|name| entities.log.time(name));
                let key_of = entity_type.keys.rows();
                let rows = accounts
                    .iter()
                    .map(|&a| entities.log.rows_of(a).len())
                    .sum();
                let mut moments = Vec::with_capacity(rows);
                let actions = &mut uses;
                actions.clear();
                actions.reserve(rows);
                let mut members = 0..;
                for some in accounts.chunks(TOGETHER) {
                    read_ahead(some.iter().flat_map(|&account| {
                        let rows = entities.log.rows_of(account);
                        let ends = [rows.start, rows.end.saturating_sub(1)];
                        let key = key_of.get(rows.start).copied();
                        let times = ends.map(|row| times.and_then(|times| times.micros.get(row)));
                        [
                            key,
                            times[0].map(|&time| time as u32),
                            times[1].map(|&time| time as u32),
                        ]
                    }));
                    for (&account, member) in some.iter().zip(&mut members) {
                        for row in entities.log.rows_of(account) {
                            let time = times.map_or(UNKNOWN_TIME, |times| times.micros[row]);
                            if key_of[row] != NONE && time != UNKNOWN_TIME {
                                actions.push(keyed(key_of[row], moments.len() as u32));
                                moments.push(Moment { time, member });
                            }
                        }
                    }
                }
                let mut on_key = Vec::new();
                sort_shared(actions, &mut met);
                for_each_shared(actions, |key, actions| {
                    on_key.clear();
                    on_key.extend(actions.iter().map(|&one| moments[one as u32 as usize]));
                    on_key.sort_unstable();
                    let moments = &on_key[..];
                    if !windows::has_burst(moments, postings.within) {
                        return;
                    }
                    let before = list.len();
                    for burst in windows::bursts(moments, postings.within) {
                        let until = burst.from.saturating_add(postings.within);
                        let window = Window {
                            from: burst.from,
                            to: burst.to,
                            key: keys.len(),
                            key_actions: postings.of(key).len() as u32,
                            rhythm: rhythm.share(burst.from, until),
                        };
                        let accounts =
                            postings.distinct_nodes(postings.between(key, burst.from, until));
                        let best = -(burst.members.len() as f64) * window.rhythm.ln();
                        if speaks(accounts, burst.members.len()) && best > price {
                            list.push(Exhibit {
                                entity_type: number,
                                entity: key,
                                window: Some(window),
                                accounts,
                                members: burst.members,
                            });
                        }
                    }
                    if list.len() > before {
                        keys.push(count_by_member(moments));
                    }
                });
            }
        }
    }
    Exhibits {
        accounts,
        list,
        keys,
        activity,
        in_passing,
    }
}

impl Exhibits {
    /// Keys that each member acted on, as indices into [`Exhibits::keys`], and how often.
    pub fn keys_by_member(&self) -> ByMember<(u32, u32)> {
        ByMember::of(self.accounts.len(), || {
            (0..).zip(&self.keys).flat_map(|(key, actions)| {
                let actions = actions.iter();
                actions.map(move |&(member, times)| (member, (key, times)))
            })
        })
    }

    /// Exhibits of each member, as indices into the list.
    pub fn by_member(&self) -> ByMember<u32> {
        ByMember::of(self.accounts.len(), || {
            (0..).zip(&self.list).flat_map(|(number, exhibit)| {
                let members = exhibit.members.iter();
                members.map(move |&member| (member, number))
            })
        })
    }
}

/// A list for each member of a set.
///
/// Layout: that of member `m` is `items[starts[m] .. starts[m + 1]]`.
#[derive(Debug, Clone)]
pub struct ByMember<T> {
    starts: Vec<u32>,
    items: Vec<T>,
}

impl<T: Copy + Default> ByMember<T> {
    /// The `items` of each of `members` members, in their order; they are gone through twice.
    fn of<I: Iterator<Item = (u32, T)>>(members: usize, items: impl Fn() -> I) -> Self {
        let mut starts = vec![0; members + 2];
        for (member, _) in items() {
            starts[member as usize + 2] += 1;
        }
        for member in 2..starts.len() {
            starts[member] += starts[member - 1];
        }
        let all = starts.last().copied().unwrap_or(0);
        let mut sorted = vec![T::default(); all as usize];
        // Where a member's next item goes stands where the next member's first will be found.
        for (member, item) in items() {
            let next = &mut starts[member as usize + 1];
            sorted[*next as usize] = item;
            *next += 1;
        }
        starts.pop();
        ByMember {
            starts,
            items: sorted,
        }
    }

    /// The list of `member`.
    #[inline]
    pub fn get(&self, member: u32) -> &[T] {
        let member = member as usize;
        &self.items[self.starts[member] as usize..self.starts[member + 1] as usize]
    }

    /// All lists in the order of the members.
    pub fn iter(&self) -> impl Iterator<Item = &[T]> {
        let starts = self.starts.windows(2);
        starts.map(|list| &self.items[list[0] as usize..list[1] as usize])
    }
}

/// How often each member acted, ascending by member.
fn count_by_member(moments: &[Moment]) -> Vec<(u32, u32)> {
    let mut members: Vec<u32> = moments.iter().map(|moment| moment.member).collect();
    members.sort_unstable();
    members
        .chunk_by(|a, b| a == b)
        .map(|one| (one[0], one.len() as u32))
        .collect()
}

/// What is sorted by a key and comes along with it, as one word: such are sorted fastest.
fn keyed(key: u32, along: u32) -> u64 {
    u64::from(key) << 32 | u64::from(along)
}

/// What is sorted by.
fn key(keyed: u64) -> u32 {
    (keyed >> 32) as u32
}

/// Sorts what is [`keyed`], but for most of what is there once; `met` is room to count in.
fn sort_shared(keyed: &mut Vec<u64>, met: &mut Vec<u8>) {
    keep_repeats_in(met, keyed, key);
    keyed.sort_unstable();
}

/// Visits the keys that are there at least twice in what is [`keyed`] and sorted, ascending; what came along is in
/// the low halves, ascending.
fn for_each_shared(keyed: &[u64], mut visit: impl FnMut(u32, &[u64])) {
    for group in keyed.chunk_by(|&a, &b| key(a) == key(b)) {
        if group.len() > 1 {
            visit(key(group[0]), group);
        }
    }
}
