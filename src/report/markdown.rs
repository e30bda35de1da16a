//! summary.md: the same summary for a pull request. No time, no machine: the same run gives the same bytes.

use super::style::Style;
use super::table::{code, escape};
use super::{sections, terminal, verdict};
use crate::experiment::outcome::Outcome;

/// Returns the document; `charts` are file names beside it.
pub fn render(results: &Outcome, command: &str, charts: &[String]) -> String {
    let headline = verdict::headline(results);
    let mark = match headline.style {
        Style::Bad => "❌",
        Style::Doubt => "❔",
        Style::Good => "✅",
        Style::Plain | Style::Strong | Style::Faint => "ℹ️",
    };
    let mut text = format!("# {}\n\n", escape(&results.title));
    let place = if headline.place.is_empty() { String::new() } else { format!(" {}", code(&headline.place)) };
    text += &format!("{mark} **{}**: {}{place}\n\n", escape(&headline.word), escape(&headline.text));
    text += &format!("{}\n\n", escape(&terminal::header(results)));
    for section in sections::all(results) {
        text += &section.markdown();
    }
    for chart in charts {
        let name = chart.strip_suffix(".svg").unwrap_or(chart);
        text += &format!("![{name}]({chart})\n");
    }
    if !charts.is_empty() {
        text.push('\n');
    }
    text += &format!("Made by {}, seed {}. All numbers: summary.csv.\n", code(command), results.seed);
    text
}
