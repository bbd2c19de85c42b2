//! `AllowValue`: one key, or with it every address of a block.
//!
//! A value such as `10.20.0.0/16` or `2001:db8::/32` stands for all addresses inside, and for all smaller
//! blocks, where keys are blocks already. An IPv4 address that is written as an IPv6 one is the same
//! address. The key of exactly that text is meant in any case.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::events::{EventLog, KeyColumn};

/// What an entry's value stands for.
pub(super) struct AllowValue<'a> {
    text: &'a [u8],
    block: Option<IpNet>,
}

impl<'a> AllowValue<'a> {
    /// The value `text`; an error says what is wrong with a block of addresses.
    pub(super) fn of(text: &'a [u8]) -> Result<Self, String> {
        Ok(AllowValue {
            text,
            block: block(text)?,
        })
    }

    /// The keys of `column` that are meant, ascending.
    pub(super) fn ids(&self, log: &EventLog, column: &KeyColumn) -> Vec<u32> {
        let dictionary = if column.accounts {
            &log.accounts
        } else {
            &column.dictionary
        };
        let Some(block) = &self.block else {
            return dictionary.find(self.text).into_iter().collect();
        };
        (0..dictionary.len() as u32)
            .filter(|&id| {
                let key = dictionary.get(id);
                key == self.text || network(key).is_some_and(|inside| block.contains(&inside))
            })
            .collect()
    }
}

/// The block that `text` stands for; none where its first part is no address.
fn block(text: &[u8]) -> Result<Option<IpNet>, String> {
    let Some((address, _)) = std::str::from_utf8(text)
        .ok()
        .and_then(|t| t.split_once('/'))
    else {
        // A single address may be spelt in several ways.
        return Ok(network(text));
    };
    if address.parse::<IpAddr>().is_err() {
        return Ok(None);
    }
    match network(text) {
        Some(block) if block.addr() == block.network() => Ok(Some(block)),
        Some(block) => Err(format!(
            "`{}` is an address inside a block: the block is {}",
            String::from_utf8_lossy(text),
            block.trunc()
        )),
        None => Err(format!(
            "`{}` is no block of addresses: write 10.20.0.0/16",
            String::from_utf8_lossy(text)
        )),
    }
}

/// The address or block that a key is.
fn network(key: &[u8]) -> Option<IpNet> {
    let text = std::str::from_utf8(key).ok()?;
    // Most keys are no addresses; a parser need not see them.
    if !text.starts_with(|first: char| first.is_ascii_hexdigit() || first == ':') {
        return None;
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(IpNet::from(address.to_canonical()));
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use crate::sparse::dictionary::Dictionary;

    use super::*;

    fn meant(value: &str) -> Vec<&'static str> {
        let mut keys = [
            "10.0.0.1",
            "10.0.1.0/24",
            "10.1.0.1",
            "11.0.0.1",
            "::1",
            "::ffff:10.0.0.9",
            "dev/10",
            "x",
            "2001:db8::5",
            "",
        ];
        keys.sort_unstable();
        let column = KeyColumn {
            dictionary: Dictionary::from_sorted(keys.iter().map(|key| key.as_bytes())),
            ..KeyColumn::default()
        };
        let value = AllowValue::of(value.as_bytes()).unwrap();
        let ids = value.ids(&EventLog::default(), &column);
        ids.into_iter().map(|id| keys[id as usize]).collect()
    }

    #[test]
    fn a_block_means_its_addresses_and_a_key_means_itself() {
        assert_eq!(
            meant("10.0.0.0/16"),
            ["10.0.0.1", "10.0.1.0/24", "::ffff:10.0.0.9"]
        );
        assert_eq!(meant("10.0.1.0/24"), ["10.0.1.0/24"]);
        assert_eq!(meant("10.0.0.9"), ["::ffff:10.0.0.9"]);
        assert_eq!(meant("2001:db8:0:0:0:0:0:5"), ["2001:db8::5"]);
        assert_eq!(meant("dev/10"), ["dev/10"]);
        assert!(meant("dev").is_empty());
    }

    #[test]
    fn a_block_that_is_none_is_refused() {
        for text in ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0.1/16"] {
            assert!(AllowValue::of(text.as_bytes()).is_err(), "{text}");
        }
    }
}
