//! Retry budgets: tokens that requests earn and retries spend, for each subscription.

use crate::scenario::client::Client;
use crate::world::platform::population::SubId;
use crate::world::requests::setting::Setting;

/// Retry tokens of each subscription; empty if no client has a budget.
#[derive(Debug, Clone, Default)]
pub struct Budgets(Vec<f64>);

impl Budgets {
    /// Returns as many tokens as the buckets hold.
    pub fn full(setting: &Setting) -> Budgets {
        let classes = &setting.platform.classes;
        if classes.iter().all(|class| class.client.retry_budget.is_none()) {
            return Budgets::default();
        }
        let burst = |class: usize| classes[class].client.retry_budget.map_or(0.0, |budget| budget.burst);
        // Subscriptions are in order of their classes, and so are those of newcomers.
        let first = classes.iter().enumerate().map(|(class, spec)| (class, spec.count));
        let joined = setting.newcomers.groups.iter().map(|&(class, _, count)| (class as usize, count));
        Budgets(
            first.chain(joined).flat_map(|(class, count)| std::iter::repeat_n(burst(class), count as usize)).collect(),
        )
    }

    /// Returns whether no client has a budget.
    #[inline]
    pub fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what one request of a client earns, if that has a budget.
    #[inline]
    pub fn earn(&mut self, sub: SubId, client: &Client) {
        let Some(budget) = &client.retry_budget else { return };
        let tokens = &mut self.0[sub as usize];
        *tokens = (*tokens + budget.ratio).min(budget.burst);
    }

    /// Takes a token for a retry, if there is one.
    pub fn spend(&mut self, sub: SubId) -> bool {
        let tokens = &mut self.0[sub as usize];
        // A hair below 1: ten requests at 10 % earn a retry, whatever the rounding of tenths.
        let granted = *tokens >= 1.0 - 1e-9;
        if granted {
            *tokens -= 1.0;
        }
        granted
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::retry::tests::client;
    use super::*;
    use crate::scenario::client::RetryBudget;

    /// The empty bucket of one subscription.
    pub(in crate::world::requests::client) fn of_one() -> Budgets {
        Budgets(vec![0.0])
    }

    #[test]
    fn ten_requests_at_ten_per_cent_earn_one_retry() {
        let budget = RetryBudget { ratio: 0.1, burst: 3.0 };
        let client = Client { retry_budget: Some(budget), ..client() };
        let mut budgets = Budgets(vec![0.0, 0.0]);
        for _ in 0..9 {
            budgets.earn(1, &client);
        }
        assert!(!budgets.spend(1));
        budgets.earn(1, &client);
        assert!(!budgets.spend(0), "each has its own");
        assert!(budgets.spend(1));
        assert!(!budgets.spend(1));
        for _ in 0..1000 {
            budgets.earn(1, &client);
        }
        assert_eq!(budgets.0, [0.0, 3.0]);
    }
}
