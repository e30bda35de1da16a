//! Retries: what a client does when its attempt has failed.

use super::backoff;
use super::budget::Budgets;
use crate::engine::rng::Slot;
use crate::scenario::client::Client;
use crate::units::Nanos;
use crate::world::requests::attempt::Request;

const PAUSE: Slot = Slot::named("client/pause");

/// What a client does when its attempt has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It tries again then.
    TriesAgain(Nanos),
    /// The request is over.
    GivesUp,
}

/// Decides it, now: a retry must begin before the deadline, and there must be a token for it.
pub fn decide(client: &Client, request: &Request, now: Nanos, budgets: &mut Budgets) -> Decision {
    let next = request.tries.saturating_add(1);
    if next > client.attempts {
        return Decision::GivesUp;
    }
    let at = now + backoff::pause(&client.backoff, next, |attempt| request.key_of_attempt(attempt).draw(PAUSE));
    let mut granted = || client.retry_budget.is_none() || budgets.spend(request.sub);
    if at < request.arrival + client.deadline && granted() { Decision::TriesAgain(at) } else { Decision::GivesUp }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::engine::rng::Key;
    use crate::scenario::client::{Backoff, Growth, Hedge, Jitter, RetryBudget};

    /// Three attempts, 10 apart, within 100.
    pub(in crate::world::requests::client) fn client() -> Client {
        let backoff = Backoff { growth: Growth::Constant, first: 10, max: 10, jitter: Jitter::None };
        let hedge = Some(Hedge { after: 5, copies: 2 });
        Client { timeout: 30, deadline: 100, attempts: 3, backoff, retry_budget: None, hedge, remembers_cell: false }
    }

    fn request(tries: u8) -> Request {
        Request { key: Key(1), arrival: 1000, sub: 0, class: 0, tries, is_surge: false }
    }

    #[test]
    fn tries_again_until_the_attempts_or_the_time_are_used_up() {
        let decide = |tries, now| decide(&client(), &request(tries), now, &mut Budgets::default());
        assert_eq!(decide(1, 1030), Decision::TriesAgain(1040));
        assert_eq!(decide(2, 1089), Decision::TriesAgain(1099));
        assert_eq!(decide(2, 1090), Decision::GivesUp, "the deadline would have passed");
        assert_eq!(decide(3, 1030), Decision::GivesUp);
    }

    #[test]
    fn a_retry_that_comes_too_late_spends_nothing() {
        let budget = RetryBudget { ratio: 1.0, burst: 1.0 };
        let client = Client { retry_budget: Some(budget), ..client() };
        let mut budgets = super::super::budget::tests::of_one();
        budgets.earn(0, &client);
        assert_eq!(decide(&client, &request(1), 1095, &mut budgets), Decision::GivesUp);
        assert_eq!(decide(&client, &request(1), 1030, &mut budgets), Decision::TriesAgain(1040));
        assert_eq!(decide(&client, &request(1), 1030, &mut budgets), Decision::GivesUp, "the token is spent");
    }
}
