//! What is recorded of one world: counts by frame and unit, and who fails while an incident lasts.

use std::ops::Range;
use std::sync::Arc;

use super::history::LookUps;
use crate::catalogue::Cause;
use crate::experiment::replication::incident::Incident;
use crate::measure::limits::Limits;
use crate::measure::recovery::UnitSecond;
use crate::scenario::Scenario;
use crate::units::{MINUTE, Nanos, SECOND};
use crate::world::platform::population::{NONE, SubId};
use crate::world::requests::demand::arrivals;
use crate::world::requests::happening::{Happening, Observer, Resolved};
use crate::world::requests::{setting::Setting, world::World};

/// Most frames of a replay.
const MOST_FRAMES: u64 = 600;

/// When incidents are open: from onset to recovery, or to the end of their faults if that is later.
#[derive(Debug, Default)]
pub(super) struct Bands {
    /// Merged, in order.
    spans: Vec<Range<Nanos>>,
}

impl Bands {
    /// Returns the bands of a history's incidents.
    pub(super) fn of(incidents: &[Incident], setting: &Setting) -> Bands {
        let platform = &setting.platform;
        let until = platform.warmup + platform.horizon;
        let instant = |seconds: f64| platform.warmup + (seconds.max(0.0) * SECOND as f64).round() as Nanos;
        let mut spans: Vec<Range<Nanos>> = Vec::new();
        for incident in incidents {
            let over =
                incident.recovery.as_twin().map_or(until, |second| instant((second as f64).max(incident.end.ceil())));
            let span = instant(incident.onset)..over.min(until);
            match spans.last_mut().filter(|last| span.start <= last.end) {
                Some(last) => last.end = last.end.max(span.end),
                None => spans.push(span),
            }
        }
        Bands { spans }
    }

    /// Returns whether a request counts: it arrived in a band, or was alive at its onset.
    fn hold(&self, arrival: Nanos, over: Nanos) -> bool {
        let next = self.spans.partition_point(|span| span.start <= arrival);
        let inside = next.checked_sub(1).is_some_and(|last| arrival < self.spans[last].end);
        inside || self.spans.get(next).is_some_and(|span| over >= span.start)
    }
}

/// The recorder of one world.
pub(super) struct Film {
    /// Length of a frame.
    pub(super) width: Nanos,
    /// Number of frames.
    pub(super) frames: usize,
    /// By frame.
    pub(super) lookups: Vec<LookUps>,
    /// Failures in the bands: whose, and the second of arrival, from the start of the warm-up's first minute.
    pub(super) failures: Vec<(SubId, u32)>,
    /// Requests in the bands, by minute and subscription.
    requests: Vec<u32>,
    units: usize,
    subscriptions: usize,
    from: Nanos,
    until: Nanos,
    /// Where minutes begin, so that one begins with the horizon: so much is added to an instant.
    shift: Nanos,
    /// Homes of all subscriptions.
    homes: Vec<u32>,
    known: usize,
    limits: Limits,
    bands: Arc<Bands>,
    /// By frame and unit: requests, failures, time integral of the number in the unit.
    counts: Vec<(u32, u32, u64)>,
}

impl Film {
    /// Runs a world, with its faults or without.
    pub(super) fn of(scenario: &Scenario, setting: &Arc<Setting>, bands: &Arc<Bands>, with_faults: bool) -> Film {
        let platform = &setting.platform;
        let width = platform.horizon.div_ceil(SECOND).div_ceil(MOST_FRAMES).max(1) * SECOND;
        let frames = platform.horizon.div_ceil(width) as usize;
        let units = platform.cells.len() + 1;
        let until = platform.warmup + platform.horizon;
        let shift = platform.warmup.next_multiple_of(MINUTE) - platform.warmup;
        let minutes = ((until + shift) / MINUTE + 1) as usize;
        let subscriptions = setting.subscriptions();
        let mut homes = platform.home.clone();
        homes.resize(subscriptions, NONE);
        let mut film = Film {
            width,
            frames,
            lookups: vec![LookUps::default(); frames],
            failures: Vec::new(),
            requests: vec![0; if with_faults { minutes * subscriptions } else { 0 }],
            units,
            subscriptions,
            from: platform.warmup,
            until,
            shift,
            homes,
            known: platform.home.len(),
            limits: Limits::new(scenario, platform),
            bands: Arc::clone(bands),
            counts: vec![(0, 0, 0); frames * units],
        };
        let rows = Arc::new(arrivals::trace(platform, &scenario.trace, setting.key));
        let mut world = World::new(Arc::clone(setting), &rows);
        if !with_faults {
            world.ignore_all();
        }
        film.advance(&mut world, platform.warmup);
        let mut before = occupancies(&world);
        for frame in 0..frames {
            film.advance(&mut world, platform.warmup + film.start(frame + 1));
            let after = occupancies(&world);
            for (unit, (after, before)) in after.iter().zip(&before).enumerate() {
                film.counts[frame * units + unit].2 = after.wrapping_sub(*before);
            }
            before = after;
        }
        film.advance(&mut world, until + platform.longest_deadline + 1);
        film
    }

    fn advance(&mut self, world: &mut World, until: Nanos) {
        world.run_while_it_counts(until, self);
        for sub in self.known..self.subscriptions {
            self.homes[sub] = world.home_of(sub as SubId);
        }
    }

    /// Returns where a frame begins, from the end of the warm-up.
    fn start(&self, frame: usize) -> Nanos {
        (frame as Nanos * self.width).min(self.until - self.from)
    }

    /// Returns how long a frame is.
    pub(super) fn length(&self, frame: usize) -> Nanos {
        self.start(frame + 1) - self.start(frame)
    }

    /// Returns the frames that a span of time touches; an instant touches its own.
    pub(super) fn touched(&self, from: Nanos, to: Nanos) -> Range<usize> {
        if to < self.from || from >= self.until {
            return 0..0;
        }
        let first = (from.max(self.from) - self.from) / self.width;
        let last = (to.max(from + 1) - 1).clamp(self.from, self.until - 1) - self.from;
        first as usize..(last / self.width) as usize + 1
    }

    /// Returns the unit of a subscription: its cell, or the router where it has none.
    pub(super) fn home(&self, sub: SubId) -> usize {
        (self.homes[sub as usize] as usize).min(self.units - 1)
    }

    /// Returns a unit's counts, beside those of its twin.
    pub(super) fn against(&self, twin: &Film, frame: usize, unit: usize) -> UnitSecond {
        let (here, there) = (self.counts[frame * self.units + unit], twin.counts[frame * self.units + unit]);
        UnitSecond { all: [here.0, there.0], failed: [here.1, there.1], occupancy: [here.2, there.2] }
    }

    /// Returns how many requests of a subscription count in a minute.
    pub(super) fn requests(&self, sub: SubId, minute: u32) -> u32 {
        self.requests[minute as usize * self.subscriptions + sub as usize]
    }

    /// Returns the frame of a second of [`Film::failures`]: what came before the horizon counts in the first one.
    pub(super) fn frame_of(&self, second: u32) -> usize {
        let instant = Nanos::from(second) * SECOND;
        let frame = instant.saturating_sub(self.from + self.shift) / self.width;
        (frame as usize).min(self.frames.saturating_sub(1))
    }

    fn frame(&self, at: Nanos) -> Option<usize> {
        (self.from <= at && at < self.until).then(|| ((at - self.from) / self.width) as usize)
    }

    fn resolved(&mut self, request: &Resolved) {
        let cause = self.limits.why_bad(request);
        if let Some(frame) = self.frame(request.arrival) {
            let (home, router) = (self.home(request.sub), self.units - 1);
            self.counts[frame * self.units + home].0 += 1;
            if home != router {
                self.counts[frame * self.units + router].0 += 1;
            }
            if let Some(cause) = cause {
                let unit = if cause == Cause::Unrouted { router } else { home };
                self.counts[frame * self.units + unit].1 += 1;
            }
        }
        if request.arrival >= self.until || !self.bands.hold(request.arrival, request.at) {
            return;
        }
        let second = (request.arrival + self.shift) / SECOND;
        if let Some(count) = self.requests.get_mut((second / 60) as usize * self.subscriptions + request.sub as usize) {
            *count += 1;
        }
        if cause.is_some() {
            self.failures.push((request.sub, second as u32));
        }
    }
}

impl Observer for Film {
    #[inline]
    fn happened(&mut self, happening: Happening) {
        match happening {
            Happening::Resolved(request) => self.resolved(&request),
            Happening::LookedUp { at, hit } => {
                if let Some(frame) = self.frame(at) {
                    self.lookups[frame].asked += 1;
                    self.lookups[frame].hits += u32::from(hit);
                }
            }
            Happening::StoreAsked { at } => {
                if let Some(frame) = self.frame(at) {
                    self.lookups[frame].store += 1;
                }
            }
            _ => {}
        }
    }
}

/// Time integrals of the number in system: of each cell, then of the router's store.
fn occupancies(world: &World) -> Vec<u64> {
    let now = world.now;
    let router = world.router.as_ref().map_or(0, |router| router.mapping.occupancy(now));
    world.cells.iter().map(|cell| cell.occupancy(now)).chain([router]).collect()
}
