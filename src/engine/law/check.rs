//! Which parameters make a law.

use super::kinds::Law;
use crate::engine::special::normal;

impl Law {
    /// Tells whether the parameters make a law with a finite mean.
    ///
    /// # Errors
    /// A lower-case message that says what to write instead.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Law::Constant(value) => not_negative("the constant", *value),
            Law::Exponential { mean } => positive("the mean", *mean),
            Law::Uniform { low, high } => {
                not_negative("the lower bound", *low)?;
                not_negative("the upper bound", *high)?;
                if low > high { Err(format!("write the bounds in order: {low} is above {high}")) } else { Ok(()) }
            }
            Law::TruncatedNormal { mean, deviation, low, high } => truncated(*mean, *deviation, *low, *high),
            Law::LogNormal { mu, sigma } => {
                finite("the mean of the logarithm", *mu)?;
                positive("the standard deviation of the logarithm", *sigma)?;
                at_most("the standard deviation of the logarithm", *sigma, 10.0)
            }
            Law::Gamma { shape, scale } => {
                positive("the shape", *shape)?;
                at_least("the shape", *shape, 0.01)?;
                at_most("the shape", *shape, 1e5)?;
                positive("the scale", *scale)
            }
            Law::Weibull { shape, scale } => {
                positive("the shape", *shape)?;
                at_least("the shape", *shape, 0.05)?;
                positive("the scale", *scale)
            }
            Law::Pareto { low, shape } => {
                positive("the least value", *low)?;
                positive("the shape", *shape)?;
                if *shape <= 1.0 {
                    return Err(format!("a Pareto law of shape {shape} has no mean: give a shape above 1"));
                }
                Ok(())
            }
            Law::Hyperexponential(phases) => hyperexponential(phases),
            Law::Triangular { low, mode, high } => {
                not_negative("the least value", *low)?;
                finite("the greatest value", *high)?;
                if low < high && (low..=high).contains(&mode) {
                    Ok(())
                } else {
                    Err(format!("write the corners in order: {low}, {mode}, {high} are not"))
                }
            }
            Law::Empirical(knots) => empirical(knots),
            Law::Measured(measured) => {
                let values = measured.values();
                if values.is_empty() {
                    return Err("give at least one measured value".into());
                }
                values.iter().try_for_each(|value| not_negative("a measured value", *value))
            }
        }
    }
}

fn finite(what: &str, value: f64) -> Result<(), String> {
    if value.is_finite() { Ok(()) } else { Err(format!("{what} must be a finite number, not {value}")) }
}

fn not_negative(what: &str, value: f64) -> Result<(), String> {
    finite(what, value)?;
    if value < 0.0 { Err(format!("{what} must not be negative, but is {value}")) } else { Ok(()) }
}

fn positive(what: &str, value: f64) -> Result<(), String> {
    finite(what, value)?;
    if value <= 0.0 { Err(format!("{what} must be above 0, but is {value}")) } else { Ok(()) }
}

fn at_least(what: &str, value: f64, least: f64) -> Result<(), String> {
    if value < least { Err(format!("{what} must be at least {least}, but is {value}")) } else { Ok(()) }
}

fn at_most(what: &str, value: f64, most: f64) -> Result<(), String> {
    if value > most { Err(format!("{what} must be at most {most}, but is {value}")) } else { Ok(()) }
}

fn truncated(mean: f64, deviation: f64, low: f64, high: f64) -> Result<(), String> {
    finite("the mean", mean)?;
    positive("the standard deviation", deviation)?;
    not_negative("the lower bound", low)?;
    if high.is_nan() || high <= low {
        return Err(format!("the upper bound must be above the lower bound {low}, but is {high}"));
    }
    let (a, b) = ((low - mean) / deviation, (high - mean) / deviation);
    let kept = if a > 0.0 { normal::above(a) - normal::above(b) } else { normal::below(b) - normal::below(a) };
    if kept < 1e-9 {
        return Err("the bounds keep less than one in 1e9 of the normal: bring them nearer to its mean".into());
    }
    Ok(())
}

fn hyperexponential(phases: &[(f64, f64)]) -> Result<(), String> {
    if phases.is_empty() {
        return Err("give at least one phase: a probability and a mean".into());
    }
    let mut sum = 0.0;
    for (probability, mean) in phases {
        positive("a phase's probability", *probability)?;
        positive("a phase's mean", *mean)?;
        sum += probability;
    }
    if (sum - 1.0).abs() > 1e-9 {
        return Err(format!("the phases' probabilities must add up to 1, not {sum}"));
    }
    Ok(())
}

fn empirical(knots: &[(f64, f64)]) -> Result<(), String> {
    let (Some(first), Some(last)) = (knots.first(), knots.last()) else {
        return Err("give at least two quantiles, at probability 0 and 1".into());
    };
    if first.0 != 0.0 || last.0 != 1.0 {
        return Err(format!("quantiles must run from probability 0 to 1, not from {} to {}", first.0, last.0));
    }
    for (probability, value) in knots {
        finite("a quantile's probability", *probability)?;
        not_negative("a quantile", *value)?;
    }
    for pair in knots.windows(2) {
        if pair[1].0 <= pair[0].0 {
            return Err(format!("probabilities must increase: {} does not lie above {}", pair[1].0, pair[0].0));
        }
        if pair[1].1 < pair[0].1 {
            return Err(format!("quantiles must not decrease: {} comes after {}", pair[1].1, pair[0].1));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::measured::Measured;
    use super::*;

    #[test]
    fn every_kind_passes_with_sound_parameters() {
        for law in super::super::kinds::one_of_each() {
            assert_eq!(law.check(), Ok(()), "{law:?}");
        }
    }

    #[test]
    fn unsound_parameters_are_refused_with_advice() {
        let cases = [
            (Law::Constant(-1.0), "must not be negative"),
            (Law::Constant(f64::NAN), "must be a finite number"),
            (Law::Exponential { mean: 0.0 }, "must be above 0"),
            (Law::Uniform { low: 3.0, high: 2.0 }, "write the bounds in order"),
            (Law::TruncatedNormal { mean: 1.0, deviation: 1.0, low: 2.0, high: 2.0 }, "must be above the lower bound"),
            (Law::TruncatedNormal { mean: 1.0, deviation: 0.1, low: 9.0, high: 10.0 }, "nearer to its mean"),
            (Law::LogNormal { mu: 1.0, sigma: 11.0 }, "at most 10"),
            (Law::Gamma { shape: -1.0, scale: 1.0 }, "above 0"),
            (Law::Weibull { shape: 0.01, scale: 1.0 }, "at least 0.05"),
            (Law::Pareto { low: 1.0, shape: 1.0 }, "give a shape above 1"),
            (Law::Hyperexponential(vec![]), "at least one phase"),
            (Law::Hyperexponential(vec![(0.5, 1.0)]), "add up to 1"),
            (Law::Triangular { low: 1.0, mode: 3.0, high: 2.0 }, "in order"),
            (Law::Measured(Measured::new(vec![])), "at least one"),
            (Law::Measured(Measured::new(vec![1.0, -1.0])), "must not be negative"),
            (Law::Empirical(vec![]), "at least two quantiles"),
            (Law::Empirical(vec![(0.0, 1.0), (0.9, 2.0)]), "from probability 0 to 1"),
            (Law::Empirical(vec![(0.0, 1.0), (0.5, 0.5), (1.0, 2.0)]), "must not decrease"),
            (Law::Empirical(vec![(0.0, 1.0), (0.5, 1.5), (0.5, 1.7), (1.0, 2.0)]), "probabilities must increase"),
        ];
        for (law, advice) in cases {
            let message = law.check().expect_err("refused");
            assert!(message.contains(advice), "{law:?}: {message}");
        }
    }
}
