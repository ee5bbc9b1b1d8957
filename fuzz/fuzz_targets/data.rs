//! Any row can be stored, and every query over it is answered or refused.

#![no_main]

use std::time::Duration;

use kql::{Column, Database, DateTime, Options, Type, run};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

const COLUMNS: [(&str, Type); 9] = [
    ("s", Type::String),
    ("l", Type::Long),
    ("i", Type::Int),
    ("r", Type::Real),
    ("b", Type::Bool),
    ("t", Type::DateTime),
    ("d", Type::Timespan),
    ("g", Type::Guid),
    ("x", Type::Dynamic),
];

const QUERIES: [&str; 8] = [
    "T | extend a = tostring(x), c = parse_json(s), e = todatetime(s), f = totimespan(s), h = tolong(s), k = toreal(s)",
    "T | summarize count(), sum(l), avg(r), min(t), max(d), dcount(x), make_list(s), make_set(x), percentile(r, 50), stdev(i) by b, g",
    "T | where s has 'a' or s matches regex '[0-9]+' or s contains_cs 'A' or ipv4_is_in_range(s, '198.51.100.0/24')",
    "T | mv-expand x | extend y = x.a, z = x[0], k = bag_keys(x), n = array_length(x) | sort by s asc, r desc",
    "T | extend p = t + d, q = t - t, m = l * i, o = l % i, u = bin(t, 1m), v = bin(l, 7), w = bin(r, 0.1), y = l / i",
    "T | make-series n = count(), total = sum(r) on t from datetime(2026-05-04) to datetime(2026-05-05) step 1h by s",
    "T | parse s with a '=' b:long ';' c | join kind=fullouter (T | project s, l) on s | distinct s, l1",
    "T | extend o = format_datetime(t, 'yyyy-MM-dd HH:mm:ss.fffffff'), v = split(s, ','), j = parse_url(s), n = parse_ipv4(s), h = extract('(.)', 1, s), tr = trim('a', s), ss = substring(s, l, i)",
];

fuzz_target!(|bytes: &[u8]| {
    let Ok(rows) = serde_json::from_slice::<Vec<Map<String, Value>>>(bytes) else { return };
    let Some(now) = DateTime::parse("2026-05-04T10:00:00Z") else { return };
    let mut database = Database::new();
    database.add_table("T", COLUMNS.map(|(name, kind)| Column::new(name, kind)).to_vec());
    if database.append("T", &rows).is_err() {
        return;
    }
    let options = Options {
        deadline: Some(Duration::from_millis(500)),
        max_bytes: 50_000_000,
        max_rows: 1_000,
        ..Options::new(now)
    };
    for query in QUERIES {
        if let Ok(answer) = run(query, &database, &options) {
            drop(answer.rows_api_json());
        }
    }
});
