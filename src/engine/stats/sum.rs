//! Sums that do not lose small terms.
//!
//! # References
//! Neumaier (1974), Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen.

/// A running sum with its rounding error kept apart.
///
/// # Example
/// ```
/// use cellsim::engine::stats::sum;
/// assert_eq!(sum([1.0, 1e100, 1.0, -1e100]), 2.0);
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    /// Adds a term.
    pub fn add(&mut self, term: f64) {
        let next = self.sum + term;
        self.lost += if self.sum.abs() >= term.abs() { (self.sum - next) + term } else { (term - next) + self.sum };
        self.sum = next;
    }

    /// The sum so far.
    pub fn value(self) -> f64 {
        self.sum + self.lost
    }
}

/// The sum of finite terms, in their order.
pub fn sum(terms: impl IntoIterator<Item = f64>) -> f64 {
    let mut total = Sum::default();
    for term in terms {
        debug_assert!(term.is_finite(), "only numbers can be added: {term}");
        total.add(term);
    }
    total.value()
}

#[cfg(test)]
mod tests {
    use super::sum;

    #[test]
    fn small_terms_survive() {
        assert_eq!(sum(std::iter::repeat_n(0.1, 10)), 1.0);
        assert_eq!(sum([]), 0.0);
        assert_eq!(sum([1e16, 1.0, 1.0, -1e16]), 2.0);
    }
}
