//! A histogram of durations with log-linear buckets.
//!
//! 128 buckets per factor of two: a bucket's half-width is at most 0.4 % of its value. Own code because it is on the path of every
//! request: a bucket is found from the bits of the value (under a nanosecond, where a general histogram takes 5 to 9).

use crate::units::Nanos;

/// Linear buckets per factor of two, as a power of two.
const PRECISION: u32 = 7;
/// Values below 2^FLOOR share the linear buckets of that octave.
const FLOOR: u32 = 10;
/// Values of 2^CEILING (78 hours: a deadline is a day at most) and more fall into the last bucket.
const CEILING: u32 = 48;
const PER_OCTAVE: usize = 1 << PRECISION;
const BUCKETS: usize = (CEILING - FLOOR + 1) as usize * PER_OCTAVE;

/// Counts of durations, and their sum.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Empty before the first duration.
    counts: Vec<u64>,
    sum: u128,
}

#[inline]
fn bucket(value: Nanos) -> usize {
    let exponent = (value | (1 << (FLOOR - 1))).ilog2();
    if exponent < FLOOR {
        return (value >> (FLOOR - PRECISION)) as usize;
    }
    let index =
        ((exponent - FLOOR + 1) as usize) << PRECISION | (value >> (exponent - PRECISION)) as usize & (PER_OCTAVE - 1);
    index.min(BUCKETS - 1)
}

/// Returns the lower end and the width of a bucket.
fn range(index: usize) -> (Nanos, Nanos) {
    let octave = (index >> PRECISION) as u32;
    let offset = (index & (PER_OCTAVE - 1)) as u64;
    if octave == 0 {
        let width = 1 << (FLOOR - PRECISION);
        return (offset * width, width);
    }
    let width = 1 << (octave - 1 + FLOOR - PRECISION);
    (((PER_OCTAVE as u64) + offset) * width, width)
}

impl Histogram {
    /// Returns an empty histogram.
    pub fn new() -> Histogram {
        Histogram::default()
    }

    /// Counts one duration.
    #[inline]
    pub fn record(&mut self, value: Nanos) {
        self.sum += u128::from(value);
        let index = bucket(value);
        match self.counts.get_mut(index) {
            Some(count) => *count += 1,
            None => self.add_at(index, 1),
        }
    }

    /// Counts the first duration: from now on there are buckets.
    #[cold]
    fn add_at(&mut self, index: usize, count: u64) {
        if self.counts.is_empty() {
            self.counts = vec![0; BUCKETS];
        }
        self.counts[index] += count;
    }

    /// Returns the sum of all durations in nanoseconds: not of buckets, of what was counted.
    pub fn sum(&self) -> f64 {
        self.sum as f64
    }

    /// Returns how many durations were counted.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Adds another histogram's counts: the merge of parts equals the whole.
    pub fn merge(&mut self, other: &Histogram) {
        self.sum += other.sum;
        if self.counts.is_empty() {
            self.counts.clone_from(&other.counts);
            return;
        }
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
    }

    /// Returns the buckets that hold something, with their counts: what a small part of a large whole takes to be kept.
    pub fn held(&self) -> Vec<(u16, u64)> {
        let held = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        held.map(|(index, &count)| (index as u16, count)).collect()
    }

    /// Adds what buckets of another histogram held; their sum is not known.
    pub fn add_held(&mut self, held: &[(u16, u64)]) {
        for &(index, count) in held {
            self.add_at(usize::from(index), count);
        }
    }

    /// Returns the middle of the bucket that holds the `rank`-th smallest value (from 1), and half the bucket's width.
    pub fn at_rank(&self, rank: u64) -> Option<(f64, f64)> {
        let mut seen = 0;
        for (index, &count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank && count > 0 {
                let (low, width) = range(index);
                return Some((low as f64 + width as f64 / 2.0, width as f64 / 2.0));
            }
        }
        None
    }

    /// Returns (upper end of bucket, values above it) for every bucket that holds something.
    pub fn exceedances(&self) -> Vec<(Nanos, u64)> {
        let mut left = self.total();
        let mut points = Vec::new();
        for (index, &count) in self.counts.iter().enumerate() {
            if count > 0 {
                left -= count;
                let (low, width) = range(index);
                points.push((low + width, left));
            }
        }
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_its_values_and_is_narrow() {
        for shift in 0..42 {
            for offset in [0_u64, 1, 3, 77] {
                let value = (1_u64 << shift) + offset * ((1_u64 << shift) / 80).max(1);
                let (low, width) = range(bucket(value));
                assert!(low <= value && value < low + width, "{value} in {low} + {width}");
                assert!(value < 1024 || width as f64 <= value as f64 / 127.0, "{value}: {width}");
            }
        }
    }

    #[test]
    fn buckets_follow_one_another() {
        for index in 1..BUCKETS {
            let (low, width) = range(index - 1);
            assert_eq!(low + width, range(index).0);
        }
    }

    #[test]
    fn ranks_and_exceedances_count() {
        let mut histogram = Histogram::new();
        for value in 1..=1000_u64 {
            histogram.record(value * 1_000_000);
        }
        let (middle, half) = histogram.at_rank(500).expect("500 of 1,000");
        assert!((middle - 500e6).abs() <= half + 1.0);
        assert_eq!(histogram.exceedances().last().map(|point| point.1), Some(0));
        assert_eq!(histogram.at_rank(1001), None);
        assert_eq!(histogram.sum(), 500_500e6);
        let mut again = Histogram::new();
        again.add_held(&histogram.held());
        assert_eq!(again.exceedances(), histogram.exceedances());
    }
}
