//! M/H/1: Poisson arrivals, hyperexponential service, one server: how the time in system is distributed.
//!
//! # Model
//! Pollaczek and Khinchine's transform of the time in system is (1 - rho) B(s) / (1 - lambda sum p_i / (mu_i + s)), with B that of
//! the service. Its denominator has one root between each two of 0, mu_1, mu_2, ..: the time in system is a mixture of as
//! many exponentials as the service.
//!
//! # References
//! Kleinrock (1975), Queueing Systems, volume 1, 5.7.

use crate::engine::special::solve::invert_increasing;

/// P(time in system > t) as a sum of weight e^(-rate t).
#[derive(Debug, Clone, PartialEq)]
pub struct Mh1 {
    /// (weight, rate).
    terms: Vec<(f64, f64)>,
}

impl Mh1 {
    /// Solves for branches (share, mean) with different means; `None` without a steady state.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::theory::mh1::Mh1;
    /// // One branch is M/M/1: exponential at rate mu - lambda.
    /// let one = Mh1::new(8.0, &[(1.0, 0.1)]).unwrap();
    /// assert!((one.sojourn_above(0.3) - (-0.6_f64).exp()).abs() < 1e-12);
    /// ```
    pub fn new(arrival_rate: f64, branches: &[(f64, f64)]) -> Option<Mh1> {
        let rho = arrival_rate * branches.iter().map(|(share, mean)| share * mean).sum::<f64>();
        if rho >= 1.0 {
            return None;
        }
        let mut rates: Vec<(f64, f64)> = branches.iter().map(|&(share, mean)| (share, 1.0 / mean)).collect();
        rates.sort_by(|a, b| a.1.total_cmp(&b.1));
        let mut low = 0.0;
        let mut terms = Vec::new();
        for &(_, high) in &rates {
            let root = root_between(low, high, |r| {
                arrival_rate * rates.iter().map(|(share, rate)| share / (rate - r)).sum::<f64>()
            });
            let service: f64 = rates.iter().map(|(share, rate)| share * rate / (rate - root)).sum();
            let slope: f64 = rates.iter().map(|(share, rate)| share / ((rate - root) * (rate - root))).sum();
            terms.push(((1.0 - rho) * service / (arrival_rate * slope * root), root));
            low = high;
        }
        Some(Mh1 { terms })
    }

    /// Probability of more than `t` in system.
    pub fn sojourn_above(&self, t: f64) -> f64 {
        self.terms.iter().map(|(weight, rate)| weight * libm::exp(-rate * t)).sum()
    }

    /// The time in system that a share `p` does not exceed.
    pub fn sojourn_quantile(&self, p: f64) -> f64 {
        invert_increasing(p, |t| 1.0 - self.sojourn_above(t))
    }
}

/// Where a function that rises without bound between two poles is 1, by halving.
fn root_between(low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (low, high);
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if f(middle) < 1.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::engine::law::Law;
    use crate::engine::theory::mg1::Mg1;

    #[test]
    fn by_hand() {
        // lambda 1, half the services of mean 1/2, half of mean 1/4: rho 3/8. Roots of 1 = 1/2 / (2 - r) + 1/2 / (4 - r), hence
        // r^2 - 5 r + 5 = 0: (5 -+ sqrt 5) / 2.
        let queue = Mh1::new(1.0, &[(0.5, 0.25), (0.5, 0.5)]).unwrap();
        assert!((queue.terms[0].1 - (5.0 - 5.0_f64.sqrt()) / 2.0).abs() < 1e-13);
        assert!((queue.terms[1].1 - (5.0 + 5.0_f64.sqrt()) / 2.0).abs() < 1e-13);
        assert!((queue.sojourn_above(0.0) - 1.0).abs() < 1e-12);
        assert_eq!(Mh1::new(8.0, &[(1.0, 0.2)]), None);
    }

    #[test]
    fn the_mean_is_pollaczek_and_khinchines() {
        let branches = [(0.9, 0.05), (0.08, 0.3), (0.02, 0.9)];
        let queue = Mh1::new(8.0, &branches).unwrap();
        let mean: f64 = queue.terms.iter().map(|(weight, rate)| weight / rate).sum();
        let theory = Mg1::with_law(8.0, &Law::Hyperexponential(branches.to_vec())).mean_sojourn();
        assert!((mean - theory).abs() < 1e-10 * theory, "{mean} {theory}");
        assert!((queue.sojourn_above(queue.sojourn_quantile(0.9)) - 0.1).abs() < 1e-12);
    }
}
