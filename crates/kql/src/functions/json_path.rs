//! Places inside a dynamic value: `$.a.b[0]` or `$['a']`.

use std::sync::Arc;

use crate::dynamic::Dynamic;

/// One step from a value into what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A member of a bag.
    Name(String),
    /// An element of an array; from the end when negative.
    Index(i64),
}

/// Reads a path; `$` is optional. None when a step is missing or a bracket is left open.
pub(super) fn parse(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.trim().trim_start_matches('$');
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('[') {
            let (inside, next) = after.split_once(']')?;
            let inside = inside.trim();
            steps.push(match inside.parse() {
                Ok(index) => Step::Index(index),
                Err(_) => Step::Name(inside.trim_matches(['"', '\'']).to_owned()),
            });
            rest = next;
        } else {
            let after = rest.trim_start_matches('.');
            let end = after.find(['.', '[']).unwrap_or(after.len());
            if end == 0 {
                return None;
            }
            steps.push(Step::Name(after[..end].to_owned()));
            rest = &after[end..];
        }
    }
    Some(steps)
}

/// The key of a bag function: a path when it begins like one, else one name as it stands.
pub(super) fn key(text: &str) -> Vec<Step> {
    let path = text.strip_prefix('$').filter(|rest| rest.starts_with(['.', '[']));
    path.and_then(parse).unwrap_or_else(|| vec![Step::Name(text.to_owned())])
}

/// What stands at a place.
pub(super) fn get<'a>(value: &'a Dynamic, steps: &[Step]) -> Option<&'a Dynamic> {
    steps.iter().try_fold(value, |here, step| match step {
        Step::Name(name) => here.member(name),
        Step::Index(index) => here.element(*index),
    })
}

/// The value without what stands at a place; as it is when nothing does.
pub(super) fn without(value: &Dynamic, steps: &[Step]) -> Dynamic {
    let (Dynamic::Bag(members), Some((Step::Name(name), rest))) = (value, steps.split_first()) else {
        return value.clone();
    };
    let keep = |(key, inner): &(Arc<str>, Dynamic)| match (**key == **name, rest.is_empty()) {
        (true, true) => None,
        (true, false) => Some((key.clone(), without(inner, rest))),
        (false, _) => Some((key.clone(), inner.clone())),
    };
    Dynamic::Bag(members.iter().filter_map(keep).collect::<Vec<_>>().into())
}

/// The value with another one at a place; bags that are missing on the way are made.
pub(super) fn with(value: &Dynamic, steps: &[Step], new: &Dynamic) -> Dynamic {
    let Some((Step::Name(name), rest)) = steps.split_first() else {
        return if steps.is_empty() { new.clone() } else { value.clone() };
    };
    let mut members = match value {
        Dynamic::Bag(members) => members.to_vec(),
        _ => Vec::new(),
    };
    match members.iter_mut().find(|(key, _)| **key == **name) {
        Some((_, place)) => *place = with(place, rest, new),
        None => members.push((Arc::from(name.as_str()), with(&Dynamic::Null, rest, new))),
    }
    Dynamic::Bag(members.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_step_by_step() {
        let name = |text: &str| Step::Name(text.to_owned());
        assert_eq!(parse("$.a['b c'][0]"), Some(vec![name("a"), name("b c"), Step::Index(0)]));
        assert_eq!(parse("$.a["), None);
        assert_eq!(parse("$.."), None);
    }

    #[test]
    fn a_key_is_a_path_only_when_it_begins_like_one() {
        assert_eq!(key("$.a.b").len(), 2);
        assert_eq!(key("a.b"), [Step::Name("a.b".to_owned())]);
        assert_eq!(key("$"), [Step::Name("$".to_owned())]);
    }
}
