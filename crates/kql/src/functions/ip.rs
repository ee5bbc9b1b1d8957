//! Functions of IPv4 and IPv6 addresses, with or without a prefix length.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::Returns::Is;
use super::{Arg, Function, Naming, function};
use crate::digits::decimal;
use crate::dynamic::Dynamic;
use crate::types::Type;
use crate::value::Value;

const BOOL: super::Returns = Is(Type::Bool);
const LONG: super::Returns = Is(Type::Long);
const TEXT: super::Returns = Is(Type::String);

pub(super) const FUNCTIONS: &[Function] = &[
    function("parse_ipv4", "str", LONG, Naming::None, |_, args| {
        Value::or_null(v4(args[0]), |(ip, prefix)| Value::Long(i64::from(masked4(ip, prefix))))
    }),
    function("parse_ipv4_mask", "str int", LONG, Naming::None, |_, args| {
        match (v4(args[0]), prefix(args.get(1), 32)) {
            (Some((ip, own)), Some(mask)) => Value::Long(i64::from(masked4(ip, own.min(mask)))),
            _ => Value::Null,
        }
    }),
    function("parse_ipv6", "str", TEXT, Naming::None, |_, args| {
        Value::text(&v6(args[0]).map_or_else(String::new, |(ip, prefix)| full6(masked6(ip, prefix))))
    }),
    function("parse_ipv6_mask", "str int", TEXT, Naming::None, |_, args| {
        let parsed = v6(args[0]).zip(prefix(args.get(1), 128));
        Value::text(&parsed.map_or_else(String::new, |((ip, own), mask)| full6(masked6(ip, own.min(mask)))))
    }),
    function("ipv4_compare", "str str int?", LONG, Naming::None, |_, args| {
        Value::or_null(compare4(args), |order| Value::Long(order as i64))
    }),
    function("ipv4_is_match", "str str int?", BOOL, Naming::None, |_, args| {
        Value::or_null(compare4(args), |order| Value::Bool(order.is_eq()))
    }),
    function("ipv4_is_in_range", "str str", BOOL, Naming::None, |_, args| {
        Value::or_null(in_range4(args[0], args[1]), Value::Bool)
    }),
    function("ipv4_is_in_any_range", "str any any*", BOOL, Naming::None, |_, args| {
        any_range(args, in_range4)
    }),
    function("ipv4_is_private", "str", BOOL, Naming::None, |_, args| {
        Value::or_null(is_private(args[0]), Value::Bool)
    }),
    function("ipv4_netmask_suffix", "str", LONG, Naming::None, |_, args| {
        Value::or_null(v4(args[0]), |(_, prefix)| Value::Long(i64::from(prefix)))
    }),
    function("ipv6_compare", "str str int?", LONG, Naming::None, |_, args| {
        Value::or_null(compare6(args), |order| Value::Long(order as i64))
    }),
    function("ipv6_is_match", "str str int?", BOOL, Naming::None, |_, args| {
        Value::or_null(compare6(args), |order| Value::Bool(order.is_eq()))
    }),
    function("ipv6_is_in_range", "str str", BOOL, Naming::None, |_, args| {
        Value::or_null(in_range6(args[0], args[1]), Value::Bool)
    }),
    function("ipv6_is_in_any_range", "str any any*", BOOL, Naming::None, |_, args| {
        any_range(args, in_range6)
    }),
    function("format_ipv4", "any int?", TEXT, Naming::None, |_, args| format4(args, false)),
    function("format_ipv4_mask", "any int?", TEXT, Naming::None, |_, args| format4(args, true)),
    function("ipv4_range_to_cidr_list", "str str", Is(Type::Dynamic), Naming::None, |_, args| {
        Value::or_null(cidr_list(args[0], args[1]), Value::Dynamic)
    }),
    function("has_ipv4", "text str", BOOL, Naming::None, |_, args| {
        Value::Bool(has(args[0], &args[1].shown(), false))
    }),
    function("has_ipv4_prefix", "text str", BOOL, Naming::None, |_, args| {
        Value::Bool(has(args[0], &args[1].shown(), true))
    }),
    function("has_any_ipv4", "text any any*", BOOL, Naming::None, |_, args| has_any(args, false)),
    function("has_any_ipv4_prefix", "text any any*", BOOL, Naming::None, |_, args| has_any(args, true)),
];

/// An address and its prefix length, the whole one when none is written.
fn v4(arg: Arg<'_>) -> Option<(u32, u32)> {
    parse4(arg.text()?.trim())
}

fn parse4(text: &str) -> Option<(u32, u32)> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, decimal(prefix.trim()).filter(|prefix| *prefix <= 32)?),
        None => (text, 32),
    };
    let address: Ipv4Addr = address.trim().parse().ok()?;
    Some((u32::from(address), prefix))
}

/// IPv4 counts as the mapped IPv6 address.
fn v6(arg: Arg<'_>) -> Option<(u128, u32)> {
    let text = arg.text()?.trim();
    let mapped = |(ip, prefix): (u32, u32)| (u128::from(ip) | (0xffff << 32), prefix + 96);
    if let Some(parsed) = parse4(text) {
        return Some(mapped(parsed));
    }
    // `::192.0.2.1` is read as the IPv4 address that it ends in.
    if let Some(parsed) = text.strip_prefix("::").and_then(parse4) {
        return Some(mapped(parsed));
    }
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, decimal(prefix.trim()).filter(|prefix| *prefix <= 128)?),
        None => (text, 128),
    };
    let address = address.split_once('%').map_or(address, |(address, _)| address);
    let address: Ipv6Addr = address.trim().parse().ok()?;
    Some((u128::from(address), prefix))
}

fn masked4(ip: u32, prefix: u32) -> u32 {
    ip & u32::MAX.checked_shl(32 - prefix.min(32)).unwrap_or(0)
}

fn masked6(ip: u128, prefix: u32) -> u128 {
    ip & u128::MAX.checked_shl(128 - prefix.min(128)).unwrap_or(0)
}

/// All eight groups with all their digits.
fn full6(ip: u128) -> String {
    let mut text = String::with_capacity(39);
    for (index, group) in Ipv6Addr::from(ip).segments().into_iter().enumerate() {
        if index > 0 {
            text.push(':');
        }
        for shift in [12, 8, 4, 0] {
            text.push(char::from(b"0123456789abcdef"[usize::from(group >> shift & 15)]));
        }
    }
    text
}

/// The prefix length of an argument, the whole one when there is none.
fn prefix(arg: Option<&Arg<'_>>, most: u32) -> Option<u32> {
    match arg {
        None => Some(most),
        Some(arg) => {
            arg.long().and_then(|prefix| u32::try_from(prefix).ok()).filter(|prefix| *prefix <= most)
        }
    }
}

fn compare4(args: &[Arg<'_>]) -> Option<std::cmp::Ordering> {
    let ((a, p), (b, q)) = (v4(args[0])?, v4(args[1])?);
    let prefix = p.min(q).min(prefix(args.get(2), 32)?);
    Some(masked4(a, prefix).cmp(&masked4(b, prefix)))
}

fn compare6(args: &[Arg<'_>]) -> Option<std::cmp::Ordering> {
    let ((a, p), (b, q)) = (v6(args[0])?, v6(args[1])?);
    let prefix = p.min(q).min(prefix(args.get(2), 128)?);
    Some(masked6(a, prefix).cmp(&masked6(b, prefix)))
}

fn in_range4(ip: Arg<'_>, range: Arg<'_>) -> Option<bool> {
    let ((ip, own), (base, prefix)) = (v4(ip)?, v4(range)?);
    Some(masked4(ip, own.min(prefix)) == masked4(base, own.min(prefix)))
}

fn in_range6(ip: Arg<'_>, range: Arg<'_>) -> Option<bool> {
    let ((ip, own), (base, prefix)) = (v6(ip)?, v6(range)?);
    Some(masked6(ip, own.min(prefix)) == masked6(base, own.min(prefix)))
}

/// Whether any of the ranges holds the address; null when the address is none.
fn any_range(args: &[Arg<'_>], test: fn(Arg<'_>, Arg<'_>) -> Option<bool>) -> Value {
    let (mut known, mut unread) = (false, false);
    for arg in &args[1..] {
        let ranges: &[Dynamic] = match arg {
            Arg::Dynamic(Dynamic::Array(items)) => items,
            _ => &[],
        };
        let listed = ranges.iter().map(Arg::of_dynamic);
        let single = arg.text().map(Arg::Text);
        for range in listed.chain(single) {
            match test(args[0], range) {
                Some(true) => return Value::Bool(true),
                Some(false) => known = true,
                None => unread = true,
            }
        }
    }
    if known || !unread { Value::Bool(false) } else { Value::Null }
}

/// The fewest blocks that make up the range from one address to another.
fn cidr_list(from: Arg<'_>, to: Arg<'_>) -> Option<Dynamic> {
    let ((from, _), (to, _)) = (v4(from)?, v4(to)?);
    let (mut next, end) = (u64::from(from), u64::from(to));
    let mut blocks = Vec::new();
    while next <= end {
        let aligned = next.trailing_zeros().min(32);
        let bits = aligned.min((end - next + 1).ilog2());
        let first = Ipv4Addr::from(u32::try_from(next).ok()?);
        blocks.push(Dynamic::String(format!("{first}/{}", 32 - bits).into()));
        next += 1 << bits;
    }
    Some(Dynamic::Array(blocks.into()))
}

fn is_private(arg: Arg<'_>) -> Option<bool> {
    let (ip, _) = v4(arg)?;
    Some(Ipv4Addr::from(ip).is_private())
}

fn format4(args: &[Arg<'_>], with_mask: bool) -> Value {
    let parsed = match args[0] {
        Arg::Long(number) => u32::try_from(number).ok().map(|ip| (ip, 32)),
        other => v4(other),
    };
    let Some(((ip, own), mask)) = parsed.zip(prefix(args.get(1), 32)) else { return Value::text("") };
    let prefix = own.min(mask);
    let address = Ipv4Addr::from(masked4(ip, prefix));
    Value::text(&if with_mask { format!("{address}/{prefix}") } else { address.to_string() })
}

/// Whether the text holds the address between characters that are neither letters nor digits.
fn has(text: Arg<'_>, wanted: &str, is_prefix: bool) -> bool {
    let valid = if is_prefix {
        let parts: Vec<&str> = wanted.split('.').collect();
        let full = parts.len() == 4 && parts.iter().all(|part| decimal::<u8>(part).is_some());
        let open = wanted.ends_with('.')
            && parts.len() <= 4
            && parts[..parts.len() - 1].iter().all(|part| decimal::<u8>(part).is_some());
        full || open
    } else {
        wanted.parse::<Ipv4Addr>().is_ok()
    };
    valid
        && addresses(&text.shown())
            .any(|address| if is_prefix { address.starts_with(wanted) } else { address == wanted })
}

/// The IPv4 addresses that stand free in a text.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '.'))
        .map(|word| word.trim_matches('.'))
        .filter(|word| word.parse::<Ipv4Addr>().is_ok())
}

fn has_any(args: &[Arg<'_>], is_prefix: bool) -> Value {
    let hit = args[1..].iter().any(|arg| match arg {
        Arg::Dynamic(Dynamic::Array(items)) => {
            items.iter().any(|item| has(args[0], &item.to_text(), is_prefix))
        }
        other => has(args[0], &other.shown(), is_prefix),
    });
    Value::Bool(hit)
}
