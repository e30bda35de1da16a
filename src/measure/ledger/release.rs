//! Releases in waves: how many cells they reach, and for how long.
//!
//! How far a release comes depends on when somebody notices. It is followed by its clock alone, without requests or flows; what
//! rests on that is known within three standard errors.

use super::exposure::{Exposure, Followed, Stratum};
use super::homed::{Homed, greatest};
use crate::engine::stats::Estimate;
use crate::scenario::Scenario;
use crate::scenario::fault::Schedule;
use crate::units::{SECOND, seconds};
use crate::world::flow::model::Model;
use crate::world::operations::faults::RandomClock;
use crate::world::platform::scope::Target;

/// Releases that are followed to learn how far they come: fewer over very many cells, where each tells more.
const RELEASES: std::ops::RangeInclusive<usize> = 1_000..=40_000;
/// Cells that they reach, at most.
const FOLLOWED: usize = 4_000_000;

impl Exposure {
    /// Follows a release by its clock alone: how many cells it reaches, and for how long.
    pub(super) fn follow(&mut self, scenario: &Scenario, model: &Model, mut clock: RandomClock) {
        let fault = clock.fault;
        let Schedule::Random { up, .. } = &scenario.faults[fault].schedule else { return };
        let Some(waves) = &scenario.faults[fault].waves else { return };
        let cells = self.faults[fault].places[0].cells.clone();
        let mut sizes: Vec<usize> = waves.sizes.iter().map(|size| size.of(cells.len())).collect();
        sizes.dedup();
        let mut seen: Vec<Vec<(Homed, f64)>> = vec![Vec::new(); sizes.len()];
        let mut lengths = 0.0;
        let mut times = vec![(0.0, 0.0); self.homed.len()];
        let classes = &model.platform.classes;
        let (mut of_class, mut of_tier) = (vec![0.0; classes.len()], vec![0.0; model.platform.tiers]);
        let releases = (FOLLOWED / cells.len().max(1)).clamp(*RELEASES.start(), *RELEASES.end());
        for _ in 0..releases {
            let release = clock.release(scenario);
            let mut reached = Vec::new();
            // Minutes of customers: each wave lasts from its onset on.
            let mut minutes = 0.0;
            for wave in &release {
                let Target::Cells { cells, .. } = &wave.target else { continue };
                let lasts = seconds(wave.end - wave.onset);
                minutes += (lasts + seconds(self.margin)) / 60.0 * self.seats(cells);
                reached.extend_from_slice(cells);
                for &cell in cells.iter() {
                    let sums = &mut times[cell as usize];
                    *sums = (sums.0 + 1.0, sums.1 + lasts);
                }
            }
            let (mut met, mut met_tier) = (vec![false; classes.len()], vec![false; of_tier.len()]);
            for tenancy in reached.iter().flat_map(|&cell: &u32| model.cells[cell as usize].tenancies.clone()) {
                let class = model.tenancies[tenancy].class as usize;
                (met[class], met_tier[classes[class].tier]) = (true, true);
            }
            of_class.iter_mut().zip(met).for_each(|(sum, met)| *sum += f64::from(u8::from(met)));
            of_tier.iter_mut().zip(met_tier).for_each(|(sum, met)| *sum += f64::from(u8::from(met)));
            lengths += release.first().map_or(0.0, |wave| seconds(wave.end - wave.onset));
            let stratum = sizes.iter().position(|&size| size >= reached.len()).unwrap_or(sizes.len() - 1);
            seen[stratum].push((self.union(&reached), minutes));
        }
        let lasts = lengths / releases as f64;
        let strikes = seconds(scenario.run.horizon) / (up.mean() / SECOND as f64 + lasts);
        let all = releases as f64;
        let mean = |of: &dyn Fn(&Homed) -> f64| {
            let (mean, error) = mean_and_error(seen.iter().flatten().map(|one| of(&one.0)));
            Estimate::symmetric(mean, 3.0 * error, releases as u64).not_negative()
        };
        let by_tier = (0..self.everybody.customers.len()).map(|tier| mean(&|homed| homed.customers[tier])).collect();
        let (touched, error) = mean_and_error(seen.iter().flatten().map(|one| one.1));
        let (people, other) = mean_and_error(seen.iter().flatten().map(|one| one.0.all()));
        let followed = Followed {
            all: mean(&Homed::all),
            by_tier,
            slack: 3.0 * (error / touched.max(f64::MIN_POSITIVE)).max(other / people.max(f64::MIN_POSITIVE)),
            classes: of_class.iter().map(|&hits| safe(hits, all)).collect(),
            tiers: of_tier.iter().map(|&hits| safe(hits, all)).collect(),
        };
        let mine = &mut self.faults[fault];
        mine.lasts = lasts;
        mine.followed = Some(followed);
        let of_cell = |&cell: &u32| {
            let (n, length) = times[cell as usize];
            (safe(n, all), if n > 0.0 { length / n } else { lasts })
        };
        mine.reached = cells.iter().map(of_cell).collect();
        for (size, seen) in sizes.iter().zip(seen) {
            let n = seen.len() as f64;
            let mut homed = Homed { customers: vec![0.0; self.everybody.customers.len()], seats: 0.0 };
            let mut most = (Vec::new(), 0.0_f64);
            for (here, _) in &seen {
                homed.add(here, 1.0 / n);
                most = greatest(most, here);
            }
            let minutes = seen.iter().map(|one| one.1).sum::<f64>() / n.max(1.0);
            mine.strata.push(Stratum {
                label: if *size == 1 { "releases to 1 cell".to_owned() } else { format!("releases to {size} cells") },
                strikes: strikes * n / all,
                under_way: 0.0,
                homed,
                most,
                minutes,
            });
        }
        mine.waves = sizes;
    }
}

/// A share found by so many trials, and three standard errors more.
fn safe(hits: f64, trials: f64) -> f64 {
    let share = hits / trials;
    (share + 3.0 * libm::sqrt(share * (1.0 - share) / trials)).min(1.0)
}

fn mean_and_error(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut n, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for value in values {
        (n, sum, squares) = (n + 1.0, sum + value, squares + value * value);
    }
    if n < 2.0 {
        return (sum, 0.0);
    }
    let mean = sum / n;
    (mean, libm::sqrt((squares / n - mean * mean).max(0.0) / (n - 1.0)))
}
