//! What a contract window is called: a month where it is one, otherwise a window.

use crate::experiment::outcome::{Facts, Outcome};

/// Returns "month" if each of the windows is one (of the calendar, or 30 days), otherwise "window".
pub fn named<'a>(mut windows: impl Iterator<Item = &'a str>) -> &'static str {
    match windows.all(|window| window == "30 days" || window == "calendar month") {
        true => "month",
        false => "window",
    }
}

/// Returns the word for the windows of all tiers.
pub fn of_all(facts: &Facts) -> &'static str {
    named(facts.tiers.iter().map(|tier| tier.window.as_str()))
}

/// Returns the word for the window of a tier; of all, if no tier is called so.
pub fn of_tier(results: &Outcome, name: &str) -> &'static str {
    match results.facts.tiers.iter().find(|tier| tier.name == name) {
        Some(tier) => named([tier.window.as_str()].into_iter()),
        None => of_all(&results.facts),
    }
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_week_is_no_month() {
        let word = |windows: &[&str]| named(windows.iter().copied());
        assert_eq!([word(&["30 days"]), word(&["calendar month", "30 days"])], ["month", "month"]);
        assert_eq!([word(&["7 days"]), word(&["30 days", "calendar quarter"])], ["window", "window"]);
        assert_eq!(word(&["30 rolling days"]), "window");
    }
}
