//! An account's explanation as text.

use super::account::{AccountExplanation, AccountInRing, SharedEntity};
use crate::publish::text::{Align, Table, count, counted, from_tenths, printable, tenths, time};

/// Accounts named for one entity.
const NAMED_ACCOUNTS: usize = 5;

pub(super) fn text(explanation: &AccountExplanation) -> String {
    let mut text = format!("Account {}\n", printable(&explanation.account_id));
    for ring in &explanation.rings {
        text.push_str(&in_ring(ring));
    }
    text
}

fn in_ring(part: &AccountInRing) -> String {
    let member = &part.member;
    let mut text = format!(
        "\nRing {}  tier {}  {}  {} bits\nThis account: tier {}, {}; without it the ring would \
         lose {} bits. It is linked to {} of the {}.\n",
        printable(&member.ring_id),
        printable(&part.ring_tier),
        counted(u64::from(part.ring_size), "account"),
        from_tenths(tenths(part.ring_bits)),
        printable(&member.tier),
        printable(&member.role),
        from_tenths(tenths(member.score)),
        count(part.links),
        counted(u64::from(part.ring_size).saturating_sub(1), "other member"),
    );
    if member.tier != part.ring_tier {
        text.push_str(&lower_tier(part));
    }
    text.push_str("\nWhat it shares with the ring (times are UTC)\n");
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
    text.push_str(&table.lines(2));
    if part.other_entities > 0 {
        text.push_str(&format!(
            "  and {} more\n",
            counted(part.other_entities, "entity")
        ));
    }
    text
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
