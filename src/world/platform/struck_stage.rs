//! Where a fault that strikes one stage meets it.

use super::class::FIRST_PLACE;
use super::find_customer::find_customer;
use super::population::SubId;
use crate::engine::rng::Key;
use crate::scenario::fault::StagePart;
use crate::world::platform::Platform;

/// The struck places of one stage.
#[derive(Debug, Clone, PartialEq)]
pub struct StruckStage {
    /// The stage, and which part of it, in words.
    pub name: String,
    /// (cell, place), in order.
    pub places: Vec<(u32, u32)>,
    /// Only calls to this destination of a fan-out, from 0.
    pub destination: Option<u32>,
    /// Whether it is only some of the stage's workers: then only customers that they serve are exposed.
    pub is_part: bool,
}

impl StruckStage {
    /// Finds the places of a stage in these cells; of a part of it, if one is given, with the name of the customer whose it is.
    pub fn new(
        platform: &Platform,
        stage: &str,
        (part, whose): (Option<&StagePart>, Option<&str>),
        cells: &[u32],
    ) -> StruckStage {
        let mut places = Vec::new();
        for &cell in cells {
            let of_cell = &platform.cells[cell as usize];
            let at = (0..of_cell.stations)
                .filter(|offset| platform.stations[(of_cell.first_station + offset) as usize].stage == stage);
            let at: Vec<u32> = at.collect();
            match part {
                Some(StagePart::Worker(number)) => places.extend(at.get(*number as usize - 1).map(|&at| (cell, at))),
                Some(StagePart::WorkersOf(who)) => {
                    let customer = find_customer(platform, who, Some(of_cell.workflow), of_cell.tier);
                    let sub = customer.and_then(|who| platform.population.subscription(of_cell.workflow, who));
                    let sub = sub.filter(|&sub| platform.home[sub as usize] == cell);
                    places.extend(
                        sub.into_iter()
                            .flat_map(|sub| platform.workers_of(platform.class_of(sub), (sub, None), &at))
                            .map(|at| (cell, at)),
                    );
                }
                Some(StagePart::Destination(_)) | None => {
                    places.extend(at.into_iter().map(|at| (cell, at)));
                    let place = platform.places.iter().position(|name| name == stage);
                    places.extend(place.map(|place| (cell, FIRST_PLACE + place as u32)));
                }
            }
        }
        places.sort_unstable();
        let (name, destination) = match part {
            None => (stage.to_owned(), None),
            Some(StagePart::Destination(number)) => (format!("destination {number} of {stage}"), Some(number - 1)),
            Some(StagePart::Worker(number)) => (format!("worker {number} of {stage}"), None),
            Some(StagePart::WorkersOf(_)) => (format!("workers of {} at {stage}", whose.unwrap_or("nobody")), None),
        };
        let is_part = matches!(part, Some(StagePart::Worker(_) | StagePart::WorkersOf(_)));
        StruckStage { name, places, destination, is_part }
    }

    /// Returns the struck places of a cell.
    pub fn in_cell(&self, cell: u32) -> impl Iterator<Item = u32> + '_ {
        self.places.iter().filter(move |place| place.0 == cell).map(|place| place.1)
    }

    /// Returns whether requests of a subscription (with a newcomer's key) that lives in this cell can meet what is struck.
    pub fn serves(&self, platform: &Platform, class: u16, whose: (SubId, Option<Key>), cell: u32) -> bool {
        let struck: Vec<u32> = self.in_cell(cell).collect();
        !self.is_part || !platform.workers_of(class, whose, &struck).is_empty()
    }
}
