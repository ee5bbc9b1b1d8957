//! Functions of property bags.

use std::collections::HashSet;
use std::sync::Arc;

use super::Returns::Is;
use super::arrays::array;
use super::json_path::Step;
use super::{Arg, Call, Function, Naming, done, function, json_path};
use crate::clock::Stopped;
use crate::dynamic::{Dynamic, MAX_MADE_DEPTH};
use crate::types::Type;
use crate::value::Value;

const BAG: super::Returns = Is(Type::Dynamic);

type Members = Vec<(Arc<str>, Dynamic)>;

pub(super) const FUNCTIONS: &[Function] = &[
    function("bag_pack", "str any any*", BAG, Naming::None, |_, args| bag(pairs(args, false))),
    function("pack", "str any any*", BAG, Naming::None, |_, args| bag(pairs(args, false))),
    function("pack_dictionary", "str any any*", BAG, Naming::None, |_, args| bag(pairs(args, false))),
    function("__pack_values", "any*", BAG, Naming::None, |_, args| bag(pairs(args, true))),
    function("bag_keys", "dyn", BAG, Naming::None, |_, args| {
        args[0].bag().map_or(Value::Null, |members| {
            array(members.iter().map(|(name, _)| Dynamic::String(name.clone())))
        })
    }),
    function("bag_has_key", "dyn str", Is(Type::Bool), Naming::None, |_, args| {
        match (args[0], args[1].text()) {
            (Arg::Dynamic(bag @ Dynamic::Bag(_)), Some(name)) => {
                Value::Bool(json_path::get(bag, &json_path::key(name)).is_some())
            }
            _ => Value::Null,
        }
    }),
    function("bag_merge", "dyn+", BAG, Naming::None, merge),
    function("bag_remove_keys", "dyn dyn", BAG, Naming::None, |call, args| done(remove_keys(call, args))),
    function("bag_set_key", "dyn lit any", BAG, Naming::None, |call, args| done(set_key(call, args))),
    function("bag_zip", "dyn dyn", BAG, Naming::None, |_, args| {
        let Some(names) = args[0].array() else { return Value::Null };
        let values = args[1].array().unwrap_or_default();
        let member = |(index, name): (usize, &Dynamic)| match name {
            Dynamic::String(name) => Some((name.clone(), values.get(index).cloned().unwrap_or_default())),
            _ => None,
        };
        bag(names.iter().enumerate().filter_map(member).collect())
    }),
    function("treepath", "dyn", BAG, Naming::Prefix("tree"), |_, args| {
        let mut paths = Vec::new();
        if let Arg::Dynamic(value) = args[0] {
            collect_paths(value, "", &mut paths);
        }
        array(paths.into_iter())
    }),
];

fn bag(members: Members) -> Value {
    Value::Dynamic(Dynamic::Bag(members.into()))
}

/// Names and values in turn; the first value of a name wins.
fn pairs(args: &[Arg<'_>], skip_empty: bool) -> Members {
    let mut members = Members::new();
    for pair in args.chunks_exact(2) {
        let name = pair[0].shown();
        let empty = pair[1].is_null() || pair[1].text() == Some("");
        if (skip_empty && empty) || members.iter().any(|(known, _)| **known == *name) {
            continue;
        }
        members.push((Arc::from(&*name), pair[1].dynamic()));
    }
    members
}

fn merge(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let mut merged = Members::new();
    let mut names = HashSet::new();
    let mut any = false;
    for members in args.iter().filter_map(|arg| arg.bag()) {
        any = true;
        for (name, value) in members {
            if names.insert(Arc::clone(name)) {
                merged.push((Arc::clone(name), value.clone()));
            }
        }
    }
    if any { bag(merged) } else { Value::Null }
}

fn remove_keys(call: &Call<'_>, args: &[Arg<'_>]) -> Result<Value, Stopped> {
    let (Arg::Dynamic(bag @ Dynamic::Bag(members)), Some(names)) = (args[0], args[1].array()) else {
        return Ok(Value::Null);
    };
    // The names go in one look over the bag, the paths one after another.
    let mut plain = HashSet::new();
    let mut paths = Vec::new();
    for name in names {
        let key = json_path::key(&name.to_text());
        match <[Step; 1]>::try_from(key) {
            Ok([Step::Name(name)]) => drop(plain.insert(name)),
            Ok([step]) => paths.push(vec![step]),
            Err(key) => paths.push(key),
        }
    }
    let kept = members.iter().filter(|(name, _)| !plain.contains(&**name)).cloned();
    let mut bag = if plain.is_empty() { bag.clone() } else { Dynamic::Bag(kept.collect()) };
    for path in paths {
        call.clock().work(members.len() + path.len())?;
        bag = json_path::without(&bag, &path);
    }
    Ok(Value::Dynamic(bag))
}

fn set_key(call: &Call<'_>, args: &[Arg<'_>]) -> Result<Value, Stopped> {
    let (Arg::Dynamic(bag @ Dynamic::Bag(_)), Some(name)) = (args[0], args[1].text()) else {
        return Ok(Value::Null);
    };
    let path = json_path::key(name);
    if path.len() > MAX_MADE_DEPTH {
        return Err(call
            .clock()
            .stop(format!("a dynamic value would nest deeper than {MAX_MADE_DEPTH} levels")));
    }
    Ok(Value::Dynamic(json_path::with(bag, &path, &args[2].dynamic())))
}

fn collect_paths(value: &Dynamic, before: &str, paths: &mut Vec<Dynamic>) {
    let mut add = |path: String, inner: &Dynamic| {
        paths.push(Dynamic::String(path.as_str().into()));
        collect_paths(inner, &path, paths);
    };
    match value {
        Dynamic::Bag(members) => {
            for (name, inner) in &**members {
                add(format!("{before}['{name}']"), inner);
            }
        }
        Dynamic::Array(items) => {
            if let Some(first) = items.first() {
                add(format!("{before}[0]"), first);
            }
        }
        _ => {}
    }
}
