//! Closed forms: what theory says a model must show. For tests, charts and the program's own self-test alike.
//!
//! Rates are per unit of time and times in that unit; any unit will do, as long as it is one. Where no steady state exists
//! (rho >= 1), waiting times are infinite rather than wrong.

pub mod cache;
pub mod erlang_a;
pub mod erlang_b;
pub mod fan_out;
pub mod full_again;
pub mod gg;
pub mod md1;
pub mod mg1;
pub mod mh1;
pub mod mm1;
pub mod mmc;
pub mod mmck;
pub mod offered_wait;
pub mod patience;
pub mod phase_queue;
pub mod phases;
pub mod processor_sharing;
pub mod renewal;
pub mod retries;
pub mod shuffle_shard;
pub mod structure;
pub mod tandem;
pub mod two_choices;
