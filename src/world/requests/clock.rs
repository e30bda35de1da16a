//! The clock: lets everything happen that happens before an instant.

use super::event::Event;
use super::happening::Observer;
use super::world::World;
use crate::stop;
use crate::units::{Nanos, SECOND};

impl World {
    /// Lets everything happen that happens before `end`.
    pub fn run_until<O: Observer>(&mut self, end: Nanos, observer: &mut O) {
        self.end = end;
        self.move_limit(observer);
        loop {
            stop::point();
            let next = self.arrivals.next_instant();
            if let Some((at, payload)) = self.events.pop_before(end.min(next.saturating_add(1))) {
                debug_assert!(at >= self.now);
                self.now = at;
                self.happen(Event::unpack(payload), observer);
            } else if next < end {
                self.now = next;
                let arrival = self.arrivals.take();
                self.arrive(arrival, observer);
            } else {
                break;
            }
        }
        self.now = end;
    }

    /// As [`World::run_until`], but beyond the horizon only for as long as something is left of requests that arrived before it. From
    /// then on nothing that counts can happen: the clock jumps to `end`, and the world cannot be continued.
    pub fn run_while_it_counts<O: Observer>(&mut self, end: Nanos, observer: &mut O) {
        let horizon = self.platform.warmup + self.platform.horizon;
        if self.now < horizon {
            self.run_until(end.min(horizon), observer);
        }
        while self.now < end {
            if self.is_done_with(horizon) {
                self.now = end;
            } else {
                self.run_until(end.min(self.now + SECOND), observer);
            }
        }
    }

    /// Returns whether nothing is left of what arrived before an instant, whosever it was: no client waits, no slot goes on with it.
    fn is_done_with(&self, before: Nanos) -> bool {
        self.travellers.iter().next().is_none_or(|arrival| arrival.at >= before)
            && self.attempts.in_use().all(|id| self.attempts[id].request.arrival >= before)
    }
}
