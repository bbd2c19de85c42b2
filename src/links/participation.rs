//! Who takes part: `CooRTweet`'s second count of participation, on the actions that survived.
//!
//! After pairing, an account's rows are counted again, but only rows whose content occurs in a
//! surviving pair; a pair stays if *either* of its accounts reaches the minimum (so an account below
//! it can stay). Reference: Righetti & Balluff, *`CooRTweet`* 2.1, `detect_groups`.

use rayon::prelude::*;

use crate::base::run::{Interrupted, Run};
use crate::events::{EventLog, NONE};
use crate::kernels::coaction::{Coactions, for_each_coaction};
use crate::sparse::node_set::NodeSet;

/// For each account, whether at least `least` of its rows have a content (by row) that is in a surviving pair.
///
/// # Errors
/// [`Interrupted`].
pub fn takes_part(
    log: &EventLog,
    source: &Coactions<'_>,
    content_of_row: &[u32],
    least: u32,
    run: &Run<'_>,
) -> Result<Vec<bool>, Interrupted> {
    run.check()?;
    let accounts = log.accounts.len() as u32;
    let surviving = (0..accounts)
        .into_par_iter()
        .fold(NodeSet::default, |mut found, account| {
            for_each_coaction(account, source, |own, others| {
                let others = others.iter().map(|&other| other as usize);
                let contents = others
                    .flat_map(|other| [own, other])
                    .map(|action| source.company.content[action]);
                found.extend(contents.filter(|&content| content != NONE));
            });
            found
        })
        .reduce(NodeSet::default, |mut all, found| {
            all.add_all(&found);
            all
        });
    Ok((0..accounts)
        .into_par_iter()
        .map(|account| {
            let rows = &content_of_row[log.rows_of(account)];
            let taking = rows
                .iter()
                .filter(|&&content| content != NONE && surviving.contains(content))
                .count();
            taking as u64 >= u64::from(least)
        })
        .collect())
}
