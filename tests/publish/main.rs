//! What leaves the house: published folders, the feed, case files and explanations.

mod commands;
mod explain;
mod export;
mod feed;
mod folder;
mod laws;
mod reference;
mod sample;
