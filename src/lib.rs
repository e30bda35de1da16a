//! cellsim: a discrete-event simulator of cell-based platforms.
//!
//! It answers how far each failure spreads (the blast radius), and which tier keeps the SLA that it was sold, with confidence
//! intervals. A [`Scenario`] is read from TOML (docs/scenario.md), a [`Study`] runs it, and an [`Outcome`] is what was found:
//! the tidy table of all numbers, the verdict on every expectation, and the tables of its level, requests or years.
//!
//! ```
//! use cellsim::{Scenario, Study};
//!
//! let scenario = Scenario::from_text(
//!     "shop",
//!     r#"
//!     tier.all       = { customers = 1_000, cells = 10, sla = "99.9%" }
//!     workflow.order = { demand = "10/min", client.deadline = "3s", stage.web = { service_time = "20ms", size.utilization = 0.5 } }
//!     fault.crash    = { at = "10s", for = "20s", strikes = { workflow = "order", tier = "all", cell = 1 }, effect = "crash" }
//!     run            = { warmup = "1s", horizon = "2min", replications = 5 }
//!     "#,
//! )?;
//! let outcome = Study::of(scenario).run()?;
//! let crash = &outcome.requests().expect("it is of requests").faults[0];
//! assert_eq!(crash.exposed.value, Some(100.0));
//! assert!(crash.harmed.value <= Some(100.0));
//! # Ok::<(), cellsim::RunError>(())
//! ```
//!
//! # Features
//! `cli` (by default): the command `cellsim`. Without it no crate for arguments, terminals or signals is compiled:
//! `cellsim = { version = "..", default-features = false }`.
//!
//! # What is not shown here
//! The parts below are public for the command, the benchmarks and the tests; they change without notice.

// Hidden from the documentation only: what is public has its comment all the same.
#[cfg_attr(doc, doc(hidden))]
pub mod catalogue;
#[cfg(feature = "cli")]
#[cfg_attr(doc, doc(hidden))]
pub mod cli;
#[cfg_attr(doc, doc(hidden))]
pub mod diagnostic;
#[cfg_attr(doc, doc(hidden))]
pub mod engine;
#[cfg_attr(doc, doc(hidden))]
pub mod experiment;
#[cfg_attr(doc, doc(hidden))]
pub mod files;
#[cfg_attr(doc, doc(hidden))]
pub mod machine;
#[cfg_attr(doc, doc(hidden))]
pub mod measure;
#[cfg_attr(doc, doc(hidden))]
pub mod number;
#[cfg_attr(doc, doc(hidden))]
pub mod printable;
#[cfg_attr(doc, doc(hidden))]
pub mod progress;
#[cfg_attr(doc, doc(hidden))]
pub mod report;
#[cfg_attr(doc, doc(hidden))]
pub mod scenario;
#[cfg_attr(doc, doc(hidden))]
pub mod stop;
#[cfg_attr(doc, doc(hidden))]
pub mod sweep;
#[cfg_attr(doc, doc(hidden))]
pub mod units;
#[cfg_attr(doc, doc(hidden))]
pub mod words;
#[cfg_attr(doc, doc(hidden))]
pub mod world;

#[doc(inline)]
pub use catalogue::{Cause, Condition, LookupPath, Metric, Statistic, Subject, Unit};
#[doc(inline)]
pub use diagnostic::{Diagnostic, Diagnostics};
#[doc(inline)]
pub use engine::stats::{Estimate, Judgement, State};
#[doc(inline)]
pub use experiment::outcome::{
    BudgetRow, Doubt, Facts, FaultSummary, Found, IncidentRow, Outcome, Requests, Row, Verdict, Warning, Years,
};
#[doc(inline)]
pub use experiment::{Progress, RunError, Study, Until};
#[doc(inline)]
pub use scenario::Scenario;
