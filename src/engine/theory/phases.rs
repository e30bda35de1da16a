//! Services made of exponential phases: what is a chain of few states, and the two branches that are most like another law.
//!
//! # Model
//! Either k phases one after the other (Erlang), or one of two phases by chance (hyperexponential). Two branches have three free
//! numbers: the mean, the second moment and the Laplace transform at one rate, at which a queue looks at services, decide them.
//!
//! # References
//! Whitt (1982), Approximating a point process by a renewal process, Operations Research 30 (fits by moments); Neuts (1981),
//! Matrix-Geometric Solutions in Stochastic Models.

/// A service of phases, whose mean is 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Phases {
    /// Probability that it begins with each phase.
    pub(super) begins: Vec<f64>,
    /// Rate at which each phase ends.
    pub(super) rates: Vec<f64>,
    /// Whether one follows the other; else the service ends with its only one.
    pub(super) in_a_row: bool,
}

impl Phases {
    /// Returns `count` phases one after the other: squared variation 1 / count. One is exponential.
    pub fn erlang(count: u32) -> Phases {
        let count = count.max(1) as usize;
        let mut begins = vec![0.0; count];
        begins[0] = 1.0;
        Phases { begins, rates: vec![count as f64; count], in_a_row: true }
    }

    /// Returns one of two phases: (share, mean), scaled to a mean of 1.
    pub fn either(branches: [(f64, f64); 2]) -> Phases {
        let mean: f64 = branches.iter().map(|(share, mean)| share * mean).sum();
        Phases {
            begins: branches.map(|branch| branch.0).to_vec(),
            rates: branches.map(|branch| mean / branch.1).to_vec(),
            in_a_row: false,
        }
    }

    /// Returns the two branches of mean 1 with this squared variation, above 1, whose Laplace transform at `rate` is, or comes nearest
    /// to, a value.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::theory::phases::Phases;
    /// // 90 % of mean 1/2, 10 % of mean 5.5: variation 2 (0.9 x 0.25 + 0.1 x 30.25) - 1 = 5.5.
    /// let value = 0.9 / (1.0 + 0.3 * 0.5) + 0.1 / (1.0 + 0.3 * 5.5);
    /// let found = Phases::alike(5.5, (0.3, value));
    /// assert!((found.quick_share() - 0.9).abs() < 1e-9);
    /// ```
    pub fn alike(variation: f64, (rate, value): (f64, f64)) -> Phases {
        // By the third moment, from where one branch takes no time to where the other one is met by nobody.
        let (mut low, mut high) = (-14.0, 30.0);
        let transform = |excess: f64| {
            let [quick, slow] = branches(variation, libm::exp(excess));
            quick.0 / (1.0 + rate * quick.1) + slow.0 / (1.0 + rate * slow.1)
        };
        let rises = transform(high) > transform(low);
        for _ in 0..80 {
            let middle = f64::midpoint(low, high);
            if (transform(middle) < value) == rises { low = middle } else { high = middle }
        }
        Phases::either(branches(variation, libm::exp(f64::midpoint(low, high))))
    }

    /// Returns the share of the quicker of two branches.
    pub fn quick_share(&self) -> f64 {
        self.begins[0]
    }

    /// Whether the service ends with this phase.
    pub(super) fn ends_after(&self, phase: usize) -> bool {
        !self.in_a_row || phase + 1 == self.rates.len()
    }

    /// Returns how many phases there are.
    pub fn count(&self) -> usize {
        self.rates.len()
    }
}

/// The branches (share, mean) of mean 1 with this squared variation, and 1 + `excess` times the least third moment.
fn branches(variation: f64, excess: f64) -> [(f64, f64); 2] {
    // Moments of the means of branches: 1, e2, e3; means are the roots of x² = a x + b with the same recursion.
    let second = f64::midpoint(1.0, variation);
    let spread = second - 1.0;
    // e3 = (1 + excess) e2²: a = (e3 - e2) / (e2 - 1), b = e2 - a.
    let third = second * second * (1.0 + excess);
    let a = (third - second) / spread;
    // x² - a x + (a - e2) = 0: the smaller root from the larger, for its digits. a - e2 = excess e2² / spread.
    let product = excess * second * second / spread;
    let slow = a / 2.0 + (a * a / 4.0 - product).max(0.0).sqrt();
    let quick = product / slow;
    let slow_share = ((1.0 - quick) / (slow - quick)).clamp(0.0, 1.0);
    [(1.0 - slow_share, quick), (slow_share, slow)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_have_their_moments() {
        for (variation, excess) in [(1.001, 0.5), (2.0, 0.1), (9.0, 3.0), (100.0, 1e-3), (4.0, 1e4)] {
            let two = branches(variation, excess);
            let moment =
                |power: i32| two.iter().map(|(share, mean)| share * libm::pow(*mean, f64::from(power))).sum::<f64>();
            assert!((moment(0) - 1.0).abs() < 1e-12 && (moment(1) - 1.0).abs() < 1e-9, "{two:?}");
            assert!((2.0 * moment(2) - 1.0 - variation).abs() < 1e-7 * variation, "{two:?}");
            let third = (1.0 + excess) * moment(2) * moment(2);
            assert!((moment(3) / third - 1.0).abs() < 1e-7, "{two:?}");
        }
    }

    #[test]
    fn two_branches_are_found_again() {
        for (share, quick, slow) in [(0.95, 0.05, 1.05), (0.5, 0.2, 1.0), (0.999, 1.0, 400.0)] {
            let mean = share * quick + (1.0 - share) * slow;
            let second = 2.0 * (share * quick * quick + (1.0 - share) * slow * slow) / (mean * mean);
            for rate in [0.05, 0.5, 3.0] {
                let value = share / (1.0 + rate * quick / mean) + (1.0 - share) / (1.0 + rate * slow / mean);
                let found = Phases::alike(second - 1.0, (rate, value));
                let exact = Phases::either([(share, quick), (1.0 - share, slow)]);
                assert!((found.begins[0] - share).abs() < 1e-6, "{found:?} {exact:?}");
                assert!((found.rates[1] / exact.rates[1] - 1.0).abs() < 1e-5, "{found:?} {exact:?}");
            }
        }
    }
}
