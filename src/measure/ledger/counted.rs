//! The law of a number that is a sum of chances: bad minutes of a customer, customers harmed by an incident.
//!
//! # Model
//! A sum of independent yes-or-no chances whose mean m and variance v are known is told as the binomial with that mean and variance
//! (n = m^2 / (m - v) chances): exact where all chances are alike, and close where they are of few kinds (Ehm 1991). Chances that
//! are certain are set aside first. What is no count, but a sum whose parts are small, is a Poisson number in units of v / m.
//! Of many the normal law stands for both.
//!
//! # References
//! Ehm (1991), Statistics & Probability Letters 11: binomial approximation to the Poisson binomial distribution.

/// A variance below this is none.
pub const NONE: f64 = 1e-3;
/// Standard deviations up to which each number is told apart.
const FEW: f64 = 16.0;
/// Numbers whose probability is less than this share of the likeliest one's are left out.
const NEVER: f64 = 1e-8;
/// How far the normal law is followed, in standard deviations.
const FAR: f64 = 4.5;
/// In so many steps to each side.
const STEPS: i32 = 64;

/// What is known of a sum.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sum {
    /// What is certain of it.
    pub sure: f64,
    /// Mean of the rest.
    pub mean: f64,
    /// Variance of the rest.
    pub variance: f64,
    /// It counts yes-or-no chances.
    pub is_count: bool,
}

impl Sum {
    /// Returns the sum of both.
    #[must_use]
    pub fn and(self, other: Sum) -> Sum {
        Sum {
            sure: self.sure + other.sure,
            mean: self.mean + other.mean,
            variance: self.variance + other.variance,
            is_count: self.is_count && other.is_count,
        }
    }

    /// Returns whether all come to the same.
    pub fn is_certain(self) -> bool {
        self.variance < NONE
    }

    /// Returns the probabilities of what it comes to, rising.
    pub fn law(self) -> Vec<(f64, f64)> {
        let Sum { sure, mean, variance, .. } = self;
        if self.is_certain() || mean <= 0.0 {
            return vec![(sure + mean, 1.0)];
        }
        let unit = if self.is_count { 1.0 } else { variance / mean };
        let (mean, variance) = (mean / unit, variance / (unit * unit));
        let values = if variance <= FEW * FEW { self.whole(mean, variance) } else { normal(mean, variance) };
        let all: f64 = values.iter().map(|value| value.1).sum();
        values.into_iter().map(|(value, weight)| (sure + unit * value, weight / all)).collect()
    }

    /// Weights of whole numbers.
    fn whole(self, mean: f64, variance: f64) -> Vec<(f64, f64)> {
        // Of so many chances, each of odds against: a Poisson number has no end of them.
        let odds = (1.0 - variance / mean).max(0.0);
        let chances =
            if self.is_count && odds > 1e-9 { (mean / odds - 1e-9).round().max(mean.ceil()) } else { f64::INFINITY };
        // Weight of k + 1 over that of k.
        let step = |k: f64| match chances.is_finite() {
            true => (chances - k) / (k + 1.0) * (mean / (chances - mean)),
            false => mean / (k + 1.0),
        };
        let middle = mean.floor().min(chances);
        let (mut k, mut weight) = (middle, 1.0);
        let mut values = vec![(middle, 1.0)];
        while k > 0.0 && weight > NEVER {
            k -= 1.0;
            weight /= step(k);
            values.push((k, weight));
        }
        values.reverse();
        (k, weight) = (middle, 1.0);
        while k < chances && weight > NEVER {
            weight *= step(k);
            k += 1.0;
            values.push((k, weight));
        }
        values
    }
}

fn normal(mean: f64, variance: f64) -> Vec<(f64, f64)> {
    let deviation = libm::sqrt(variance);
    let at = |step: i32| {
        let z = FAR * f64::from(step) / f64::from(STEPS);
        ((mean + z * deviation).max(0.0), libm::exp(-0.5 * z * z))
    };
    (-STEPS..=STEPS).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share_above(law: &[(f64, f64)], limit: f64) -> f64 {
        law.iter().filter(|value| value.0 > limit).map(|value| value.1).sum()
    }

    #[test]
    fn alike_chances_are_a_binomial() {
        // Ten customers, each struck with 30 %: more than 5 are in 4.7 % of cases.
        let law = Sum { sure: 2.0, mean: 3.0, variance: 2.1, is_count: true }.law();
        assert_eq!(law.len(), 11);
        assert!((share_above(&law, 7.0) - 0.047_349).abs() < 1e-6, "{law:?}");
        // Nearly certain ones.
        let law = Sum { sure: 0.0, mean: 9.99, variance: 9.99 * 0.001, is_count: true }.law();
        assert!((law[law.len() - 1].1 - libm::pow(0.999, 10.0)).abs() < 1e-6, "{law:?}");
    }

    #[test]
    fn rare_chances_are_a_poisson_number_and_many_a_normal_one() {
        // 43,200 minutes, each bad with 0.2996 %: P(more than 148) = 4.9 %.
        let (n, p) = (43_200.0, 0.002_996);
        let law = Sum { sure: 0.0, mean: n * p, variance: n * p * (1.0 - p), is_count: true }.law();
        let above = share_above(&law, 148.5);
        assert!((0.03..0.06).contains(&above), "{above}");
        let large = Sum { sure: 100.0, mean: 1e4, variance: 9e3, is_count: true };
        let above = share_above(&large.law(), 10_100.0 + 1.645 * libm::sqrt(9e3));
        assert!((above - 0.05).abs() < 0.005, "{above}");
        assert_eq!(Sum { sure: 3.0, mean: 0.5, variance: 0.0, is_count: true }.law(), [(3.5, 1.0)]);
        // No count: in units of v / m.
        let law = Sum { sure: 0.0, mean: 10.0, variance: 5.0, is_count: false }.law();
        let mean: f64 = law.iter().map(|value| value.0 * value.1).sum();
        let second: f64 = law.iter().map(|value| value.0 * value.0 * value.1).sum();
        assert!((mean - 10.0).abs() < 1e-5 && (second - mean * mean - 5.0).abs() < 1e-3, "{mean} {second}");
    }
}
