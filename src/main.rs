//! The command `mcpsec`: hands its arguments to the library and returns the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    mcpsec::cli::main(std::env::args_os())
}
