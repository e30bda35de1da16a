//! The `cellsim` command: see [`cellsim::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    cellsim::cli::main()
}
