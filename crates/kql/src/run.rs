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
mod series;
mod source;
mod step;
mod terms;
mod text;
mod window;

use crate::answer::{Answer, Partial};
use crate::database::Database;
use crate::error::Outcome;
use crate::options::Options;
use crate::plan::Plan;

use env::Env;

/// Runs a bound query.
pub(crate) fn run(plan: &Plan, database: &Database, options: &Options) -> Outcome<Answer> {
    let mut env = Env::new(database, options);
    let frame = env.plan(plan)?;
    let shown = frame.rows.min(options.max_rows);
    let columns: Vec<_> = (0..frame.columns.len()).map(|index| frame.data(index)).collect();
    let mut rows = Vec::with_capacity(shown);
    for row in 0..shown {
        if row % 4_096 == 0 {
            env.tick()?;
        }
        let values = columns.iter().zip(&plan.columns);
        rows.push(values.map(|(data, column)| data.value(column.ty, row, &env.pool)).collect());
    }
    let partial = (frame.rows > shown).then(|| Partial {
        message: format!("the query has {} rows; only the first {shown} are answered", frame.rows),
        limit: options.max_rows,
    });
    Ok(Answer { columns: plan.columns.clone(), rows, render: plan.render.clone(), partial })
}
pub(crate) use text::text_has;
