//! Numbers over years.
