//! `hash_md5`, `hash_sha1`, `hash_sha256`: digests of a value's text, in hexadecimal.

use std::fmt::Write as _;

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::Returns::Is;
use super::{Arg, Function, Naming, function};
use crate::types::Type;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    function("hash_md5", "any", Is(Type::String), Naming::None, |_, args| digest::<Md5>(args[0])),
    function("hash_sha1", "any", Is(Type::String), Naming::None, |_, args| digest::<Sha1>(args[0])),
    function("hash_sha256", "any", Is(Type::String), Naming::None, |_, args| digest::<Sha256>(args[0])),
];

fn digest<D: Digest>(value: Arg<'_>) -> Value {
    let mut text = String::new();
    for byte in &D::digest(value.shown().as_bytes()) {
        let _ = write!(text, "{byte:02x}");
    }
    Value::text(&text)
}
