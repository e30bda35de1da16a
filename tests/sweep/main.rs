//! Sweeps: many points of a design, their pruning, their journal, and a closed form that they must find.
#![allow(clippy::unwrap_used, reason = "tests")]

mod bad_input;
mod closed_form;
mod journal;
mod points;
mod support;
