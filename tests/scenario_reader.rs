//! The scenario reader from the outside: shipped files read, bad input is refused with a place and a suggestion.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "scenario_reader/bad_input.rs"]
mod bad_input;
#[path = "scenario_reader/dates.rs"]
mod dates;
#[path = "scenario_reader/good_input.rs"]
mod good_input;
#[path = "scenario_reader/meaningless.rs"]
mod meaningless;
#[path = "scenario_reader/mutations.rs"]
mod mutations;
#[path = "scenario_reader/recordings.rs"]
mod recordings;
#[path = "scenario_reader/reference.rs"]
mod reference;
#[path = "scenario_reader/schema.rs"]
mod schema;
#[path = "scenario_reader/support.rs"]
mod support;
