//! One simulated event, and its text.

use super::clock::START;
use super::names::{write_address, write_id};

/// What an account does to a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Most of what happens.
    Like,
    /// Watched or opened.
    View,
    /// Passed on.
    Share,
    /// Answered.
    Comment,
    /// Subscribed to.
    Follow,
}

impl Action {
    /// As written in the `action` column.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::Like => "like",
            Action::View => "view",
            Action::Share => "share",
            Action::Comment => "comment",
            Action::Follow => "follow",
        }
    }

    /// An action as likely as it is on the platform, for crowds and rings alike.
    pub(super) fn throw(dice: &mut super::dice::Dice) -> Self {
        const SHARES: [f64; 5] = [0.56, 0.22, 0.07, 0.09, 0.06];
        const ACTIONS: [Action; 5] = [
            Action::Like,
            Action::View,
            Action::Share,
            Action::Comment,
            Action::Follow,
        ];
        ACTIONS[dice.pick(&SHARES)]
    }
}

/// One event. Ids are kept as secret codes and written out on demand.
///
/// Field order is sort order: time first, then content, so a file in this order says nothing about
/// how an event came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimulatedEvent {
    pub(super) epoch_second: i64,
    pub(super) account: u64,
    pub(super) target: u64,
    pub(super) device: u64,
    pub(super) address: u64,
    pub(super) owner: u64,
    pub(super) action: Action,
    /// Code of the account it was sent to, or [`NOBODY`].
    pub(super) counterparty: u64,
}

/// The code of no account.
pub(super) const NOBODY: u64 = u64::MAX;

impl SimulatedEvent {
    /// Who acted: `u` and seven digits in base 36.
    pub fn account_id(&self) -> String {
        id(b'u', self.account)
    }

    /// With which device: `d` and seven digits.
    pub fn device_id(&self) -> String {
        id(b'd', self.device)
    }

    /// From which IPv4 address.
    pub fn ip(&self) -> String {
        let mut text = Vec::with_capacity(15);
        write_address(self.address, &mut text);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// On which post: `t` and seven digits.
    pub fn target_id(&self) -> String {
        id(b't', self.target)
    }

    /// Whose post: `o` and seven digits.
    pub fn owner_id(&self) -> String {
        id(b'o', self.owner)
    }

    /// What it did.
    pub fn action(&self) -> Action {
        self.action
    }

    /// Which account it named, where it named one.
    pub fn counterparty_id(&self) -> Option<String> {
        (self.counterparty != NOBODY).then(|| id(b'u', self.counterparty))
    }

    /// When, in seconds since 1970-01-01T00:00:00Z.
    pub fn epoch_second(&self) -> i64 {
        self.epoch_second
    }
}

/// The id that a code stands for.
pub(super) fn id(letter: u8, code: u64) -> String {
    let mut text = Vec::with_capacity(8);
    write_id(letter, code, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// Appends `second` (since 1970) as RFC 3339 in UTC. Times lie on the time line: after [`START`]
/// and before the year 10000.
pub(super) fn write_time(second: i64, text: &mut Vec<u8>) {
    debug_assert!(second >= START);
    let (days, rest) = (second.div_euclid(86_400), second.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    two(year / 100, text);
    two(year % 100, text);
    text.push(b'-');
    two(month, text);
    text.push(b'-');
    two(day, text);
    text.push(b'T');
    two(rest / 3_600, text);
    text.push(b':');
    two(rest / 60 % 60, text);
    text.push(b':');
    two(rest % 60, text);
    text.push(b'Z');
}

fn two(number: i64, text: &mut Vec<u8>) {
    text.push(b'0' + (number / 10 % 10) as u8);
    text.push(b'0' + (number % 10) as u8);
}

/// Year, month and day of a day counted from 1970-01-01, by counting from 0000-03-01, so that leap
/// days come last in their year (400 years are 146,097 days).
fn civil(days: i64) -> (i64, i64, i64) {
    let from_march = days + 719_468;
    let (era, day_of_era) = (
        from_march.div_euclid(146_097),
        from_march.rem_euclid(146_097),
    );
    let leap_days = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_what_the_time_library_writes() {
        for day in 0..800 {
            let second = START + day * 86_400 + day * 61 % 86_400;
            let mut text = Vec::new();
            write_time(second, &mut text);
            let expected = jiff::Timestamp::from_second(second).unwrap().to_string();
            assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
    }
}
