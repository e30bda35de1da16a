//! What the units of a stratum came to, in bounded memory and whatever the order they came in.

/// Values of each list that are kept one by one, the largest.
const SINGLE: usize = 100;

/// Parts of one that sums are counted in: 2^40.
const PARTS: f64 = 1_099_511_627_776.0;

/// Units of a stratum: so many, each with its harm and its exposure.
///
/// Of the harm and of what was spared the largest 100 values are kept single, the rest in blocks of about the same value, four for
/// each doubling. Sums are whole numbers of 2^-40, so that units and samples may be added in any order.
///
/// # Example
/// ```
/// use cellsim::engine::stats::anchored::Sample;
/// let mut sample = Sample::default();
/// sample.add(20.0, 50.0);
/// sample.add(50.0, 50.0);
/// assert_eq!((sample.units(), sample.harm(), sample.exposure()), (2, 70.0, 100.0));
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sample {
    harmed: Values,
    spared: Values,
    /// Pairs of units that belong together.
    pairs: u64,
}

impl Sample {
    /// Adds a unit that harmed `harm` of `exposure`; harm beyond it is a matter of its own and left out here.
    pub fn add(&mut self, harm: f64, exposure: f64) {
        debug_assert!(harm.is_finite() && exposure.is_finite(), "{harm} of {exposure}");
        let exposure = exposure.max(0.0);
        let harm = harm.clamp(0.0, exposure);
        self.harmed.add(harm);
        self.spared.add(exposure - harm);
    }

    /// The last `units` belong together: they tell no more than one of them does.
    ///
    /// Groups of sizes m make of n units n^2 / sum m^2 that count (the design effect of Kish 1965, Survey Sampling, of clusters all
    /// alike within).
    pub fn tie(&mut self, units: u64) {
        self.pairs += units * units.saturating_sub(1);
    }

    /// What a unit counts.
    fn worth(&self) -> f64 {
        let units = self.units() as f64;
        if self.pairs == 0 { 1.0 } else { units / (units + self.pairs as f64) }
    }

    /// Adds the units of another.
    pub fn merge(&mut self, other: &Sample) {
        self.pairs += other.pairs;
        self.harmed.merge(&other.harmed);
        self.spared.merge(&other.spared);
    }

    /// Number of units.
    pub fn units(&self) -> u64 {
        self.harmed.number
    }

    /// Harm of all units.
    pub fn harm(&self) -> f64 {
        self.harmed.sum as f64 / PARTS
    }

    /// Exposure of all units.
    pub fn exposure(&self) -> f64 {
        (self.harmed.sum + self.spared.sum) as f64 / PARTS
    }

    /// Harm by value: (value, number).
    pub(super) fn harmed(&self) -> Vec<(f64, f64)> {
        self.harmed.atoms(self.worth())
    }

    /// What was spared, by value: (value, number).
    pub(super) fn spared(&self) -> Vec<(f64, f64)> {
        self.spared.atoms(self.worth())
    }
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Values {
    number: u64,
    sum: u128,
    /// The largest, rising.
    largest: Vec<f64>,
    /// The rest, by bin.
    blocks: Vec<Block>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Block {
    bin: u16,
    number: u64,
    sum: u128,
}

impl Values {
    fn add(&mut self, value: f64) {
        self.number += 1;
        self.sum += parts(value);
        self.keep(value);
    }

    /// Among the largest, or into its block.
    fn keep(&mut self, value: f64) {
        let full = self.largest.len() == SINGLE;
        let mut least = value;
        if !full || value > self.largest[0] {
            if full {
                least = self.largest.remove(0);
            }
            let place = self.largest.partition_point(|kept| *kept < value);
            self.largest.insert(place, value);
            if !full {
                return;
            }
        }
        self.block(Block { bin: bin(least), number: 1, sum: parts(least) });
    }

    fn block(&mut self, more: Block) {
        match self.blocks.binary_search_by_key(&more.bin, |block| block.bin) {
            Ok(at) => {
                self.blocks[at].number += more.number;
                self.blocks[at].sum += more.sum;
            }
            Err(at) => self.blocks.insert(at, more),
        }
    }

    fn merge(&mut self, other: &Values) {
        self.number += other.number;
        self.sum += other.sum;
        other.blocks.iter().for_each(|&block| self.block(block));
        other.largest.iter().for_each(|&value| self.keep(value));
    }

    fn atoms(&self, worth: f64) -> Vec<(f64, f64)> {
        let mean = |block: &Block| block.sum as f64 / PARTS / block.number as f64;
        let blocks = self.blocks.iter().map(|block| (mean(block), worth * block.number as f64));
        blocks.chain(self.largest.iter().map(|&value| (value, worth))).collect()
    }
}

fn parts(value: f64) -> u128 {
    (value * PARTS).round() as u128
}

/// Four bins for each doubling between 2^-40 and 2^60.
fn bin(value: f64) -> u16 {
    let bounded = value.clamp(1.0 / PARTS, 1_152_921_504_606_846_976.0);
    // The exponent and the two highest bits of the fraction.
    ((bounded.to_bits() >> 50) & 0x1fff) as u16
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::engine::rng::{Key, Stream};

    #[test]
    fn no_order_matters_and_memory_is_bounded() {
        let mut stream = Stream::new(Key(7));
        let units: Vec<(f64, f64)> = (0..5000)
            .map(|_| {
                let exposure = 1e4 * stream.exponential();
                (exposure * (1.0 - 1.0 / (1.0 + stream.exponential())), exposure)
            })
            .collect();
        let sample = |units: &[(f64, f64)]| {
            let mut sample = Sample::default();
            for &(harm, exposure) in units {
                sample.add(harm, exposure);
            }
            sample
        };
        let straight = sample(&units);
        let mut turned = units.clone();
        turned.reverse();
        assert_eq!(straight, sample(&turned));
        for cut in [1, 99, 2500, 4990] {
            let (one, other) = (sample(&units[..cut]), sample(&units[cut..]));
            let (mut forth, mut back) = (one.clone(), other.clone());
            forth.merge(&other);
            back.merge(&one);
            assert_eq!(forth, straight, "cut at {cut}");
            assert_eq!(back, straight, "cut at {cut}");
        }
        assert!(straight.harmed.blocks.len() < 110);
        let sum: f64 = units.iter().map(|unit| unit.0).sum();
        assert!((straight.harm() / sum - 1.0).abs() < 1e-12);
        let number: f64 = straight.harmed().iter().map(|atom| atom.1).sum();
        assert_eq!(number, 5000.0);
    }

    #[test]
    fn units_that_belong_together_count_as_one() {
        let atoms = |groups: &[u64]| {
            let mut sample = Sample::default();
            for &group in groups {
                (0..group).for_each(|_| sample.add(2.0, 5.0));
                sample.tie(group);
            }
            sample.harmed().iter().map(|atom| atom.1).sum::<f64>()
        };
        let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}");
        close(atoms(&[1; 6]), 6.0);
        close(atoms(&[3; 6]), 6.0);
        close(atoms(&[1, 3]), 1.6);
    }

    #[test]
    fn harm_is_no_more_than_exposure() {
        let mut sample = Sample::default();
        sample.add(7.0, 5.0);
        sample.add(-1.0, 5.0);
        assert_eq!((sample.harm(), sample.exposure()), (5.0, 10.0));
    }
}
