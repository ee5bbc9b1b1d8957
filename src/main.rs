//! The program: parse, dispatch, exit code.

use std::process::ExitCode;

/// With `local` the queries of a whole Azure are run in this process. What is deployed keeps the allocator of the C library.
#[cfg(feature = "local")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    heartbeat_dns::cli::main(std::env::args_os()).into()
}
