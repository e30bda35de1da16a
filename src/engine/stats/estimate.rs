//! A number, its interval and what it is worth.

/// How much a number is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Follows from the scenario without chance.
    Exact,
    /// Estimated, with an interval.
    Estimate,
    /// Only bounds are known: all replications came out alike, it is the largest seen, or a time that is longer than anybody
    /// watched (then there is no value besides).
    Bound,
    /// Beyond every number: a latency among failed requests. The lower end is what the longest that is not beyond may be.
    #[serde(rename = "bound")]
    Beyond,
    /// Not measured; the reason says why.
    Null,
}

/// A number with its interval.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Estimate {
    /// The number; `None` if not measured.
    pub value: Option<f64>,
    /// Lower end of the interval.
    #[serde(rename = "ci_low")]
    pub low: Option<f64>,
    /// Upper end.
    #[serde(rename = "ci_high")]
    pub high: Option<f64>,
    /// Independent units it rests on.
    pub n: u64,
    /// What it is worth.
    pub state: State,
    /// Why there is no number, or no two-sided interval.
    pub reason: Option<String>,
}

impl Estimate {
    /// A number that follows from the scenario without chance: its interval is the number itself.
    pub fn exact(value: f64) -> Estimate {
        debug_assert!(!value.is_nan(), "an exact value is a number");
        Estimate { value: Some(value), low: Some(value), high: Some(value), n: 0, state: State::Exact, reason: None }
    }

    /// Not measured, and why.
    pub fn null(reason: impl Into<String>) -> Estimate {
        Estimate { value: None, low: None, high: None, n: 0, state: State::Null, reason: Some(reason.into()) }
    }

    /// An estimate from `n` units with an interval of `half_width` to both sides.
    pub fn symmetric(value: f64, half_width: f64, n: u64) -> Estimate {
        Estimate::between(value, value - half_width, value + half_width, n)
    }

    /// An estimate from `n` units with its interval.
    pub fn between(value: f64, low: f64, high: f64, n: u64) -> Estimate {
        debug_assert!(low <= value && value <= high, "{low} <= {value} <= {high}");
        Estimate { value: Some(value), low: Some(low), high: Some(high), n, state: State::Estimate, reason: None }
    }

    /// A number from `n` units that has no interval, and why.
    pub fn without_interval(value: f64, n: u64, reason: impl Into<String>) -> Estimate {
        debug_assert!(!value.is_nan(), "an estimate is a number");
        Estimate { value: Some(value), low: None, high: None, n, state: State::Estimate, reason: Some(reason.into()) }
    }

    /// A number at the edge of what is possible, with a bound to the other side.
    pub fn bound(value: f64, low: f64, high: f64, n: u64, reason: impl Into<String>) -> Estimate {
        Estimate {
            value: Some(value),
            low: Some(low),
            high: Some(high),
            n,
            state: State::Bound,
            reason: Some(reason.into()),
        }
    }

    /// The largest seen among `n` units: the largest there is lies between it and `most`, if that is known.
    pub fn largest(seen: f64, most: Option<f64>, n: u64) -> Estimate {
        let reason = match most {
            Some(_) => "largest seen; the interval reaches up to what is possible by construction",
            None => "largest seen: there may be larger ones",
        };
        Estimate { high: most.map(|most| most.max(seen)), ..Estimate::bound(seen, seen, seen, n, reason) }
    }

    /// Not measured, but certain to be above `low`; from `n` units.
    pub fn beyond(low: f64, n: u64, reason: impl Into<String>) -> Estimate {
        Estimate { value: None, low: Some(low), high: None, n, state: State::Bound, reason: Some(reason.into()) }
    }

    /// Certainly beyond every number, however large, while all that has one is at most `most`; from `n` units.
    pub fn beyond_all(most: f64, n: u64, reason: impl Into<String>) -> Estimate {
        Estimate { state: State::Beyond, ..Estimate::beyond(most, n, reason) }
    }

    /// Half the width of the interval, if there is one.
    pub fn half_width(&self) -> Option<f64> {
        Some(0.5 * (self.high? - self.low?))
    }

    /// The same quantity in another unit, `factor` (above 0) times as many.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Estimate {
        debug_assert!(factor > 0.0, "a unit is a positive multiple of another");
        let times = |v: Option<f64>| v.map(|v| v * factor);
        Estimate { value: times(self.value), low: times(self.low), high: times(self.high), ..self.clone() }
    }

    /// The same estimate of what cannot be negative: its interval ends at 0.
    #[must_use]
    pub fn not_negative(self) -> Estimate {
        Estimate { low: self.low.map(|low| low.max(0.0)), ..self }
    }

    /// The same estimate of the largest of several, of which `mean` is the mean: no end lies below the mean's.
    #[must_use]
    pub fn no_less_than(self, mean: &Estimate) -> Estimate {
        let most = |mine: Option<f64>, other: Option<f64>| mine.map(|mine| other.map_or(mine, |other| mine.max(other)));
        // What is not known of the mean is not known of the largest either.
        let high = mean.high.and(most(self.high, mean.high));
        let (value, low) = (most(self.value, mean.value), most(self.low, mean.low));
        Estimate { value, low, high, ..self }
    }

    /// One minus the quantity, with the interval turned round: a failed share from a good one.
    #[must_use]
    pub fn complement(&self) -> Estimate {
        let rest = |v: Option<f64>| v.map(|v| 1.0 - v);
        Estimate { value: rest(self.value), low: rest(self.high), high: rest(self.low), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_the_constructors() {
        assert_eq!(Estimate::exact(3.0).half_width(), Some(0.0));
        assert_eq!(Estimate::null("nobody asked").state, State::Null);
        assert_eq!(Estimate::symmetric(3.0, 1.0, 5).half_width(), Some(1.0));
        assert_eq!(Estimate::without_interval(3.0, 1, "alone").half_width(), None);
    }

    #[test]
    fn other_units_and_complements() {
        let share = Estimate::between(0.25, 0.125, 0.5, 9);
        assert_eq!(share.scaled(100.0).high, Some(50.0));
        let rest = share.complement();
        assert_eq!((rest.low, rest.value, rest.high), (Some(0.5), Some(0.75), Some(0.875)));
        assert_eq!(Estimate::null("x").scaled(2.0), Estimate::null("x"));
        assert_eq!(Estimate::symmetric(1.0, 3.0, 5).not_negative().low, Some(0.0));
        let largest = Estimate::symmetric(5.0, 3.0, 5).no_less_than(&Estimate::symmetric(5.0, 1.0, 5));
        assert_eq!((largest.low, largest.value, largest.high), (Some(4.0), Some(5.0), Some(8.0)));
        assert_eq!(largest.no_less_than(&Estimate { high: None, ..Estimate::exact(4.0) }).high, None);
    }
}
