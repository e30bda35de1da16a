//! The page: what it is made of, what it refuses, what a browser makes of it.
#![allow(clippy::unwrap_used, reason = "tests")]

mod browser;
mod contrast;
mod in_browser;
mod made;
mod page;
mod recorded;
mod refused;
