//! A result table of the service, read by the names of its columns.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::Value;

use pure::domain::parse_address;

/// The rows of a result with their column names.
pub(super) struct Grid<'a> {
    columns: &'a [String],
    rows: &'a [Vec<Value>],
}

impl<'a> Grid<'a> {
    /// A table as the service answers it; a row may be shorter or longer than the columns.
    pub(super) fn new(columns: &'a [String], rows: &'a [Vec<Value>]) -> Self {
        Self { columns, rows }
    }

    /// The rows in their order.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'a>> {
        let columns = self.columns;
        self.rows.iter().map(move |cells| Row { columns, cells })
    }
}

/// One row.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    columns: &'a [String],
    cells: &'a [Value],
}

impl<'a> Row<'a> {
    fn cell(self, column: &str) -> &'a Value {
        let place = self.columns.iter().position(|name| name == column);
        place.and_then(|place| self.cells.get(place)).unwrap_or(&Value::Null)
    }

    /// The text of a cell; null and a missing column are empty, anything else is its JSON text.
    pub(super) fn text(self, column: &str) -> String {
        match self.cell(column) {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    /// An instant; none for what is none.
    pub(super) fn time(self, column: &str) -> Option<Timestamp> {
        self.cell(column).as_str()?.trim().parse().ok()
    }

    /// A count; zero for null and for what is none. A real or a text of digits is accepted.
    pub(super) fn count(self, column: &str) -> u64 {
        let cell = self.cell(column);
        cell.as_u64().or_else(|| whole(self.number(column)?)).unwrap_or_default()
    }

    /// A number; none for null and for what is none. A text of a number is accepted, NaN and infinities are not.
    pub(super) fn number(self, column: &str) -> Option<f64> {
        let cell = self.cell(column);
        let number = cell.as_f64().or_else(|| cell.as_str()?.trim().parse().ok())?;
        number.is_finite().then_some(number)
    }

    /// A truth; null and what is none are false. Texts and 0 or 1 are accepted.
    pub(super) fn truth(self, column: &str) -> bool {
        match self.cell(column) {
            Value::Bool(truth) => *truth,
            Value::String(text) => text.trim().eq_ignore_ascii_case("true"),
            Value::Number(number) => number.as_i64() == Some(1),
            _ => false,
        }
    }

    /// The addresses in a text that joins them by commas; what is no address is left out.
    pub(super) fn addresses(self, column: &str) -> BTreeSet<IpAddr> {
        self.text(column).split(',').filter_map(parse_address).collect()
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was checked")]
fn whole(number: f64) -> Option<u64> {
    (0.0..=9_007_199_254_740_992.0).contains(&number).then(|| number.trunc() as u64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read<T>(cell: Value, read: impl Fn(Row<'_>) -> T) -> T {
        let (columns, cells) = (["X".to_owned()], [cell]);
        read(Row { columns: &columns, cells: &cells })
    }

    #[test]
    fn cells_are_read_leniently() {
        assert_eq!(read(json!(null), |row| row.text("X")), "");
        assert_eq!(read(json!(["a"]), |row| row.text("X")), r#"["a"]"#);
        assert_eq!(read(json!("a"), |row| row.text("Y")), "");
        assert_eq!(read(json!(3), |row| row.count("X")), 3);
        assert_eq!(read(json!(3.0), |row| row.count("X")), 3);
        assert_eq!(read(json!("3"), |row| row.count("X")), 3);
        assert_eq!(read(json!(-3), |row| row.count("X")), 0);
        assert_eq!(read(json!("NaN"), |row| row.number("X")), None);
        assert_eq!(read(json!(60), |row| row.number("X")), Some(60.0));
        assert!(read(json!("True"), |row| row.truth("X")));
        assert!(!read(json!("x"), |row| row.truth("X")));
        assert_eq!(read(json!("soon"), |row| row.time("X")), None);
        let time = read(json!("2026-05-04T10:31:00.1234567Z"), |row| row.time("X"));
        assert_eq!(time, Some("2026-05-04T10:31:00.1234567Z".parse().unwrap()));
        let addresses = read(json!("203.0.113.9,x,203.0.113.10"), |row| row.addresses("X"));
        assert_eq!(addresses, ["203.0.113.9", "203.0.113.10"].map(|text| text.parse().unwrap()).into());
    }
}
