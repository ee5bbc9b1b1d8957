//! Running a plan: frames of columns go through its steps.

mod aggregate;
mod aggregate_lists;
mod arithmetic;
mod compare;
mod env;
mod eval;
mod expand;
mod frame;
mod group;
mod join;
mod order;
mod parse;
mod pipeline;
mod series;
mod source;
mod spread;
mod step;
mod text;
mod window;

use crate::answer::{Answer, Partial};
use crate::database::Database;
use crate::error::Outcome;
use crate::options::Options;
use crate::properties::Query;
use crate::value::Value;

use env::Env;

/// Runs a bound query.
pub(crate) fn run(query: &Query, database: &Database, options: &Options) -> Outcome<Answer> {
    let (plan, options) = (&query.plan, &query.properties.applied(options));
    let mut env = Env::new(database, options, &query.properties.scope);
    let frame = env.plan(plan)?;
    let shown = frame.rows.min(options.max_rows);
    let columns: Vec<_> = (0..frame.columns.len()).map(|index| frame.data(index)).collect();
    let mut rows = Vec::with_capacity(shown);
    let mut bytes = 0_usize;
    for row in 0..shown {
        if row % 4_096 == 0 {
            env.tick()?;
        }
        let values = columns.iter().zip(&plan.columns);
        let values: Vec<Value> = values.map(|(data, column)| data.value(column.ty, row, &env.pool)).collect();
        bytes = values.iter().map(Value::answer_bytes).fold(bytes, usize::saturating_add);
        if bytes > options.max_answer_bytes {
            break;
        }
        rows.push(values);
    }
    let partial = (frame.rows > rows.len()).then(|| {
        let (all, some) = (frame.rows, rows.len());
        let (reason, limit) = if some < shown {
            (format!(", {} MiB", options.max_answer_bytes >> 20), options.max_answer_bytes)
        } else {
            (String::new(), options.max_rows)
        };
        Partial {
            message: format!("the query has {all} rows; only the first {some}{reason} are answered"),
            limit,
        }
    });
    Ok(Answer { columns: plan.columns.clone(), rows, render: plan.render.clone(), partial })
}
