//! Which rows of a file are not played, and why: counted by reason, the first places named.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Value, json};

/// So many places are named for each reason.
const NAMED: usize = 5;

/// Rows that are left out.
#[derive(Debug, Clone, Default)]
pub(crate) struct LeftOut(BTreeMap<Cow<'static, str>, Rows>);

#[derive(Debug, Clone, Default)]
struct Rows {
    count: usize,
    first: Vec<usize>,
}

impl LeftOut {
    /// Row `number`, from 1 up, is left out.
    pub(super) fn add(&mut self, number: usize, because: Cow<'static, str>) {
        let rows = self.0.entry(because).or_default();
        rows.count += 1;
        if rows.first.len() < NAMED {
            rows.first.push(number);
        }
    }

    /// How many.
    pub(crate) fn count(&self) -> usize {
        self.0.values().map(|rows| rows.count).sum()
    }

    /// A line for each reason.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(because, rows)| {
            let places: Vec<String> = rows.first.iter().map(ToString::to_string).collect();
            let more = if rows.count > rows.first.len() { " …" } else { "" };
            let what = if rows.count == 1 { "row is" } else { "rows are" };
            format!("{} {what} left out, {because}: row {}{more}", rows.count, places.join(", "))
        })
    }

    /// The same for programs.
    pub(crate) fn facts(&self) -> Value {
        let facts = self.0.iter();
        facts
            .map(|(because, rows)| json!({ "rows": rows.count, "because": because, "first": rows.first }))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_told_once_with_its_first_rows() {
        let mut left_out = LeftOut::default();
        (1..=7).for_each(|number| left_out.add(number, "no object".into()));
        left_out.add(9, "no JSON".into());
        let lines: Vec<String> = left_out.lines().collect();
        assert_eq!(
            lines,
            ["1 row is left out, no JSON: row 9", "7 rows are left out, no object: row 1, 2, 3, 4, 5 …"]
        );
    }
}
