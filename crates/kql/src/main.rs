//! The engine as a program: `kql FILE.kql --data DIR`.

mod program;

use std::process::ExitCode;

fn main() -> ExitCode {
    program::main()
}
