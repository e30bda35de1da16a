//! Laws of chance: what a duration or a size may be distributed as.
//!
//! A [`Law`] is exact and slow: moments, distribution function and quantiles in closed form or to the last digits.
//! A [`Sampler`] is the same law made ready for drawing.

mod check;
mod digest;
mod equilibrium;
mod kinds;
mod measured;
mod moments;
mod quantile;
mod sampler;
pub mod sum;
mod transform;

pub use digest::sampler_digest;
pub use kinds::Law;
pub use measured::Measured;
pub use sampler::Sampler;
