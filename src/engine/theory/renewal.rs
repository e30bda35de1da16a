//! Alternating renewal: up, down for repair, up again.
//!
//! # References
//! Barlow and Proschan (1975), Statistical Theory of Reliability and Life Testing, chapters 3 and 7.

use super::structure::binomial;

/// A unit that fails and is repaired. Any laws of up and down time; only their means matter in the long run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Repairable {
    /// Mean time from repair to failure.
    pub mean_up: f64,
    /// Mean time from failure to repair.
    pub mean_down: f64,
}

impl Repairable {
    /// Long-run share of time up: MTTF / (MTTF + MTTR).
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::theory::renewal::Repairable;
    /// // Down 43.2 minutes once a month of 43,200: 99.9 %.
    /// assert!((Repairable { mean_up: 43_156.8, mean_down: 43.2 }.availability() - 0.999).abs() < 1e-15);
    /// ```
    pub fn availability(self) -> f64 {
        self.mean_up / (self.mean_up + self.mean_down)
    }

    /// Long-run share of time down.
    pub fn unavailability(self) -> f64 {
        self.mean_down / (self.mean_up + self.mean_down)
    }

    /// Failures per unit of time.
    pub fn failure_frequency(self) -> f64 {
        1.0 / (self.mean_up + self.mean_down)
    }

    /// Probability of being up at time `t` after starting up, for exponential up and down times.
    pub fn availability_at(self, t: f64) -> f64 {
        let pace = 1.0 / self.mean_up + 1.0 / self.mean_down;
        self.availability() + self.unavailability() * libm::exp(-pace * t)
    }

    /// Mean share of time down from 0 to `t`, up at 0, for exponential up and down times.
    pub fn mean_unavailability_until(self, t: f64) -> f64 {
        let pace = (1.0 / self.mean_up + 1.0 / self.mean_down) * t;
        self.unavailability() * (1.0 + libm::expm1(-pace) / pace)
    }

    /// Probability that exactly `k` of `n` independent units are down.
    pub fn down_together(self, k: u32, n: u32) -> f64 {
        binomial(n, k, self.unavailability())
    }

    /// How often per unit of time `n` independent units pass from k - 1 down to `k` down.
    ///
    /// n C(n - 1, k - 1) U^(k-1) (1 - U)^(n-k) / (MTTF + MTTR): one of n fails while k - 1 of the others are down.
    pub fn entries(self, k: u32, n: u32) -> f64 {
        if k == 0 || k > n {
            return 0.0;
        }
        f64::from(n) * binomial(n - 1, k - 1, self.unavailability()) * self.failure_frequency()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: Repairable = Repairable { mean_up: 9.0, mean_down: 1.0 };

    #[test]
    fn by_hand() {
        assert!((UNIT.availability() - 0.9).abs() < 1e-15);
        assert!((UNIT.availability_at(0.0) - 1.0).abs() < 1e-15);
        assert!((UNIT.availability_at(1e3) - 0.9).abs() < 1e-15);
        // The mean over a time of which the pace makes 1: 0.1 x (1 - (1 - 1/e) / 1) = 0.1 / e.
        assert!((UNIT.mean_unavailability_until(0.9) - 0.1 * libm::exp(-1.0)).abs() < 1e-15);
        // Two of three down: 3 x 0.01 x 0.9.
        assert!((UNIT.down_together(2, 3) - 0.027).abs() < 1e-15);
        // Entries: 3 x C(2,1) 0.1 x 0.9 / 10.
        assert!((UNIT.entries(2, 3) - 0.054).abs() < 1e-15);
        assert_eq!(UNIT.entries(4, 3), 0.0);
    }

    #[test]
    fn what_enters_leaves() {
        // With exponential times, from k to k - 1 down: k repairs under way at rate 1 each.
        for k in 1..=5 {
            let back = UNIT.down_together(k, 5) * f64::from(k) / UNIT.mean_down;
            assert!((UNIT.entries(k, 5) - back).abs() < 1e-15, "{k}");
        }
    }
}
