//! The program: parse, dispatch, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    heartbeat_dns::cli::main(std::env::args_os()).into()
}
