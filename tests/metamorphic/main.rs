//! What must not change when something else does: placebos, additions, walls, order, names.

mod additions;
mod crash;
mod placebo;
#[path = "../support/mod.rs"]
mod support;
mod walls;
