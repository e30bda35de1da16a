//! Floor 7: many points of a design space, run, remembered and shown.
//!
//! - `space` of the scenario floor says which points there are; `points` resolves them, leaves out what is no platform and what breaks
//!   an expectation by construction, and finds which of them are the same scenario.
//! - `found` is what the run of one scenario found, as text: what is kept in the journal and what tables are made of is the same.
//! - `journal` keeps each as soon as it is done; whoever begins the same study again goes on with them.
//! - `run` runs what is missing on all threads.
//! - `entry` is a point and what became of it, `outcome` all of them: the winner, measured again; `effects` says which lever moves what, `trials` what else would.
//! - `tables`, `text`, `heat` and `files` show it; `dry` says what there is to do.

pub mod dry;
pub mod effects;
pub mod entry;
pub mod files;
pub mod found;
pub mod heat;
pub mod journal;
pub mod outcome;
pub mod points;
pub mod run;
pub mod tables;
pub mod text;
pub mod trials;
