//! Names at the door: numbers become ids that tell nothing about the number.
//!
//! Every kind of id has its own secret bijection, so an id is as long and as random as any other
//! of its kind, whether it belongs to a household, a carrier or a ring, and no two numbers share one.

use super::dice::{Shuffle, Stage};

/// Bits of accounts, devices, targets and owners: what seven digits in base 36 can hold.
const ID_BITS: u32 = 36;

/// Bits of addresses: 64 first octets and three full ones.
const ADDRESS_BITS: u32 = 30;

/// The first of the 64 first octets: none of `20..84` is reserved.
const FIRST_OCTET: u64 = 20;

/// The secret names of one world.
#[derive(Debug)]
pub(super) struct Names {
    accounts: Shuffle,
    devices: Shuffle,
    addresses: Shuffle,
    targets: Shuffle,
    owners: Shuffle,
}

impl Names {
    pub(super) fn new(seed: u64) -> Self {
        let ids = |stage| Shuffle::new(seed, stage, 0, 1 << ID_BITS);
        Names {
            accounts: ids(Stage::AccountName),
            devices: ids(Stage::DeviceName),
            addresses: Shuffle::new(seed, Stage::AddressName, 0, 1 << ADDRESS_BITS),
            targets: ids(Stage::TargetName),
            owners: ids(Stage::OwnerName),
        }
    }

    pub(super) fn account(&self, number: u32) -> u64 {
        self.accounts.at(u64::from(number))
    }

    pub(super) fn device(&self, number: u64) -> u64 {
        self.devices.at(number)
    }

    pub(super) fn address(&self, number: u64) -> u64 {
        self.addresses.at(number & ((1 << ADDRESS_BITS) - 1))
    }

    pub(super) fn target(&self, number: u32) -> u64 {
        self.targets.at(u64::from(number))
    }

    pub(super) fn owner(&self, number: u32) -> u64 {
        self.owners.at(u64::from(number))
    }
}

/// Appends a letter and seven digits in base 36.
pub(super) fn write_id(letter: u8, mut code: u64, text: &mut Vec<u8>) {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut id = [letter; 8];
    for place in id[1..].iter_mut().rev() {
        *place = DIGITS[(code % 36) as usize];
        code /= 36;
    }
    text.extend_from_slice(&id);
}

/// Appends an IPv4 address in dotted form.
pub(super) fn write_address(code: u64, text: &mut Vec<u8>) {
    let octets = [
        FIRST_OCTET + (code >> 24),
        code >> 16 & 255,
        code >> 8 & 255,
        code & 255,
    ];
    for (place, octet) in octets.into_iter().enumerate() {
        if place > 0 {
            text.push(b'.');
        }
        text.extend_from_slice(octet.to_string().as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_one_form() {
        let mut text = Vec::new();
        write_id(b'u', 0, &mut text);
        write_id(b'u', (1 << ID_BITS) - 1, &mut text);
        assert_eq!(text, b"u0000000uvkhsvlr".as_slice());
    }

    #[test]
    fn addresses_stay_out_of_reserved_ranges() {
        let mut text = Vec::new();
        write_address(0, &mut text);
        text.push(b' ');
        write_address((1 << ADDRESS_BITS) - 1, &mut text);
        assert_eq!(text, b"20.0.0.0 83.255.255.255");
    }
}
