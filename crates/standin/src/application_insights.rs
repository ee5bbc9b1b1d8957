//! Application Insights on the workspace: the tables of the Functions host's telemetry, and its items as rows of them
//! (recorded: `functions-host/application-insights.json`).

use std::sync::Arc;
use std::time::Duration;

use kql::{Column, Type};
use serde_json::{Map, Value, json};

use crate::State;
use crate::workspace::row_time;

/// Columns of every table.
const SHARED: &str = "TimeGenerated:datetime OperationId OperationName ParentId AppRoleInstance AppRoleName SDKVersion \
                      ItemCount:int Properties:dynamic";
/// The tables with what they have besides; the columns that Azure documents and the host fills.
const TABLES: [(&str, &str); 4] = [
    ("AppTraces", "Message SeverityLevel:int"),
    ("AppRequests", "Id Name DurationMs:real Success:bool ResultCode Url Source"),
    (
        "AppExceptions",
        "ProblemId ExceptionType OuterType OuterMessage InnermostType InnermostMessage Details:dynamic SeverityLevel:int",
    ),
    ("AppDependencies", "Id Name DurationMs:real Success:bool ResultCode Target DependencyType Data"),
];

/// All tables, each with its columns.
pub(crate) fn tables() -> impl Iterator<Item = (String, Vec<Column>)> {
    TABLES.into_iter().map(|(table, columns)| {
        let columns = SHARED.split_whitespace().chain(columns.split_whitespace()).map(|word| {
            let (name, kind) = word.split_once(':').unwrap_or((word, "string"));
            Column::new(name, Type::parse(kind).unwrap_or(Type::String))
        });
        (table.to_owned(), columns.collect())
    })
}

/// The component: what it is sent becomes rows of the workspace.
#[derive(Debug, Clone)]
pub(crate) struct Component {
    state: Arc<State>,
    host: String,
}

/// The operation of an invocation: what its items have in common.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    /// The trace id of `traceparent`.
    pub(crate) id: String,
    /// The span of the request.
    pub(crate) span: String,
    /// The function's name.
    pub(crate) function: String,
    /// The invocation's id.
    pub(crate) invocation: String,
}

impl Operation {
    /// What is sent to the handler, so that its telemetry can be put to the host's.
    pub(crate) fn traceparent(&self) -> String {
        format!("00-{}-{}-00", self.id, self.span)
    }
}

/// How an item is ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    /// `Information`.
    Information = 1,
    /// `Warning`.
    Warning = 2,
    /// `Error`.
    Error = 3,
}

impl Component {
    /// The component of one host, whose items reach the workspace of `state`.
    pub(crate) fn new(state: Arc<State>) -> Self {
        Self { state, host: crate::world::guid() }
    }

    /// A line of a log; one of the console belongs to no operation (contract functions-custom-handler, section 12).
    pub(crate) fn trace(
        &self,
        category: &str,
        severity: Severity,
        operation: Option<&Operation>,
        message: &str,
    ) {
        let row = json!({ "Message": message, "SeverityLevel": severity as u8 });
        self.send("AppTraces", category, operation, row);
    }

    /// The result of an invocation.
    pub(crate) fn request(&self, operation: &Operation, took: Duration, is_good: bool) {
        let row = json!({
            "Id": operation.span, "Name": operation.function, "DurationMs": took.as_secs_f64() * 1000.0,
            "Success": is_good, "ResultCode": "0",
        });
        self.send("AppRequests", "Host.Results", Some(operation), row);
    }

    /// Why an invocation failed.
    pub(crate) fn exception(&self, category: &str, operation: &Operation, why: &str) {
        let outer = "Microsoft.Azure.WebJobs.Host.FunctionInvocationException";
        let outer_message = format!("Exception while executing function: Functions.{}", operation.function);
        let inner = "System.Net.Http.HttpRequestException";
        let row = json!({
            "ProblemId": outer, "ExceptionType": outer, "OuterType": outer, "OuterMessage": outer_message,
            "InnermostType": inner, "InnermostMessage": why, "SeverityLevel": Severity::Error as u8,
            "Details": [
                { "id": "1", "outerId": "0", "type": outer, "message": outer_message },
                { "id": "2", "outerId": "1", "type": inner, "message": why },
            ],
        });
        self.send("AppExceptions", category, Some(operation), row);
    }

    /// The host's call to the handler.
    pub(crate) fn dependency(
        &self,
        category: &str,
        operation: &Operation,
        url: &str,
        took: Duration,
        is_good: bool,
    ) {
        let row = json!({
            "Id": crate::world::guid(), "Name": format!("POST /{}", operation.function), "Data": url,
            "DurationMs": took.as_secs_f64() * 1000.0, "Success": is_good, "DependencyType": "HTTP",
        });
        self.send("AppDependencies", category, Some(operation), row);
    }

    fn send(&self, table: &str, category: &str, operation: Option<&Operation>, row: Value) {
        let Value::Object(mut row) = row else { return };
        let mut properties = Map::new();
        properties.insert("Category".to_owned(), category.into());
        properties.insert("HostInstanceId".to_owned(), self.host.as_str().into());
        row.insert("TimeGenerated".to_owned(), row_time(self.state.now()).into());
        row.insert("AppRoleInstance".to_owned(), self.host.as_str().into());
        row.insert("ItemCount".to_owned(), 1.into());
        if let Some(operation) = operation {
            properties.insert("InvocationId".to_owned(), operation.invocation.as_str().into());
            row.insert("OperationId".to_owned(), operation.id.as_str().into());
            row.insert("OperationName".to_owned(), operation.function.as_str().into());
            if table != "AppRequests" {
                row.insert("ParentId".to_owned(), operation.span.as_str().into());
            }
        }
        row.insert("Properties".to_owned(), Value::Object(properties));
        // The tables were made with the workspace.
        let _ = self.state.workspace().append(table, [&row]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_item_that_was_recorded_has_its_table() {
        let path =
            format!("{}/tests/fixtures/functions-host/application-insights.json", env!("CARGO_MANIFEST_DIR"));
        let recorded: Value =
            serde_json::from_str(&std::fs::read_to_string(path).expect("a fixture")).expect("json");
        let tables: Vec<(String, Vec<Column>)> = tables().collect();
        for item in recorded["items"].as_array().expect("items") {
            let name = item["name"].as_str().expect("a name");
            let columns = &tables.iter().find(|(table, _)| table == name).expect(name).1;
            let has = |column: &str| columns.iter().any(|known| known.name == column);
            assert!(has("OperationId") && has("Properties"), "{name}");
        }
    }
}
