//! What leaves the house: published folders, the feed, case files and explanations.

mod feed;
mod folder;
mod sample;
