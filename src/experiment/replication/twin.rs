//! Where the twin of an incident lives.

use crate::world::requests::world::World;

/// Where an incident's twin lives.
pub(crate) enum TwinOf {
    /// It is the fault-free world.
    FaultFree,
    /// A world of its own.
    Own(Box<World>),
}
