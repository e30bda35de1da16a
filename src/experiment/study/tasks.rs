//! Tasks on all threads, begun in their order.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use super::watch::Watcher;
use crate::stop;

/// Does tasks on the threads of the current pool, one at a time from a common counter. When the watcher stops it, no more are begun;
/// those under way are finished, unless the program is asked to leave them (see [`crate::stop`]).
pub(crate) fn in_order(tasks: Range<u64>, watcher: &dyn Watcher, work: impl Fn(u64) + Sync) {
    let next = AtomicU64::new(tasks.start);
    rayon::broadcast(|_| {
        while !watcher.stopped() {
            // Beyond the end each thread counts once: no overflow.
            let task = next.fetch_add(1, Ordering::Relaxed);
            if task >= tasks.end {
                break;
            }
            if stop::unless_asked(|| work(task)).is_none() {
                break;
            }
        }
    });
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// Stops once so many tasks are done.
    struct After(u64, AtomicU64);

    impl Watcher for After {
        fn replication_done(&self, _done: u32, _of: u32) {
            self.1.fetch_add(1, Ordering::Relaxed);
        }
        fn stopped(&self) -> bool {
            self.1.load(Ordering::Relaxed) >= self.0
        }
    }

    fn done(tasks: Range<u64>, after: u64) -> Vec<u64> {
        let (watcher, done) = (After(after, AtomicU64::new(0)), Mutex::new(Vec::new()));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
        pool.install(|| {
            in_order(tasks, &watcher, |task| {
                done.lock().unwrap().push(task);
                watcher.replication_done(0, 0);
            });
        });
        let mut done = done.into_inner().unwrap();
        done.sort_unstable();
        done
    }

    #[test]
    fn each_task_once() {
        assert_eq!(done(3..1003, u64::MAX), (3..1003).collect::<Vec<u64>>());
        assert!(done(5..5, u64::MAX).is_empty());
    }

    #[test]
    fn what_is_done_when_it_is_stopped_is_the_beginning() {
        let found = done(0..1_000_000, 500);
        assert!((500..504).contains(&found.len()), "{}", found.len());
        assert_eq!(found, (0..found.len() as u64).collect::<Vec<u64>>());
    }
}
