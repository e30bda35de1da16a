//! The harm of random faults over years: what was not seen is not excluded.
