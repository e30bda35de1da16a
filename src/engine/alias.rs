//! Drawing one of many with given weights in constant time.
//!
//! # References
//! Walker 1977; Vose 1991: *A linear algorithm for generating random numbers with a given distribution*.

use crate::stop;

/// An alias table; equal weights need none.
#[derive(Debug, Clone)]
pub enum Alias {
    /// All of `n` alike.
    Equal(u32),
    /// For each entry: keep it if the draw's lower half is below the threshold, else take the alias.
    Table(Vec<(u32, u32)>),
}

impl Alias {
    /// Prepares weights; they need not add up to 1.
    pub fn new(weights: &[f64]) -> Alias {
        let n = weights.len();
        if weights.windows(2).all(|pair| pair[0] == pair[1]) {
            return Alias::Equal(n as u32);
        }
        let total: f64 = weights.iter().sum();
        let mut scaled: Vec<f64> = weights.iter().map(|weight| weight * n as f64 / total).collect();
        let (mut small, mut large): (Vec<u32>, Vec<u32>) = (0..n as u32).partition(|&i| scaled[i as usize] < 1.0);
        let mut table: Vec<(u32, u32)> = (0..n as u32).map(|i| (u32::MAX, i)).collect();
        while let (Some(&low), Some(&high)) = (small.last(), large.last()) {
            stop::point();
            small.pop();
            let kept = scaled[low as usize];
            table[low as usize] = ((kept * 4_294_967_296.0) as u32, high);
            scaled[high as usize] -= 1.0 - kept;
            if scaled[high as usize] < 1.0 {
                large.pop();
                small.push(high);
            }
        }
        Alias::Table(table)
    }

    /// Returns how many entries there are.
    pub fn entries(&self) -> usize {
        match self {
            Alias::Equal(n) => *n as usize,
            Alias::Table(table) => table.len(),
        }
    }

    /// Returns the share of draws that each entry gets.
    pub fn shares(&self) -> Vec<f64> {
        match self {
            Alias::Equal(n) => vec![1.0 / f64::from(*n); *n as usize],
            Alias::Table(table) => {
                let each = 1.0 / table.len() as f64;
                let mut shares = vec![0.0; table.len()];
                for (index, &(threshold, alias)) in table.iter().enumerate() {
                    let kept = f64::from(threshold) / 4_294_967_296.0;
                    shares[index] += each * kept;
                    shares[alias as usize] += each * (1.0 - kept);
                }
                shares
            }
        }
    }

    /// Turns 64 random bits into an index.
    #[inline]
    pub fn pick(&self, bits: u64) -> u32 {
        match self {
            Alias::Equal(n) => super::rng::below(bits, *n),
            Alias::Table(table) => {
                let index = super::rng::below(bits, table.len() as u32);
                let (threshold, alias) = table[index as usize];
                if (bits as u32) < threshold { index } else { alias }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::Key;

    #[test]
    fn picks_by_weight() {
        let weights = [5.0, 1.0, 0.0, 3.0, 1.0];
        let alias = Alias::new(&weights);
        let mut counts = [0_u32; 5];
        let n = 1_000_000;
        for i in 0..n {
            counts[alias.pick(Key(3).nth(i).0) as usize] += 1;
        }
        for (count, weight) in counts.iter().zip(weights) {
            let p = weight / 10.0;
            let error = f64::from(*count) / n as f64 - p;
            assert!(error.abs() <= 4.5 * (p * (1.0 - p) / n as f64).sqrt(), "{count} of weight {weight}");
        }
        for (share, weight) in alias.shares().iter().zip(weights) {
            assert!((share - weight / 10.0).abs() < 1e-9, "{share} of weight {weight}");
        }
    }
}
