//! Sizing: how many slots and instances a station gets.
//!
//! Computed once, from base demand at the profile's peak and the mean of what is recorded: neither surges nor newcomers change it.

use crate::scenario::stage::{Pool, Size};

/// The size of one station.
#[derive(Debug, Clone, PartialEq)]
pub struct StationSize {
    /// Parallel slots.
    pub slots: u32,
    /// Instances bought.
    pub instances: u32,
    /// Slots in each zone.
    pub by_zone: Vec<u32>,
    /// Offered load at the profile's peak, in Erlangs.
    pub load: f64,
}

impl StationSize {
    /// Sizes a station that may use the given zones (indices out of `zones`) for a load in Erlangs.
    ///
    /// `design_load` is the load it is sized for (the busiest cell's, or its own), `load` the one it has.
    pub fn new(pool: &Pool, design_load: f64, load: f64, zones: usize) -> StationSize {
        match pool.size {
            Size::Concurrency(slots) => {
                let instances = slots.div_ceil(pool.instance_concurrency);
                StationSize { slots, instances, by_zone: spread(slots, zones), load }
            }
            Size::Utilization { utilization, .. } => {
                // A hair below, so that 24.000000001 slots for rounding's sake do not cost an instance.
                let slots = (design_load / utilization - 1e-9).ceil().max(1.0) as u32;
                let instances = slots.div_ceil(pool.instance_concurrency).max(zones as u32 * pool.min_per_zone).max(1);
                let by_zone: Vec<u32> =
                    spread(instances, zones).iter().map(|instances| instances * pool.instance_concurrency).collect();
                StationSize { slots: instances * pool.instance_concurrency, instances, by_zone, load }
            }
        }
    }

    /// Returns the utilization at the profile's peak.
    pub fn utilization(&self) -> f64 {
        self.load / f64::from(self.slots)
    }

    /// Returns the utilization after the loss of its largest zone; infinite if nothing is left.
    pub fn utilization_zone_lost(&self) -> f64 {
        let left = self.slots - self.by_zone.iter().max().copied().unwrap_or(0);
        if left == 0 && self.load == 0.0 { 0.0 } else { self.load / f64::from(left) }
    }
}

/// Spreads `n` evenly, the first zones getting one more.
fn spread(n: u32, zones: usize) -> Vec<u32> {
    let zones = zones as u32;
    (0..zones).map(|zone| n / zones + u32::from(zone < n % zones)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::stage::{Discipline, Expired};

    fn pool(size: Size) -> Pool {
        Pool {
            size,
            overload: false,
            slows_by: 0.0,
            workers: None,
            queue: None,
            discipline: Discipline::Fifo,
            expired: Expired::Serve,
            instance_concurrency: 8,
            min_per_zone: 1,
        }
    }

    #[test]
    fn whole_instances_over_zones() {
        // 10 Erlangs at 60 %: 16.7 slots, 17, in 3 instances of 8: one in each zone.
        let size = StationSize::new(&pool(Size::Utilization { utilization: 0.6, own: false }), 10.0, 9.0, 3);
        assert_eq!((size.slots, size.instances, size.by_zone.as_slice()), (24, 3, [8, 8, 8].as_slice()));
        assert!((size.utilization() - 0.375).abs() < 1e-12);
        assert!((size.utilization_zone_lost() - 9.0 / 16.0).abs() < 1e-12);
        // 20 Erlangs: 34 slots, 5 instances, two zones with two of them.
        let size = StationSize::new(&pool(Size::Utilization { utilization: 0.6, own: false }), 20.0, 20.0, 3);
        assert_eq!((size.slots, size.by_zone.as_slice()), (40, [16, 16, 8].as_slice()));
    }

    #[test]
    fn concurrency_is_taken_as_it_is() {
        let size = StationSize::new(&pool(Size::Concurrency(10)), 1.0, 1.0, 3);
        assert_eq!((size.slots, size.instances, size.by_zone.as_slice()), (10, 2, [4, 3, 3].as_slice()));
    }
}
