//! Who looks again and again until all is decided errs no more often than who looks once.

use cellsim::engine::rng::Stream;
use cellsim::engine::stats::{Judgement, Threshold, mean, verdict};
use cellsim::experiment::Until;

use crate::anchored::{seldom, share_kept};
use crate::coverage::gauss;

const LOOKING: Until = Until::Decided { at_most: 1000 };

/// Whether the first look that decides keeps a limit that the truth just misses.
fn falsely_kept(mut stream: Stream, share_of_error: f64) -> bool {
    let (mut values, confidence) = (Vec::new(), 1.0 - share_of_error * 0.05);
    for checkpoint in LOOKING.checkpoints(0) {
        values.resize_with(checkpoint as usize, || gauss(&mut stream));
        match verdict(&mean(&values, confidence), Threshold::AtMost(0.0)) {
            Judgement::Kept => return true,
            Judgement::Breached => return false,
            Judgement::Undecided | Judgement::NotMeasured => {}
        }
    }
    false
}

#[test]
fn a_limit_that_the_truth_misses_is_seldom_kept_by_looking_often() {
    seldom("kept by looking ten times", 400, 0.025, |stream| falsely_kept(stream, LOOKING.share_of_error()));
    let plain = share_kept("the same, each time at the nominal confidence", 400, |stream| falsely_kept(stream, 1.0));
    assert!(plain > 0.05, "the test can tell: {plain}");
}

#[test]
fn who_looks_once_judges_at_the_nominal_confidence() {
    assert_eq!(Until::Decided { at_most: 30 }.share_of_error(), 1.0);
    assert_eq!(LOOKING.share_of_error(), 0.1);
    assert_eq!(Until::Done.share_of_error(), 1.0);
}
