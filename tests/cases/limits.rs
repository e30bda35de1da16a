//! What a scenario, a file or a name may not do.
