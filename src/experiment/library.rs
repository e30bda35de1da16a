//! A study as a library's user makes it: a scenario, what is asked of it, and closures that follow it.

use super::outcome::{Facts, Outcome, Warning};
use super::run;
use super::study::until::Until;
use super::study::watch::{Options, RunError, Watcher};
use crate::scenario::Scenario;

/// A scenario about to be run, and how.
///
/// Nothing is printed and nothing is written: what is found comes back as an [`Outcome`]. It is the same on any machine and on any
/// number of threads.
///
/// # Example
/// ```
/// use cellsim::{Judgement, Scenario, Study};
///
/// let scenario = Scenario::from_text(
///     "shop",
///     r#"
///     tier.all       = { customers = 1_000, cells = 10, sla = "99.9%" }
///     workflow.order = { demand = "10/min", client.deadline = "3s", stage.web = { service_time = "20ms", size.utilization = 0.5 } }
///     fault.crash    = { at = "10s", for = "20s", strikes = { workflow = "order", tier = "all", cell = 1 }, effect = "crash" }
///     run            = { warmup = "1s", horizon = "2min", replications = 10 }
///     expect         = [{ metric = "blast_radius", fault = "crash", mean = { at_most = "10%" } }]
///     "#,
/// )?;
/// let outcome = Study::of(scenario).replications(5).run()?;
/// assert_eq!(outcome.verdicts[0].outcome, Judgement::Kept);
/// # Ok::<(), cellsim::RunError>(())
/// ```
pub struct Study<'a> {
    scenario: Scenario,
    options: Options,
    on_progress: Box<dyn Fn(Progress) + Sync + 'a>,
    is_over: Box<dyn Fn() -> bool + Sync + 'a>,
}

/// How far a study has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Progress {
    /// It begins.
    Began {
        /// Replications, at most.
        replications: u32,
        /// Simulated time of each, in seconds.
        seconds: f64,
    },
    /// One more replication is done.
    Replication {
        /// Done by now.
        done: u32,
        /// As far as is known how many there will be.
        of: u32,
    },
}

impl<'a> Study<'a> {
    /// A study of a scenario, with the seed and the number of replications that it gives, on all cores.
    pub fn of(scenario: Scenario) -> Study<'a> {
        let options = Options::default();
        Study { scenario, options, on_progress: Box::new(|_| {}), is_over: Box::new(|| false) }
    }

    /// Runs so many replications.
    pub fn replications(mut self, replications: u32) -> Study<'a> {
        self.options.replications = Some(replications);
        self
    }

    /// Draws from another seed.
    pub fn seed(mut self, seed: u64) -> Study<'a> {
        self.options.seed = Some(seed);
        self
    }

    /// Uses so many threads; the outcome does not depend on it.
    pub fn threads(mut self, threads: usize) -> Study<'a> {
        self.options.threads = Some(threads);
        self
    }

    /// Runs until a rule is fulfilled.
    ///
    /// # Example
    /// ```
    /// # use cellsim::{Scenario, Study, Until};
    /// # let scenario = Scenario::from_text("shop", "tier.all = { customers = 100, cells = 2, sla = \"99%\" }\n\
    /// #     workflow.order = { demand = \"1/s\", client.deadline = \"1s\", \
    /// #     stage.work = { kind = \"delay\", service_time = \"5ms\" } }\nrun = { warmup = \"1s\", horizon = \"10s\" }")?;
    /// // Until every number that the scenario expects something of is known to 2 %, or after 60 replications.
    /// let outcome = Study::of(scenario).until(Until::Precise { share: 0.02, at_most: 60 }).run()?;
    /// assert!(outcome.stopping.is_some_and(|rule| rule.reached));
    /// # Ok::<(), cellsim::RunError>(())
    /// ```
    pub fn until(mut self, until: Until) -> Study<'a> {
        self.options.until = until;
        self
    }

    /// Tells how far it has come; called from many threads.
    pub fn on_progress(mut self, tell: impl Fn(Progress) + Sync + 'a) -> Study<'a> {
        self.on_progress = Box::new(tell);
        self
    }

    /// Begins no further replication once this is true. What is done by then is the outcome, which says that it was
    /// [interrupted](Outcome::interrupted).
    ///
    /// # Example
    /// ```
    /// # use cellsim::{Progress, Scenario, Study};
    /// # use std::sync::atomic::{AtomicU32, Ordering};
    /// # let scenario = Scenario::from_text("shop", "tier.all = { customers = 100, cells = 2, sla = \"99%\" }\n\
    /// #     workflow.order = { demand = \"1/s\", client.deadline = \"1s\", \
    /// #     stage.work = { kind = \"delay\", service_time = \"5ms\" } }\nrun = { warmup = \"1s\", horizon = \"10s\" }")?;
    /// let finished = AtomicU32::new(0);
    /// let outcome = Study::of(scenario)
    ///     .replications(1_000)
    ///     .threads(1)
    ///     .on_progress(|progress| {
    ///         if let Progress::Replication { done, .. } = progress {
    ///             finished.store(done, Ordering::Relaxed);
    ///         }
    ///     })
    ///     .stop_when(|| finished.load(Ordering::Relaxed) >= 3)
    ///     .run()?;
    /// assert!(outcome.interrupted());
    /// assert_eq!(outcome.replications_done, 3);
    /// # Ok::<(), cellsim::RunError>(())
    /// ```
    pub fn stop_when(mut self, is_over: impl Fn() -> bool + Sync + 'a) -> Study<'a> {
        self.is_over = Box::new(is_over);
        self
    }

    /// Returns what follows from the scenario without a run, and what is remarkable about it.
    ///
    /// # Errors
    /// If it cannot be run.
    pub fn facts(&self) -> Result<(Facts, Vec<Warning>), RunError> {
        run::facts(&self.scenario).map_err(RunError::Scenario)
    }

    /// Runs it.
    ///
    /// # Errors
    /// If the scenario cannot be run, or nothing was done before it was stopped.
    pub fn run(self) -> Result<Outcome, RunError> {
        run::run(&self.scenario, &self.options, &self)
    }
}

impl Watcher for Study<'_> {
    fn started(&self, of: u32, seconds: f64) {
        (self.on_progress)(Progress::Began { replications: of, seconds });
    }
    fn replication_done(&self, done: u32, of: u32) {
        (self.on_progress)(Progress::Replication { done, of });
    }
    fn stopped(&self) -> bool {
        (self.is_over)()
    }
}
