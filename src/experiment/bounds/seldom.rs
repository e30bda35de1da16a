//! Seldom demand: batches, and lonely requests, that come in few replications or in none, and whom they may meet.
//!
//! Whether a replication has a batch is chance of a known clock, as a strike of a fault is: of none in five runs it does not follow that
//! there is none. Whom a batch meets at most: its own requests, and all that live in the cells it comes to; everybody, where the
//! router couples all. A batch meets nobody new where others of its size, in the same cells, come often enough to be known. Single
//! requests are like all others: they matter where they are a large part of what is asked about.

use std::sync::Arc;

use crate::experiment::collected::Collected;
use crate::experiment::exposure::count::requests_by_cell;
use crate::experiment::exposure::{Exposure, is_coupled};
use crate::number;
use crate::scenario::Scenario;
use crate::scenario::fault::Effect;
use crate::units::{Nanos, seconds};
use crate::world::platform::Platform;
use crate::world::requests::demand::seldom::have_any;
use crate::world::requests::setting::Setting;

/// A class of which more batches than these are expected in a replication is missing in fewer than one of a hundred: it is not seldom.
const SELDOM: f64 = 4.6;

/// Replications that batches must be seen in, for others of their size in the same cells to be nothing new.
const ENOUGH: usize = 10;

/// So large a part of the requests that are asked about, a class matters though it meets nobody else.
const MATTERS: f64 = 0.05;

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Window {
    /// The whole horizon.
    Horizon,
    /// So much of its end.
    End(Nanos),
}

impl Window {
    /// The time of the simulation whose demand matters most: what comes before leaves traces that are not seldom.
    fn of(self, platform: &Platform) -> (Nanos, Nanos) {
        let end = platform.warmup + platform.horizon;
        let since = match self {
            Window::Horizon => 0,
            Window::End(length) => end.saturating_sub(length),
        };
        (since, end + platform.longest_deadline)
    }

    /// The length of what is asked about.
    fn asked(self, platform: &Platform) -> Nanos {
        match self {
            Window::Horizon => platform.horizon,
            Window::End(length) => length.min(platform.horizon),
        }
    }
}

/// A class of requests that some replications may be without.
pub(crate) struct Source {
    class: usize,
    /// What comes, and whose.
    pub(crate) label: String,
    /// Probability that a replication has some.
    pub(crate) chance: f64,
    /// Requests that it then has, in the mean.
    pub(crate) brings: f64,
    /// By replication: whether some came.
    pub(crate) came: Vec<bool>,
    /// By class: requests of a replication that live where they may come to; empty if they meet nobody else.
    meets: Vec<f64>,
}

/// Seldom demand of one world.
#[derive(Default)]
pub(crate) struct Seldom {
    pub(crate) sources: Vec<Source>,
    /// Requests of each class in a replication, in the mean.
    requests: Vec<f64>,
}

impl Seldom {
    /// Finds what is seldom in a time, counted from the end of the warm-up, for what is asked about the rest of the horizon: in the world
    /// without faults, and in the one with them, whose demand faults bring more.
    pub(crate) fn of_both(
        (scenario, platform): (&Scenario, &Arc<Platform>),
        exposures: &[Option<Exposure>],
        collected: &Collected,
        window: Window,
    ) -> [Seldom; 2] {
        let within = window.of(platform);
        let base = |class: usize| expected((scenario, platform), class, within);
        let classes: Vec<u16> = (0..platform.classes.len())
            .filter(|&class| base(class) > 0.0 && base(class) < SELDOM)
            .map(|class| class as u16)
            .collect();
        if classes.is_empty() {
            return Default::default();
        }
        let settings = collected.runs.iter().map(|run| Setting::new(scenario, platform, run.index));
        let came: Vec<[Vec<bool>; 2]> =
            settings.map(|setting| [false, true].map(|surges| have_any(&setting, &classes, within, surges))).collect();
        let whom = Whom::of(scenario, platform, window.asked(platform));
        [false, true].map(|with_faults| {
            let all = classes.iter().enumerate().map(|(at, &class)| {
                let class = usize::from(class);
                let spec = &platform.classes[class];
                let more = if with_faults { surges(scenario, exposures) } else { 0.0 };
                let often =
                    base(class) + more * spec.profile.peak() * rate(scenario, platform, class) / f64::from(spec.batch);
                let chance = -libm::expm1(-often);
                let what = if spec.batch > 1 {
                    format!("batches of {} requests", number::whole(u64::from(spec.batch)))
                } else {
                    "requests".to_owned()
                };
                Source {
                    class,
                    label: format!("{what} of {}", spec.name),
                    chance,
                    brings: f64::from(spec.batch) * often / chance,
                    came: came.iter().map(|run| run[usize::from(with_faults)][at]).collect(),
                    meets: Vec::new(),
                }
            });
            let mut seldom = Seldom { sources: all.collect(), requests: whom.requests.clone() };
            for at in 0..seldom.sources.len() {
                seldom.sources[at].meets = seldom.meets(at, platform, &whom);
            }
            seldom
        })
    }

    /// By class, requests that live where a source's come to; nobody's, if they bring nothing new there.
    fn meets(&self, at: usize, platform: &Platform, whom: &Whom) -> Vec<f64> {
        let source = &self.sources[at];
        let batch = platform.classes[source.class].batch;
        if batch == 1 {
            return Vec::new();
        }
        let is_peer = |class: usize| platform.classes[class].batch >= batch && whom.share_cells(source.class, class);
        let peers: Vec<usize> = (0..platform.classes.len()).filter(|&class| is_peer(class)).collect();
        let seldom: Vec<&Source> = self.sources.iter().filter(|one| peers.contains(&one.class)).collect();
        let seen = (0..source.came.len()).filter(|&run| seldom.iter().any(|one| one.came[run])).count();
        let is_known = peers.len() > seldom.len() || seen >= ENOUGH || 2 * seen > source.came.len();
        if is_known { Vec::new() } else { whom.met_by(source.class) }
    }

    /// The part of some classes' requests, of all without any, that a source may meet in a replication that has it; 0 if it does not
    /// matter. More than 1 where a replication has so many more requests then.
    pub(crate) fn share(&self, source: &Source, of: Option<&[usize]>) -> f64 {
        let is_mine = |class: usize| of.is_none_or(|of| of.contains(&class));
        let sum = |by_class: &[f64]| -> f64 {
            by_class.iter().enumerate().filter(|(class, _)| is_mine(*class)).map(|one| one.1).sum()
        };
        let all = sum(&self.requests);
        if all <= 0.0 {
            return 0.0;
        }
        let own = if source.is_among(of) { source.brings / all } else { 0.0 };
        if source.meets.is_empty() {
            return if own >= MATTERS { own } else { 0.0 };
        }
        // What all share, such as slots of the platform, is met as a whole.
        let others = if of.is_none() { 1.0 } else { sum(&source.meets) / all };
        own + others
    }
}

impl Source {
    /// Whether its requests are among those of some classes.
    pub(crate) fn is_among(&self, of: Option<&[usize]>) -> bool {
        of.is_none_or(|of| of.contains(&self.class))
    }
}

/// Batches, or requests, of a class that are expected from one instant of the simulation to another.
fn expected((scenario, platform): (&Scenario, &Platform), class: usize, (since, until): (Nanos, Nanos)) -> f64 {
    let spec = &platform.classes[class];
    let (end, span) = (until as f64 - platform.warmup as f64, (until - since) as f64);
    rate(scenario, platform, class) / f64::from(spec.batch) * spec.profile.mean_before(end, span) * span / 1e9
}

/// Requests of a class a second, before the profile: of those who are there, and of all who join.
fn rate(scenario: &Scenario, platform: &Platform, class: usize) -> f64 {
    let processes = platform.population.processes.iter().filter(|process| usize::from(process.class) == class);
    let spec = &platform.classes[class];
    let joining = scenario.tiers[spec.tier].new_customers * seconds(platform.warmup + platform.horizon);
    processes.map(|process| process.rate).sum::<f64>() + joining * spec.adoption * spec.mean_rate
}

/// Seconds of demand, at its usual rate, that demand faults add in a run.
fn surges(scenario: &Scenario, exposures: &[Option<Exposure>]) -> f64 {
    let mut more = 0.0;
    for (fault, exposure) in scenario.faults.iter().zip(exposures) {
        let Some(exposure) = exposure else { continue };
        for effect in &fault.effects {
            if let Effect::Demand { factor } = *effect {
                let strikes = exposure.chance(exposure.targets.len()).1;
                more += (factor - 1.0).max(0.0) * strikes * exposure.touched.seconds;
            }
        }
    }
    more
}

/// Who lives where.
struct Whom {
    /// By class: the cells of its customers.
    cells: Vec<Vec<usize>>,
    /// Requests of a replication of each class in each cell.
    by_cell: Vec<Vec<f64>>,
    /// Requests of a replication of each class.
    requests: Vec<f64>,
    /// Whether all may meet all.
    everywhere: bool,
}

impl Whom {
    fn of(scenario: &Scenario, platform: &Platform, asked: Nanos) -> Whom {
        let mut by_cell = requests_by_cell(platform);
        let horizon = platform.horizon as f64;
        let lengths: Vec<f64> = platform
            .classes
            .iter()
            .map(|class| class.profile.mean_before(horizon, asked as f64) * seconds(asked))
            .collect();
        for cell in &mut by_cell {
            cell.iter_mut().zip(&lengths).for_each(|(requests, length)| *requests *= length);
        }
        let classes = 0..platform.classes.len();
        let lives_in = |class: usize| (0..by_cell.len()).filter(|&cell| by_cell[cell][class] > 0.0).collect();
        let requests = |class: usize| by_cell.iter().map(|cell| cell[class]).sum();
        let is_open = !scenario.trace.is_empty() || scenario.tiers.iter().any(|tier| tier.new_customers > 0.0);
        // Whoever comes in a batch is ahead of everybody at a store of limited pace.
        let queues = scenario.router.as_ref().is_some_and(|router| router.store.capacity.is_some());
        Whom {
            cells: classes.clone().map(lives_in).collect(),
            requests: classes.map(requests).collect(),
            everywhere: is_open || queues || is_coupled(scenario, platform),
            by_cell,
        }
    }

    /// Whether another class lives in all cells of a class.
    fn share_cells(&self, class: usize, other: usize) -> bool {
        self.cells[class].iter().all(|cell| self.cells[other].binary_search(cell).is_ok())
    }

    fn met_by(&self, class: usize) -> Vec<f64> {
        if self.everywhere {
            return self.requests.clone();
        }
        let mut met = vec![0.0; self.requests.len()];
        for &cell in &self.cells[class] {
            met.iter_mut().zip(&self.by_cell[cell]).for_each(|(met, more)| *met += more);
        }
        met
    }
}
