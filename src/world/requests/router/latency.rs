//! A source of latency.

use crate::engine::law::{Law, Sampler};
use crate::engine::rng::{Key, Slot};
use crate::units::Nanos;

/// A source of latency, with draws of its own.
#[derive(Debug, Clone)]
pub struct Latency {
    slot: Slot,
    sampler: Sampler,
    /// It, if it is constant.
    pub constant: Option<Nanos>,
}

impl Latency {
    /// Returns the source of this name.
    pub fn new(name: &str, law: &Law) -> Latency {
        let constant = law.constant().map(|value| value.round() as Nanos);
        Latency { slot: Slot::named(name), sampler: Sampler::new(law), constant }
    }

    /// Draws it for an attempt.
    #[inline]
    pub fn draw(&self, attempt: Key) -> Nanos {
        self.constant.unwrap_or_else(|| self.sampler.sample(attempt.draw(self.slot)))
    }

    /// Returns its mean in nanoseconds.
    pub fn mean(&self) -> f64 {
        self.sampler.mean()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_has_draws_of_its_own() {
        let law = Law::Exponential { mean: 1000.0 };
        let [one, other] = ["a", "b"].map(|name| Latency::new(name, &law));
        assert_eq!(one.draw(Key(1)), one.draw(Key(1)));
        assert_ne!(one.draw(Key(1)), other.draw(Key(1)));
        assert_eq!(one.constant, None);
    }
}
