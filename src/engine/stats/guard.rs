//! Means over histories of what rare strikes may change: Student's t believes that what has not been seen is not there.
//!
//! # Model
//! Of a strike it is known, from its clock alone, how likely it is that a history has one, and what share of the whole it can reach.
//! The mean is that of histories without rare strikes plus what these change in the mean. What they change lies, in each history,
//! within the share that is reached times what is possible. Hence three parts, added:
//!
//! - histories that no rare strike met: the interval that the number has anyway;
//! - histories that one met: their probability times bounds of the mean change, with one more observation at either end of what is
//!   possible ([`anchored`](super::anchored)), however alike they are;
//! - strikes that no history had: their probability times what is possible.
//!
//! Which histories were struck says nothing about the mean, since the clocks are known: it is lawful to sort by it
//! (post-stratification, Holt and Smith 1979, Journal of the Royal Statistical Society A 142).

use super::anchored::low;
use super::compare::paired_p_value;
use super::estimate::{Estimate, State};
use super::interval::mean;

/// So large a part of an interval that comes from what was never seen makes a bound of it.
const MATTERS: f64 = 0.05;

/// What rare strikes did in some histories, and might do in others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Guard {
    /// By history: the share of the whole that rare strikes reached in it; `None` where there were none.
    pub struck: Vec<Option<f64>>,
    /// Probability that a history has one of the rare strikes that were seen.
    pub chance: f64,
    /// The share that they then reach, in the mean.
    pub reach: f64,
    /// The share that strikes reach, in the mean over all histories, of which none was seen.
    pub unseen: f64,
    /// Which those are, and how likely.
    pub reason: String,
    /// What a history with one has more of the whole than others, so that what is counted may exceed what others can have.
    pub brings: f64,
}

impl Guard {
    /// Returns whether nothing is rare.
    pub fn is_idle(&self) -> bool {
        self.unseen == 0.0 && self.chance == 0.0
    }

    /// Returns the same where only a share of the whole is counted, so that what is reached may be a larger part of it.
    #[must_use]
    pub fn of_share(&self, counted: f64) -> Guard {
        let of = |share: f64| if share > 0.0 { (share / counted).min(1.0) } else { 0.0 };
        Guard {
            struck: self.struck.iter().map(|share| share.map(of)).collect(),
            reach: of(self.reach),
            unseen: of(self.unseen),
            ..self.clone()
        }
    }

    /// Returns the same for two designs at once.
    #[must_use]
    pub fn and(&self, other: &Guard) -> Guard {
        let either = |at: usize| match [self, other].map(|one| one.struck.get(at).copied().flatten()) {
            [Some(a), Some(b)] => Some(a.max(b)),
            [a, b] => a.or(b),
        };
        let chance = 1.0 - (1.0 - self.chance) * (1.0 - other.chance);
        let reached = self.chance * self.reach + other.chance * other.reach;
        Guard {
            struck: (0..self.struck.len().max(other.struck.len())).map(either).collect(),
            chance,
            reach: if chance > 0.0 { (reached / chance).min(1.0) } else { 0.0 },
            unseen: (self.unseen + other.unseen).min(1.0),
            brings: self.brings.max(other.brings),
            reason: match [self.reason.as_str(), &other.reason] {
                [one, ""] | ["", one] => one.to_owned(),
                [one, same] if one == same => one.to_owned(),
                [one, two] => format!("{one}; {two}"),
            },
        }
    }

    /// Returns the share of the whole that may be other than what was seen, at this confidence.
    pub fn not_seen(&self, confidence: f64) -> f64 {
        let units = self.struck.iter().flatten().count() as f64;
        let more = if units > 0.0 { 1.0 - libm::pow(1.0 - confidence, 1.0 / units) } else { 0.0 };
        (self.unseen + self.chance * self.reach * more).min(1.0)
    }

    /// Estimates the ratio of sums of `pairs`, one for each history in their order, that lies within `range` whatever strikes: `of`
    /// finds its interval where nothing is rare. An end of the range may be infinite: that of the interval is then open.
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::stats::{Guard, mean};
    /// // One history in a hundred fails altogether; none of these did.
    /// let guard = Guard { struck: vec![None; 3], unseen: 0.01, ..Guard::default() };
    /// let ok = [(100.0, 1.0), (100.0, 1.0), (100.0, 1.0)];
    /// let values = |pairs: &[(f64, f64)]| mean(&pairs.iter().map(|pair| pair.0).collect::<Vec<_>>(), 0.95);
    /// let found = guard.ratio(&ok, (0.0, 100.0), 0.95, values);
    /// assert_eq!((found.low, found.high), (Some(99.0), Some(100.0)));
    /// ```
    pub fn ratio(
        &self,
        pairs: &[(f64, f64)],
        (least, most): (f64, f64),
        confidence: f64,
        of: impl Fn(&[(f64, f64)]) -> Estimate,
    ) -> Estimate {
        let all = of(pairs);
        if self.is_idle() || all.low.is_none() && all.high.is_none() {
            return all;
        }
        let is_struck = |at: usize| self.struck.get(at).copied().flatten();
        let calm: Vec<(f64, f64)> =
            pairs.iter().enumerate().filter(|(at, _)| is_struck(*at).is_none()).map(|(_, pair)| *pair).collect();
        let apart = Some(of(&calm)).filter(|calm| calm.value.is_some() && calm.low.is_some());
        let parts_with = apart.is_some();
        let base = apart.unwrap_or_else(|| all.clone());
        let (Some(centre), Some(bottom)) = (base.value, base.low) else { return all };
        let whole = pairs.iter().map(|pair| pair.1).sum::<f64>() / pairs.len() as f64;
        let (down, up) = ((centre - least).max(0.0), (most - centre).max(0.0));
        let struck = || pairs.iter().enumerate().filter_map(|(at, pair)| is_struck(at).map(|share| (share, pair)));
        let changes: Vec<(f64, f64)> = match parts_with {
            true => struck().map(|(share, pair)| (share, (pair.0 - centre * pair.1) / whole)).collect(),
            false => Vec::new(),
        };
        let level = 0.5 * (1.0 - confidence);
        // The mean change of histories that were struck, between what is possible below and above.
        let change = |room: f64, sign: f64| {
            let spared: Vec<f64> =
                changes.iter().map(|(share, change)| (share * room - sign * change).max(0.0)).collect();
            sign * self.chance * (self.reach * room - low(&spared, level))
        };
        let seen = match changes.is_empty() {
            true => [0.0; 2],
            false => [change(down, -1.0), if up.is_finite() { change(up, 1.0) } else { 0.0 }],
        };
        let unseen = [-self.unseen * down, self.unseen * up];
        let value = all.value.unwrap_or(centre);
        // The range is that of a mean: an interval that reaches beyond, by the noise of what it is a part of, stays as it is.
        let low = (bottom + seen[0] + unseen[0]).max(least.min(bottom)).min(value);
        let is_open = up.is_infinite();
        let high =
            base.high.filter(|_| !is_open).map(|high| (high + seen[1] + unseen[1]).min(most.max(high)).max(value));
        let found = Estimate { value: Some(value), low: Some(low), high, ..all };
        let width = high.map_or(f64::INFINITY, |high| high - low);
        let grown = unseen[1] - unseen[0];
        if self.unseen == 0.0 || !is_open && grown <= MATTERS * width {
            let state = if found.high.is_none() { State::Bound } else { found.state };
            return Estimate { state, reason: found.reason.or_else(|| (is_open).then(|| self.open_reason())), ..found };
        }
        let reasons: Vec<&str> = [self.reason.as_str()].into_iter().chain(found.reason.as_deref()).collect();
        Estimate { state: State::Bound, reason: Some(reasons.join("; ")), ..found }
    }

    fn open_reason(&self) -> String {
        let struck = self.struck.iter().flatten().count();
        format!("what is rare met {struck} of {} replications: too few to tell how far it may go", self.struck.len())
    }

    /// Mean over histories of what lies within `range` in each.
    pub fn mean(
        &self,
        values: &[f64],
        range: (f64, f64),
        confidence: f64,
        of: impl Fn(&[f64]) -> Estimate,
    ) -> Estimate {
        let pairs: Vec<(f64, f64)> = values.iter().map(|&value| (value, 1.0)).collect();
        self.ratio(&pairs, range, confidence, |pairs| of(&pairs.iter().map(|pair| pair.0).collect::<Vec<_>>()))
    }

    /// Mean of a - b over histories of two designs, pair by pair, within `range`, and the probability that chance alone moves it so
    /// far from 0.
    pub fn paired(&self, a: &[f64], b: &[f64], range: (f64, f64), confidence: f64) -> (Estimate, f64) {
        let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
        let at = |confidence: f64| self.mean(&differences, range, confidence, |values| mean(values, confidence));
        if self.is_idle() {
            return (at(confidence), paired_p_value(a, b));
        }
        let excludes = |level: f64| {
            let found = at(1.0 - level);
            found.low.is_some_and(|low| low > 0.0) || found.high.is_some_and(|high| high < 0.0)
        };
        let (mut below, mut above): (f64, f64) = (-30.0, 0.0);
        if !excludes(0.999) {
            return (at(confidence), 1.0);
        }
        for _ in 0..30 {
            let middle = 0.5 * (below + above);
            if excludes(libm::exp(middle)) { above = middle } else { below = middle }
        }
        (at(confidence), libm::exp(above))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn t(values: &[f64]) -> Estimate {
        mean(values, 0.95)
    }

    #[test]
    fn what_was_not_seen_counts_as_far_as_it_can() {
        let values: Vec<f64> = (0..20).map(|i| 10.0 + 0.01 * f64::from(i % 3)).collect();
        let guard = Guard { struck: vec![None; 20], unseen: 0.02, reason: "outage".to_owned(), ..Guard::default() };
        let (plain, found) = (t(&values), guard.mean(&values, (0.0, 60.0), 0.95, t));
        let x = plain.value.unwrap();
        assert!((found.high.unwrap() - (plain.high.unwrap() + 0.02 * (60.0 - x))).abs() < 1e-9);
        assert!((found.low.unwrap() - (plain.low.unwrap() - 0.02 * x)).abs() < 1e-9);
        assert_eq!((found.state, found.reason.as_deref(), found.value), (State::Bound, Some("outage"), plain.value));
        assert_eq!(Guard::default().mean(&values, (0.0, 60.0), 0.95, t), plain);
        let open = guard.mean(&values, (0.0, f64::INFINITY), 0.95, t);
        assert_eq!((open.high, open.state), (None, State::Bound));
    }

    #[test]
    fn few_strikes_are_bounded_by_their_own_probability() {
        // One of 20 histories had a strike, which comes in 2 of 100, at its very end: nothing shows.
        let mut struck = vec![None; 20];
        struck[7] = Some(1.0);
        let guard = Guard { struck, chance: 0.02, reach: 1.0, ..Guard::default() };
        let found = guard.mean(&[0.0; 20], (0.0, 1.0), 0.95, t);
        assert!((found.high.unwrap() - 0.02 * 0.975).abs() < 1e-9, "{found:?}");
        assert_eq!(found.low, Some(0.0));
        // It reaches a tenth only.
        let tenth = Guard { reach: 0.1, struck: guard.struck.iter().map(|one| one.map(|_| 0.1)).collect(), ..guard };
        assert!((tenth.mean(&[0.0; 20], (0.0, 1.0), 0.95, t).high.unwrap() - 0.002 * 0.975).abs() < 1e-9);
    }

    #[test]
    fn two_designs_that_met_nothing_are_not_the_same() {
        let guard = Guard { struck: vec![None; 20], unseen: 0.1, ..Guard::default() };
        let both = guard.and(&guard);
        let (difference, p) = both.paired(&[0.0; 20], &[0.0; 20], (-1.0, 1.0), 0.95);
        assert_eq!((difference.low, difference.high, p), (Some(-0.2), Some(0.2), 1.0));
        let (difference, p) = both.paired(&[2.0; 20], &[1.0; 20], (-1.0, 3.0), 0.95);
        assert!(difference.low.unwrap() > 0.5 && p < 1e-6, "{difference:?} {p}");
    }
}
