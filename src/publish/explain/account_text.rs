//! An account's explanation as text.

use std::fmt::{self, Write};

use super::account::{AccountExplanation, AccountInRing, SharedEntity};
use crate::publish::rows::SeedRow;
use crate::publish::text::{Align, Table, count, counted, from_tenths, printable, tenths, time};

/// Accounts named for one entity.
const NAMED_ACCOUNTS: usize = 5;

pub(super) fn write(explanation: &AccountExplanation, f: &mut impl Write) -> fmt::Result {
    writeln!(f, "Account {}", printable(&explanation.account_id))?;
    if explanation.rings.is_empty() {
        f.write_str("It is in no ring.\n")?;
    }
    for ring in &explanation.rings {
        in_ring(ring, f)?;
    }
    match explanation.seeds.first() {
        Some(first) => seeds(first, &explanation.seeds, f),
        None => Ok(()),
    }
}

/// What seeds say: the three shares, and which seeds they come from.
fn seeds(first: &SeedRow, rows: &[SeedRow], f: &mut impl Write) -> fmt::Result {
    let known = match &*first.label {
        "" => String::new(),
        label => format!(" It is itself known to be {label}."),
    };
    writeln!(
        f,
        "\nWhat seeds say: of walks over what it shares with others, {} end at bad seeds, {} at good ones, \
         and {} know nothing.{known}",
        fine_percent(first.bad),
        fine_percent(first.good),
        fine_percent(1.0 - first.bad - first.good),
    )?;
    let mut table = Table::new(&[
        ("of walks", Align::Right),
        ("end at", Align::Left),
        ("known to be", Align::Left),
    ]);
    for row in rows {
        let seed = match &*row.seed_id {
            "" => "all other seeds".to_owned(),
            seed if seed == row.account_id => format!("{} (itself)", printable(seed)),
            seed => printable(seed),
        };
        table.row([fine_percent(row.share), seed, printable(&row.seed_label)]);
    }
    f.write_str(&table.lines(2))
}

/// A share in percent with two decimals.
fn fine_percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

fn in_ring(part: &AccountInRing, f: &mut impl Write) -> fmt::Result {
    let member = &part.member;
    writeln!(
        f,
        "\nRing {}  tier {}  {}  {} bits\nThis account: tier {}, {}; without it the ring would \
         lose {} bits. It is linked to {} of the {}.",
        printable(&member.ring_id),
        printable(&part.ring_tier),
        counted(u64::from(part.ring_size), "account"),
        from_tenths(tenths(part.ring_bits)),
        printable(&member.tier),
        printable(&member.role),
        from_tenths(tenths(member.score)),
        count(part.links),
        counted(u64::from(part.ring_size).saturating_sub(1), "other member"),
    )?;
    if member.tier != part.ring_tier {
        f.write_str(&lower_tier(part))?;
    }
    f.write_str("\nWhat it shares with the ring (times are UTC)\n")?;
    let mut table = Table::new(&[
        ("ring's bits", Align::Right),
        ("type", Align::Left),
        ("entity", Align::Left),
        ("events", Align::Right),
        ("first", Align::Left),
        ("last", Align::Left),
        ("accounts", Align::Right),
        ("with", Align::Left),
    ]);
    for entity in &part.shared {
        table.row([
            from_tenths(tenths(entity.bits)),
            printable(&entity.entity_type),
            printable(&entity.entity_id),
            count(u64::from(entity.events)),
            time(&entity.first_ts),
            time(&entity.last_ts),
            count(u64::from(entity.accounts)),
            with(entity),
        ]);
    }
    f.write_str(&table.lines(2))?;
    match part.other_entities {
        0 => Ok(()),
        more => writeln!(f, "  and {} more", counted(more, "entity")),
    }
}

/// Why the account's tier is not its ring's: its own part, beside the others'.
fn lower_tier(part: &AccountInRing) -> String {
    let entities = part.shared.len() as u64 + part.other_entities;
    format!(
        "Its tier is lower than the ring's because its own part does not bear it: {} against a \
         median of {} bits, by {}.\n",
        from_tenths(tenths(part.member.score)),
        from_tenths(tenths(part.median_score)),
        counted(entities, "entity"),
    )
}

fn with(entity: &SharedEntity) -> String {
    let named: Vec<String> = entity
        .with
        .iter()
        .take(NAMED_ACCOUNTS)
        .map(|account| printable(account))
        .collect();
    match entity.with.len() - named.len() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
