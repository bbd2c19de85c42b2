//! What leaves the house: published folders, the feed, case files and explanations.

mod explain;
mod export;
mod feed;
mod folder;
mod sample;
