//! How attempts wait at a pool.

use crate::engine::theory::offered_wait::Fate;

/// The longest wait that is looked at, in units of an exponential law's mean,
pub const LONGEST: f64 = 40.0;
/// and the points up to it: `LONGEST` (j / `POINTS`)².
pub const POINTS: usize = 64;

/// Waiting at a pool.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wait {
    /// Share of arrivals that wait.
    pub chance: f64,
    /// One over the mean wait of those, in 1/s, if it is exponential.
    pub rate: f64,
    /// How its law differs from that.
    pub bend: Option<Bend>,
    /// Share of arrivals that find the queue full.
    pub full: f64,
    /// By tenancy, where the queue is held at its limit or clients leave it: what becomes of its attempts, instead of all this.
    pub fates: Vec<Option<Fate>>,
}

impl Wait {
    /// Returns the share of arrivals that find the queue full.
    pub fn refused(&self) -> f64 {
        self.fates.iter().flatten().next().map_or(self.full, |fate| fate.refused)
    }

    /// Returns the mean wait of all arrivals, in seconds.
    pub fn mean(&self) -> f64 {
        let bent = self.bend.as_ref().map_or(1.0, Bend::mean);
        if self.chance > 0.0 { self.chance * bent / self.rate } else { 0.0 }
    }

    /// Returns the share of arrivals that waits for longer than so many seconds.
    pub fn above(&self, time: f64) -> f64 {
        let units = self.rate * time;
        self.chance * self.bend.as_ref().map_or_else(|| libm::exp(-units), |bend| bend.longer(units))
    }
}

/// Returns a wait that is looked at, in units of the exponential law's mean.
pub fn unit(at: usize) -> f64 {
    let part = at as f64 / POINTS as f64;
    LONGEST * part * part
}

/// How the law of waits differs from an exponential one.
#[derive(Debug, Clone, PartialEq)]
pub struct Bend {
    /// Logarithms of ratios at each of the waits that are looked at.
    above: Vec<f64>,
    /// Mean wait of those who wait, in units of the exponential one's.
    mean: f64,
}

impl Bend {
    /// Returns a law of these logarithms of ratios to the exponential one.
    pub fn new(above: Vec<f64>) -> Bend {
        let mut bend = Bend { above, mean: 0.0 };
        for at in 0..POINTS {
            let (from, to) = (unit(at), unit(at + 1));
            // Simpson's rule, for a curve that is about exponential.
            let parts = bend.longer(from) + 4.0 * bend.longer(f64::midpoint(from, to)) + bend.longer(to);
            bend.mean += (to - from) * parts / 6.0;
        }
        bend
    }

    /// Returns the mean wait of those who wait, in units of the exponential law's mean.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Returns the share of those who wait that waits for longer than so many units.
    pub fn longer(&self, time: f64) -> f64 {
        if time <= 0.0 {
            return 1.0;
        }
        let place = (time / LONGEST).sqrt() * POINTS as f64;
        let at = (place as usize).min(POINTS - 1);
        // Straight in the wait itself, and beyond the last one as near it.
        let part = (time - unit(at)) / (unit(at + 1) - unit(at));
        let ratio = self.above[at] + part.min(1.0) * (self.above[at + 1] - self.above[at]);
        libm::exp(ratio - time).min(1.0)
    }
}
