//! Requests: what happens to each of them, event by event.
//!
//! [`World`](world::World) is the state of one replication at an instant. Components decide, without clock or engine: [`demand`]
//! when a request comes, [`client`] how long it is waited for and whether it is tried again, [`router`] where it goes, [`station`]
//! when it is served, [`call`] whom it asks. One [`journey`] moves it, from top to bottom; [`express`] is the same way for what
//! nothing can disturb. [`apply`] does to this world what [`operations`](super::operations) say.
//!
//! A new kind of stage is a variant of [`StepKind`](super::platform::class::StepKind), a file with what it decides, and its line in
//! the journey; a new kind of station a file below [`station`].

pub mod apply;
pub mod attempt;
pub mod call;
pub mod cell_state;
pub mod client;
pub mod clock;
pub mod demand;
pub mod ending;
pub mod event;
pub mod express;
pub mod happening;
pub mod ignored;
pub mod journey;
pub mod other_luck;
pub mod router;
pub mod setting;
pub mod station;
pub mod world;
