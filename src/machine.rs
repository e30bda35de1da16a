//! What the machine has: memory for a run, processors.

use std::num::NonZero;
use std::thread::available_parallelism;

/// Returns the number of processors that this program may use.
pub fn processors() -> usize {
    available_parallelism().map_or(1, NonZero::get)
}

/// Returns the bytes of memory that are there to be had, `None` where the system does not say.
pub fn memory() -> Option<u64> {
    let text = |path: &str| std::fs::read_to_string(path).ok();
    let line = text("/proc/meminfo")?.lines().find_map(|line| line.strip_prefix("MemAvailable:").map(str::to_owned))?;
    let available = line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024;
    // A container may have less.
    let limit = text("/sys/fs/cgroup/memory.max").and_then(|text| text.trim().parse::<u64>().ok());
    Some(limit.map_or(available, |limit| available.min(limit)))
}
