//! Functions of encoded text: percent signs, base64, JSON paths, paths, sizes.

use std::fmt::Write as _;

use super::Returns::{Is, TypeOf};
use super::json_path;
use super::text::made;
use super::url::{bag, text};
use super::{Arg, Call, Function, Naming, function};
use crate::digits::hexadecimal;
use crate::dynamic::Dynamic;
use crate::types::Type;
use crate::value::Value;

const TEXT: super::Returns = Is(Type::String);

pub(super) const FUNCTIONS: &[Function] = &[
    function("url_encode", "str", TEXT, Naming::None, |_, args| {
        made(encoded(&args[0].shown(), b"-_.~", true))
    }),
    function("url_encode_component", "str", TEXT, Naming::None, |_, args| {
        made(encoded(&args[0].shown(), b"-_.~", false))
    }),
    function("url_decode", "str", TEXT, Naming::None, |_, args| made(decoded(&args[0].shown()))),
    function("base64_encode_tostring", "str", TEXT, Naming::None, |_, args| {
        made(base64_encoded(args[0].shown().as_bytes()))
    }),
    function("base64_encodestring", "str", TEXT, Naming::None, |_, args| {
        made(base64_encoded(args[0].shown().as_bytes()))
    }),
    function("base64_decode_tostring", "str", TEXT, Naming::None, base64_text),
    function("base64_decodestring", "str", TEXT, Naming::None, base64_text),
    function("base64_encode_fromarray", "dyn", TEXT, Naming::None, |_, args| {
        let byte = |item: &Dynamic| Arg::of_dynamic(item).long().and_then(|byte| u8::try_from(byte).ok());
        let bytes: Option<Vec<u8>> = args[0].array().and_then(|items| items.iter().map(byte).collect());
        made(bytes.map(|bytes| base64_encoded(&bytes)).unwrap_or_default())
    }),
    function("base64_encode_fromguid", "any", TEXT, Naming::None, |_, args| match args[0] {
        Arg::Guid(bits) => made(base64_encoded(&turned(bits.to_be_bytes()))),
        _ => Value::text(""),
    }),
    function("base64_decode_toguid", "str", Is(Type::Guid), Naming::None, |_, args| {
        let bytes = base64_decoded(&args[0].shown()).and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
        Value::or_null(bytes.map(|bytes| u128::from_be_bytes(turned(bytes))), Value::Guid)
    }),
    function("base64_decode_toarray", "str", Is(Type::Dynamic), Naming::None, |_, args| {
        let array = |bytes: Vec<u8>| {
            Value::Dynamic(Dynamic::Array(
                bytes.into_iter().map(|byte| Dynamic::Long(i64::from(byte))).collect(),
            ))
        };
        base64_decoded(&args[0].shown()).map_or(Value::Null, array)
    }),
    function("parse_path", "str", Is(Type::Dynamic), Naming::None, |_, args| parse_path(&args[0].shown())),
    function("extract_json", "lit str type?", TypeOf(Type::String), Naming::None, extract_json),
    function("extractjson", "lit str type?", TypeOf(Type::String), Naming::None, extract_json),
    function("format_bytes", "num const? lit?", TEXT, Naming::First, format_bytes),
];

/// The bytes of a guid as it is written, as those of its parts: the first three stand with the last byte first. The
/// same turns them back.
fn turned(mut bytes: [u8; 16]) -> [u8; 16] {
    bytes[..4].reverse();
    bytes[4..6].reverse();
    bytes[6..8].reverse();
    bytes
}

fn encoded(text: &str, plain: &[u8], plus: bool) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            out.push(char::from(byte));
        } else if byte == b' ' && plus {
            out.push('+');
        } else {
            let _ = write!(out, "%{byte:02x}");
        }
    }
    out
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).and_then(hexadecimal::<u8>);
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (b'+', _) => {
                out.push(b' ');
                at += 1;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64_encoded(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0_u32, |word, byte| (word << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = ALPHABET[(word >> (18 - 6 * place)) as usize & 63];
            out.push(if place > chunk.len() { '=' } else { char::from(letter) });
        }
    }
    out
}

fn base64_decoded(text: &str) -> Option<Vec<u8>> {
    let body = text.trim_end_matches('=');
    let mut out = Vec::new();
    let (mut word, mut bits) = (0_u32, 0);
    for letter in body.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        word = (word << 6) | u32::try_from(value).ok()?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from((word >> bits) & 0xff).ok()?);
        }
    }
    text.len().is_multiple_of(4).then_some(out)
}

fn base64_text(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let text = base64_decoded(&args[0].shown()).and_then(|bytes| String::from_utf8(bytes).ok());
    text.map_or_else(|| Value::text(""), made)
}

/// The parts of a path of either system. Behind the name of a file and a colon stands the name of a stream.
fn parse_path(path: &str) -> Value {
    let (scheme, rest) = path.split_once("://").unwrap_or(("", path));
    let cut = rest.rfind(['/', '\\']);
    let (directory, name) = cut.map_or(("", rest), |at| (&rest[..at], &rest[at + 1..]));
    let (file, stream) = name.split_once(':').unwrap_or((name, ""));
    let root = if rest.get(1..2) == Some(":") { &rest[..2] } else { "" };
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    let directory_name = directory.rsplit(['/', '\\']).next().unwrap_or("");
    bag(vec![
        ("Scheme", text(scheme)),
        ("RootPath", text(root)),
        ("DirectoryPath", text(directory)),
        ("DirectoryName", text(directory_name)),
        ("Filename", text(file)),
        ("Extension", text(extension)),
        ("AlternateDataStreamName", text(stream)),
    ])
}

/// `$.a.b[0]` or `$['a']` in JSON text.
fn extract_json(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let Ok(json) = serde_json::from_str::<serde_json::Value>(&args[1].shown()) else {
        return Value::text("");
    };
    let value = Dynamic::from_json(&json);
    let found = json_path::parse(&args[0].shown()).and_then(|steps| json_path::get(&value, &steps).cloned());
    Value::text(&found.unwrap_or_default().to_text())
}

fn format_bytes(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    const UNITS: [&str; 7] = ["Bytes", "KB", "MB", "GB", "TB", "PB", "EB"];
    let Some(size) = args[0].real() else { return Value::text("") };
    let precision =
        usize::try_from(args.get(1).and_then(|arg| arg.long()).unwrap_or(0).clamp(0, 15)).unwrap_or(0);
    let wanted = args.get(2).and_then(|arg| arg.text());
    let mut amount = size;
    let mut unit = 0;
    let go_on = |amount: f64, unit: usize| match wanted {
        Some(wanted) => !UNITS[unit].eq_ignore_ascii_case(wanted),
        None => amount.abs() >= 1_024.0,
    };
    while go_on(amount, unit) && unit + 1 < UNITS.len() {
        amount /= 1_024.0;
        unit += 1;
    }
    let mut shown = format!("{amount:.precision$}");
    if shown.contains('.') {
        shown = shown.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    Value::text(&format!("{shown} {}", UNITS[unit]))
}
