//! What Student's t cannot know: a way of the platform, such as a retry storm, that none of so few runs fell into.

use crate::catalogue::{Metric, Subject};
use crate::engine::stats::{Estimate, State};
use crate::number;

/// A mode that is rarer than this is not spoken of.
const RARE: f64 = 0.01;

/// Returns whether a number averages many requests, so that its interval comes from how far the runs differ from each other.
pub(super) fn averages(subject: &Subject, estimate: &Estimate) -> bool {
    let of_requests = matches!(
        subject.metric,
        Metric::Latency
            | Metric::OkLatency
            | Metric::RouterLatency
            | Metric::RetryAmplification
            | Metric::CallAmplification
            | Metric::ErrorShare
            | Metric::AttemptRate
            | Metric::Goodput
            | Metric::HitRatio
            | Metric::StoreLoad
            | Metric::Utilization
            | Metric::Wait
            | Metric::QueueLength
    );
    of_requests && estimate.state == State::Estimate
}

/// Says how rare a mode may be that so many runs would have missed, if that matters.
pub(super) fn missed(runs: u32, confidence: f64) -> Option<String> {
    let share = 1.0 - libm::pow(1.0 - confidence, 1.0 / f64::from(runs));
    (runs > 1 && share >= RARE).then(|| {
        format!(
            "A mode that appears in fewer than {} of replications would not have been seen ({} replications).",
            number::rough_percent(share),
            number::whole(u64::from(runs))
        )
    })
}

#[cfg(test)]
mod tests {
    use super::missed;

    #[test]
    fn few_runs_miss_what_is_not_rare() {
        let of = |runs| missed(runs, 0.95).map(|text| text[..text.find(" of replications").unwrap_or(0)].to_owned());
        assert_eq!(of(20).as_deref(), Some("A mode that appears in fewer than 14 %"));
        assert_eq!(of(5).as_deref(), Some("A mode that appears in fewer than 45 %"));
        assert_eq!((of(1), of(300)), (None, None));
    }
}
