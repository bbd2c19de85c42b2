//! The definitions that come with the program, compiled in from `graphs/`.

/// Name and text of every shipped definition.
const SHIPPED: [(&str, &str); 3] = [
    ("engagement", include_str!("../../graphs/engagement.toml")),
    ("signup", include_str!("../../graphs/signup.toml")),
    ("coshare", include_str!("../../graphs/coshare.toml")),
];

/// The names of the shipped definitions.
pub fn names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

/// The text of the shipped definition called `name`.
pub fn text(name: &str) -> Option<&'static str> {
    SHIPPED
        .iter()
        .find(|(shipped, _)| *shipped == name)
        .map(|(_, text)| *text)
}
