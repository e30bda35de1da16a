//! Many replications: what each leaves behind, and all of them together.

pub(crate) mod by_fault;
mod replications;
pub mod sections;

pub use replications::{
    Collected, LookUps, Merged, RouterCount, Run, Slice, SliceCount, WorldCount, longest_deadline, most_attempts,
    slices,
};
