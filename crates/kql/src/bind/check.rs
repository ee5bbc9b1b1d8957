//! What the parameters of a function do not say by themselves: how many arguments go together, which must be constant.

use std::slice::from_ref;

use crate::error::{Fault, Outcome, Span};
use crate::functions;
use crate::pattern::Pattern;
use crate::plan::{Node, NodeKind};
use crate::types::Type;
use crate::value::Value;

use super::compare::check_regex;
use super::type_fault;

/// Refuses arguments that fit one by one and not together, or not this function.
pub(super) fn check(name: &str, nodes: &[Node], span: Span) -> Outcome<()> {
    match name {
        "hash" | "hash_xxhash64" => each(nodes.get(..1), "a string, long, datetime or timespan", |ty| {
            matches!(ty, Type::String | Type::Long | Type::DateTime | Type::Timespan)
        }),
        "base64_encode_fromguid" => each(Some(nodes), "a guid", |ty| ty == Type::Guid),
        "hash_md5" | "hash_sha1" | "hash_sha256" => {
            each(Some(nodes), "a value that is no dynamic", |ty| ty != Type::Dynamic)
        }
        "abs" => each(Some(nodes), "a number or a timespan", |ty| ty.is_number() || ty == Type::Timespan),
        "isnan" | "isinf" | "isfinite" => each(Some(nodes), "a real", |ty| ty != Type::Decimal),
        "max_of" | "min_of" => {
            at_least_two(name, nodes, span)?;
            each(Some(nodes), "a value that has an order", |ty| !matches!(ty, Type::Dynamic | Type::Guid))
        }
        "set_union" | "set_intersect" | "set_difference" | "zip" | "bag_merge" => {
            at_least_two(name, nodes, span)
        }
        "bag_pack" | "pack" | "pack_dictionary" if !nodes.len().is_multiple_of(2) => {
            Err(Fault::new(span, format!("the function '{name}' expects names and values in turn")))
        }
        "bag_pack" | "pack" | "pack_dictionary" => {
            nodes.iter().step_by(2).try_for_each(|node| each(Some(from_ref(node)), "a string", is_textual))
        }
        "array_sort_asc" | "array_sort_desc" => sorted_arrays(nodes),
        "series_add"
        | "series_subtract"
        | "series_multiply"
        | "series_divide"
        | "series_pow"
        | "series_greater"
        | "series_greater_equals"
        | "series_less"
        | "series_less_equals"
        | "series_equals"
        | "series_not_equals"
        | "series_dot_product" => series(nodes),
        "format_ipv4_mask" => at_least_two(name, nodes, span),
        "make_datetime" if nodes.len() == 2 => {
            Err(Fault::new(span, format!("the function '{name}' expects 1 or at least 3 arguments")))
        }
        "make_datetime" if nodes.len() > 2 => each(nodes.get(..1), "a number", Type::is_number),
        "make_timespan" if nodes.len() > 1 => {
            // Only the seconds, which come third or fourth, may have a fraction.
            let whole = if nodes.len() > 2 { nodes.len() - 1 } else { 2 };
            each(nodes.get(..whole), "a whole number", Type::is_integer)
        }
        "array_split" => {
            each(nodes.get(1..), "a whole number or a dynamic", |ty| ty.is_integer() || ty == Type::Dynamic)
        }
        "make_string" | "unicode_codepoints_to_string" => {
            each(Some(nodes), "a whole number or a dynamic", |ty| ty.is_integer() || ty == Type::Dynamic)
        }
        "has_any_ipv4" | "has_any_ipv4_prefix" | "ipv4_is_in_any_range" | "ipv6_is_in_any_range" => {
            each(nodes.get(1..), "a string or a dynamic", is_textual)
        }
        "bin_at" => bin_at(nodes),
        "around" => around(nodes),
        "datetime_diff" | "datetime_add" | "datetime_part" | "datepart" => date_part(name, nodes),
        "format_datetime" | "format_timespan" => format(name, nodes.get(1)),
        "extract_all" | "extractall" => {
            each(nodes.get(nodes.len() - 1..), "a string", is_textual)?;
            if nodes.len() == 3 {
                each(nodes.get(1..2), "a dynamic array", |ty| ty == Type::Dynamic)?;
            }
            pattern(nodes.first())?;
            has_group(name, nodes.first())
        }
        "extract" | "trim" | "trim_start" | "trim_end" => pattern(nodes.first()),
        "replace" => {
            pattern(nodes.first())?;
            constant(nodes.get(1), "the replacement")
        }
        "replace_regex" => {
            pattern(nodes.get(1))?;
            constant(nodes.get(2), "the replacement")
        }
        "indexof_regex" => {
            pattern(nodes.get(1))?;
            constant(nodes.get(4), "the occurrence")
        }
        "indexof" | "array_index_of" => constant(nodes.get(4), "the occurrence"),
        "countof" => search_kind(nodes.get(2)),
        "series_stats" | "series_stats_dynamic" => {
            constant(nodes.get(1), "whether to leave out what is no number")
        }
        _ => Ok(()),
    }
}

/// Arrays, and behind them, if it is said, where nulls go.
fn sorted_arrays(nodes: &[Node]) -> Outcome<()> {
    let arrays = match nodes.split_last() {
        Some((last, arrays)) if last.ty == Type::Bool && last.is_constant() => arrays,
        _ => nodes,
    };
    each(Some(arrays), "a dynamic array", |ty| ty == Type::Dynamic)
}

/// Two series, or a series and a number.
fn series(nodes: &[Node]) -> Outcome<()> {
    let is_series = |node: &Node| node.ty == Type::Dynamic;
    let wanted = if nodes.iter().any(is_series) { "a dynamic array or a number" } else { "a dynamic array" };
    let fits = |ty: Type| ty == Type::Dynamic || (ty.is_number() && nodes.iter().any(is_series));
    each(Some(nodes), wanted, fits)
}

fn is_textual(ty: Type) -> bool {
    matches!(ty, Type::String | Type::Dynamic)
}

fn each(nodes: Option<&[Node]>, wanted: &str, fits: impl Fn(Type) -> bool) -> Outcome<()> {
    match nodes.unwrap_or_default().iter().find(|node| !fits(node.ty)) {
        Some(node) => type_fault(node.span, wanted, node.ty),
        None => Ok(()),
    }
}

fn at_least_two(name: &str, nodes: &[Node], span: Span) -> Outcome<()> {
    if nodes.len() >= 2 {
        return Ok(());
    }
    Err(Fault::new(
        span,
        format!("the function '{name}' expects at least 2 arguments, found {}", nodes.len()),
    ))
}

/// A regular expression: the same for all rows, and one that can be read.
fn pattern(node: Option<&Node>) -> Outcome<()> {
    constant(node, "the regular expression")?;
    node.map_or(Ok(()), check_regex)
}

/// What answers the groups of a pattern needs one.
fn has_group(name: &str, node: Option<&Node>) -> Outcome<()> {
    if let Some(Node { kind: NodeKind::Constant(Value::String(text)), span, .. }) = node
        && Pattern::new(text).is_ok_and(|pattern| pattern.groups() == 1)
    {
        let message =
            format!("'{name}' answers the groups of the pattern: put brackets around what is wanted");
        return Err(Fault::new(*span, message));
    }
    Ok(())
}

/// The point to which `bin_at` aligns is of the value's type, and the size of the bins is a distance there.
fn bin_at(nodes: &[Node]) -> Outcome<()> {
    let [value, size, point] = nodes else { return Ok(()) };
    let fits = match (value.ty, size.ty) {
        (Type::DateTime | Type::Timespan, Type::Timespan) => point.ty == value.ty,
        (a, b) if a.is_number() && b.is_number() => point.ty.is_number(),
        _ => return Ok(()),
    };
    if fits { Ok(()) } else { type_fault(point.span, &format!("a value of type {}", value.ty), point.ty) }
}

/// What is compared is of one kind, and the distance is one there.
fn around(nodes: &[Node]) -> Outcome<()> {
    let [value, center, delta] = nodes else { return Ok(()) };
    let alike = |a: Type, b: Type| a == b || (a.is_number() && b.is_number());
    if !alike(value.ty, center.ty) {
        return type_fault(center.span, &format!("a value of type {}", value.ty), center.ty);
    }
    let distance = if value.ty == Type::DateTime { Type::Timespan } else { value.ty };
    if alike(distance, delta.ty) {
        Ok(())
    } else {
        type_fault(delta.span, &format!("a value of type {distance}"), delta.ty)
    }
}

fn format(name: &str, node: Option<&Node>) -> Outcome<()> {
    let Some(Node { kind: NodeKind::Constant(Value::String(text)), span, .. }) = node else { return Ok(()) };
    if text.is_empty() {
        return Err(Fault::new(*span, format!("the format of '{name}' must not be empty")));
    }
    match functions::unknown_in_format(name, text) {
        Some(c) => Err(Fault::new(*span, format!("'{c}' has no meaning in a format of '{name}'"))),
        None => Ok(()),
    }
}

/// How `countof` looks for its text.
fn search_kind(node: Option<&Node>) -> Outcome<()> {
    match node {
        Some(Node { kind: NodeKind::Constant(Value::String(text)), span, .. })
            if !matches!(&**text, "normal" | "regex") =>
        {
            Err(Fault::new(*span, format!("'{text}' is no kind of search: it is 'normal' or 'regex'")))
        }
        _ => Ok(()),
    }
}

/// What must be the same for all rows.
fn constant(node: Option<&Node>, what: &str) -> Outcome<()> {
    match node {
        Some(node) if !node.is_constant() => Err(Fault::new(node.span, format!("{what} must be a constant"))),
        _ => Ok(()),
    }
}

fn date_part(name: &str, nodes: &[Node]) -> Outcome<()> {
    let Some(Node { kind: NodeKind::Constant(Value::String(part)), span, .. }) = nodes.first() else {
        return Ok(());
    };
    if functions::date_part_is_known(name, part) {
        return Ok(());
    }
    Err(Fault::new(*span, format!("'{part}' is not a part of a date that '{name}' knows")))
}
