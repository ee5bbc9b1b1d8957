//! One run of the program: arguments, data, query, answer.

mod arguments;
mod bounded;
mod csv;
mod data;
mod infer;
mod json;
mod output;
mod sheet;
mod stream;

use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

use kql::{DateTime, Options, run};

use arguments::Command;

/// Answered.
const FINE: u8 = 0;
/// The query was refused or stopped.
const REFUSED: u8 = 1;
/// The arguments or the data cannot be used.
const USAGE: u8 = 2;

pub(crate) fn main() -> ExitCode {
    let command = match arguments::parse(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(message) => return fail(&format!("{message}\nhint: `kql --help` shows how to call it")),
    };
    let code = match command {
        Command::Help => {
            output::print(arguments::HELP);
            FINE
        }
        Command::Version => {
            output::print(&format!("kql {}\n", env!("CARGO_PKG_VERSION")));
            FINE
        }
        Command::Run(arguments) => match answer(&arguments) {
            Ok(code) => code,
            Err(message) => return fail(&message),
        },
    };
    ExitCode::from(code)
}

fn fail(message: &str) -> ExitCode {
    output::complain(&format!("error: {message}\n"));
    ExitCode::from(USAGE)
}

#[expect(clippy::disallowed_methods, reason = "a query that is asked without `--now` is asked now")]
fn answer(arguments: &arguments::Arguments) -> Result<u8, String> {
    let text = read_query(&arguments.file)?;
    let database = data::load(arguments.data.as_deref())?;
    let now = arguments.now.unwrap_or_else(|| DateTime::from_system_time(SystemTime::now()));
    match run(&text, &database, &Options::new(now)) {
        Ok(answer) => {
            if arguments.json {
                output::print_json(&answer);
            } else {
                output::print_table(&answer);
            }
            if let Some(partial) = &answer.partial {
                output::complain(&format!("warning: {}\n", partial.message));
            }
            Ok(FINE)
        }
        Err(error) => {
            if arguments.json {
                output::print_json_error(&error);
            } else {
                output::complain(&output::explain(&error, &arguments.file, &text));
            }
            Ok(REFUSED)
        }
    }
}

/// The text of the query; `-` is the standard input.
fn read_query(file: &str) -> Result<String, String> {
    if file == "-" {
        return bounded::stream(std::io::stdin()).map_err(|error| format!("the standard input: {error}"));
    }
    bounded::file(Path::new(file))
}
