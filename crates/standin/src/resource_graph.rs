//! Resource Graph: the caller's query, run for real over tables made of the world
//! (contract azure-resource-manager, section 4).

mod changes;
mod containers;
mod facets;
mod kept;
mod problem;
mod scope;
mod tables;
mod wording;

use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use kql::{Answer, Options};
use serde_json::{Map, Value, json};

use crate::Reply;
use crate::access::{decode, encode};
use crate::arm::Request;
use crate::arm::{no_such_method, versions};
use crate::quotas::{GraphQuota, seconds_up};
use crate::world::ResourceId;

use facets::Facet;
use scope::Scope;

/// Rows an answer when nobody asks for more (section 4.3).
const DEFAULT_TOP: usize = 100;
/// Rows an answer at most.
const LARGEST_TOP: usize = 1000;
/// Rows that a query may find altogether.
const MOST_ROWS: usize = 5_000_000;
/// How long a query may run.
const DEADLINE: Duration = Duration::from_secs(60);

/// The tables that are kept between calls, and the results for the pages after the first.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    tables: tables::Tables,
}

/// What a body asks for.
struct Asked {
    query: String,
    subscriptions: Vec<String>,
    groups: Vec<String>,
    facets: Vec<Facet>,
    top: usize,
    skip: usize,
    /// Whether this is a later page, whose result may be kept from the first.
    continued: bool,
    as_table: bool,
}

/// Answers `POST /providers/Microsoft.ResourceGraph/resources`.
pub(crate) fn answer(request: &Request<'_>) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.resourcegraph", "resources")?;
    if request.call.method != Method::POST {
        return Err(no_such_method(&request.call.method));
    }
    let quota = request.state.quotas.graph(&request.caller.object_id).map_err(throttled)?;
    let reply = page(request).unwrap_or_else(|refusal| refusal);
    Ok(with_quota(reply, quota))
}

fn with_quota(reply: Reply, quota: GraphQuota) -> Reply {
    let seconds = seconds_up(quota.resets_after);
    reply
        .with_header("x-ms-user-quota-remaining", quota.remaining.to_string())
        .with_header("x-ms-user-quota-resets-after", format!("00:00:{seconds:02}"))
        .with_header("x-ms-resource-graph-request-duration", "0:00:00:00.0100000")
}

fn throttled(resets_after: Duration) -> Reply {
    with_quota(problem::throttled(), GraphQuota { remaining: 0, resets_after })
        .with_header("Retry-After", seconds_up(resets_after).to_string())
}

fn page(request: &Request<'_>) -> Result<Reply, Reply> {
    let body = request.call.json()?;
    let asked = read(&body, &request.version)?;
    let scope = scope::of(request, &asked.subscriptions, &asked.groups)?;
    let (result, facets) = run(request, &asked, &scope)?;
    let total = result.rows.len();
    let from = asked.skip.min(total);
    let to = from.saturating_add(asked.top).min(total);
    let limited = wording::takes_some(&asked.query);
    let has_id = result.columns.iter().any(|column| column.name == "id");
    let more = to < total;
    let token = (more && has_id && !limited).then(|| token(&asked, to));
    let rows = &result.rows[from..to];
    let data = if asked.as_table { as_table(&result, rows) } else { as_objects(&result, rows, from > 0) };
    let mut reply = json!({
        "totalRecords": total, "count": rows.len(), "data": data, "facets": facets,
        // A text, and true exactly when rows are missing that no token leads to (section 4.3).
        "resultTruncated": if more && token.is_none() { "true" } else { "false" },
    });
    if let Some(token) = token {
        reply["$skipToken"] = Value::String(token);
    }
    Ok(Reply::json(200, &reply))
}

/// Reads the body.
fn read(body: &Value, version: &str) -> Result<Asked, Reply> {
    let query = body.get("query").and_then(Value::as_str).unwrap_or_default().to_owned();
    if query.trim().is_empty() {
        return Err(problem::bad("Query is missing."));
    }
    let list = |name: &str| match body.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) => list
            .iter()
            .map(|id| id.as_str().map(str::to_ascii_lowercase))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| problem::bad(format!("'{name}' must hold texts."))),
        Some(_) => Err(problem::bad(format!("'{name}' must be an array."))),
    };
    let empty = Map::new();
    let options = match body.get("options") {
        None | Some(Value::Null) => &empty,
        Some(Value::Object(options)) => options,
        Some(_) => return Err(problem::bad("'options' must be an object.")),
    };
    let option = |name: &str| options.get(name).filter(|value| !value.is_null());
    let top = match option("$top") {
        None => DEFAULT_TOP,
        Some(value) => value
            .as_u64()
            .and_then(|top| usize::try_from(top).ok())
            .filter(|top| (1..=LARGEST_TOP).contains(top))
            .ok_or_else(|| problem::bad(format!("'$top' must be between 1 and {LARGEST_TOP}.")))?,
    };
    let skip = match option("$skip") {
        None => 0,
        Some(value) => {
            let skip = value.as_u64().and_then(|skip| usize::try_from(skip).ok());
            skip.ok_or_else(|| problem::bad("'$skip' must be a count."))?
        }
    };
    if option("allowPartialScopes").is_some_and(|allowed| !allowed.is_boolean()) {
        return Err(problem::bad("'allowPartialScopes' must be a boolean."));
    }
    let as_table = match option("resultFormat").map(Value::as_str) {
        // Arrays of objects are the default since 2020.
        None => version.starts_with("2018") || version.starts_with("2019"),
        Some(Some(format)) if format.eq_ignore_ascii_case("objectArray") => false,
        Some(Some(format)) if format.eq_ignore_ascii_case("table") => true,
        Some(_) => return Err(problem::bad("'resultFormat' must be 'table' or 'objectArray'.")),
    };
    let (subscriptions, groups, facets) =
        (list("subscriptions")?, list("managementGroups")?, facets::read(body)?);
    let mut asked = Asked { query, subscriptions, groups, facets, top, skip, continued: false, as_table };
    if let Some(token) = option("$skipToken") {
        asked.skip = offset_of(&asked, token)?;
        asked.continued = true;
    }
    Ok(asked)
}

/// The token for the rows from `offset` on; it is bound to the query and its scope.
fn token(asked: &Asked, offset: usize) -> String {
    encode(json!({ "o": offset, "q": fingerprint(asked) }).to_string().as_bytes())
}

/// Where a token leads. One of Azure's own form is bound to nothing, and says how many rows to skip.
fn offset_of(asked: &Asked, token: &Value) -> Result<usize, Reply> {
    // Azure writes its tokens with the letters that URLs do not have.
    let text = token.as_str().unwrap_or_default().replace('+', "-").replace('/', "_");
    let bytes = decode(&text);
    let token: Value = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let ours = token.get("o").filter(|_| token["q"] == fingerprint(asked));
    let offset = ours.or_else(|| token.get("RowsToSkip")).and_then(Value::as_u64);
    let offset = offset.and_then(|offset| usize::try_from(offset).ok());
    offset.ok_or_else(|| problem::bad("The skip token does not belong to this query and scope."))
}

fn fingerprint(asked: &Asked) -> u64 {
    let text = format!("{}\n{}\n{}", asked.query, asked.subscriptions.join(","), asked.groups.join(","));
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3) & ((1 << 52) - 1)
    })
}

fn run(request: &Request<'_>, asked: &Asked, scope: &Scope) -> Result<(Arc<Answer>, Vec<Value>), Reply> {
    let snapshot = {
        let world = request.state.world();
        request.state.graph.tables.of(&world, scope, &asked.query)
    };
    let (query, added) = wording::with_table(&asked.query);
    let now = kql::DateTime::from_unix_nanoseconds(request.state.now().as_nanosecond());
    let mut options = Options::new(now);
    options.max_rows = MOST_ROWS;
    // The answer is given away in pages: its size altogether is no limit.
    options.max_answer_bytes = usize::MAX;
    options.deadline = Some(DEADLINE);
    options.tables_ignore_case = true;
    let kept = asked.continued.then(|| snapshot.result(&asked.query)).flatten();
    let result = match kept {
        Some(result) => result,
        None => {
            let result = kql::run(&query, &snapshot.tables, &options)
                .map_err(|error| problem::of_query(&asked.query, added, &error))?;
            let result = Arc::new(result);
            snapshot.keep(&asked.query, &result);
            result
        }
    };
    let facets = asked.facets.iter().map(|facet| facet.answer(&query, &result, &snapshot.tables, &options));
    let facets = facets.collect();
    Ok((result, facets))
}

fn as_objects(result: &Answer, rows: &[Vec<kql::Value>], later: bool) -> Value {
    let object = |row: &Vec<kql::Value>| {
        let member = |(column, value): (&kql::Column, &kql::Value)| {
            let mut json = value.to_json();
            if later && column.name == "id" {
                drift(&mut json);
            }
            (column.name.clone(), json)
        };
        Value::Object(result.columns.iter().zip(row).map(member).collect())
    };
    Value::Array(rows.iter().map(object).collect())
}

/// The resource group's part of an id changes its case between calls (section 4.4): here, after the first page.
fn drift(id: &mut Value) {
    let parsed = id.as_str().and_then(ResourceId::parse);
    if let Some(parsed) = parsed {
        let upper = parsed.group.to_ascii_uppercase();
        let text = parsed.text.replacen(&format!("/{}/", parsed.group), &format!("/{upper}/"), 1);
        *id = Value::String(text);
    }
}

fn as_table(result: &Answer, rows: &[Vec<kql::Value>]) -> Value {
    let kind = |column: &kql::Column| {
        match column.ty.name() {
            "long" | "int" => "integer",
            "real" => "number",
            "bool" => "boolean",
            "dynamic" => "object",
            other => other,
        }
        .to_owned()
    };
    let columns: Vec<Value> =
        result.columns.iter().map(|column| json!({ "name": column.name, "type": kind(column) })).collect();
    let rows: Vec<Value> =
        rows.iter().map(|row| Value::Array(row.iter().map(kql::Value::to_json).collect())).collect();
    json!({ "columns": columns, "rows": rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_group_drifts() {
        let mut id = json!("/subscriptions/s/resourceGroups/rg-a/providers/P/t/rg-a");
        drift(&mut id);
        assert_eq!(id, json!("/subscriptions/s/resourceGroups/RG-A/providers/P/t/rg-a"));
    }
}
