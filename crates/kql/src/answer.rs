//! What a query answers.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::{Map, Value as Json, json};

use crate::dynamic::Dynamic;
use crate::types::Column;
use crate::value::Value;

/// The result table of a query.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Names and types of the columns.
    pub columns: Vec<Column>,
    /// The rows; each has one value per column. At most [`Options::max_rows`](crate::Options::max_rows).
    pub rows: Vec<Vec<Value>>,
    /// What the `render` operator asked for, if the query ends in one.
    pub render: Option<Render>,
    /// Why rows are missing, if some are.
    pub partial: Option<Partial>,
}

/// The chart that a query asks for; it changes no row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Render {
    /// `columnchart`, `piechart`, `table` …
    pub visualization: String,
    /// The properties behind `with`, by name, as text.
    pub properties: Vec<(String, String)>,
}

/// Why an answer is not whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partial {
    /// A sentence for people.
    pub message: String,
    /// The limit that was hit, in rows or in bytes, as the sentence says.
    pub limit: usize,
}

impl Answer {
    /// The rows as JSON: dynamics as plain JSON, instants with seven digits, null as null.
    #[must_use]
    pub fn rows_json(&self) -> Vec<Json> {
        self.rows.iter().map(|row| Json::Array(row.iter().map(Value::to_json).collect())).collect()
    }

    /// The rows as the Logs Query API sends them: dynamics as strings that hold JSON, instants as ISO 8601 with `Z`
    /// (contract azure-monitor, section 4.3).
    #[must_use]
    pub fn rows_api_json(&self) -> Vec<Json> {
        self.rows.iter().map(|row| Json::Array(row.iter().map(Value::to_api_json).collect())).collect()
    }

    /// The columns as JSON: `[{"name": …, "type": …}]`.
    #[must_use]
    pub fn columns_json(&self) -> Json {
        self.columns.iter().map(|column| json!({"name": column.name, "type": column.ty.name()})).collect()
    }

    /// The table `PrimaryResult` of the Logs Query API: name, columns, rows (contract azure-monitor, section 4.3). It is
    /// written value by value; nothing of it is held beside the answer.
    pub fn api_table(&self) -> impl Serialize {
        ApiTable(self)
    }

    /// The rows as objects, as Resource Graph sends them; dynamics are plain JSON.
    #[must_use]
    pub fn row_objects(&self) -> Vec<Map<String, Json>> {
        let object = |row: &Vec<Value>| {
            self.columns
                .iter()
                .zip(row)
                .map(|(column, value)| (column.name.clone(), value.to_json()))
                .collect()
        };
        self.rows.iter().map(object).collect()
    }
}

struct ApiTable<'a>(&'a Answer);

impl Serialize for ApiTable<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut table = serializer.serialize_map(Some(3))?;
        table.serialize_entry("name", "PrimaryResult")?;
        table.serialize_entry("columns", &self.0.columns_json())?;
        table.serialize_entry("rows", &ApiRows(&self.0.rows))?;
        table.end()
    }
}

struct ApiRows<'a>(&'a [Vec<Value>]);

impl Serialize for ApiRows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|row| ApiRow(row)))
    }
}

struct ApiRow<'a>(&'a [Value]);

impl Serialize for ApiRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_seq(Some(self.0.len()))?;
        for value in self.0 {
            match value {
                Value::String(text) => row.serialize_element(&**text)?,
                Value::Dynamic(value) => row.serialize_element(&ApiText(value))?,
                other => row.serialize_element(&other.to_api_json())?,
            }
        }
        row.end()
    }
}

/// A dynamic as a text that holds JSON.
struct ApiText<'a>(&'a Dynamic);

impl fmt::Display for ApiText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write_to(f)
    }
}

impl Serialize for ApiText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Render {
    /// The member `render` of the query API's answer (contract azure-monitor, section 4.5).
    #[must_use]
    pub fn to_api_json(&self) -> Json {
        let mut object = json!({
            "visualization": self.visualization, "title": null, "accumulate": false, "isQuerySorted": false,
            "kind": null, "annotation": "", "by": null,
        });
        for (name, value) in &self.properties {
            object[name.as_str()] = match value.as_str() {
                "true" => Json::Bool(true),
                "false" => Json::Bool(false),
                text => Json::from(text),
            };
        }
        object
    }
}
