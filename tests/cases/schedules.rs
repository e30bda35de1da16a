//! Faults on a schedule.
