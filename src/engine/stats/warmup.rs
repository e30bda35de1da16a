//! How much of a series to leave out at its start, where it still remembers that the system began empty.
//!
//! # Model
//! MSER-5: means of five observations each; of all places to cut, the one where the squared standard error of what remains,
//! z(d) = Σ (y - mean)^2 / (m - d)^2, is least.
//!
//! # References
//! White, Cobb and Spratt (2000), A Comparison of Five Steady-State Truncation Heuristics for Simulation, Proceedings of
//! the Winter Simulation Conference.

/// Observations per batch.
const BATCH: usize = 5;
/// Batches that must remain: the last few may agree by luck alone.
const REMAIN: usize = 5;

/// Where to cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truncation {
    /// Observations to leave out at the start.
    pub observations: usize,
    /// Whether the cut lies in the first half. If not, the series had not settled: run longer.
    pub settled: bool,
}

/// Finds the cut for a series of equally spaced observations; `None` with fewer than 50 of them.
///
/// # Example
/// ```
/// use cellsim::engine::stats::mser5;
/// // Twenty observations of a start that differs, then a steady alternation.
/// let series: Vec<f64> = (0..200).map(|i| if i < 20 { 0.0 } else { 10.0 + f64::from(i % 2) }).collect();
/// assert_eq!(mser5(&series).unwrap().observations, 20);
/// ```
pub fn mser5(series: &[f64]) -> Option<Truncation> {
    let batches: Vec<f64> = series.chunks_exact(BATCH).map(|c| c.iter().sum::<f64>() / BATCH as f64).collect();
    let m = batches.len();
    if m < 2 * REMAIN {
        return None;
    }
    // From the end, so that each cut costs one step: Welford's update of mean and squares.
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    let mut best = (f64::INFINITY, 0);
    for (d, y) in batches.iter().enumerate().rev() {
        count += 1.0;
        let before = y - mean;
        mean += before / count;
        squares += before * (y - mean);
        let z = squares / (count * count);
        // At a tie the earlier cut, which keeps more.
        if m - d >= REMAIN && z <= best.0 {
            best = (z, d);
        }
    }
    Some(Truncation { observations: best.1 * BATCH, settled: 2 * best.1 <= m })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// A repeatable noise between -0.5 and 0.5.
    fn noise(i: usize) -> f64 {
        (i as f64 * 0.618_033_988_749_894_9).fract() - 0.5
    }

    #[test]
    fn a_settled_series_keeps_everything() {
        let series: Vec<f64> = (0..500).map(noise).collect();
        let cut = mser5(&series).unwrap();
        assert!(cut.observations <= 50 && cut.settled, "{cut:?}");
        assert_eq!(mser5(&[3.0; 100]), Some(Truncation { observations: 0, settled: true }));
    }

    #[test]
    fn an_exponential_start_is_cut_where_it_meets_the_noise() {
        let series: Vec<f64> = (0..1000).map(|i| noise(i) - 10.0 * libm::exp(-(i as f64) / 30.0)).collect();
        let cut = mser5(&series).unwrap();
        assert!((60..250).contains(&cut.observations) && cut.settled, "{cut:?}");
    }

    #[test]
    fn a_trend_never_settles() {
        let series: Vec<f64> = (0..400).map(|i| i as f64).collect();
        assert!(!mser5(&series).unwrap().settled);
        assert_eq!(mser5(&series[..49]), None);
    }

    #[test]
    fn level_and_unit_do_not_matter() {
        let series: Vec<f64> = (0..300).map(|i| noise(i) + if i < 37 { 4.0 } else { 0.0 }).collect();
        let other: Vec<f64> = series.iter().map(|v| 1e3 + 7.0 * v).collect();
        assert_eq!(mser5(&series), mser5(&other));
        assert_eq!(mser5(&series).unwrap().observations, 40);
    }
}
