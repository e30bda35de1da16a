//! Minutes, months and incidents of flows: probabilities in place of counts.
//!
//! A flow says which share of a customer's requests fails. How many of its own requests that makes is a Poisson number, so whether
//! a minute is bad, or a month kept, is a probability that follows from the customer's rate. These probabilities are averaged
//! over the customers of each rate, which is exact, and draws nothing.

pub mod account;
mod all_kept;
pub mod books;
pub mod burn_rate;
pub mod calm;
pub mod counted;
mod enough;
pub mod exposure;
pub mod ground;
pub mod homed;
pub mod joint;
pub mod luck;
pub mod minute_odds;
pub mod month_odds;
pub mod open;
pub mod rate_class;
pub mod reach;
mod release;
pub mod scale;
pub mod span;
pub mod spread;
mod strata;
pub mod totals;
mod touched;
pub mod window;
