//! The command `mcpsec`: hands its arguments to the library and returns the exit code.

use std::process::ExitCode;

/// Reading a repository is millions of small allocations on all cores.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    mcpsec::cli::main(std::env::args_os())
}
