//! Hedges: further copies of an attempt, sent because the ones before take long; the first answer counts.
//!
//! All copies are attempts with the same patience, joined while at least two are under way (see
//! [`Joins`](crate::world::requests::call::join::Joins)). A copy that fails leaves the attempt to the others; an answer, or the end of
//! the client's patience, makes the others orphans: wasted work. The clock for the next copy runs from when the last one was sent,
//! and stops if that one fails.
//!
//! # References
//! Dean, Barroso 2013: *The tail at scale*.

use crate::scenario::client::{Client, Hedge};
use crate::units::Nanos;
use crate::world::requests::attempt::{Attempt, AttemptId, Phase};

/// Returns whether the client waits for this attempt: only then the clock for its next copy runs.
pub fn is_under_way(attempt: &Attempt) -> bool {
    attempt.has_client() && !matches!(attempt.phase, Phase::Free | Phase::Pause | Phase::Dead)
}

/// Returns whether a client sends a further copy now: this attempt began long enough ago, and is the last of those under way. Records
/// are used again: the question may be about an attempt that is over.
pub fn is_due(client: &Client, id: AttemptId, attempt: &Attempt, joined: &[AttemptId], now: Nanos) -> bool {
    let is_time = |hedge: Hedge| attempt.started + hedge.after == now && attempt.copy < hedge.copies;
    client.hedge.is_some_and(is_time) && is_under_way(attempt) && joined.last().is_none_or(|&last| last == id)
}

/// Returns when the attempt began, of which this record is perhaps a later copy.
pub fn first_began(client: &Client, attempt: &Attempt) -> Nanos {
    client.hedge.map_or(attempt.started, |hedge| attempt.started - hedge.after * Nanos::from(attempt.copy))
}

#[cfg(test)]
mod tests {
    use super::super::retry::tests::client;
    use super::*;
    use crate::engine::rng::Key;
    use crate::world::requests::demand::arrivals::Arrival;

    const ID: AttemptId = AttemptId(7);

    fn attempt() -> Attempt {
        let mut attempt = Attempt::new(&Arrival { at: 50, key: Key(1), sub: 0, class: 0, surge: false });
        attempt.begin(50, 0, 80);
        attempt
    }

    #[test]
    fn a_copy_is_sent_when_the_last_one_takes_long() {
        let attempt = attempt();
        assert!(is_due(&client(), ID, &attempt, &[], 55) && !is_due(&client(), ID, &attempt, &[], 56));
        assert!(!is_due(&client(), ID, &attempt, &[ID, AttemptId(1)], 55), "another one was sent since");
        let second = attempt.copied(55, 0, false);
        assert!(is_due(&client(), ID, &second, &[AttemptId(1), ID], 60));
        let third = second.copied(60, 0, false);
        assert!(!is_due(&client(), ID, &third, &[ID], 65), "two copies at most");
        assert_eq!(first_began(&client(), &third), 50);
    }

    #[test]
    fn nothing_is_sent_for_what_is_over() {
        let mut attempt = attempt();
        for phase in [Phase::Free, Phase::Pause, Phase::Dead] {
            attempt.phase = phase;
            assert!(!is_due(&client(), ID, &attempt, &[], 55));
        }
        attempt.phase = Phase::Lost;
        assert!(is_under_way(&attempt), "the client does not know");
        attempt.orphan();
        assert!(!is_due(&client(), ID, &attempt, &[], 55) && !is_under_way(&attempt));
    }
}
