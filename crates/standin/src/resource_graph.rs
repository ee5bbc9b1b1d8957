//! Resource Graph: the caller's query, run for real over tables made of the world
//! (contract azure-resource-manager, section 4).

mod tables;

use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use axum::http::Method;
use kql::{Answer, Options};
use regex::Regex;
use serde_json::{Map, Value, json};

use crate::Reply;
use crate::access::{decode, encode};
use crate::arm::Request;
use crate::arm::{no_such_method, versions};
use crate::quotas::{GraphQuota, seconds_up};
use crate::world::{ResourceId, guid};

/// Rows an answer when nobody asks for more (section 4.3).
const DEFAULT_TOP: usize = 100;
/// Rows an answer at most.
const LARGEST_TOP: usize = 1000;
/// Rows that a query may find altogether.
const MOST_ROWS: usize = 5_000_000;
/// How long a query may run.
const DEADLINE: Duration = Duration::from_secs(60);
/// How many results are kept for the pages after the first.
const KEPT: usize = 8;

/// The tables and results that are kept between calls.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    tables: tables::Tables,
    results: Mutex<Vec<(String, Arc<Answer>)>>,
}

/// What a body asks for.
struct Asked {
    query: String,
    subscriptions: Vec<String>,
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
    let text = "Client application has been throttled and should not attempt to repeat the request until an amount \
                of time has elapsed.";
    let reply = refused(429, "RateLimiting", "RateLimiting", text);
    with_quota(reply, GraphQuota { remaining: 0, resets_after })
        .with_header("Retry-After", seconds_up(resets_after).to_string())
}

/// An error of this service: what is wrong stands in the details.
fn refused(status: u16, code: &str, detail: &str, message: &str) -> Reply {
    let support = format!(
        "Please provide below info when asking for support: timestamp = {}, correlationId = {}.",
        crate::clock::wall(),
        guid()
    );
    let details = json!([{ "code": detail, "message": message }]);
    Reply::json(status, &json!({ "error": { "code": code, "message": support, "details": details } }))
}

fn bad(message: impl AsRef<str>) -> Reply {
    refused(400, "BadRequest", "InvalidQuery", message.as_ref())
}

fn page(request: &Request<'_>) -> Result<Reply, Reply> {
    let body = request.call.json()?;
    let asked = read(&body)?;
    let scope = scope(request, &asked)?;
    let result = run(request, &asked, &scope)?;
    let total = result.rows.len();
    let from = asked.skip.min(total);
    let to = from.saturating_add(asked.top).min(total);
    let limited = takes_some(&asked.query);
    let has_id = result.columns.iter().any(|column| column.name == "id");
    let more = to < total;
    let token = (more && has_id && !limited).then(|| token(&asked, to));
    let rows = &result.rows[from..to];
    let data = if asked.as_table { as_table(&result, rows) } else { as_objects(&result, rows, from > 0) };
    let mut reply = json!({
        "totalRecords": total, "count": rows.len(), "data": data, "facets": [],
        // A text, and true exactly when rows are missing that no token leads to (section 4.3).
        "resultTruncated": if more && token.is_none() { "true" } else { "false" },
    });
    if let Some(token) = token {
        reply["$skipToken"] = Value::String(token);
    }
    Ok(Reply::json(200, &reply))
}

/// Reads the body.
fn read(body: &Value) -> Result<Asked, Reply> {
    let query = body.get("query").and_then(Value::as_str).unwrap_or_default().to_owned();
    if query.trim().is_empty() {
        return Err(bad("Query is missing."));
    }
    let list = |name: &str| match body.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) => list
            .iter()
            .map(|id| id.as_str().map(str::to_ascii_lowercase))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| bad(format!("'{name}' must hold texts."))),
        Some(_) => Err(bad(format!("'{name}' must be an array."))),
    };
    let empty = Map::new();
    let options = body.get("options").and_then(Value::as_object).unwrap_or(&empty);
    let option = |name: &str| options.get(name).filter(|value| !value.is_null());
    let top = match option("$top") {
        None => DEFAULT_TOP,
        Some(value) => value
            .as_u64()
            .and_then(|top| usize::try_from(top).ok())
            .filter(|top| (1..=LARGEST_TOP).contains(top))
            .ok_or_else(|| bad(format!("'$top' must be between 1 and {LARGEST_TOP}.")))?,
    };
    let skip = match option("$skip") {
        None => 0,
        Some(value) => {
            let skip = value.as_u64().and_then(|skip| usize::try_from(skip).ok());
            skip.ok_or_else(|| bad("'$skip' must be a count."))?
        }
    };
    let as_table = match option("resultFormat").map(Value::as_str) {
        None => false,
        Some(Some(format)) if format.eq_ignore_ascii_case("objectArray") => false,
        Some(Some(format)) if format.eq_ignore_ascii_case("table") => true,
        Some(_) => return Err(bad("'resultFormat' must be 'table' or 'objectArray'.")),
    };
    let mut asked =
        Asked { query, subscriptions: list("subscriptions")?, top, skip, continued: false, as_table };
    list("managementGroups")?;
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

fn offset_of(asked: &Asked, token: &Value) -> Result<usize, Reply> {
    let bytes = token.as_str().and_then(decode);
    let token: Option<Value> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let fits = token.as_ref().is_some_and(|token| token["q"] == fingerprint(asked));
    let offset = token.filter(|_| fits).and_then(|token| usize::try_from(token["o"].as_u64()?).ok());
    offset.ok_or_else(|| bad("The skip token does not belong to this query and scope."))
}

fn fingerprint(asked: &Asked) -> u64 {
    let text = format!("{}\n{}", asked.query, asked.subscriptions.join(","));
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3) & ((1 << 52) - 1)
    })
}

/// The subscriptions that are looked at: unknown ones are left out in silence, none at all is refused
/// (section 4.5). Of hidden ones there is nothing to see, which nobody is told.
fn scope(request: &Request<'_>, asked: &Asked) -> Result<Vec<String>, Reply> {
    let mut known = named(request, asked)?;
    known.retain(|id| !request.state.hidden.hides(id));
    Ok(known)
}

fn named(request: &Request<'_>, asked: &Asked) -> Result<Vec<String>, Reply> {
    let world = request.state.world();
    if asked.subscriptions.is_empty() {
        return Ok(world.subscriptions.iter().cloned().collect());
    }
    let known = world.subscriptions.iter().filter(|id| asked.subscriptions.contains(id));
    let known: Vec<String> = known.cloned().collect();
    if known.is_empty() {
        let text = "None of the given subscriptions can be read by the caller.";
        return Err(refused(403, "Forbidden", "NoValidSubscriptionsInQueryRequest", text));
    }
    Ok(known)
}

fn run(request: &Request<'_>, asked: &Asked, scope: &[String]) -> Result<Arc<Answer>, Reply> {
    let graph = &request.state.graph;
    let database = {
        let world = request.state.world();
        graph.tables.of(&world, scope, &asked.query)
    };
    let key = format!("{}\n{}\n{}", database.revision, scope.join(","), asked.query);
    let kept = |results: &[(String, Arc<Answer>)]| {
        results.iter().find(|(known, _)| *known == key).map(|(_, result)| Arc::clone(result))
    };
    if asked.continued
        && let Some(result) = kept(&graph.results.lock().unwrap_or_else(PoisonError::into_inner))
    {
        return Ok(result);
    }
    let now = kql::DateTime::from_unix_nanoseconds(request.state.now().as_nanosecond());
    let mut options = Options::new(now);
    options.max_rows = MOST_ROWS;
    options.deadline = Some(DEADLINE);
    options.tables_ignore_case = true;
    let result = kql::run(&asked.query, &database.tables, &options).map_err(|error| {
        let place =
            format!("Query is invalid at line {}, column {}: {}", error.line, error.column, error.message);
        refused(400, "BadRequest", if error.syntax { "ParserFailure" } else { "InvalidQuery" }, &place)
    })?;
    let result = Arc::new(result);
    let mut results = graph.results.lock().unwrap_or_else(PoisonError::into_inner);
    results.retain(|(known, _)| *known != key);
    results.insert(0, (key, Arc::clone(&result)));
    results.truncate(KEPT);
    Ok(result)
}

/// Whether the query itself cuts its result with `take` or `limit`, which rules out tokens (section 4.3).
fn takes_some(query: &str) -> bool {
    static TEXT: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"@?"[^"\n]*"|@?'[^'\n]*'|//[^\n]*"#).ok());
    static TAKE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\|\s*(?:take|limit)\b").ok());
    let bare = TEXT.as_ref().map(|text| text.replace_all(query, "''").into_owned());
    bare.is_some_and(|bare| TAKE.as_ref().is_some_and(|take| take.is_match(&bare)))
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
    fn a_take_inside_a_text_is_none() {
        assert!(takes_some("resources | take 5"));
        assert!(takes_some("resources\n|limit 5"));
        assert!(!takes_some("resources | where name == '| take 5'"));
        assert!(!takes_some("resources // | take 5"));
    }

    #[test]
    fn only_the_group_drifts() {
        let mut id = json!("/subscriptions/s/resourceGroups/rg-a/providers/P/t/rg-a");
        drift(&mut id);
        assert_eq!(id, json!("/subscriptions/s/resourceGroups/RG-A/providers/P/t/rg-a"));
    }
}
