//! Whether a number keeps a limit, when the number is only known to an interval.

use super::estimate::{Estimate, State};

/// What a number must not pass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Threshold {
    /// Not above.
    AtMost(f64),
    /// Not below.
    AtLeast(f64),
}

/// How a number stands to its threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judgement {
    /// The whole interval satisfies it.
    Kept,
    /// None of the interval does.
    Breached,
    /// The interval straddles it, or there is no interval.
    Undecided,
    /// There is no such number.
    NotMeasured,
}

/// Judges a number by its whole interval.
///
/// # Example
/// ```
/// use cellsim::engine::stats::{Estimate, Judgement, Threshold, verdict};
/// let harmed = Estimate::symmetric(48.0, 3.0, 20);
/// assert_eq!(verdict(&harmed, Threshold::AtMost(51.0)), Judgement::Kept);
/// assert_eq!(verdict(&harmed, Threshold::AtMost(50.0)), Judgement::Undecided);
/// assert_eq!(verdict(&harmed, Threshold::AtMost(44.0)), Judgement::Breached);
/// ```
pub fn verdict(estimate: &Estimate, threshold: Threshold) -> Judgement {
    if estimate.state == State::Beyond {
        return match threshold {
            Threshold::AtMost(_) => Judgement::Breached,
            Threshold::AtLeast(_) => Judgement::Kept,
        };
    }
    if estimate.state == State::Null || estimate.value.is_none() && estimate.state != State::Bound {
        return Judgement::NotMeasured;
    }
    // An end that is not known may lie anywhere.
    let low = estimate.low.unwrap_or(f64::NEG_INFINITY);
    let high = estimate.high.unwrap_or(f64::INFINITY);
    let (kept, breached) = match threshold {
        Threshold::AtMost(limit) => (high <= limit, low > limit),
        Threshold::AtLeast(limit) => (low >= limit, high < limit),
    };
    if kept {
        Judgement::Kept
    } else if breached {
        Judgement::Breached
    } else {
        Judgement::Undecided
    }
}

/// About how many more replications would decide, if the number stays where it is; `None` if no number of them is in sight.
///
/// A half-width shrinks with the root of the replications; a one-sided bound on a share as alpha^(1/R).
///
/// # Example
/// ```
/// use cellsim::engine::stats::{Estimate, Threshold, replications_to_decide};
/// // 4 wide to each side, 2 away from the limit: four times the 20 replications.
/// let harmed = Estimate::symmetric(48.0, 4.0, 20);
/// assert_eq!(replications_to_decide(&harmed, Threshold::AtMost(50.0)), Some(60));
/// ```
pub fn replications_to_decide(estimate: &Estimate, threshold: Threshold) -> Option<u64> {
    if verdict(estimate, threshold) != Judgement::Undecided {
        return None;
    }
    let (value, low, high) = (estimate.value?, estimate.low?, estimate.high?);
    let (Threshold::AtMost(limit) | Threshold::AtLeast(limit)) = threshold;
    let n = estimate.n as f64;
    let needed = if estimate.state == State::Bound {
        // (1 - bound)^R = alpha, on whichever side the bound is.
        let (now, wanted) = if value == 0.0 { (1.0 - high, 1.0 - limit) } else { (low, limit) };
        n * libm::log(now) / libm::log(wanted)
    } else {
        let half_width = if limit > value { high - value } else { value - low };
        let ratio = half_width / (limit - value).abs();
        n * ratio * ratio
    };
    // Beyond this nobody waits, and a limit equal to the value is out of reach altogether.
    if !(0.0..=1e9).contains(&needed) {
        return None;
    }
    Some(((needed - n).ceil() as u64).max(1))
}

#[cfg(test)]
mod tests {
    use super::super::proportion;
    use super::*;

    #[test]
    fn exact_values_compare_directly() {
        let fifty = Estimate::exact(50.0);
        assert_eq!(verdict(&fifty, Threshold::AtMost(50.0)), Judgement::Kept);
        assert_eq!(verdict(&fifty, Threshold::AtLeast(50.0)), Judgement::Kept);
        assert_eq!(verdict(&fifty, Threshold::AtMost(49.0)), Judgement::Breached);
        assert_eq!(verdict(&fifty, Threshold::AtLeast(51.0)), Judgement::Breached);
    }

    #[test]
    fn no_number_and_no_interval() {
        assert_eq!(verdict(&Estimate::null("why"), Threshold::AtMost(1.0)), Judgement::NotMeasured);
        let longer = Estimate::beyond(5.0, 9, "nobody watched longer");
        assert_eq!(verdict(&longer, Threshold::AtMost(4.0)), Judgement::Breached);
        assert_eq!(verdict(&longer, Threshold::AtMost(6.0)), Judgement::Undecided);
        assert_eq!(verdict(&longer, Threshold::AtLeast(4.0)), Judgement::Kept);
        // Beyond everything, a limit beyond all that was seen included.
        let failed = Estimate::beyond_all(5.0, 9, "it fails");
        assert_eq!(verdict(&failed, Threshold::AtMost(6.0)), Judgement::Breached);
        assert_eq!(verdict(&failed, Threshold::AtLeast(6.0)), Judgement::Kept);
        let alone = Estimate::without_interval(0.5, 1, "alone");
        assert_eq!(verdict(&alone, Threshold::AtMost(1.0)), Judgement::Undecided);
        assert_eq!(replications_to_decide(&alone, Threshold::AtMost(1.0)), None);
    }

    #[test]
    fn bounds_use_their_one_side() {
        let never = proportion(&[(0.0, 9.0); 20], 0.95); // 0 to 0.139
        assert_eq!(verdict(&never, Threshold::AtMost(0.14)), Judgement::Kept);
        assert_eq!(verdict(&never, Threshold::AtMost(0.05)), Judgement::Undecided);
        assert_eq!(verdict(&never, Threshold::AtLeast(0.2)), Judgement::Breached);
        // ln 0.05 / ln 0.95 = 58.4: 59 replications in all.
        assert_eq!(replications_to_decide(&never, Threshold::AtMost(0.05)), Some(39));
        let always = never.complement();
        assert_eq!(replications_to_decide(&always, Threshold::AtLeast(0.95)), Some(39));
        assert_eq!(replications_to_decide(&always, Threshold::AtLeast(1.0)), None);
    }

    #[test]
    fn a_limit_at_the_value_is_never_decided() {
        let estimate = Estimate::symmetric(5.0, 1.0, 10);
        assert_eq!(replications_to_decide(&estimate, Threshold::AtMost(5.0)), None);
        assert_eq!(replications_to_decide(&estimate, Threshold::AtMost(6.5)), None, "decided already");
    }
}
