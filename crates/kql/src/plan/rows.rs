//! What the plan may ask of rows.

use super::SharedTable;
use crate::error::Outcome;
use crate::properties::Properties;
use crate::value::Value;

/// Rows that are known before the whole query is bound: some operators have the columns that the rows say.
pub(crate) trait Rows {
    /// Says what the query says about its own run.
    fn told(&mut self, properties: &Properties);

    /// Shows every value of a column of a table that the query computes once.
    fn each(
        &mut self,
        table: &SharedTable,
        column: usize,
        visit: &mut dyn FnMut(Value) -> Outcome<()>,
    ) -> Outcome<()>;
}
