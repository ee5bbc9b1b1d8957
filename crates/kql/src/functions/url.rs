//! `parse_url` and `parse_urlquery`: the parts of an address.

use std::collections::BTreeMap;

use super::Returns::Is;
use super::{Call, Function, Naming, function};
use crate::dynamic::Dynamic;
use crate::types::Type;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    function("parse_url", "str", Is(Type::Dynamic), Naming::None, |call, args| {
        parse_url(call, &args[0].shown())
    }),
    function("parseurl", "str", Is(Type::Dynamic), Naming::None, |call, args| {
        parse_url(call, &args[0].shown())
    }),
    function("parseurlquery", "str", Is(Type::Dynamic), Naming::None, |_, args| {
        bag(vec![("Query Parameters", query(args[0].shown().trim_start_matches('?')))])
    }),
    function("parse_urlquery", "str", Is(Type::Dynamic), Naming::None, |_, args| {
        bag(vec![("Query Parameters", query(args[0].shown().trim_start_matches('?')))])
    }),
];

/// Scheme, user and password (only with a colon between them), host, port, path, query, fragment.
const URL: &str = concat!(
    r"(?s)^(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*)://(?:(?P<user>[^:@/?#]*):(?P<password>[^@/?#]*)@)?",
    r"(?P<host>\[[^\]]*\]|[^:/?#]*)(?::(?P<port>[0-9]*))?",
    r"(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?$"
);

pub(super) fn bag(members: Vec<(&str, Dynamic)>) -> Value {
    Value::Dynamic(Dynamic::Bag(members.into_iter().map(|(name, value)| (name.into(), value)).collect()))
}

pub(super) fn text(value: &str) -> Dynamic {
    Dynamic::String(value.into())
}

/// The parts as they stand there, nothing decoded; all of them empty when it is no address.
fn parse_url(call: &Call<'_>, url: &str) -> Value {
    let pattern = call.pattern(URL);
    let found = pattern.and_then(|pattern| pattern.captures(url, call.clock()).ok().flatten());
    let part = |name: &str| found.as_ref().and_then(|found| found.named(name)).unwrap_or("");
    // A slash that ends the address is no path.
    let path = if part("path") == "/" && url.ends_with('/') { "" } else { part("path") };
    bag(vec![
        ("Scheme", text(part("scheme"))),
        ("Host", text(part("host"))),
        ("Port", text(part("port"))),
        ("Path", text(path)),
        ("Username", text(part("user"))),
        ("Password", text(part("password"))),
        ("Query Parameters", query(part("query"))),
        ("Fragment", text(part("fragment"))),
    ])
}

/// `a=1&b=2` as a bag in the order of the names. What lacks a name or a value is left out; a name that stands
/// there more than once has all its values.
fn query(part: &str) -> Dynamic {
    let mut members: BTreeMap<&str, Vec<Dynamic>> = BTreeMap::new();
    for (name, value) in part.split('&').filter_map(|pair| pair.split_once('=')) {
        if !name.is_empty() && !value.is_empty() {
            members.entry(name).or_default().push(text(value));
        }
    }
    let member = |(name, mut values): (&str, Vec<Dynamic>)| match (values.len(), values.pop()) {
        (1, Some(only)) => (name.into(), only),
        (_, last) => (name.into(), Dynamic::Array(values.into_iter().chain(last).collect())),
    };
    Dynamic::Bag(members.into_iter().map(member).collect())
}
