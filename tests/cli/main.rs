//! The command as a script sees it: exit codes, error texts, files, pipes, interruptions.
#![allow(clippy::unwrap_used, reason = "tests")]

mod bad_input;
mod committed;
mod compare;
mod files;
mod formats;
#[cfg(unix)]
mod interrupted;
mod keys;
mod many;
mod odd;
mod rules;
mod several;
#[cfg(unix)]
mod special;
#[cfg(unix)]
mod strangers;
mod support;
mod usage;
#[cfg(unix)]
mod whole;
mod work;
