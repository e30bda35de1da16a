//! Measured values as a law: each is drawn as often as every other one.
//!
//! Nothing is smoothed, thinned or cut: the mean, the variance and the extremes of the law are those of the values.

use std::sync::Arc;

/// Measured values, each as likely as every other one. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// In order.
    values: Arc<[f64]>,
    /// Sum of the values up to each.
    sums: Arc<[f64]>,
}

impl serde::Serialize for Measured {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.values.iter())
    }
}

impl Measured {
    /// Returns the law of these values, in any order.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::law::{Law, Measured};
    /// let law = Law::Measured(Measured::new(vec![10.0, 1_000.0, 10.0, 10.0]));
    /// assert_eq!(law.mean(), 257.5);
    /// assert_eq!(law.above(10.0), 0.25);
    /// ```
    pub fn new(mut values: Vec<f64>) -> Measured {
        values.sort_by(f64::total_cmp);
        let sum = |sum: &mut f64, value: &f64| {
            *sum += value;
            Some(*sum)
        };
        let sums = values.iter().scan(0.0, sum).collect();
        Measured { values: values.into(), sums }
    }

    /// Returns the values in order.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Returns the same values, `factor` times as long.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Measured {
        Measured::new(self.values.iter().map(|value| value * factor).collect())
    }

    /// Returns the mean.
    pub fn mean(&self) -> f64 {
        self.sums.last().map_or(0.0, |sum| sum / self.values.len() as f64)
    }

    /// Returns the variance: that of the values themselves, not of what they are a sample of.
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.values.iter().map(|value| (value - mean) * (value - mean)).sum();
        squares / self.values.len().max(1) as f64
    }

    /// Returns the value below which a share lies.
    pub fn quantile(&self, p: f64) -> f64 {
        let last = self.values.len().saturating_sub(1);
        let index = (p * self.values.len() as f64) as usize;
        self.values.get(index.min(last)).copied().unwrap_or(0.0)
    }

    /// Returns the value above which a share lies.
    pub fn quantile_above(&self, q: f64) -> f64 {
        let last = self.values.len().saturating_sub(1);
        let index = (q * self.values.len() as f64) as usize;
        self.values.get(last - index.min(last)).copied().unwrap_or(0.0)
    }

    /// Returns the share of values at most `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        self.values.partition_point(|value| *value <= x) as f64 / self.values.len().max(1) as f64
    }

    /// Returns the share of values beyond `x`.
    pub fn above(&self, x: f64) -> f64 {
        let beyond = self.values.len() - self.values.partition_point(|value| *value <= x);
        beyond as f64 / self.values.len().max(1) as f64
    }

    /// Turns 64 random bits into one of the values.
    #[inline]
    pub fn draw(&self, bits: u64) -> f64 {
        // The upper half of a product of 128 bits: a whole number below the number of values, none more likely than another
        // by more than their number in 2^64.
        let index = (u128::from(bits) * self.values.len() as u128) >> 64;
        self.values.get(index as usize).copied().unwrap_or(0.0)
    }

    /// Returns the value into which a random moment falls: each as likely as it is long; `u` is between 0 and 1.
    pub fn length_biased(&self, u: f64) -> f64 {
        let sum = self.sums.last().copied().unwrap_or(0.0);
        let index = self.sums.partition_point(|before| *before <= u * sum);
        self.values[index.min(self.values.len() - 1)]
    }

    /// Returns the different values, in order, and the share of each; none if there are more than `most` of them.
    pub fn atoms(&self, most: usize) -> Option<Vec<(f64, f64)>> {
        let each = 1.0 / self.values.len() as f64;
        let mut atoms: Vec<(f64, f64)> = Vec::new();
        for same in self.values.chunk_by(|a, b| a == b) {
            if atoms.len() == most {
                return None;
            }
            atoms.push((same[0], same.len() as f64 * each));
        }
        Some(atoms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_by_hand() {
        let eight = Measured::new(vec![30.0, 45.0, 60.0, 90.0, 120.0, 150.0, 250.0, 320.0]);
        assert_eq!(eight.mean(), 133.125);
        assert_eq!((eight.quantile(0.0), eight.quantile(1.0)), (30.0, 320.0));
        assert_eq!((eight.quantile_above(0.0), eight.quantile_above(1.0)), (320.0, 30.0));
        assert_eq!((eight.cdf(29.0), eight.cdf(30.0), eight.above(30.0), eight.above(320.0)), (0.0, 0.125, 0.875, 0.0));
        let two = Measured::new(vec![3.0, 1.0, 1.0]);
        assert!((two.variance() - 8.0 / 9.0).abs() < 1e-15);
        assert_eq!(two.atoms(2).unwrap_or_default(), [(1.0, 2.0 / 3.0), (3.0, 1.0 / 3.0)]);
        assert_eq!(two.atoms(1), None);
        // Three fifths of the time lie in the long one.
        assert_eq!((two.length_biased(0.39), two.length_biased(0.41)), (1.0, 3.0));
    }

    #[test]
    fn every_value_is_drawn_as_often() {
        let law = Measured::new((0..1000).map(f64::from).collect());
        let mut seen = vec![0; 1000];
        (0..100_000_u64).for_each(|i| seen[law.draw(i.wrapping_mul(0x9E37_79B9_7F4A_7C15)) as usize] += 1);
        assert!(seen.iter().all(|&count| (95..=105).contains(&count)));
        assert_eq!((law.draw(0), law.draw(u64::MAX)), (0.0, 999.0));
    }
}
