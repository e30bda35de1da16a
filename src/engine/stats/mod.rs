//! Estimates and their intervals. The independent unit is the replication.
//!
//! Requests of one replication fail together, and so do customers of one cell: an interval that counted them one by one
//! would be far too narrow. Every function here therefore takes one number, or one pair, per replication, in the
//! order of the replications, and adds in that order: the same bytes on any number of threads.

mod alike;
pub mod anchored;
mod compare;
mod estimate;
mod guard;
mod interval;
mod precision;
mod proportion;
mod quantile;
mod sum;
mod survival;
mod verdict;
mod warmup;

pub use alike::{mean_within, ratio_within};
pub use compare::{holm, linearized, paired_difference, paired_p_value};
pub use estimate::{Estimate, State};
pub use guard::Guard;
pub use interval::{mean, ratio};
pub use precision::{Precision, checkpoints, precise_enough};
pub use proportion::{binomial, proportion};
pub use quantile::{batches, sectioned, sectioned_open, too_few_beyond};
pub use sum::{Sum, sum};
pub use survival::{Step, Survival, kaplan_meier};
pub use verdict::{Judgement, Threshold, replications_to_decide, verdict};
pub use warmup::{Truncation, mser5};
