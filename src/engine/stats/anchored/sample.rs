//! What the units of a stratum came to, in bounded memory and whatever the order they came in.

/// Values of each list that are kept one by one, the largest.
const SINGLE: usize = 100;

/// Parts of one that sums are counted in: 2^40.
const PARTS: f64 = 1_099_511_627_776.0;

/// Units of a stratum: so many, each with its harm and its exposure.
///
/// Of the harm and of what was spared the largest 100 values are kept single, the rest in blocks of about the same value, four for
/// each doubling. Sums are whole numbers of 2^-40, so that units may be added in any order.
///
/// Units of one run may be more alike than units of several are. Of n units in runs of m each, z their deviations from the mean in
/// standard deviations, Q = sum over runs of (sum z)^2 / n is 1 in the mean if all are independent, with a standard deviation of
/// s = sqrt(2 sum m (m - 1)) / n, and sum m^2 / n if all of a run are the same. n units count as n / (Q + 2 s (Q - 1)), no more than n
/// and no fewer than n^2 / sum m^2: there is no switch between strikes as units and runs as units, and what is not known of Q counts
/// against it.
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
    /// Units that came by runs.
    in_runs: u64,
    /// Ordered pairs of units of one run, each with itself too.
    of_one_run: f64,
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
        let tied = self.pairs as f64 / (self.units() as f64).max(1.0);
        1.0 / (1.0 + tied).max(self.together())
    }

    /// How many units of one run tell no more than one of them does (the design effect).
    fn together(&self) -> f64 {
        let n = self.in_runs as f64;
        if n == 0.0 {
            return 1.0;
        }
        let chance = (2.0 * (self.of_one_run - n)).max(0.0).sqrt() / n;
        let alike = [&self.harmed, &self.spared].map(|values| values.alike(n, self.of_one_run)).into_iter();
        let alike = alike.fold(1.0, f64::max);
        (alike + 2.0 * chance * (alike - 1.0)).min(self.of_one_run / n).max(1.0)
    }

    /// Adds all units of one run: they may be more alike than units of several are.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::stats::anchored::{Sample, Stratum, mean};
    /// // 20 runs of 30 strikes each, that all harm as many: 23 or 31, from run to run.
    /// let width = |by_runs: bool| {
    ///     let mut sample = Sample::default();
    ///     for run in 0..20 {
    ///         let mut own = Sample::default();
    ///         (0..30).for_each(|_| own.add(if run % 2 == 0 { 23.0 } else { 31.0 }, 50.0));
    ///         if by_runs { sample.take_run(&own) } else { (0..30).for_each(|_| sample.add(23.0 + 8.0 * f64::from(run % 2), 50.0)) }
    ///     }
    ///     let found = mean(&[Stratum { label: String::new(), weight: 1.0, mean_exposure: 50.0, sample }], 0.95);
    ///     found.high.unwrap() - found.low.unwrap()
    /// };
    /// assert!(width(true) > 4.0 * width(false));
    /// ```
    pub fn take_run(&mut self, run: &Sample) {
        let units = run.units();
        self.pairs += run.pairs;
        self.in_runs += units;
        self.of_one_run += (units * units) as f64;
        self.harmed.take_run(&run.harmed);
        self.spared.take_run(&run.spared);
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
    /// Sum of squares.
    squares: f64,
    /// Over runs: squares of their sums, and their sums times their numbers.
    of_runs: (f64, f64),
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
        self.squares += value * value;
        self.keep(value);
    }

    fn take_run(&mut self, run: &Values) {
        let sum = run.sum as f64 / PARTS;
        self.of_runs.0 += sum * sum;
        self.of_runs.1 += sum * run.number as f64;
        self.merge(run);
    }

    /// How much more the sums of runs vary than those of independent values would: 1 if not at all, or if all values are alike.
    fn alike(&self, n: f64, of_one_run: f64) -> f64 {
        let mean = self.sum as f64 / PARTS / n;
        let variance = self.squares / n - mean * mean;
        // What rounding leaves of sums of squares says nothing.
        if variance <= 1e-9 * of_one_run / n * mean * mean {
            return 1.0;
        }
        (self.of_runs.0 - 2.0 * mean * self.of_runs.1 + mean * mean * of_one_run) / (n * variance)
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
        self.squares += other.squares;
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

    fn sample(units: &[(f64, f64)]) -> Sample {
        let mut sample = Sample::default();
        for &(harm, exposure) in units {
            sample.add(harm, exposure);
        }
        sample
    }

    #[test]
    fn no_order_matters_and_memory_is_bounded() {
        let mut stream = Stream::new(Key(7));
        let units: Vec<(f64, f64)> = (0..5000)
            .map(|_| {
                let exposure = 1e4 * stream.exponential();
                (exposure * (1.0 - 1.0 / (1.0 + stream.exponential())), exposure)
            })
            .collect();
        let told =
            |sample: &Sample| (sample.harm(), sample.exposure(), sample.harmed.atoms(1.0), sample.spared.atoms(1.0));
        let straight = sample(&units);
        let mut turned = units.clone();
        turned.reverse();
        assert_eq!(told(&straight), told(&sample(&turned)));
        for cut in [1, 99, 2500, 4990] {
            let (one, other) = (sample(&units[..cut]), sample(&units[cut..]));
            let (mut forth, mut back) = (Sample::default(), Sample::default());
            forth.take_run(&one);
            forth.take_run(&other);
            back.take_run(&other);
            back.take_run(&one);
            assert_eq!(told(&forth), told(&straight), "cut at {cut}");
            assert_eq!(told(&back), told(&straight), "cut at {cut}");
        }
        assert!(straight.harmed.blocks.len() < 110);
        let sum: f64 = units.iter().map(|unit| unit.0).sum();
        assert!((straight.harm() / sum - 1.0).abs() < 1e-12);
        let number: f64 = straight.harmed().iter().map(|atom| atom.1).sum();
        assert_eq!(number, 5000.0);
    }

    #[test]
    fn units_of_one_run_count_for_less_the_more_they_are_alike() {
        let worth = |runs: &[&[f64]]| {
            let mut all = Sample::default();
            for run in runs {
                all.take_run(&sample(&run.iter().map(|&harm| (harm, 9.0)).collect::<Vec<_>>()));
            }
            all.worth()
        };
        let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found}");
        // Each run is alike in itself: it is one unit.
        close(worth(&[&[2.0; 4], &[5.0; 4], &[8.0; 4]]), 0.25);
        // Runs of one unit each, runs less alike than chance makes them, and values all alike.
        close(worth(&[&[2.0], &[5.0], &[8.0]]), 1.0);
        close(worth(&[&[2.0, 8.0], &[8.0, 2.0]]), 1.0);
        close(worth(&[&[1.3e9; 40], &[1.3e9; 40]]), 1.0);
        // In between: deviations -1, 1, 1, 1, -1, -1; sums 0, 2, -2; Q = 8 / 6, s = sqrt(2 x 6) / 6.
        close(worth(&[&[0.0, 2.0], &[2.0, 2.0], &[0.0, 0.0]]), 1.0 / (4.0 / 3.0 + 2.0 / 3.0 * 12_f64.sqrt() / 6.0));
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
