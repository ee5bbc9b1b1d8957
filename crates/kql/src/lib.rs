//! A query engine for the part of Kusto that Azure Monitor users type.
//!
//! It answers as Kusto does or refuses by name, line and column. It does no I/O and has no clock: tables are a
//! [`Database`], time is an argument of [`Options`], and [`run`] gives an [`Answer`] or an [`Error`].
//!
//! ```
//! use kql::{Column, Database, DateTime, Options, Type, run};
//!
//! let mut database = Database::new();
//! database.add_table("Readings", vec![Column::new("Room", Type::String), Column::new("Celsius", Type::Real)]);
//! let row = serde_json::json!({"Room": "attic", "Celsius": 24});
//! database.append("Readings", row.as_object())?;
//! let now = DateTime::parse("2026-05-04T10:00:00Z").ok_or("no date")?;
//! let answer = run("Readings | where Celsius > 20 | project Room", &database, &Options::new(now))?;
//! assert_eq!(answer.rows_json(), [serde_json::json!(["attic"])]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A refusal has its place:
//!
//! ```
//! # use kql::{Database, DateTime, Options, run};
//! # let now = DateTime::parse("2026-05-04T10:00:00Z").ok_or("no date")?;
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
mod digits;
#[cfg(test)]
mod documentation;
mod dynamic;
mod error;
mod functions;
mod ingest;
mod lexer;
mod loader;
mod near;
mod options;
mod outline;
mod parser;
mod pattern;
mod plan;
mod pool;
pub mod portal;
mod properties;
mod room;
mod run;
mod stack;
mod table;
mod terms;
mod time;
mod time_text;
mod token;
mod types;
mod value;

pub use answer::{Answer, Limit, Partial, Render};
pub use database::{Database, UnknownTable};
pub use decimal::Decimal;
pub use dynamic::Dynamic;
pub use error::{Cause, Error, Unknown};
pub use ingest::Cell;
pub use loader::Loader;
pub use options::Options;
pub use outline::Outline;
pub use room::{Room, Share};
pub use table::Table;
pub use time::DateTime;
pub use types::{Column, Type};
pub use value::Value;

/// Runs a query over a snapshot of tables. It blocks until the query is answered, refused or stopped; the work is done on a
/// thread of its own, whose stack is large enough for any query.
///
/// # Errors
/// When the text is no query, names something unknown or not supported, or the run hits its deadline or its memory. An
/// answer of too many rows or bytes is no error: it is [`Answer::partial`].
pub fn run(text: &str, database: &Database, options: &Options) -> Result<Answer, Error> {
    let outcome = stack::on_own_stack(|| {
        let script = parser::parse(text).map_err(|fault| {
            let found = lexer::word_at(text, fault.span.start).to_owned();
            fault.locate(text).of_syntax(found)
        })?;
        let mut runner = run::Runner::new(database, options);
        let plan = bind::bind(&script, database, options, &mut runner).map_err(|fault| fault.locate(text))?;
        runner.answer(&plan).map_err(|fault| fault.locate(text).of_columns(&plan.columns))
    });
    outcome.unwrap_or_else(|| {
        Err(error::Fault::new(error::Span::default(), "the query could not be run: the engine failed")
            .locate(text))
    })
}
