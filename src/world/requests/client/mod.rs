//! Clients: how long they wait, whether and when they try again, when they send a further copy. Pure rules: state and a draw in, a
//! decision out.

pub mod backoff;
pub mod budget;
pub mod hedge;
pub mod patience;
pub mod retry;
