//! The caller's side.

use super::context::Context;
use super::document::{Node, Value};
use super::keys::Keys;
use super::values;
use crate::units::{MILLISECOND, Nanos, SECOND};

/// How a client behaves.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Client {
    /// Time-out of one attempt.
    pub timeout: Nanos,
    /// Deadline of the request, over all attempts; always finite.
    pub deadline: Nanos,
    /// Attempts at most, the first included.
    pub attempts: u8,
    /// Pause before a retry.
    pub backoff: Backoff,
    /// Tokens for retries, per (customer, workflow).
    pub retry_budget: Option<RetryBudget>,
    /// Further copies of an attempt that takes long; the first answer counts.
    pub hedge: Option<Hedge>,
    /// Whether the client remembers its cell instead of asking the router again on a retry.
    pub remembers_cell: bool,
}

impl Client {
    /// Returns whether its pause before a retry is other than the default.
    pub fn has_own_backoff(&self) -> bool {
        self.backoff != default_backoff(self.deadline)
    }
}

/// Further copies of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hedge {
    /// After this long without an answer the next copy is sent.
    pub after: Nanos,
    /// How many there may be.
    pub copies: u8,
}

impl serde::Serialize for Hedge {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // One copy is known by its delay alone.
        if self.copies == 1 {
            self.after.serialize(serializer)
        } else {
            (self.after, self.copies).serialize(serializer)
        }
    }
}

/// Pause before a retry.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Backoff {
    /// How the pause grows.
    pub growth: Growth,
    /// First pause.
    pub first: Nanos,
    /// Longest pause.
    pub max: Nanos,
    /// How chance spreads it.
    pub jitter: Jitter,
}

/// How the pause grows.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub enum Growth {
    /// Always the first pause.
    Constant,
    /// Times `factor` each time.
    Exponential {
        /// Factor from one pause to the next.
        factor: f64,
    },
    /// Uniform between the first pause and three times the last one (Brooker 2015).
    Decorrelated,
}

/// How chance spreads a pause b.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Jitter {
    /// b.
    None,
    /// b/2 to b.
    Equal,
    /// 0 to b.
    Full,
}

/// A token bucket: every request adds `ratio`, every retry takes 1.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct RetryBudget {
    /// Retries allowed per request.
    pub ratio: f64,
    /// Tokens at most, and at the start.
    pub burst: f64,
}

/// Tokens of a retry budget at the start, and at most.
const BURST: f64 = 10.0;

/// Whoever waits longer is no caller any more; and every run goes on for so long after its horizon.
const LONGEST_DEADLINE: Nanos = 24 * 3600 * SECOND;

/// Reads a client, every override applied.
pub(super) fn client(context: &Context, merged: &Node) -> Option<Client> {
    context.table(merged, "`client`", read).flatten()
}

fn read(keys: &Keys<'_>) -> Option<Client> {
    let deadline = keys.required("deadline", "deadline = \"3s\"", |node| {
        let infinite = match &node.value {
            Value::Float(number) => number.is_infinite(),
            Value::Text(text) => matches!(text.trim(), "inf" | "infinite" | "never" | "none" | "∞"),
            Value::Integer(_) | Value::Bool(_) | Value::List(_) | Value::Table(_) => false,
        };
        if infinite {
            let error = node.error("every request has a finite deadline", "not finite");
            return Err(Box::new(error.help("write how long callers wait at most, like \"3s\"")));
        }
        match values::positive_duration(node)? {
            deadline if deadline > LONGEST_DEADLINE => {
                let error = node.error("a deadline of more than a day", "as good as none");
                Err(Box::new(
                    error.help("a run goes on until every request is over: write how long callers really wait"),
                ))
            }
            deadline => Ok(deadline),
        }
    });
    let timeout = keys.optional("timeout", values::positive_duration);
    if let (Some(deadline), Some(timeout), Some(node)) = (deadline, timeout, keys.get("timeout"))
        && timeout > deadline
    {
        let error = node.error("the time-out of an attempt is longer than the request's deadline", "too long");
        keys.context.problem(error.help("the deadline covers all attempts: raise it, or lower the time-out"));
    }
    let attempts = keys.or("attempts", 1, |node| values::count(node, "attempts", 1, 100)) as u8;
    let longest = deadline.unwrap_or(0);
    let backoff =
        keys.get("backoff").map_or_else(|| Some(default_backoff(longest)), |node| backoff(keys, node, longest));
    let retry_budget = keys.get("retry_budget").and_then(|node| budget(keys, node));
    let remembers_cell = keys.or("remembers_cell", false, values::boolean);
    let hedge = keys.get("hedge").and_then(|node| hedge(keys, node));
    let deadline = deadline?;
    if let (Some(hedge), Some(node)) = (hedge, keys.get("hedge"))
        && hedge.after.saturating_mul(u64::from(hedge.copies)) >= timeout.unwrap_or(deadline)
    {
        let error = node.error("a hedge that is never sent", "not before the attempt's time-out");
        let help = "hedge earlier than `timeout`, about where the slowest 5 % begin";
        keys.context.problem(error.help(if hedge.copies == 1 { help } else { "hedge earlier, or with fewer copies" }));
    }
    Some(Client {
        timeout: timeout.unwrap_or(deadline),
        deadline,
        attempts,
        backoff: backoff?,
        retry_budget,
        hedge,
        remembers_cell,
    })
}

/// Reads `hedge = "50ms"`, or `{ after = "50ms", copies = 2 }`.
fn hedge(keys: &Keys<'_>, node: &Node) -> Option<Hedge> {
    if node.table().is_none() {
        return keys.context.keep(values::positive_duration(node)).map(|after| Hedge { after, copies: 1 });
    }
    keys.context
        .table(node, "`hedge`", |keys| {
            let after = keys.required("after", "after = \"50ms\"", values::positive_duration);
            let copies = keys.or("copies", 1, |node| values::count(node, "copies", 1, 10)) as u8;
            after.map(|after| Hedge { after, copies })
        })
        .flatten()
}

fn default_backoff(longest: Nanos) -> Backoff {
    let first = 100 * MILLISECOND;
    Backoff { growth: Growth::Exponential { factor: 2.0 }, first, max: longest.max(first), jitter: Jitter::Full }
}

fn backoff(keys: &Keys<'_>, node: &Node, longest: Nanos) -> Option<Backoff> {
    if node.text().is_some() {
        let first = keys.context.keep(values::duration(node))?;
        return Some(Backoff { growth: Growth::Constant, first, max: first, jitter: Jitter::None });
    }
    keys.context.table(node, "`backoff`", |keys| {
        let growths = [("constant", 0), ("exponential", 1), ("decorrelated", 2)];
        let jitters = [("none", Jitter::None), ("equal", Jitter::Equal), ("full", Jitter::Full)];
        let default = default_backoff(longest);
        let first = keys.or("first", default.first, values::duration);
        let factor = keys.or("factor", 2.0, |node| match values::number(node)? {
            factor if factor < 1.0 => Err(Box::new(node.error("a pause that shrinks", "must be at least 1"))),
            factor => Ok(factor),
        });
        let growth = match keys.or("growth", 1, |node| values::choice(node, &growths)) {
            0 => Growth::Constant,
            1 => Growth::Exponential { factor },
            _ => Growth::Decorrelated,
        };
        let jitter = keys.or("jitter", Jitter::Full, |node| values::choice(node, &jitters));
        let is_exponential = matches!(growth, Growth::Exponential { .. });
        no_use(keys, "factor", !is_exponential, "only an exponential pause has a factor");
        no_use(keys, "jitter", growth == Growth::Decorrelated, "a decorrelated pause is drawn already");
        let max = keys.or("max", longest.max(first), values::duration);
        if max < first {
            let error = keys.place.error("the longest pause is shorter than the first", "`max` is less than `first`");
            keys.context.problem(error);
        }
        let jitter = if growth == Growth::Decorrelated { Jitter::None } else { jitter };
        Backoff { growth, first, max, jitter }
    })
}

/// Refuses a key that `growth` makes meaningless, unless it is merely inherited.
fn no_use(keys: &Keys<'_>, key: &'static str, useless: bool, why: &str) {
    if let Some(entry) = keys.entry(key).filter(|_| useless && !keys.is_older(key, "growth")) {
        keys.context.problem(entry.key_place.error(format!("`{key}` has no effect here"), why));
    }
}

fn budget(keys: &Keys<'_>, node: &Node) -> Option<RetryBudget> {
    if node.table().is_none() {
        return keys.context.keep(values::share(node)).map(|ratio| RetryBudget { ratio, burst: BURST });
    }
    keys.context
        .table(node, "`retry_budget`", |keys| {
            let ratio = keys.required("ratio", "ratio = \"10%\"", values::share);
            let burst = keys.or("burst", BURST, values::number);
            ratio.map(|ratio| RetryBudget { ratio, burst })
        })
        .flatten()
}
