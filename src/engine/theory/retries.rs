//! Retries: what they save, what they cost, and when they keep a station down.
//!
//! # Model
//! Each attempt fails with probability p; after a failure a retry is granted with probability r, up to N attempts in all.
//! Attempts per request A = Σ_{k<N} (p r)^k; failed share f = p (1 - r) Σ_{k<=N-2} (p r)^k + p (p r)^(N-1).
//! A retry budget b holds A at 1 + b by lowering r.
//!
//! # References
//! Brooker (2022), What is Backoff For?; Bronson et al. (2021), Metastable Failures in Distributed Systems, HotOS.

use crate::engine::special::solve::invert_increasing;

/// How requests are tried again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Retries {
    /// Most attempts of a request, N >= 1.
    pub attempts: u32,
    /// Retries allowed per request on average; `None` without a budget.
    pub budget: Option<f64>,
}

/// What retries make of a failure share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// Probability that a wanted retry is granted.
    pub granted: f64,
    /// Attempts per request.
    pub amplification: f64,
    /// Share of requests that fail in the end.
    pub failed: f64,
}

/// A = 1 + x + ... + x^(N-1), with x = p r.
fn geometric(x: f64, terms: u32) -> f64 {
    // Summed, not divided: x may be 1, and N is small.
    (0..terms).fold(0.0, |sum, _| sum * x + 1.0)
}

impl Retries {
    /// Returns the effect at a failed share `p` of attempts, each failing independently.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::theory::retries::Retries;
    /// let three = Retries { attempts: 3, budget: None }.at(0.1);
    /// assert!((three.amplification - 1.11).abs() < 1e-15 && (three.failed - 0.001).abs() < 1e-15);
    /// ```
    pub fn at(self, p: f64) -> Effect {
        let p = p.clamp(0.0, 1.0);
        let attempts = self.attempts.max(1);
        let free = geometric(p, attempts);
        let granted = match self.budget {
            Some(budget) if free > 1.0 + budget => {
                invert_increasing(1.0 + budget, |r| geometric(p * r.min(1.0), attempts) + (r - 1.0).max(0.0)).min(1.0)
            }
            _ => 1.0,
        };
        let x = p * granted;
        let early = geometric(x, attempts - 1);
        let failed = p * (1.0 - granted) * early + p * libm::pow(x, f64::from(attempts - 1));
        Effect { granted, amplification: geometric(x, attempts), failed }
    }

    /// Tells whether a station that has fallen behind stays so: everything times out, and the attempts of `demand` alone are more
    /// than `capacity`, expired work included.
    pub fn holds_down(self, demand: f64, capacity: f64) -> bool {
        demand * self.at(1.0).amplification >= capacity
    }

    /// Time until a station with `backlog` attempts answers within `timeout` again; `None` if it never does.
    ///
    /// (B - C T) / (C - lambda A(1)), 0 if it answers in time already.
    pub fn time_to_catch_up(self, demand: f64, capacity: f64, backlog: f64, timeout: f64) -> Option<f64> {
        let late = backlog - capacity * timeout;
        if late < 0.0 {
            return Some(0.0);
        }
        if self.holds_down(demand, capacity) {
            return None;
        }
        Some(late / (capacity - demand * self.at(1.0).amplification))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_budget() {
        for (p, n) in [(0.0, 3), (0.3, 1), (0.5, 4), (1.0, 3)] {
            let effect = Retries { attempts: n, budget: None }.at(p);
            assert_eq!(effect.granted, 1.0);
            assert!((effect.failed - libm::pow(p, f64::from(n))).abs() < 1e-15);
            let attempts: f64 = (0..n).map(|k| libm::pow(p, f64::from(k))).sum();
            assert!((effect.amplification - attempts).abs() < 1e-15);
        }
    }

    #[test]
    fn a_budget_bounds_the_load() {
        // p = 1/2, two attempts, budget 10 %: 1 + r / 2 = 1.1, r = 0.2; failed 0.5 x 0.8 + 0.5 x 0.1 = 0.45.
        let effect = Retries { attempts: 2, budget: Some(0.1) }.at(0.5);
        assert!((effect.granted - 0.2).abs() < 1e-14);
        assert!((effect.amplification - 1.1).abs() < 1e-14);
        assert!((effect.failed - 0.45).abs() < 1e-14);
        // Below the budget it does not show.
        assert_eq!(Retries { attempts: 3, budget: Some(0.2) }.at(0.1), Retries { attempts: 3, budget: None }.at(0.1));
        // No budget at all: every failure is final.
        let none = Retries { attempts: 5, budget: Some(0.0) }.at(0.4);
        assert!((none.failed - 0.4).abs() < 1e-14 && (none.amplification - 1.0).abs() < 1e-14);
    }

    #[test]
    fn storms() {
        // 280/s against 300/s with one retry: 560 > 300 stays.
        assert!(Retries { attempts: 2, budget: None }.holds_down(280.0, 300.0));
        assert!(!Retries { attempts: 2, budget: Some(0.05) }.holds_down(280.0, 300.0));
        // 5/s against 10/s with five retries: 30 > 10 stays at 150 waiting (15 s > 5 s), recovers at 35 (3.5 s < 5 s).
        let five = Retries { attempts: 6, budget: None };
        assert_eq!(five.time_to_catch_up(5.0, 10.0, 150.0, 5.0), None);
        assert_eq!(five.time_to_catch_up(5.0, 10.0, 35.0, 5.0), Some(0.0));
        // Without retries 100 late attempts drain at 5/s.
        assert_eq!(Retries { attempts: 1, budget: None }.time_to_catch_up(5.0, 10.0, 150.0, 5.0), Some(20.0));
    }
}
