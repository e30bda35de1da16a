//! The self-test: on a terminal, and as JSON.

use serde::Serialize;

use super::estimate;
use super::json::{FORMAT_VERSION, document};
use super::section::Section;
use super::style::Style;
use super::table::{Align, Cell, Table};
use super::terminal::WIDTH;
use crate::engine::stats::Estimate;
use crate::experiment::selftest::{Case, Finding, NARROW, Verdict};
use crate::number;

/// Returns how a verdict is called, and what it means.
fn word(verdict: Verdict) -> (&'static str, Style) {
    match verdict {
        Verdict::Passed => ("passed", Style::Good),
        Verdict::Outside => ("OUTSIDE", Style::Bad),
        Verdict::TooWide => ("TOO WIDE", Style::Doubt),
        Verdict::NotMeasured => ("NOT MEASURED", Style::Doubt),
    }
}

/// Returns the text for a terminal.
pub fn render(cases: &[Case], findings: &[Finding], level: f64, colour: bool) -> String {
    let failed = findings.iter().filter(|finding| finding.verdict != Verdict::Passed).count();
    let (verdict, style) = match failed {
        0 => (format!("PASSED {0} of {0}", findings.len()), Style::Good),
        _ => (format!("FAILED {failed} of {}", findings.len()), Style::Bad),
    };
    let exit = if failed == 0 { 0 } else { 3 };
    let mut lines = vec![format!("{}  exit {exit}", style.paint(&verdict, colour)), String::new()];
    let mut section = Section::new(
        "THEORY AGAINST SIMULATION",
        format!(
            "intervals at {:.4} %, so that all hold with 99.9 %; half-width at 95 %, at most {}",
            100.0 * level,
            number::percent(NARROW)
        ),
    );
    let (left, right) = (Align::Left, Align::Right);
    let columns =
        [("", left), ("case", left), ("", left), ("theory", right), ("simulated", right), ("half-width", right)];
    let mut table = Table::new(&columns);
    for finding in findings {
        let (word, style) = word(finding.verdict);
        let width = finding.half_width.map_or(String::new(), number::percent);
        table.row(vec![
            Cell::styled(word, style),
            finding.case.into(),
            finding.what.as_str().into(),
            theory(finding, level).into(),
            estimate::at(level).with_unit(&finding.simulated, finding.unit).into(),
            width.into(),
        ]);
    }
    section.table = Some(table);
    let mut theories: Vec<(&str, Vec<&str>)> = Vec::new();
    for case in cases {
        match theories.iter_mut().find(|(theory, _)| *theory == case.theory) {
            Some((_, names)) => names.push(case.name),
            None => theories.push((case.theory, vec![case.name])),
        }
    }
    for (theory, names) in theories {
        section.note("theory", format!("{theory}: {}", names.join(", ")));
    }
    lines.extend(section.lines(WIDTH, colour, colour));
    lines.join("\n") + "\n"
}

/// Returns what theory says, with as many digits as the simulated number has.
fn theory(finding: &Finding, level: f64) -> String {
    let half = finding.simulated.half_width().unwrap_or(0.0);
    let alike = Estimate::symmetric(finding.theory, half, finding.simulated.n);
    let text = estimate::at(level).with_unit(&alike, finding.unit);
    text.split(" ± ").next().unwrap_or_default().to_owned()
}

#[derive(Debug, Serialize)]
struct Document<'a> {
    format_version: u32,
    exit_code: u8,
    confidence: f64,
    findings: &'a [Finding],
}

/// Returns the findings for programs.
pub fn json(findings: &[Finding], level: f64, exit_code: u8) -> String {
    document(&Document { format_version: FORMAT_VERSION, exit_code, confidence: level, findings })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Unit;

    #[test]
    fn one_check_outside_fails_the_whole() {
        let finding = |simulated: f64, verdict| Finding {
            case: "m-m-1",
            what: "latency p50".to_owned(),
            theory: 0.010,
            simulated: Estimate::symmetric(simulated, 0.0001, 30),
            unit: Unit::Seconds,
            half_width: Some(0.003),
            verdict,
        };
        let passed = finding(0.010_02, Verdict::Passed);
        let text = render(&[], std::slice::from_ref(&passed), 0.9999, false);
        assert!(text.starts_with("PASSED 1 of 1  exit 0") && text.contains("10.00 ms"), "{text}");
        let text = render(&[], &[passed, finding(0.011, Verdict::Outside)], 0.9999, false);
        assert!(text.starts_with("FAILED 1 of 2  exit 3") && text.contains("OUTSIDE  m-m-1"), "{text}");
    }
}
