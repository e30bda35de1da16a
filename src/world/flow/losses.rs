//! Losses without overload, as request-level runs have found them: they correct what theory says.
//!
//! # Model
//! At each of a few loads, as multiples of the usual one, a class's attempts fail so much more often than in theory: a factor,
//! or where theory knows next to nothing of it, a share to be added. Between two loads both are interpolated; beyond the last
//! one they stay. They hold for cells in which nothing is slowed and nothing waits in a backlog.

use super::caller::Failing;

/// What runs at one load have found of one class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Multiple of the usual load.
    pub load: f64,
    /// Theory times this,
    pub factor: f64,
    /// plus this share of attempts.
    pub extra: f64,
}

/// What runs have found, by class: points in order of load; without any, theory stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Losses(pub Vec<Vec<Point>>);

impl Losses {
    /// Returns how a class's attempts fail at a load, given what theory says.
    pub fn corrected(&self, class: usize, load: f64, theory: Failing) -> Failing {
        let Some(points) = self.0.get(class).filter(|points| !points.is_empty()) else { return theory };
        let next = points.partition_point(|point| point.load <= load);
        let (low, high) = (points[next.max(1) - 1], points[next.min(points.len() - 1)]);
        let part = if high.load > low.load { (load - low.load) / (high.load - low.load) } else { 0.0 };
        let between = |a: f64, b: f64| a + (b - a) * part.clamp(0.0, 1.0);
        let all = theory.total();
        let corrected = (all * between(low.factor, high.factor) + between(low.extra, high.extra)).min(1.0);
        match all > 0.0 {
            true => Failing { fast: theory.fast * corrected / all, slow: theory.slow * corrected / all },
            false => Failing { fast: 0.0, slow: corrected },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_and_beyond_the_points() {
        let point = |load, factor, extra| Point { load, factor, extra };
        let losses = Losses(vec![vec![point(1.0, 2.0, 0.0), point(1.5, 4.0, 0.1)], Vec::new()]);
        let theory = Failing { fast: 0.01, slow: 0.03 };
        let total = |load: f64| losses.corrected(0, load, theory).total();
        for (load, expected) in [(0.5, 0.08), (1.0, 0.08), (1.25, 0.17), (1.5, 0.26), (3.0, 0.26)] {
            assert!((total(load) - expected).abs() < 1e-12, "{load}: {}", total(load));
        }
        let kinds = losses.corrected(0, 1.0, theory);
        assert!((kinds.slow / kinds.fast - 3.0).abs() < 1e-12);
        assert_eq!(losses.corrected(0, 1.5, Failing::default()).slow, 0.1);
        assert_eq!((losses.corrected(1, 1.0, theory), losses.corrected(2, 1.0, theory)), (theory, theory));
    }
}
