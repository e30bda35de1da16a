//! Harm anchored to exposure: intervals that hold although what matters is rare.
//!
//! # Model
//! A strike harms Y of the X that it exposes, 0 <= Y <= X. X follows from the scenario, and so does its mean, without running
//! any request. Units with equal exposure make a *stratum*; the mean of harm is sum l_k E(Y_k) with known weights l_k. Two
//! one-sided bounds make its interval, and neither needs to know how far a single unit may go:
//!
//! - lower: sum l_k low(Y_k), where low is the quantile of sum D_i y_i with random weights D, uniform on the simplex, and one
//!   more observation at 0;
//! - upper: sum l_k (mean X_k - low(X_k - Y_k)): what is spared cannot be negative either.
//!
//! A stratum that was never struck contributes 0 below and all of its exposure above. What has not been seen is thus not
//! excluded, be it the largest cell, the longest repair or the defence that fails once in a hundred times; nor is it
//! believed beyond what the construction allows. Units that are all alike give the bound of ties (v alpha^(1/n)), zeros and
//! ones that of Clopper and Pearson, ample and spread-out ones about Student's t: one rule, and no switch between them.
//!
//! # References
//! Anderson (1969), Stanford technical report 1. Gaffke (2005), Journal of Statistical Theory and Applications 4. Learned-Miller
//! and Thomas (2019), arXiv 1905.06208 (the bound; proved for zeros and ones, else conjectured: the tests count how often it
//! holds). Rubin (1981), Annals of Statistics 9 (the weights). Lugannani and Rice (1980), Advances in Applied Probability 12;
//! Barndorff-Nielsen (1991), Biometrika 78 (how it is computed).

mod curve;
mod law;
mod mean;
mod quantile;
mod sample;
mod weights;
mod within;

pub use law::low;
pub use mean::{Stratum, added, mean, mean_apart};
pub use quantile::{Ranked, quantile};
pub use sample::Sample;
pub use within::{paired, share, within};
