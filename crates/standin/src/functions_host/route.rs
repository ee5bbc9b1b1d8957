//! Route templates of HTTP triggers: literal segments, `{name}`, `{name?}` and `{*rest}`.

use serde_json::{Map, Value};

/// A parsed template, relative to the route prefix (contract functions-custom-handler, section 8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Parameter { name: String, optional: bool },
    Rest(String),
}

impl Route {
    /// Reads a template such as `remediate/{zone?}`; constraints after a colon are read over.
    ///
    /// # Errors
    ///
    /// A sentence that names the segment which is malformed.
    pub(super) fn parse(template: &str) -> Result<Self, String> {
        let mut segments = Vec::new();
        for text in template.trim_matches('/').split('/').filter(|text| !text.is_empty()) {
            let segment = match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
                None if text.contains(['{', '}']) => {
                    return Err(format!("route segment `{text}` is not supported"));
                }
                None => Segment::Literal(text.to_owned()),
                Some(inner) => {
                    let optional = inner.ends_with('?');
                    let name = inner.trim_end_matches('?').split([':', '=']).next().unwrap_or_default();
                    match name.strip_prefix('*') {
                        Some(name) => Segment::Rest(name.trim_start_matches('*').to_owned()),
                        None => Segment::Parameter { name: name.to_owned(), optional },
                    }
                }
            };
            segments.push(segment);
        }
        Ok(Self { segments })
    }

    /// The parameters when `path` (decoded segments) fits; an optional one that is not there is null.
    pub(super) fn matches(&self, path: &[String]) -> Option<Map<String, Value>> {
        let mut parameters = Map::new();
        let mut path = path.iter();
        for segment in &self.segments {
            match segment {
                Segment::Literal(text) => {
                    if !path.next()?.eq_ignore_ascii_case(text) {
                        return None;
                    }
                }
                Segment::Parameter { name, optional } => {
                    let value = match path.next() {
                        Some(text) => Value::from(text.as_str()),
                        None if *optional => Value::Null,
                        None => return None,
                    };
                    parameters.insert(name.clone(), value);
                }
                Segment::Rest(name) => {
                    let rest: Vec<&str> = path.by_ref().map(String::as_str).collect();
                    parameters.insert(name.clone(), Value::from(rest.join("/")));
                }
            }
        }
        path.next().is_none().then_some(parameters)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn templates_match_paths() {
        for (template, path, expected) in [
            ("remediate", "Remediate", Some(json!({}))),
            ("remediate", "remediate/x", None),
            ("remediate/{zone?}", "remediate/zone-1", Some(json!({ "zone": "zone-1" }))),
            ("remediate/{zone?}", "remediate", Some(json!({ "zone": null }))),
            ("a/{id:int}", "a", None),
            ("a/{*rest}", "a/b/c", Some(json!({ "rest": "b/c" }))),
        ] {
            let path: Vec<String> = path.split('/').map(str::to_owned).collect();
            let found = Route::parse(template).expect("a template").matches(&path).map(Value::Object);
            assert_eq!(found, expected, "{template} {path:?}");
        }
        assert!(Route::parse("a{b}").is_err());
    }
}
