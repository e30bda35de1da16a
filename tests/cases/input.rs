//! Recorded incidents and requests, measured laws, caches, times.
