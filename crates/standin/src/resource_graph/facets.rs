//! Facets: how often which values stand in the columns of a result.

use kql::{Answer, Database, Options, Type};
use serde_json::{Map, Value, json};

use super::problem;
use crate::Reply;
use crate::world::record::member_of;

/// Rows of a facet when nobody asks for another number, and at most.
const DEFAULT_TOP: u64 = 10;
const LARGEST_TOP: u64 = 1000;

/// What one facet asks for.
pub(super) struct Facet {
    expression: String,
    filter: Option<String>,
    sort_by: Option<String>,
    ascending: bool,
    top: u64,
}

/// Reads the facets of a body.
///
/// # Errors
/// The 400 for what is no facet.
pub(super) fn read(body: &Value) -> Result<Vec<Facet>, Reply> {
    match body.get("facets") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) => list.iter().map(one).collect(),
        Some(_) => Err(problem::bad("'facets' must be an array.")),
    }
}

fn one(facet: &Value) -> Result<Facet, Reply> {
    let expression = facet.get("expression").and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let expression = expression.ok_or_else(|| problem::bad("The expression of a facet is missing."))?;
    let empty = Map::new();
    let options = facet.get("options").and_then(Value::as_object).unwrap_or(&empty);
    let text = |name: &str| member_of(options, name).and_then(Value::as_str).map(str::to_owned);
    let ascending = match text("sortOrder").unwrap_or_default().to_ascii_lowercase().as_str() {
        "" | "desc" => false,
        "asc" => true,
        _ => return Err(problem::bad("The sort order of a facet must be 'asc' or 'desc'.")),
    };
    let top = match member_of(options, "$top").filter(|value| !value.is_null()) {
        None => DEFAULT_TOP,
        Some(value) => value
            .as_u64()
            .filter(|top| (1..=LARGEST_TOP).contains(top))
            .ok_or_else(|| problem::bad(format!("'$top' of a facet must be between 1 and {LARGEST_TOP}.")))?,
    };
    let (filter, sort_by) = (text("filter"), text("sortBy"));
    Ok(Facet { expression: expression.to_owned(), filter, sort_by, ascending, top })
}

impl Facet {
    /// Counts the values in the result of a query.
    pub(super) fn answer(&self, query: &str, result: &Answer, tables: &Database, options: &Options) -> Value {
        let named: Vec<&str> = self.expression.split(',').map(str::trim).collect();
        let is_column = |name: &&&str| result.columns.iter().any(|column| column.name == **name);
        let unknown: Vec<&str> = named.iter().filter(|name| !is_column(name)).copied().collect();
        if !unknown.is_empty() {
            let mut errors = Vec::new();
            if unknown.len() == named.len() {
                errors.push(json!({
                    "code": "NoValidColumns", "message": "No valid columns in facet expression.",
                }));
            }
            let message = format!("Invalid column names: [{}].", unknown.join(", "));
            errors.push(json!({ "code": "InvalidColumnNames", "message": message }));
            return self.failed(&errors);
        }
        match kql::run(&self.query(query, &named, result), tables, options) {
            Ok(counted) => self.found(&counted),
            Err(error) => self.failed(&[json!({ "code": "InvalidFacetOptions", "message": error.message })]),
        }
    }

    /// The query that counts.
    fn query(&self, query: &str, named: &[&str], result: &Answer) -> String {
        let quoted = |name: &str| format!("['{}']", name.replace('\\', "\\\\").replace('\'', "\\'"));
        let key = |name: &&str| {
            let column = result.columns.iter().find(|column| column.name == **name);
            let name = quoted(name);
            match column.map(|column| column.ty) {
                // A dynamic is no key.
                Some(Type::Dynamic) => format!("{name} = tostring({name})"),
                _ => name,
            }
        };
        let keys: Vec<String> = named.iter().map(key).collect();
        let filter = self.filter.as_ref().map(|filter| format!("\n| where {filter}")).unwrap_or_default();
        let order = if self.ascending { "asc" } else { "desc" };
        let sort_by = quoted(self.sort_by.as_deref().unwrap_or("count"));
        format!(
            "{query}{filter}\n| summarize ['count'] = count() by {}\n| order by {sort_by} {order}",
            keys.join(", ")
        )
    }

    fn found(&self, counted: &Answer) -> Value {
        let top = usize::try_from(self.top).unwrap_or(usize::MAX);
        let rows = counted.rows.iter().take(top);
        let object = |row: &Vec<kql::Value>| -> Value {
            let members = counted.columns.iter().zip(row);
            members
                .map(|(column, value)| (column.name.clone(), value.to_json()))
                .collect::<Map<_, _>>()
                .into()
        };
        let data: Vec<Value> = rows.map(object).collect();
        json!({
            "expression": self.expression, "totalRecords": counted.rows.len(), "count": data.len(), "data": data,
            "resultType": "FacetResult",
        })
    }

    fn failed(&self, errors: &[Value]) -> Value {
        json!({ "expression": self.expression, "errors": errors, "resultType": "FacetError" })
    }
}
