//! Regions: cells that incidents on several of them at once may join.

use super::reach::{ByTier, add};
use super::targets::customers;
use crate::world::platform::Platform;
use crate::world::platform::scope::Target;

/// Cells that strikes on several of them at once may join to one incident.
pub(crate) struct Regions {
    /// By cell: the region it belongs to.
    pub(crate) of: Vec<u32>,
    /// By region: customers in it.
    pub(crate) customers: Vec<ByTier>,
}

impl Regions {
    /// Joins what each of these targets strikes at once; `by_cell` are the customers of each cell.
    pub(crate) fn joined<'a>(
        platform: &Platform,
        by_cell: &[ByTier],
        targets: impl Iterator<Item = &'a Target>,
    ) -> Regions {
        let mut joints = Joints { parents: (0..platform.cells.len() as u32).collect(), left: platform.cells.len() };
        for target in targets {
            // Once all are one, nothing more can be joined.
            if joints.left <= 1 {
                break;
            }
            match target {
                Target::Cells { cells, .. } => {
                    for pair in cells.windows(2) {
                        joints.join(pair[0], pair[1]);
                    }
                }
                // The router and customers of any cell are shared by all.
                Target::Router(_) => (1..platform.cells.len() as u32).for_each(|cell| joints.join(0, cell)),
                Target::Customers { .. } => {
                    let mut homes = customers(platform, target).map(|sub| platform.home[sub as usize]);
                    let first = homes.next();
                    homes.for_each(|home| joints.join(first.unwrap_or(home), home));
                }
            }
        }
        let of: Vec<u32> = (0..platform.cells.len() as u32).map(|cell| joints.of(cell)).collect();
        let mut customers = vec![vec![0.0; platform.tiers]; platform.cells.len()];
        for (&region, in_cell) in of.iter().zip(by_cell) {
            add(&mut customers[region as usize], in_cell);
        }
        Regions { of, customers }
    }
}

/// Cells that are being joined, each with one it was joined to.
struct Joints {
    parents: Vec<u32>,
    left: usize,
}

impl Joints {
    fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.of(one), self.of(other));
        if one != other {
            self.parents[one.max(other) as usize] = one.min(other);
            self.left -= 1;
        }
    }

    fn of(&mut self, cell: u32) -> u32 {
        let mut root = cell;
        while self.parents[root as usize] != root {
            root = self.parents[root as usize];
        }
        let mut at = cell;
        while self.parents[at as usize] != root {
            at = std::mem::replace(&mut self.parents[at as usize], root);
        }
        root
    }
}
