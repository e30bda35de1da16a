//! What is told of many values: a mean, a quantile, the largest.

use std::fmt;

use crate::units::{self, Nanos};

/// What is told of many values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Statistic {
    /// Mean.
    Mean,
    /// Median.
    P50,
    /// 90th percentile.
    P90,
    /// 95th percentile.
    P95,
    /// 99th percentile.
    P99,
    /// 99.9th percentile.
    P999,
    /// The largest; of availability, the least.
    Worst,
    /// The share of those that have what the metric says: of requests under a latency, in a scenario; of incidents that recover.
    Share,
    /// The share under a latency, in nanoseconds.
    Under(Nanos),
    /// The mean of the last minute.
    End,
    /// Of the busiest station.
    Busiest,
    /// With at least so many; 0 stands for any number, N.
    AtLeast(u32),
    /// With exactly so many; 0 stands for any number, N.
    Exactly(u32),
}

use Statistic::{AtLeast, Busiest, End, Exactly, Mean, P50, P90, P95, P99, P999, Share, Under, Worst};

/// Quantiles of latencies, each with its probability.
pub const QUANTILES: [(Statistic, f64); 5] = [(P50, 0.5), (P90, 0.9), (P95, 0.95), (P99, 0.99), (P999, 0.999)];

/// Those without a number.
const NAMED: [(Statistic, &str); 10] = [
    (Mean, "mean"),
    (P50, "p50"),
    (P90, "p90"),
    (P95, "p95"),
    (P99, "p99"),
    (P999, "p99.9"),
    (Worst, "worst"),
    (Share, "share"),
    (End, "end"),
    (Busiest, "busiest"),
];

impl Statistic {
    /// Returns the statistic that a scenario's key names: "mean", "at_least_3".
    ///
    /// # Example
    /// ```
    /// use cellsim::catalogue::Statistic;
    /// assert_eq!(Statistic::of_key("p99.9"), Some(Statistic::P999));
    /// assert_eq!(Statistic::of_key("at_least_3"), Some(Statistic::AtLeast(3)));
    /// assert_eq!(Statistic::of_key("at_least_03"), None);
    /// ```
    pub fn of_key(key: &str) -> Option<Statistic> {
        let named = NAMED.into_iter().find(|(_, name)| *name == key).map(|found| found.0);
        named.or_else(|| {
            let (kind, number) = key.rsplit_once('_')?;
            // Each has one name: no leading zeros or signs.
            let count: u32 = number.parse().ok().filter(|&count| count > 0 && u32::to_string(&count) == number)?;
            match kind {
                "at_least" => Some(AtLeast(count)),
                "exactly" => Some(Exactly(count)),
                _ => None,
            }
        })
    }

    /// Returns the statistic that files write so: as keys, and "under 300ms".
    pub fn of_text(text: &str) -> Option<Statistic> {
        match text.strip_prefix("under ") {
            Some(limit) => units::of_exact_text(limit).map(Under),
            None => Statistic::of_key(text),
        }
    }

    /// Returns its number: how many there are to be at once.
    pub fn count(self) -> Option<u32> {
        match self {
            AtLeast(count) | Exactly(count) => Some(count),
            _ => None,
        }
    }

    /// Returns the kind that it is of, where a number tells it apart.
    pub(super) fn kind(self) -> Statistic {
        match self {
            AtLeast(_) => AtLeast(0),
            Exactly(_) => Exactly(0),
            Under(_) => Share,
            other => other,
        }
    }

    /// Returns the probability of a quantile.
    pub fn probability(self) -> Option<f64> {
        QUANTILES.into_iter().find(|one| one.0 == self).map(|found| found.1)
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AtLeast(0) => f.write_str("at_least_N"),
            AtLeast(count) => write!(f, "at_least_{count}"),
            Exactly(0) => f.write_str("exactly_N"),
            Exactly(count) => write!(f, "exactly_{count}"),
            Under(limit) => write!(f, "under {}", units::exact_text(*limit)),
            named => f.write_str(NAMED.into_iter().find(|one| one.0 == *named).map_or("", |found| found.1)),
        }
    }
}

crate::words::serialized_as_text!(Statistic);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_back() {
        for (statistic, text) in NAMED.into_iter().chain([(AtLeast(12), "at_least_12"), (Exactly(1), "exactly_1")]) {
            assert_eq!((statistic.to_string().as_str(), Statistic::of_key(text)), (text, Some(statistic)));
        }
        for wrong in ["at_least_N", "at_least_0", "at_least_+3", "at_least_", "mean_3", "P50", ""] {
            assert_eq!(Statistic::of_key(wrong), None, "{wrong}");
        }
        for (nanos, text) in [(300_000_000, "under 300ms"), (1, "under 1ns"), (5_400_000_000_000, "under 90min")] {
            assert_eq!(Under(nanos).to_string(), text);
            assert_eq!(Statistic::of_text(text), Some(Under(nanos)));
        }
        assert_eq!((Statistic::of_text("under"), Statistic::of_text("under 3")), (None, None));
    }
}
