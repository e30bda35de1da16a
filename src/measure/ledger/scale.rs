//! Counts on a scale of sizes: whole numbers up to a hundred, then steps of 2 %; while few sizes differ, each as it is besides.

/// Sizes up to this have a place of their own.
const EXACT: f64 = 100.0;
/// Ratio of one place to the next beyond.
const STEP: f64 = 1.02;

/// Different sizes that are kept as they are.
const DISTINCT: usize = 256;

/// Weights by size.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scale {
    weights: Vec<f64>,
    /// (size, weight) as they are, rising.
    values: Vec<(f64, f64)>,
    /// There are too many to keep them.
    is_rough: bool,
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
        self.keep(size, weight);
    }

    /// Keeps a size as it is, while they are few.
    fn keep(&mut self, size: f64, weight: f64) {
        if self.is_rough || weight <= 0.0 {
            return;
        }
        let place = self.values.partition_point(|value| value.0 < size);
        match self.values.get_mut(place) {
            Some(value) if value.0 == size => value.1 += weight,
            _ => self.values.insert(place, (size, weight)),
        }
        if self.values.len() > DISTINCT {
            self.is_rough = true;
            self.values = Vec::new();
        }
    }

    /// Adds what may have come of one thing: (size, probability).
    pub fn add_law(&mut self, law: &[(f64, f64)], weight: f64) {
        for &(size, odds) in law {
            self.add(size, odds * weight);
        }
    }

    /// Adds all of another scale.
    pub fn merge(&mut self, other: &Scale) {
        if self.weights.len() < other.weights.len() {
            self.weights.resize(other.weights.len(), 0.0);
        }
        self.weights.iter_mut().zip(&other.weights).for_each(|(mine, theirs)| *mine += theirs);
        self.total += other.total;
        self.most = self.most.max(other.most);
        if other.is_rough {
            self.is_rough = true;
            self.values = Vec::new();
        }
        for &(size, weight) in &other.values {
            self.keep(size, weight);
        }
    }

    /// Returns the sizes that occur, rising, with their weights.
    pub fn sizes(&self) -> Vec<(f64, f64)> {
        if !self.is_rough {
            return self.values.clone();
        }
        let some = self.weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0);
        some.map(|(place, &weight)| (size(place).min(self.most), weight)).collect()
    }

    /// Returns the sizes of so many things, as nearly as their weights can be told in whole numbers.
    pub fn ranked(&self, things: u64) -> Vec<(f64, u64)> {
        let each = things as f64 / self.total;
        let (mut sum, mut before) = (0.0, 0);
        let ranked = self.sizes().into_iter().map(|(size, weight)| {
            sum += weight * each;
            let until = (sum - 1e-9).round() as u64;
            let here = until - std::mem::replace(&mut before, until);
            (size, here)
        });
        ranked.filter(|(_, here)| *here > 0).collect()
    }

    /// Returns how far a size may be from what it stands for.
    pub fn half_step(&self, size: f64) -> f64 {
        if self.is_rough { half_step(size) } else { 0.0 }
    }

    /// Returns the largest size that so much of the weight reaches; 0 if there is not so much.
    pub fn reached(&self, weight: f64) -> f64 {
        let mut above = 0.0;
        let sizes = self.sizes();
        let found = sizes.iter().rev().find(|(_, here)| {
            above += here;
            above >= weight
        });
        match found {
            Some(&(size, _)) if size >= sizes[sizes.len() - 1].0 => self.most,
            found => found.map_or(0.0, |found| found.0),
        }
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
        if !self.is_rough {
            let found = self.values.iter().find(|(_, weight)| {
                left -= weight;
                left <= 1e-9 * self.total
            });
            return (self.total > 0.0).then(|| found.map_or(self.most, |found| found.0));
        }
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
        assert_eq!((scale.quantile(1.0), scale.half_step(2_500.0)), (Some(2_500.0), 0.0));
        assert_eq!((scale.at_least(4.0), scale.at_least(3.0), scale.most), (2.0, 4.0, 2_500.0));
        let mut twice = scale.clone();
        twice.merge(&scale);
        assert_eq!((twice.total, twice.quantile(0.5)), (10.0, Some(3.0)));
        assert_eq!(Scale::default().quantile(0.5), None);
        let sizes = scale.sizes();
        assert_eq!((sizes[..3].to_vec(), sizes.len()), (vec![(0.0, 1.0), (3.0, 2.0), (50.0, 1.0)], 4));
    }

    #[test]
    fn of_many_different_sizes_those_are_told_that_stand_for_them() {
        let mut scale = Scale::default();
        (0..2_000).for_each(|size| scale.add(f64::from(size), 1.0));
        let found = scale.quantile(0.95).unwrap_or(0.0);
        let half = scale.half_step(found);
        assert!((found - 1_900.0).abs() <= half + 1.0 && half > 10.0, "{found} {half}");
        assert_eq!((scale.reached(1.0), scale.quantile(0.02)), (1_999.0, Some(39.0)));
    }

    #[test]
    fn laws_are_told_in_whole_things() {
        let mut scale = Scale::default();
        (0..20).for_each(|_| scale.add_law(&[(0.0, 0.5), (1.0, 0.4), (7.0, 0.1)], 1.0));
        assert_eq!(scale.ranked(20), [(0.0, 10), (1.0, 8), (7.0, 2)]);
        assert_eq!((scale.quantile(0.95), scale.reached(0.5), scale.reached(2.5)), (Some(7.0), 7.0, 1.0));
    }
}
