//! Functions that take arrays as sets.

use std::collections::HashSet;

use super::Returns::Is;
use super::same::Key;
use super::{Arg, Call, Function, Naming, done, function};
use crate::clock::{Clock, Stopped};
use crate::dynamic::Dynamic;
use crate::types::Type;
use crate::value::Value;

const ARRAY: super::Returns = Is(Type::Dynamic);

/// About what an element takes in a set of keys and in a list.
const ELEMENT_BYTES: usize = 128;

pub(super) const FUNCTIONS: &[Function] = &[
    function("set_union", "dyn+", ARRAY, Naming::None, |call, args| done(union(call, args))),
    function("set_intersect", "dyn+", ARRAY, Naming::None, |call, args| done(sets(call, args, true))),
    function("set_difference", "dyn+", ARRAY, Naming::None, |call, args| done(sets(call, args, false))),
    function("set_has_element", "dyn any", Is(Type::Bool), Naming::None, |call, args| {
        done(has_element(call, args))
    }),
    function("set_equals", "dyn dyn", Is(Type::Bool), Naming::None, |call, args| {
        match (args[0].array(), args[1].array()) {
            (Some(a), Some(b)) => done(equal(a, b, call.clock())),
            _ => Value::Null,
        }
    }),
    function("jaccard_index", "dyn dyn", Is(Type::Real), Naming::None, |call, args| {
        match (args[0].array(), args[1].array()) {
            (Some(a), Some(b)) => done(jaccard(a, b, call.clock())),
            _ => Value::Null,
        }
    }),
];

fn keys(items: &[Dynamic], clock: &Clock) -> Result<HashSet<Key>, Stopped> {
    let mut keys = HashSet::new();
    for item in items {
        let key = Key::of(item, clock)?;
        clock.room(ELEMENT_BYTES + key.size())?;
        keys.insert(key);
    }
    Ok(keys)
}

/// The elements without repetition, in the order of their first places.
fn distinct<'a>(
    items: impl Iterator<Item = &'a Dynamic>,
    clock: &Clock,
    keep: impl Fn(&Key) -> bool,
) -> Result<Value, Stopped> {
    let mut seen = HashSet::new();
    let mut list = Vec::new();
    for item in items {
        let key = Key::of(item, clock)?;
        if keep(&key) && !seen.contains(&key) {
            clock.room(ELEMENT_BYTES + key.size())?;
            seen.insert(key);
            list.push(item.clone());
        }
    }
    Ok(Value::Dynamic(Dynamic::Array(list.into())))
}

fn union(call: &Call<'_>, args: &[Arg<'_>]) -> Result<Value, Stopped> {
    distinct(args.iter().filter_map(|arg| arg.array()).flatten(), call.clock(), |_| true)
}

/// Elements of the first set that all others have, or none of them.
fn sets(call: &Call<'_>, args: &[Arg<'_>], wanted: bool) -> Result<Value, Stopped> {
    let mut lists = args.iter().map(|arg| arg.array().unwrap_or_default());
    let first = lists.next().unwrap_or_default();
    let others: Vec<HashSet<Key>> =
        lists.map(|list| keys(list, call.clock())).collect::<Result<_, Stopped>>()?;
    distinct(first.iter(), call.clock(), |key| {
        if wanted {
            others.iter().all(|set| set.contains(key))
        } else {
            !others.iter().any(|set| set.contains(key))
        }
    })
}

fn has_element(call: &Call<'_>, args: &[Arg<'_>]) -> Result<Value, Stopped> {
    let Some(items) = args[0].array() else { return Ok(Value::Null) };
    let wanted = Key::of(&args[1].dynamic(), call.clock())?;
    for item in items {
        if Key::of(item, call.clock())? == wanted {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn equal(a: &[Dynamic], b: &[Dynamic], clock: &Clock) -> Result<Value, Stopped> {
    Ok(Value::Bool(keys(a, clock)? == keys(b, clock)?))
}

#[expect(clippy::cast_precision_loss, reason = "counts of elements")]
fn jaccard(a: &[Dynamic], b: &[Dynamic], clock: &Clock) -> Result<Value, Stopped> {
    let (a, b) = (keys(a, clock)?, keys(b, clock)?);
    let union = a.union(&b).count();
    Ok(if union == 0 { Value::Null } else { Value::Real(a.intersection(&b).count() as f64 / union as f64) })
}
