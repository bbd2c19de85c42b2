//! Decimal digits, eight at a time.

/// Eight letters `0`.
pub const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The number that eight letters are in decimal, the first in the highest byte; `None` if one of them is no digit.
#[inline]
pub fn eight_digits(letters: u64) -> Option<u32> {
    const HIGH_HALVES: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const SIXES: u64 = 0x0606_0606_0606_0606;
    let wrong = (letters ^ ZEROS) | (letters.wrapping_add(SIXES) ^ ZEROS);
    if wrong & HIGH_HALVES != 0 {
        return None;
    }
    // Neighbours are joined: digits to pairs, pairs to fours, fours to all eight.
    let ones = letters - ZEROS;
    let pairs = (ones >> 8 & 0x00ff_00ff_00ff_00ff) * 10 + (ones & 0x00ff_00ff_00ff_00ff);
    let fours = (pairs >> 16 & 0x0000_ffff_0000_ffff) * 100 + (pairs & 0x0000_ffff_0000_ffff);
    Some(((fours >> 32) * 10_000 + (fours & 0xffff_ffff)) as u32)
}

/// A number below 100 million as eight letters, zeros before.
pub fn eight_letters(number: u32) -> [u8; 8] {
    let mut letters = [b'0'; 8];
    let mut rest = number;
    for letter in letters.iter_mut().rev() {
        *letter += (rest % 10) as u8;
        rest /= 10;
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_digits_are_a_number_and_nothing_else_is() {
        for number in (0..100_000_000u32).step_by(99_991) {
            let text: [u8; 8] = format!("{number:08}").into_bytes().try_into().unwrap();
            assert_eq!(eight_digits(u64::from_be_bytes(text)), Some(number));
            assert_eq!(eight_letters(number), text);
        }
        for place in 0..8 {
            for byte in 0..=255u8 {
                let mut text = *b"31415926";
                text[place] = byte;
                let expected = byte.is_ascii_digit();
                assert_eq!(eight_digits(u64::from_be_bytes(text)).is_some(), expected);
            }
        }
    }
}
