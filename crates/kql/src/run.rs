//! Running a plan: frames of columns go through its steps.

mod aggregate;
mod aggregate_lists;
mod arithmetic;
mod choice;
mod compare;
mod env;
mod eval;
mod expand;
mod frame;
mod group;
mod join;
mod keys;
mod lists;
mod made;
mod membership;
mod memo;
mod nested;
mod order;
mod parse;
mod pipeline;
mod pivot;
mod range;
mod scan;
mod segments;
mod series;
mod source;
mod spread;
mod step;
mod text;
mod text_lists;
mod window;

use crate::answer::{Answer, Limit, Partial, Render};
use crate::database::Database;
use crate::error::Outcome;
use crate::options::Options;
use crate::plan::rows::Rows;
use crate::plan::{Chart, Plan, SharedTable};
use crate::properties::Properties;
use crate::value::Value;

use env::Env;
use frame::Frame;

/// A query under way: what it computed once it keeps, also while the rest of it is bound.
pub(crate) struct Runner<'a> {
    env: Env<'a>,
}

impl<'a> Runner<'a> {
    pub(crate) fn new(database: &'a Database, options: &'a Options) -> Runner<'a> {
        Runner { env: Env::new(database, options.clone()) }
    }

    /// Runs a bound query.
    pub(crate) fn answer(&mut self, plan: &Plan) -> Outcome<Answer> {
        answer(&mut self.env, plan)
    }
}

impl Rows for Runner<'_> {
    fn told(&mut self, properties: &Properties) {
        self.env.told(properties);
    }

    fn each(
        &mut self,
        table: &SharedTable,
        column: usize,
        visit: &mut dyn FnMut(Value) -> Outcome<()>,
    ) -> Outcome<()> {
        let frame = self.env.shared_table(table)?;
        let data = frame.data(column, &self.env.pool);
        for row in 0..frame.rows {
            if row % 4_096 == 0 {
                self.env.tick()?;
            }
            visit(data.value(table.plan.columns[column].ty, row, &self.env.pool))?;
        }
        Ok(())
    }
}

fn answer(env: &mut Env<'_>, plan: &Plan) -> Outcome<Answer> {
    let options = env.options.clone();
    let frame = env.plan(plan)?;
    let shown = frame.rows.min(options.max_rows);
    let columns: Vec<_> = (0..frame.columns.len()).map(|index| frame.data(index, &env.pool)).collect();
    let mut rows = Vec::with_capacity(shown);
    let mut bytes = 0_usize;
    // Where nothing limits an answer, its size is not reckoned: over a million rows that is a tenth of the query's time.
    let is_limited = options.max_answer_bytes < usize::MAX;
    for row in 0..shown {
        if row % 4_096 == 0 {
            let held =
                (shown - row).min(4_096) * (columns.len() * size_of::<Value>() + size_of::<Vec<Value>>());
            env.charge(held)?;
        }
        let values = columns.iter().zip(&plan.columns);
        let values: Vec<Value> = values.map(|(data, column)| data.value(column.ty, row, &env.pool)).collect();
        if is_limited {
            bytes = values.iter().map(Value::answer_bytes).fold(bytes, usize::saturating_add);
            if bytes > options.max_answer_bytes {
                break;
            }
        }
        rows.push(values);
    }
    let partial = (frame.rows > rows.len()).then(|| {
        let (all, some) = (frame.rows, rows.len());
        let (reason, limit) = if some < shown {
            (format!(", {} MiB", options.max_answer_bytes >> 20), Limit::Bytes(options.max_answer_bytes))
        } else {
            (String::new(), Limit::Rows(options.max_rows))
        };
        Partial {
            message: format!("the query has {all} rows; only the first {some}{reason} are answered"),
            limit,
        }
    });
    let render = plan.render.as_deref().map(|chart| render(env, chart)).transpose()?;
    Ok(Answer { columns: plan.columns.clone(), rows, render, partial })
}

fn render(env: &mut Env<'_>, chart: &Chart) -> Outcome<Render> {
    let row = Frame::of(1, Vec::new());
    let mut properties = Vec::with_capacity(chart.properties.len());
    for (name, node) in &chart.properties {
        properties.push((name.clone(), env.constant(node, &row)?.to_text()));
    }
    Ok(Render { visualization: chart.visualization.clone(), properties })
}
