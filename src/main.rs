//! The program: the command line, or without it what Azure Functions runs.

use std::process::ExitCode;

/// With `local` the queries of a whole Azure are run in this process. What is deployed keeps the allocator of the C library.
#[cfg(feature = "local")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(feature = "cli")]
fn main() -> ExitCode {
    heartbeat_dns::cli::main(std::env::args_os()).into()
}

#[cfg(not(feature = "cli"))]
fn main() -> ExitCode {
    heartbeat_dns::deployed::main(std::env::args_os())
}
