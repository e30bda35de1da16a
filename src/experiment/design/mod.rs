//! What a scenario tells without a run: its facts, its work, and what is remarkable about it.

mod causes;
pub mod facts;
pub mod warnings;
pub mod whole_slots;
pub mod work;
