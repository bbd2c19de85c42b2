//! A ring's explanation as text.
//!
//! Bits are shown in tenths and every line is rounded before the sum is made, so the column adds up
//! to the total on the page; what rounding takes or gives stands in the line for the rest.

use std::fmt::{self, Write};

use super::allowed;
use super::ring::{RingExplanation, Without};
use crate::publish::text::{
    Align, Table, count, counted, from_tenths, percent, printable, significant, tenths, time,
};

const BAR_WIDTH: i64 = 20;
const LISTED_MEMBERS: usize = 20;

pub(super) fn write(explanation: &RingExplanation, f: &mut impl Write) -> fmt::Result {
    f.write_str(&header(explanation))?;
    f.write_str("\nEvidence, in bits (times are UTC)\n")?;
    f.write_str(&waterfall(explanation).lines(2))?;
    f.write_str("\nMembers, and what the ring would lose without each\n")?;
    members(explanation, f)?;
    writeln!(
        f,
        "\nLinks: {} of {} are linked (density {}).",
        count(explanation.links),
        counted(explanation.pairs, "pair"),
        percent(explanation.ring.density)
    )?;
    f.write_str("\nWhat would undo it\n")?;
    undo(explanation, f)?;
    allowed::write_below_ring(&explanation.allowed, f)
}

fn header(explanation: &RingExplanation) -> String {
    let ring = &explanation.ring;
    let when = if ring.first_ts.is_empty() {
        "at unknown times".to_owned()
    } else {
        format!("{} to {} UTC", time(&ring.first_ts), time(&ring.last_ts))
    };
    format!(
        "Ring {}  tier {}  {}  {} bits  q-value {}  {}\n{when}\nexclusivity {}, synchrony {}, \
         independent entities {}, reasons {}\n",
        printable(&ring.ring_id),
        printable(&ring.tier),
        counted(u64::from(ring.size), "account"),
        from_tenths(tenths(ring.bits)),
        significant(ring.q_value),
        printable(&ring.status),
        percent(ring.exclusivity),
        percent(ring.synchrony),
        significant(ring.repetition),
        if ring.reasons.is_empty() {
            "-".to_owned()
        } else {
            ring.reasons.replace(';', ", ")
        },
    )
}

fn waterfall(explanation: &RingExplanation) -> Table {
    let largest = explanation
        .evidence
        .iter()
        .map(|line| tenths(line.row.bits))
        .max()
        .unwrap_or(0);
    let mut table = Table::new(&[
        ("bits", Align::Right),
        ("", Align::Left),
        ("type", Align::Left),
        ("entity", Align::Left),
        ("members", Align::Right),
        ("accounts", Align::Right),
        ("expected", Align::Right),
        ("events", Align::Right),
        ("first", Align::Left),
        ("last", Align::Left),
    ]);
    let mut shown = 0;
    for line in &explanation.evidence {
        let bits = tenths(line.row.bits);
        shown += bits;
        table.row([
            from_tenths(bits),
            bar(bits, largest),
            printable(&line.row.entity_type),
            printable(&line.row.entity_id),
            count(u64::from(line.row.members)),
            count(u64::from(line.row.accounts)),
            expected(line.row.expected),
            count(line.events),
            time(&line.row.first_ts),
            time(&line.row.last_ts),
        ]);
    }
    let (cost, total) = (tenths(explanation.ring.cost), tenths(explanation.ring.bits));
    let rest = total + cost - shown;
    let mut sum_line = |bits: i64, what: String| {
        table.row([from_tenths(bits), String::new(), String::new(), what]);
    };
    if explanation.other_entities > 0 {
        let entities = counted(explanation.other_entities, "entity");
        sum_line(rest, format!("everything else ({entities})"));
    } else if rest != 0 {
        sum_line(rest, "rounding".into());
    }
    sum_line(-cost, "cost of having picked these accounts".into());
    sum_line(total, "in all".into());
    table
}

/// Published expectations have three decimals, so what reads 0 is smaller than that and not nothing.
fn expected(members: f64) -> String {
    if members < 0.001 {
        "<0.001".into()
    } else {
        significant(members)
    }
}

/// A bar of at least one block for what is above zero.
fn bar(bits: i64, largest: i64) -> String {
    if bits <= 0 || largest <= 0 {
        return String::new();
    }
    "█".repeat((bits * BAR_WIDTH / largest).max(1) as usize)
}

fn members(explanation: &RingExplanation, f: &mut impl Write) -> fmt::Result {
    let mut table = Table::new(&[
        ("bits", Align::Right),
        ("account", Align::Left),
        ("tier", Align::Left),
        ("role", Align::Left),
        ("entities", Align::Right),
        ("linked to", Align::Right),
    ]);
    for member in explanation.members.iter().take(LISTED_MEMBERS) {
        table.row([
            from_tenths(tenths(member.score)),
            printable(&member.account_id),
            printable(&member.tier),
            printable(&member.role),
            count(member.entities),
            count(member.links),
        ]);
    }
    f.write_str(&table.lines(2))?;
    match explanation.members.len().checked_sub(LISTED_MEMBERS) {
        Some(more @ 1..) => writeln!(f, "  and {more} more"),
        _ => Ok(()),
    }
}

fn undo(explanation: &RingExplanation, f: &mut impl Write) -> fmt::Result {
    for Without {
        what,
        name,
        bits_left,
    } in &explanation.without
    {
        let (what, name) = match *what {
            "entity" => ("without the strongest entity", printable(name)),
            "type" => ("without the type", printable(name)),
            _ => ("without the kind", printable(name)),
        };
        let left = if *bits_left > 0.0 {
            format!("{} bits are left", from_tenths(tenths(*bits_left)))
        } else {
            "nothing is left".to_owned()
        };
        writeln!(f, "  {what} ({name}) {left}")?;
    }
    if !explanation.hinges.is_empty() {
        let hinges = listed(&explanation.hinges);
        writeln!(f, "  its links fall apart without any of: {hinges}")?;
    }
    if explanation.on_one_entity.is_empty() {
        return f.write_str("  every member is tied to it by two entities or more\n");
    }
    let alone = listed(&explanation.on_one_entity);
    writeln!(f, "  tied to it by one entity only: {alone}")
}

/// The first of `accounts`, and how many more there are.
fn listed(accounts: &[String]) -> String {
    let shown = accounts.iter().take(LISTED_MEMBERS);
    let shown: Vec<String> = shown.map(|account| printable(account)).collect();
    match accounts.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
