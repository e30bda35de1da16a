//! Which of a run's histories is replayed.

use crate::report::page::grid::Grid;

/// Which of a run's histories is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// That with the median customer-minutes, the lower one of two.
    Median,
    /// That with the most customer-minutes.
    Worst,
    /// This one, from 1.
    Number(u32),
    /// None.
    None,
}

impl Which {
    /// Returns the number of the replication that is meant, from 1; `None` if none is, or there is no such one.
    pub fn of(self, incidents: &Grid, replications: u32) -> Option<u32> {
        let mut minutes = vec![0.0; replications as usize];
        for row in &incidents.rows {
            let at = incidents.number(row, "replication").map_or(0, |number| number as usize);
            if let Some(sum) = at.checked_sub(1).and_then(|at| minutes.get_mut(at)) {
                *sum += incidents.number(row, "customer_minutes").unwrap_or(0.0);
            }
        }
        let mut order: Vec<usize> = (0..minutes.len()).collect();
        order.sort_by(|&a, &b| minutes[a].total_cmp(&minutes[b]).then(a.cmp(&b)));
        match self {
            Which::Median => order.get(order.len().saturating_sub(1) / 2).map(|&at| at as u32 + 1),
            Which::Worst => {
                let most = minutes.iter().copied().fold(0.0, f64::max);
                minutes.iter().position(|&sum| sum >= most).map(|at| at as u32 + 1)
            }
            Which::Number(number) => (1..=replications).contains(&number).then_some(number),
            Which::None => None,
        }
    }

    /// Returns how the history is called.
    pub fn name(self) -> &'static str {
        match self {
            Which::Median => "the median",
            Which::Worst => "the worst",
            Which::Number(_) => "as asked",
            Which::None => "none",
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_median_is_the_lower_one_of_two() {
        let grid = Grid::read("replication,customer_minutes\n1,5\n2,1\n2,1\n4,9\n").unwrap();
        assert_eq!(Which::Median.of(&grid, 4), Some(2));
        assert_eq!(Which::Worst.of(&grid, 4), Some(4));
        assert_eq!((Which::Number(3).of(&grid, 4), Which::Number(5).of(&grid, 4)), (Some(3), None));
        assert_eq!(Which::None.of(&grid, 4), None);
    }
}
