//! Text in XML: any id, so that it reads back as it was.

use std::borrow::Cow;

use quick_xml::escape::escape;

use super::super::ids::escape_bytes;

/// For element content and for attribute values in double quotes. Markup is escaped, line ends and
/// tabs become references (a parser would turn them into spaces), and the characters that XML 1.0
/// cannot carry stand as their UTF-8 bytes in `\xNN`, the way ids write bytes that are not text.
pub(super) fn text(raw: &str) -> String {
    let carried: Cow<'_, str> = if raw.chars().all(is_carried) {
        raw.into()
    } else {
        let mut carried = String::with_capacity(raw.len() + 8);
        for character in raw.chars() {
            if is_carried(character) {
                carried.push(character);
            } else {
                escape_bytes(&mut carried, character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        carried.into()
    };
    escape(carried).replace('\n', "&#10;").replace('\t', "&#9;")
}

/// The `Char` production of XML 1.0 (fifth edition).
fn is_carried(character: char) -> bool {
    matches!(character,
        '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_line_ends_and_controls_are_escaped() {
        assert_eq!(text("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&apos;");
        assert_eq!(text("a\r\n\tb"), "a&#13;&#10;&#9;b");
        assert_eq!(text("\0\u{1b}\u{ffff}é"), "\\x00\\x1B\\xEF\\xBF\\xBFé");
    }
}
