//! Counts on a scale of sizes: exact up to a hundred, then in steps of 2 %.

/// Sizes up to this have a place of their own.
const EXACT: f64 = 100.0;
/// Ratio of one place to the next beyond.
const STEP: f64 = 1.02;

/// Weights by size.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scale {
    weights: Vec<f64>,
    /// Sum of weights.
    pub total: f64,
    /// Greatest size; 0 if there is none.
    pub most: f64,
}

fn place(size: f64) -> usize {
    if size <= EXACT {
        size.max(0.0).round() as usize
    } else {
        EXACT as usize + 1 + (libm::log(size / EXACT) / libm::log(STEP)) as usize
    }
}

/// The size that stands for a place.
fn size(place: usize) -> f64 {
    match place.checked_sub(EXACT as usize + 1) {
        None => place as f64,
        Some(beyond) => EXACT * libm::pow(STEP, beyond as f64 + 0.5),
    }
}

/// Returns how far a size may be from the one that stands for its place: sizes are rounded to whole numbers, or to half a step.
pub fn half_step(size: f64) -> f64 {
    if size <= EXACT { 0.5 } else { 0.5 * (STEP - 1.0) * size }
}

impl Scale {
    /// Adds a size.
    pub fn add(&mut self, size: f64, weight: f64) {
        let place = place(size);
        if self.weights.len() <= place {
            self.weights.resize(place + 1, 0.0);
        }
        self.weights[place] += weight;
        self.total += weight;
        self.most = self.most.max(size);
    }

    /// Adds all of another scale.
    pub fn merge(&mut self, other: &Scale) {
        if self.weights.len() < other.weights.len() {
            self.weights.resize(other.weights.len(), 0.0);
        }
        self.weights.iter_mut().zip(&other.weights).for_each(|(mine, theirs)| *mine += theirs);
        self.total += other.total;
        self.most = self.most.max(other.most);
    }

    /// Returns the sizes that occur, rising, with their weights.
    pub fn sizes(&self) -> impl Iterator<Item = (f64, f64)> {
        let some = self.weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0);
        some.map(|(place, &weight)| (size(place).min(self.most), weight))
    }

    /// Returns how many places of the scale are in use.
    pub fn places(&self) -> usize {
        self.weights.len()
    }

    /// Returns the weight of sizes at a place or beyond it.
    pub fn from_place(&self, place: usize) -> f64 {
        self.weights.iter().skip(place).sum()
    }

    /// Returns the weight of sizes at a place.
    pub fn at_place(&self, place: usize) -> f64 {
        self.weights.get(place).copied().unwrap_or(0.0)
    }

    /// Returns the size that stands for a place.
    pub fn size_at(place: usize) -> f64 {
        size(place)
    }

    /// Returns the weight of sizes of at least `limit` (within a step of the scale).
    pub fn at_least(&self, limit: f64) -> f64 {
        self.weights.iter().skip(place(limit)).sum()
    }

    /// Returns the least size that a share `p` of the weight does not exceed; `None` if there is no weight.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        let mut left = p * self.total;
        let found = self.weights.iter().position(|weight| {
            left -= weight;
            left <= 1e-9 * self.total
        });
        (self.total > 0.0).then(|| found.map_or(self.most, size).min(self.most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_sizes_are_exact_and_large_ones_close() {
        let mut scale = Scale::default();
        for size in [0.0, 3.0, 3.0, 50.0, 2_500.0] {
            scale.add(size, 1.0);
        }
        assert_eq!(scale.quantile(0.5), Some(3.0));
        assert_eq!(scale.quantile(0.8), Some(50.0));
        assert!((scale.quantile(1.0).unwrap_or(0.0) / 2_500.0 - 1.0).abs() < 0.011);
        assert_eq!((scale.at_least(4.0), scale.at_least(3.0), scale.most), (2.0, 4.0, 2_500.0));
        let mut twice = scale.clone();
        twice.merge(&scale);
        assert_eq!((twice.total, twice.quantile(0.5)), (10.0, Some(3.0)));
        assert_eq!(Scale::default().quantile(0.5), None);
        let sizes: Vec<(f64, f64)> = scale.sizes().collect();
        assert_eq!((sizes[..3].to_vec(), sizes.len()), (vec![(0.0, 1.0), (3.0, 2.0), (50.0, 1.0)], 4));
    }
}
