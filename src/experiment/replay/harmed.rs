//! Who has been harmed so far: see [`crate::measure::harm`] for what that is.

use std::collections::{BTreeMap, BTreeSet};

use super::film::Film;
use crate::scenario::Scenario;
use crate::scenario::fault::Effect;
use crate::world::platform::population::SubId;
use crate::world::platform::scope::Target;
use crate::world::requests::setting::Setting;

/// Customers harmed by the end of each frame.
pub(super) struct Harmed {
    all: Vec<u64>,
    units: BTreeMap<usize, Vec<u64>>,
}

impl Harmed {
    /// Returns how many there are anywhere.
    pub(super) fn of_all(&self, frame: usize) -> u64 {
        self.all[frame]
    }

    /// Returns how many of a unit there are.
    pub(super) fn of_unit(&self, unit: usize, frame: usize) -> u64 {
        self.units.get(&unit).map_or(0, |counts| counts[frame])
    }
}

/// Finds when each customer is harmed, here and not in the twin.
pub(super) fn harmed((scenario, setting): (&Scenario, &Setting), [here, twin]: [&Film; 2]) -> Harmed {
    let causes = causes(setting);
    let by_minute = |film: &Film| {
        let mut failures: Vec<(SubId, u32)> = film.failures.clone();
        failures.sort_unstable();
        failures
    };
    let (ours, theirs) = (by_minute(here), by_minute(twin));
    let mut twins: BTreeMap<(SubId, u32), u32> = BTreeMap::new();
    for &(sub, second) in &theirs {
        *twins.entry((sub, second / 60)).or_default() += 1;
    }
    // The first frame of each customer, and of each in a unit.
    let mut first: BTreeMap<u32, usize> = BTreeMap::new();
    let mut first_in: BTreeMap<(usize, u32), usize> = BTreeMap::new();
    for minute in ours.chunk_by(|a, b| (a.0, a.1 / 60) == (b.0, b.1 / 60)) {
        let (sub, of) = (minute[0].0, minute[0].1 / 60);
        let customer = setting.customer(sub);
        if causes.contains(&customer) {
            continue;
        }
        let enough = (scenario.run.harm_share * f64::from(here.requests(sub, of))).max(1.0).ceil() as usize;
        let before = twins.get(&(sub, of)).copied().unwrap_or(0) as usize;
        // So many failures make the minute a harmed one: the last of them decides.
        if let Some(&(_, second)) = minute.get(enough + before - 1) {
            let frame = here.frame_of(second);
            let note = |known: &mut usize| *known = frame.min(*known);
            note(first.entry(customer).or_insert(frame));
            note(first_in.entry((here.home(sub), customer)).or_insert(frame));
        }
    }
    let mut units: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
    for (&(unit, _), &frame) in &first_in {
        units.entry(unit).or_insert_with(|| vec![0; here.frames])[frame] += 1;
    }
    let mut all = vec![0; here.frames];
    for &frame in first.values() {
        all[frame] += 1;
    }
    let add_up = |counts: &mut Vec<u64>| {
        let mut sum = 0;
        for count in counts {
            sum += *count;
            *count = sum;
        }
    };
    add_up(&mut all);
    units.values_mut().for_each(add_up);
    Harmed { all, units }
}

/// Customers that cause a fault: they are no victims.
fn causes(setting: &Setting) -> BTreeSet<u32> {
    let causing = setting
        .activations
        .iter()
        .filter(|activation| setting.effects(activation).iter().any(|effect| matches!(effect, Effect::Demand { .. })));
    let customer = |target: &Target| match target {
        Target::Customers { customer, .. } => *customer,
        Target::Cells { .. } | Target::Router(_) => None,
    };
    causing.filter_map(|activation| customer(&activation.target)).collect()
}
