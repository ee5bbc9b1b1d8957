//! A query engine for the part of Kusto that Azure Monitor users type.
//!
//! It answers as Kusto does or refuses by name, line and column. It does no I/O and has no clock: tables are a
//! [`Database`], time is an argument of [`Options`], and [`run`] gives an [`Answer`] or an [`Error`].
//!
//! ```
//! use kql::{Database, DateTime, Options, run};
//!
//! let now = DateTime::parse("2026-05-04T10:00:00Z").ok_or("no date")?;
//! let answer = run("print x = 1 + 1", &Database::schema(), &Options::new(now))?;
//! assert_eq!(answer.rows_json()[0][0], 2);
//! let error = run("Heartbeat | where computer == 'x'", &Database::schema(), &Options::new(now));
//! assert_eq!(error.map(|_| ()).map_err(|error| (error.line, error.column)), Err((1, 19)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod aggregates;
mod answer;
mod ast;
mod bind;
mod builtin;
mod clock;
mod convert;
mod data;
mod database;
mod decimal;
#[cfg(test)]
mod documentation;
mod dynamic;
mod error;
mod functions;
mod ingest;
mod lexer;
mod loader;
mod options;
mod parser;
mod pattern;
mod plan;
mod pool;
mod properties;
mod run;
mod stack;
mod table;
mod terms;
mod time;
mod time_text;
mod token;
mod types;
mod value;

pub use answer::{Answer, Partial, Render};
pub use database::{Database, UnknownTable};
pub use decimal::Decimal;
pub use dynamic::Dynamic;
pub use error::{Cause, Error, Unknown};
pub use ingest::Cell;
pub use loader::Loader;
pub use options::Options;
pub use table::Table;
pub use time::DateTime;
pub use types::{Column, Type};
pub use value::Value;

/// Runs a query over a snapshot of tables.
///
/// # Errors
/// When the text is no query, names something unknown or not supported, or the run hits a limit of the options.
pub fn run(text: &str, database: &Database, options: &Options) -> Result<Answer, Error> {
    let outcome = stack::on_own_stack(|| {
        let script = parser::parse(text).map_err(|fault| fault.locate(text).of_syntax())?;
        let mut runner = run::Runner::new(database, options);
        let plan = bind::bind(&script, database, options, &mut runner).map_err(|fault| fault.locate(text))?;
        runner.answer(&plan).map_err(|fault| fault.locate(text))
    });
    outcome.unwrap_or_else(|| {
        Err(error::Fault::new(error::Span::default(), "the query could not be run: the engine failed")
            .locate(text))
    })
}
