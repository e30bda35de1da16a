//! The harm of random faults at the request level: what was not seen is not excluded.
