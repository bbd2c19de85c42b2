//! Ids as text, without loss: keys are bytes and most outlets want Unicode.

use std::fmt::Write;

/// The text of a key: valid UTF-8 as it is, a backslash doubled, any other byte as `\xNN`.
///
/// Different keys have different texts, since a single backslash only ever starts an escape.
#[must_use]
pub fn id_text(key: &[u8]) -> String {
    let mut text = String::with_capacity(key.len());
    for chunk in key.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character == '\\' {
                text.push('\\');
            }
            text.push(character);
        }
        escape_bytes(&mut text, chunk.invalid());
    }
    text
}

/// Appends every byte as `\xNN`.
pub(crate) fn escape_bytes(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        write!(text, "\\x{byte:02X}").expect("a String takes everything");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_plain_where_they_can_be_and_never_clash() {
        assert_eq!(id_text("Ünïcode, \"q\"\n".as_bytes()), "Ünïcode, \"q\"\n");
        assert_eq!(id_text(b"a\\b"), "a\\\\b");
        assert_eq!(id_text(b"a\xFFb"), "a\\xFFb");
        assert_ne!(id_text(b"\\xFF"), id_text(b"\xFF"));
    }
}
