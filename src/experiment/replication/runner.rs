//! One replication: the world with its faults, the world without any, and a twin for every incident.
//!
//! Up to the first onset all are the same world. The fault-free world is the twin of the first incident for as long as no other
//! fault strikes meanwhile; each further incident forks a twin from the world as it is at its onset, without that fault. While an
//! incident is open, worlds advance in step, second by second, so that nothing but counts is kept.

use std::sync::Arc;

use super::budget::{self, Budget};
use super::busy::{BusyTime, BusyWhile, Waits, WhileFault};
use super::incident::{Incident, Onset, OpenIncident};
use super::listeners::{TwinObserver, WorldObserver};
use super::luck::Luck;
use super::twin::TwinOf;
use crate::experiment::exposure::TargetId;
use crate::measure::limits::Limits;
use crate::measure::plan::Plan;
use crate::measure::recorder::Recorder;
use crate::measure::recovery::{HOLD_SECONDS, SHORTENED_HOLD_SECONDS};
use crate::measure::spells::Spells;
use crate::progress;
use crate::scenario::Scenario;
use crate::units::{Nanos, SECOND, seconds};
use crate::world::platform::Platform;
use crate::world::requests::demand::arrivals;
use crate::world::requests::{setting::Setting, world::World};

/// What one replication found.
#[derive(Debug, Clone)]
pub struct Replication {
    /// The world with its faults.
    pub with_faults: Counted,
    /// The world without any; `None` if there were none, then it is the same.
    pub without: Option<Counted>,
    /// Incidents in order of onset.
    pub incidents: Vec<Incident>,
    /// Use of each contract group's month.
    pub budgets: Vec<Budget>,
    /// By meter group: whole windows.
    pub attained: Vec<crate::measure::meter::Attained>,
    /// Cells under some fault, by bin of the time line.
    pub faulted_cells: Vec<u32>,
    /// By fault: how busy the stations were while it lasted.
    pub busy_while: Vec<Option<WhileFault>>,
    /// Every strike: which fault, and where.
    pub strikes: Vec<(usize, TargetId)>,
}

/// What was counted in one world.
#[derive(Debug, Clone)]
pub struct Counted {
    /// By class.
    pub tallies: Vec<crate::measure::tally::Tally>,
    /// The router.
    pub router: crate::measure::tally::RouterTally,
    /// By second.
    pub timeline: crate::measure::timeline::Timeline,
    /// Mean busy slots of each station over the horizon.
    pub busy: Vec<f64>,
    /// By station: how long attempts waited in it over the horizon.
    pub waits: Vec<Waits>,
    /// Requests that arrived while a fault lasted: by fault, then by class.
    pub while_faults: Vec<crate::measure::tally::Tally>,
}

/// A world with its books, stepping through the instants at which busy time is read.
struct Tracked {
    world: World,
    recorder: Recorder,
    busy: BusyTime,
}

struct Runner<'a> {
    scenario: &'a Scenario,
    limits: Arc<Limits>,
    while_faults: BusyWhile,
    setting: Arc<Setting>,
    main: Tracked,
    fault_free: Option<Tracked>,
    open: Vec<(OpenIncident, TwinOf)>,
    done: Vec<Incident>,
    end_of_horizon: Nanos,
}

/// Steps of a replication: see [`progress`].
const STEPS: Nanos = 200;

/// Returns the simulated time of a replication that [`progress`] is told of, in seconds.
pub(crate) fn simulated_seconds(scenario: &Scenario) -> f64 {
    2.0 * (seconds(scenario.run.warmup) + seconds(scenario.run.horizon))
}

/// Runs one replication.
pub fn run(scenario: &Scenario, platform: &Arc<Platform>, index: u32) -> Replication {
    run_in_mode(scenario, platform, index, true)
}

/// Runs one replication with every station working by events: slower, with the same results (a test says so).
pub fn run_by_events_only(scenario: &Scenario, platform: &Arc<Platform>, index: u32) -> Replication {
    run_in_mode(scenario, platform, index, false)
}

fn run_in_mode(scenario: &Scenario, platform: &Arc<Platform>, index: u32, settles_ahead: bool) -> Replication {
    let setting = Arc::new(Setting::new(scenario, platform, index));
    let rows = Arc::new(arrivals::trace(platform, &scenario.trace, setting.key));
    let contracts: Vec<_> = scenario.tiers.iter().map(|tier| tier.contract.clone()).collect();
    let plan = Arc::new(Plan::new(&setting, &contracts));
    let mut world = World::new(Arc::clone(&setting), &rows);
    if !settles_ahead {
        world.work_by_events_only();
    }
    let limits = Arc::new(Limits::new(scenario, platform));
    let spells = Spells::new(&setting);
    let recorder = Recorder::new(&setting, plan, Arc::clone(&limits), spells.clone());
    let mut runner = Runner {
        scenario,
        limits,
        while_faults: BusyWhile::new(&setting, &spells, scenario.faults.len()),
        main: Tracked { world, recorder, busy: BusyTime::default() },
        fault_free: None,
        open: Vec::new(),
        done: Vec::new(),
        end_of_horizon: platform.warmup + platform.horizon,
        setting,
    };
    runner.run();
    runner.finish()
}

impl Runner<'_> {
    fn run(&mut self) {
        let platform = Arc::clone(&self.setting.platform);
        let finish = self.end_of_horizon + platform.longest_deadline + 1;
        let setting = Arc::clone(&self.setting);
        let mut onsets = setting.activations.iter().enumerate().peekable();
        loop {
            let now = self.main.world.now;
            let onset = onsets.peek().map_or(finish, |(_, activation)| activation.onset.min(finish));
            let mut until = onset;
            if !self.open.is_empty() {
                let second = (now as i64 - platform.warmup as i64).div_euclid(SECOND as i64) + 1;
                until = until.min((platform.warmup as i64 + second * SECOND as i64) as Nanos);
            }
            // Busy time is read at both ends of the horizon.
            for edge in [platform.warmup, self.end_of_horizon] {
                if now < edge || (now == 0 && edge == 0 && !self.main.busy.has_begun()) {
                    until = until.min(edge);
                }
            }
            if let Some(edge) = self.while_faults.next_edge(now) {
                until = until.min(edge);
            }
            // In steps, so that one can tell how far it is.
            until = until.min(now + (finish / STEPS).max(SECOND));
            self.advance(until);
            // Two worlds: the one without faults is the same up to the first onset.
            let worlds = if self.fault_free.is_none() { 2 } else { 1 };
            progress::passed(worlds * (until - now));
            self.while_faults.reached(&self.main.world);
            if until == finish {
                break;
            }
            while let Some((index, _)) = onsets.next_if(|(_, activation)| activation.onset == until) {
                self.onset(index as u32);
            }
        }
        // The fault-free world may have stayed behind.
        if self.fault_free.is_some() {
            self.advance_fault_free(finish, None);
        }
    }

    /// Lets all worlds that must keep step advance to an instant.
    fn advance(&mut self, until: Nanos) {
        let platform = Arc::clone(&self.setting.platform);
        let setting = Arc::clone(&self.setting);
        let plan = Arc::clone(&self.main.recorder.meters.plan);
        let mut observer = WorldObserver {
            setting: &setting,
            recorder: &mut self.main.recorder,
            incidents: &mut self.open,
            homes: &platform.home,
            counts_attempts: &plan.counts_attempts,
        };
        self.main.world.run_while_it_counts(until, &mut observer);
        read_busy_time(&mut self.main, platform.warmup, self.end_of_horizon);
        let mut open = std::mem::take(&mut self.open);
        for (incident, twin) in &mut open {
            match twin {
                TwinOf::Own(world) => {
                    let mut observer = TwinObserver {
                        setting: &setting,
                        recorder: None,
                        incident: Some(incident),
                        homes: &platform.home,
                        counts_attempts: &plan.counts_attempts,
                    };
                    world.run_while_it_counts(until, &mut observer);
                    incident.harm.reached(&self.main.world, world, incident.end);
                }
                TwinOf::FaultFree => {
                    self.advance_fault_free(until, Some(incident));
                    let twin = self.fault_free.as_ref().expect("there is a fault-free world once a fault struck");
                    incident.harm.reached(&self.main.world, &twin.world, incident.end);
                }
            }
            incident.hand_over(&setting, &mut self.main.recorder.meters);
            let end = incident.end;
            if let Some(luck) = &mut incident.luck {
                luck.advance(until, end);
            }
        }
        let (over, open): (Vec<_>, Vec<_>) = open.into_iter().partition(|(incident, _)| incident.has_recovered());
        self.open = open;
        for (incident, _) in over {
            let meters = &mut self.main.recorder.meters;
            self.done.push(incident.close(self.scenario, &self.setting, HOLD_SECONDS, meters));
        }
    }

    fn advance_fault_free(&mut self, until: Nanos, mut incident: Option<&mut OpenIncident>) {
        let platform = Arc::clone(&self.setting.platform);
        let setting = Arc::clone(&self.setting);
        let plan = Arc::clone(&self.main.recorder.meters.plan);
        let Some(tracked) = &mut self.fault_free else { return };
        for edge in [platform.warmup, self.end_of_horizon, until] {
            if tracked.world.now < edge && edge <= until || edge == until {
                let mut observer = TwinObserver {
                    setting: &setting,
                    recorder: Some(&mut tracked.recorder),
                    incident: incident.as_deref_mut(),
                    homes: &platform.home,
                    counts_attempts: &plan.counts_attempts,
                };
                progress::passed(edge.saturating_sub(tracked.world.now));
                tracked.world.run_while_it_counts(edge, &mut observer);
                read_busy_time(tracked, platform.warmup, self.end_of_horizon);
            }
        }
    }

    /// A fault is about to strike: it joins an incident on shared units that has not recovered, or opens one.
    fn onset(&mut self, index: u32) {
        // The stretch of an incident that is all but recovered is cut short, not broken.
        let near = |incident: &OpenIncident| {
            incident.harm.units.has_held(incident.harm.second_after(incident.end), SHORTENED_HOLD_SECONDS)
        };
        let onset = Onset::of(&self.main.world, index);
        let open = std::mem::take(&mut self.open);
        let (over, open): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|(incident, _)| near(incident) && incident.shares_units(&onset));
        self.open = open;
        for (incident, _) in over {
            let meters = &mut self.main.recorder.meters;
            self.done.push(incident.close(self.scenario, &self.setting, SHORTENED_HOLD_SECONDS, meters));
        }
        if self.fault_free.is_none() {
            let mut world = self.main.world.clone();
            world.ignore_all();
            let busy = self.main.busy.clone();
            let recorder = self.main.recorder.without_faults();
            self.fault_free = Some(Tracked { world, recorder, busy });
            self.open_incident(index, TwinOf::FaultFree);
            return;
        }
        let joins = self.open.iter().position(|(incident, _)| incident.shares_units(&onset));
        // The twin of another incident goes on with this fault: the fault-free world no longer is it.
        for (at, (incident, twin)) in self.open.iter_mut().enumerate() {
            if matches!(twin, TwinOf::FaultFree)
                && joins != Some(at)
                && let Some(fault_free) = &self.fault_free
            {
                let mut world = fault_free.world.clone();
                world.ignore_only(&incident.activations);
                if let Some(luck) = &mut incident.luck {
                    luck.ignore_only(&incident.activations);
                }
                *twin = TwinOf::Own(Box::new(world));
            }
        }
        match joins {
            Some(at) => {
                let (incident, twin) = &mut self.open[at];
                incident.join(&self.main.world, index);
                if let TwinOf::Own(world) = twin {
                    world.ignore(index);
                    if let Some(luck) = &mut incident.luck {
                        luck.ignore(index);
                    }
                }
            }
            None => {
                let mut twin = self.main.world.clone();
                twin.ignore(index);
                self.open_incident(index, TwinOf::Own(Box::new(twin)));
            }
        }
    }

    fn open_incident(&mut self, index: u32, twin: TwinOf) {
        let harm_share = self.scenario.run.harm_share;
        let mut incident = OpenIncident::new(&self.main.world, index, harm_share, &self.limits);
        incident.luck = match (&twin, &self.fault_free) {
            (TwinOf::Own(world), _) => Luck::new(world, index, harm_share, &self.limits),
            (TwinOf::FaultFree, Some(tracked)) => Luck::new(&tracked.world, index, harm_share, &self.limits),
            (TwinOf::FaultFree, None) => None,
        };
        self.open.push((incident, twin));
    }

    fn finish(mut self) -> Replication {
        for (incident, _) in std::mem::take(&mut self.open) {
            let meters = &mut self.main.recorder.meters;
            self.done.push(incident.close(self.scenario, &self.setting, HOLD_SECONDS, meters));
        }
        self.done.sort_by(|a, b| a.onset.total_cmp(&b.onset));
        self.main.recorder.meters.finish();
        if let Some(fault_free) = &mut self.fault_free {
            fault_free.recorder.meters.finish();
        }
        let horizon = self.setting.platform.horizon;
        let (main, busy) = over(self.main, horizon);
        // The worlds make room for the fees.
        let fault_free = self.fault_free.map(|tracked| over(tracked, horizon));
        let meters = &main.meters;
        let calm = fault_free.as_ref().map_or(meters, |(recorder, _)| &recorder.meters);
        let fees = budget::fees(self.scenario, &self.setting, &meters.plan);
        let likeness = budget::likeness(&self.setting, &meters.plan);
        let budgets = budget::budgets(meters, calm, (&fees, &likeness), horizon);
        let faulted_cells = faulted_cells(&self.setting, &main);
        let old = meters.plan.groups.iter().zip(&meters.attained).filter(|(group, _)| !group.newcomers);
        let attained = old.map(|(_, attained)| *attained).collect();
        Replication {
            with_faults: counted(main, busy),
            without: fault_free.map(|(recorder, busy)| counted(recorder, busy)),
            incidents: self.done,
            budgets,
            attained,
            faulted_cells,
            busy_while: self.while_faults.means(),
            strikes: self.setting.activations.iter().map(|one| (one.fault, TargetId::of(&one.target))).collect(),
        }
    }
}

/// What the stations of a world did over the horizon.
struct Stations {
    busy: Vec<f64>,
    waits: Vec<Waits>,
}

/// A world is over: its books and the mean busy slots of its stations are left.
fn over(tracked: Tracked, horizon: Nanos) -> (Recorder, Stations) {
    let stations = Stations { busy: tracked.busy.mean(horizon), waits: tracked.busy.waits() };
    (tracked.recorder, stations)
}

fn counted(recorder: Recorder, Stations { busy, waits }: Stations) -> Counted {
    let Recorder { tallies, router, timeline, while_faults, .. } = recorder;
    Counted { tallies, router, timeline, busy, waits, while_faults }
}

fn read_busy_time(tracked: &mut Tracked, warmup: Nanos, end: Nanos) {
    tracked.busy.read(&tracked.world, warmup, end);
}

/// Counts, for each bin of the time line, the cells under a fault at its start or struck within it.
fn faulted_cells(setting: &Setting, recorder: &Recorder) -> Vec<u32> {
    use crate::world::platform::scope::Target;
    let timeline = &recorder.timeline;
    let mut cells = vec![std::collections::BTreeSet::new(); timeline.bins.len()];
    for activation in &setting.activations {
        let Target::Cells { cells: struck, .. } = &activation.target else { continue };
        let first = (activation.onset - setting.platform.warmup) / timeline.width;
        let last = (activation.end.max(activation.onset + 1) - 1 - setting.platform.warmup) / timeline.width;
        for bin in cells.iter_mut().take(last as usize + 1).skip(first as usize) {
            bin.extend(struck.iter().copied());
        }
    }
    cells.iter().map(|cells| cells.len() as u32).collect()
}
