//! Recovery, quantiles among failed requests, budgets by fault.
