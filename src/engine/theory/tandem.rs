//! Tandem of exponential single servers: each sees Poisson arrivals, as if alone, and the times in system are independent.
//!
//! # References
//! Burke (1956), The Output of a Queueing System; Reich (1957), Waiting Times When Queues Are in Tandem. Jensen (1953) for
//! uniformization.

use super::mm1::Mm1;
use crate::engine::special::solve::invert_increasing;

/// M/M/1 stations one after the other, all visited by every request.
#[derive(Debug, Clone, PartialEq)]
pub struct Tandem {
    /// Arrivals per unit of time.
    pub arrival_rate: f64,
    /// Service rate of each station.
    pub service_rates: Vec<f64>,
}

impl Tandem {
    /// Mean time from the first arrival to the last departure.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::theory::tandem::Tandem;
    /// let path = Tandem { arrival_rate: 8.0, service_rates: vec![10.0, 12.0, 9.0] };
    /// assert!((path.mean_sojourn() - 1.75).abs() < 1e-15); // 1/2 + 1/4 + 1
    /// ```
    pub fn mean_sojourn(&self) -> f64 {
        self.stations().map(Mm1::mean_sojourn).sum()
    }

    fn stations(&self) -> impl Iterator<Item = Mm1> + '_ {
        self.service_rates.iter().map(|rate| Mm1 { arrival_rate: self.arrival_rate, service_rate: *rate })
    }

    /// Probability of more than `t` from end to end.
    ///
    /// The chain of exponential stages is looked at after each tick of a Poisson clock at the fastest rate: no difference of
    /// rates appears, so equal stations are no special case.
    pub fn sojourn_above(&self, t: f64) -> f64 {
        let rates: Vec<f64> = self.service_rates.iter().map(|mu| mu - self.arrival_rate).collect();
        if rates.is_empty() || t <= 0.0 {
            return if rates.is_empty() { 0.0 } else { 1.0 };
        }
        if rates.iter().any(|r| *r <= 0.0) {
            return 1.0;
        }
        let clock = rates.iter().copied().fold(0.0, f64::max);
        let ticks = clock * t;
        let mut stage = vec![0.0; rates.len()];
        stage[0] = 1.0;
        let mut inside = 1.0;
        let (mut k, mut above) = (0.0, 0.0);
        loop {
            let probability = libm::exp(k * libm::log(ticks) - ticks - libm::lgamma(k + 1.0));
            above += probability * inside;
            if k > ticks && probability * inside <= 1e-17 * above {
                return above.min(1.0);
            }
            for i in (0..stage.len()).rev() {
                let moves = stage[i] * rates[i] / clock;
                stage[i] -= moves;
                if i + 1 < stage.len() {
                    stage[i + 1] += moves;
                }
            }
            inside = stage.iter().sum();
            if inside < 1e-300 {
                return above.min(1.0);
            }
            k += 1.0;
        }
    }

    /// The time that a share `p` does not exceed, by numeric inversion.
    pub fn sojourn_quantile(&self, p: f64) -> f64 {
        if self.service_rates.iter().any(|mu| *mu <= self.arrival_rate) {
            return f64::INFINITY;
        }
        invert_increasing(p, |t| 1.0 - self.sojourn_above(t))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_stations_are_erlang() {
        // Two stages of rate 2: e^-2t (1 + 2t).
        let path = Tandem { arrival_rate: 8.0, service_rates: vec![10.0, 10.0] };
        for t in [0.1_f64, 1.0, 3.0, 20.0] {
            let expected = libm::exp(-2.0 * t) * (1.0 + 2.0 * t);
            assert!((path.sojourn_above(t) / expected - 1.0).abs() < 1e-10, "{t}");
        }
        // Erlang-2's median is 1.67834699 over its rate.
        assert!((path.sojourn_quantile(0.5) - 1.678346990016661 / 2.0).abs() < 1e-10);
    }

    #[test]
    fn different_stations() {
        // Rates 1 and 3: (3 e^-t - e^-3t) / 2.
        let path = Tandem { arrival_rate: 1.0, service_rates: vec![2.0, 4.0] };
        let expected = 0.5 * (3.0 * libm::exp(-2.0) - libm::exp(-6.0));
        assert!((path.sojourn_above(2.0) - expected).abs() < 1e-12);
        let one = Tandem { arrival_rate: 8.0, service_rates: vec![10.0] };
        assert!((one.sojourn_quantile(0.99) - libm::log(100.0) / 2.0).abs() < 1e-10);
    }

    #[test]
    fn edges() {
        assert_eq!(Tandem { arrival_rate: 1.0, service_rates: vec![] }.mean_sojourn(), 0.0);
        let over = Tandem { arrival_rate: 9.0, service_rates: vec![10.0, 9.0] };
        assert_eq!(over.sojourn_quantile(0.5), f64::INFINITY);
        assert_eq!(over.sojourn_above(5.0), 1.0);
    }
}
