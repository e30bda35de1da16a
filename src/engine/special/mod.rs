//! Special functions on `libm` alone, so that a result does not depend on the C library of the machine.
//!
//! The standard library's `exp`, `ln` and `powf` call the platform's; their last digit differs between C libraries
//! and between processors. Square roots and the four operations are exact everywhere.

pub mod beta;
pub mod gamma;
pub mod matrix;
pub mod normal;
pub mod solve;
