//! Theory lies inside the interval: queues, caches, retries, faults, each through a scenario file and the public API.
#![allow(clippy::print_stdout, reason = "what each check found is shown when it fails")]

mod caches;
mod copies;
mod faults;
mod judge;
mod queues;
mod rare;
mod requests;
mod selftest;
#[path = "../support/mod.rs"]
mod support;
