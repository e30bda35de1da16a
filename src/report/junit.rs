//! JUnit XML: one test case per expectation.
//!
//! Kept is a pass and breached a failure. Undecided and not measured are skipped, with a message: JUnit has no better
//! word for "neither"; the exit code (4) tells a job about them.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{estimate, verdict};
use crate::experiment::outcome::{Judgement, Outcome, Verdict};

/// Returns the document of one run.
///
/// # Errors
/// What the XML writer refuses.
pub fn render(results: &Outcome) -> Result<String, quick_junit::SerializeError> {
    document(vec![suite(results)])
}

/// Returns the document of several runs.
///
/// # Errors
/// What the XML writer refuses.
pub fn document(suites: Vec<TestSuite>) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new("cellsim");
    report.add_test_suites(suites);
    report.to_string()
}

/// Returns the suite of a run.
pub fn suite(results: &Outcome) -> TestSuite {
    let mut suite = TestSuite::new(results.name.as_str());
    for one in &results.verdicts {
        suite.add_test_case(case(results, one));
    }
    suite
}

/// Returns the suite of a scenario that could not be run.
pub fn failed(name: &str, message: &str) -> TestSuite {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(message).set_type("scenario");
    let mut case = TestCase::new("the scenario can be run", status);
    case.set_classname(name);
    let mut suite = TestSuite::new(name);
    suite.add_test_case(case);
    suite
}

fn case(results: &Outcome, one: &Verdict) -> TestCase {
    let message = verdict::sentence(results, one);
    let status = match one.outcome {
        Judgement::Kept => TestCaseStatus::success(),
        Judgement::Breached => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(message.as_str()).set_type("breached");
            let measured = estimate::at(results.confidence).with_unit(&one.estimate, one.subject.unit);
            status.set_description(format!("{}: {message}\nmeasured: {measured}", one.place));
            status
        }
        Judgement::Undecided | Judgement::NotMeasured => {
            let mut status = TestCaseStatus::skipped();
            let (word, _) = verdict::word(one.outcome);
            status.set_message(format!("{}: {message}", word.to_lowercase()));
            status
        }
    };
    let mut case = TestCase::new(format!("{} ({})", verdict::label(one), one.place), status);
    case.set_classname(format!("{}.{}", results.name, one.subject.metric));
    case
}
