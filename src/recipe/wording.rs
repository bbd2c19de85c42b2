//! The parser's messages in the words of the definition: keys and lists, not fields and sequences.

/// What is wrong, and what would be right if `message` says so.
pub(super) fn reword(message: &str) -> (String, Option<String>) {
    // Some messages stand on several lines.
    let message = message.replace('\n', ", ");
    let (what, expected) = match message.split_once(", expected ") {
        Some((what, expected)) => (what, Some(expected)),
        None => (message.as_str(), None),
    };
    let what = what
        .replace("unknown field", "unknown key")
        .replace("unknown variant", "unknown value")
        .replace("missing field", "missing key")
        .replace("invalid type: sequence", "invalid type: list")
        .replace("invalid type: map", "invalid type: section");
    (
        what,
        expected.map(|expected| format!("expected {}", plain(expected))),
    )
}

/// A Rust type as a reader of TOML knows it; anything else as it is.
fn plain(expected: &str) -> &str {
    match expected {
        "u32" => "a whole number from 0 to 4294967295",
        "f64" => "a number",
        "a string" => "a text in quotes",
        "a sequence" => "a list in brackets",
        "struct Columns" | "struct Detection" | "struct Rings" | "struct Tiers"
        | "struct Publication" => "a section with keys of its own",
        "struct Entity" => "an [[entity]] section",
        "string or table" => "one of the values it can take, in quotes",
        other => other,
    }
}
