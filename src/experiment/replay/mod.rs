//! Replay: one history of a run once more, frame by frame, with a recorder.
//!
//! # Model
//! Draws have addresses, so a replication that is run again is the same history: the run itself pays nothing for being watched. Two
//! worlds are recorded, the one with its faults and its twin without any; the state of a cell in a frame follows recovery's own rule
//! (see [`crate::measure::recovery`]), the frame taken as its second. Requests count in the frame in which they arrive, as elsewhere.
//!
//! A customer is harmed from the second on in which so many of its requests of a minute have failed as make that minute harmed,
//! within the bands of the incidents. That is harm against the world without faults: where incidents do not overlap, it is what they
//! count as well.

mod film;
mod harmed;
pub mod history;
mod record;

pub use record::record;
