//! The words by which people call an account bad or good.

/// Words for bad, in lower case.
pub const BAD: [&str; 11] = [
    "1",
    "1.0",
    "true",
    "yes",
    "bad",
    "fraud",
    "fraudulent",
    "positive",
    "abuse",
    "spam",
    "bot",
];

/// Words for good, in lower case.
pub const GOOD: [&str; 12] = [
    "0",
    "0.0",
    "false",
    "no",
    "good",
    "benign",
    "legit",
    "legitimate",
    "negative",
    "normal",
    "honest",
    "genuine",
];

/// Whether `label` means bad, whatever its case; `None` where it is none of the words.
pub fn is_bad(label: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| label.eq_ignore_ascii_case(word));
    if is(&BAD) {
        Some(true)
    } else if is(&GOOD) {
        Some(false)
    } else {
        None
    }
}
