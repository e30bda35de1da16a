//! Rare events by splitting in hazard time: how often many units are down at once.
//!
//! Units fail and are repaired on clocks that do not know of each other; a clock may take several units down at once. What is
//! asked is how long, and how often, at least so many units are down together. Plain histories never show it.
//!
//! # Model
//! The more units are down, the nearer is the event (the importance). A history that comes to `k` units down goes on in
//! `R_k` copies, each with `1 / R_k` of its weight. What has not happened yet is drawn anew for each copy: a clock of age `a`
//! fires at `T` with `S(T) = S(a) V`, `V` uniform, because the hazard that is left to it, `H(T) - H(a)`, is exponential
//! whatever came before. Copies end when fewer than `k` units are down; the history itself goes on with its former weight. Any
//! sum over time keeps its expectation, however many copies there are: they only change its variance, and the work.
//!
//! # References
//! Villén-Altamirano, M. and J. (1991), RESTART: a method for accelerating rare event simulations. Garvels (2000), The
//! splitting method in rare event simulation, thesis, Twente.

mod clock;
mod follow;
mod history;
mod levels;
mod system;

pub use clock::Clock;
pub use follow::Tally;
pub use system::System;
