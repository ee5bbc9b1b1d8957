//! Template expressions: the few functions that record sets need. What is not known is refused by name.

use serde_json::{Map, Value, json};

/// How deep expressions and values may nest.
const DEEPEST: usize = 64;

/// What expressions can refer to.
pub(super) struct Scope {
    pub(super) parameters: Map<String, Value>,
    pub(super) variables: Map<String, Value>,
    pub(super) subscription: String,
    pub(super) group: String,
    pub(super) group_location: String,
}

/// A value with all its expressions evaluated.
///
/// # Errors
/// A sentence that names what is wrong.
pub(super) fn resolve(value: &Value, scope: &Scope) -> Result<Value, String> {
    below(value, scope, 0)
}

fn below(value: &Value, scope: &Scope, depth: usize) -> Result<Value, String> {
    if depth > DEEPEST {
        return Err("the template nests too deep".to_owned());
    }
    match value {
        Value::String(text) => match text.strip_prefix('[') {
            // Two brackets stand for one where the last closes them, and for no expression.
            Some(rest) if rest.starts_with('[') && rest.ends_with(']') => Ok(Value::String(rest.to_owned())),
            Some(rest) if rest.ends_with(']') => evaluate(rest, scope),
            _ => Ok(value.clone()),
        },
        Value::Array(list) => list.iter().map(|item| below(item, scope, depth + 1)).collect(),
        Value::Object(members) => {
            // A name may be an expression as well.
            let member = |(name, value): (&String, &Value)| {
                let Value::String(name) = below(&Value::String(name.clone()), scope, depth + 1)? else {
                    return Err(format!("'{name}' is no text, which a name is"));
                };
                Ok((name, below(value, scope, depth + 1)?))
            };
            members.iter().map(member).collect::<Result<Map<_, _>, String>>().map(Value::Object)
        }
        _ => Ok(value.clone()),
    }
}

/// Evaluates the text behind the opening bracket.
fn evaluate(text: &str, scope: &Scope) -> Result<Value, String> {
    let text = text.strip_suffix(']').unwrap_or(text);
    if text.len() > 24_576 {
        return Err("an expression holds at most 24576 characters".to_owned());
    }
    let mut reader = Reader { text, at: 0, scope };
    let value = reader.value(0)?;
    reader.skip_blanks();
    if reader.at < text.len() { Err(format!("'{text}' is no expression")) } else { Ok(value) }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    scope: &'t Scope,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn take(&mut self, letter: char) -> bool {
        self.skip_blanks();
        let taken = self.rest().starts_with(letter);
        if taken {
            self.at += letter.len_utf8();
        }
        taken
    }

    fn word(&mut self) -> String {
        let end = self.rest().find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
        let word = self.rest().get(..end.unwrap_or(self.rest().len())).unwrap_or_default().to_owned();
        self.at += word.len();
        word
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > DEEPEST {
            return Err("an expression nests too deep".to_owned());
        }
        self.skip_blanks();
        let mut value = match self.rest().chars().next() {
            Some('\'') => self.text_literal()?,
            Some(letter) if letter.is_ascii_digit() || letter == '-' => {
                self.at += 1;
                let number = format!("{letter}{}", self.word());
                json!(number.parse::<i64>().map_err(|_| format!("'{number}' is no number"))?)
            }
            _ => {
                let name = self.word();
                if !self.take('(') {
                    return Err(format!("'{}' is no expression", self.text));
                }
                let mut arguments = Vec::new();
                while !self.take(')') {
                    if !arguments.is_empty() && !self.take(',') {
                        return Err(format!("'{}' is no expression", self.text));
                    }
                    arguments.push(self.value(depth + 1)?);
                }
                self.call(&name, &arguments)?
            }
        };
        loop {
            let found = if self.take('.') {
                let name = self.word();
                value.get(&name).cloned()
            } else if self.take('[') {
                let index = self.value(depth + 1)?;
                if !self.take(']') {
                    return Err(format!("'{}' is no expression", self.text));
                }
                match &index {
                    Value::String(name) => value.get(name).cloned(),
                    index => index.as_u64().and_then(|at| value.get(usize::try_from(at).ok()?)).cloned(),
                }
            } else {
                return Ok(value);
            };
            value = found.ok_or_else(|| format!("'{}' names something that is not there", self.text))?;
        }
    }

    /// A text in single quotes; two of them stand for one.
    fn text_literal(&mut self) -> Result<Value, String> {
        let mut literal = String::new();
        let mut rest = self.rest().char_indices().skip(1).peekable();
        while let Some((at, letter)) = rest.next() {
            if letter != '\'' {
                literal.push(letter);
            } else if rest.peek().is_some_and(|(_, next)| *next == '\'') {
                literal.push('\'');
                rest.next();
            } else {
                self.at += at + 1;
                return Ok(Value::String(literal));
            }
        }
        Err(format!("'{}' has a text without an end", self.text))
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, String> {
        let text =
            |at: usize| arguments.get(at).and_then(Value::as_str).ok_or(format!("'{name}' wants a text"));
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let find = |members: &Map<String, Value>, what: &str| {
            let wanted = text(0)?;
            let found = members.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.map(|(_, value)| value.clone()).ok_or_else(|| format!("the {what} '{wanted}' is not found"))
        };
        Ok(match name.to_ascii_lowercase().as_str() {
            "parameters" => find(&self.scope.parameters, "parameter")?,
            "variables" => find(&self.scope.variables, "variable")?,
            "concat" => match arguments.first() {
                Some(Value::Array(_)) => {
                    let lists = arguments.iter().filter_map(Value::as_array);
                    Value::Array(lists.flatten().cloned().collect())
                }
                _ => Value::String(arguments.iter().map(plain).collect()),
            },
            "format" => {
                let mut result = text(0)?.to_owned();
                for (place, argument) in arguments.iter().skip(1).enumerate() {
                    result = result.replace(&format!("{{{place}}}"), &plain(argument));
                }
                Value::String(result)
            }
            "tolower" => Value::String(text(0)?.to_lowercase()),
            "toupper" => Value::String(text(0)?.to_uppercase()),
            "string" => Value::String(arguments.first().map(plain).unwrap_or_default()),
            "int" => json!(text(0)?.parse::<i64>().map_err(|_| "'int' wants a number".to_owned())?),
            "createarray" => Value::Array(arguments.to_vec()),
            "createobject" => {
                let pairs = arguments.chunks(2).map(|pair| match pair {
                    [Value::String(name), value] => Ok((name.clone(), value.clone())),
                    _ => Err("'createObject' wants pairs of a text and a value".to_owned()),
                });
                Value::Object(pairs.collect::<Result<_, _>>()?)
            }
            "resourcegroup" => json!({
                "id": format!("/subscriptions/{}/resourceGroups/{}", self.scope.subscription, self.scope.group),
                "name": self.scope.group, "type": "Microsoft.Resources/resourceGroups",
                "location": self.scope.group_location, "properties": { "provisioningState": "Succeeded" },
            }),
            "subscription" => json!({
                "id": format!("/subscriptions/{}", self.scope.subscription),
                "subscriptionId": self.scope.subscription,
            }),
            "resourceid" => {
                let (kind, names) = arguments.split_first().ok_or("'resourceId' wants a type")?;
                let kind = kind.as_str().unwrap_or_default();
                let (provider, types) = kind.split_once('/').unwrap_or((kind, ""));
                let path = types.split('/').zip(names).map(|(kind, name)| format!("/{kind}/{}", plain(name)));
                json!(format!(
                    "/subscriptions/{}/resourceGroups/{}/providers/{provider}{}",
                    self.scope.subscription,
                    self.scope.group,
                    path.collect::<String>()
                ))
            }
            _ => return Err(format!("the template function '{name}' is not valid here")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        let members = |value: Value| value.as_object().cloned().unwrap_or_default();
        Scope {
            parameters: members(json!({ "ip": "192.0.2.1", "list": [{ "a": 7 }] })),
            variables: members(json!({ "zone": "example.com" })),
            subscription: "s".to_owned(),
            group: "g".to_owned(),
            group_location: "northeurope".to_owned(),
        }
    }

    #[test]
    fn expressions_are_evaluated() {
        for (text, value) in [
            ("[parameters('ip')]", json!("192.0.2.1")),
            ("[concat(variables('zone'), '/', toLower('WEB'))]", json!("example.com/web")),
            ("[parameters('list')[0].a]", json!(7)),
            ("[parameters('list')[0]]", json!({ "a": 7 })),
            ("[format('{0}-{1}', 'it''s', 5)]", json!("it's-5")),
            ("[[not an expression]", json!("[not an expression]")),
            ("plain", json!("plain")),
            ("[resourceGroup().location]", json!("northeurope")),
            ("[resourceGroup().id]", json!("/subscriptions/s/resourceGroups/g")),
        ] {
            assert_eq!(resolve(&json!(text), &scope()), Ok(value), "{text}");
        }
        let named = json!({ "[parameters('ip')]": 1, "[[x]": 2, "[x": 3 });
        assert_eq!(resolve(&named, &scope()), Ok(json!({ "192.0.2.1": 1, "[x]": 2, "[x": 3 })));
        assert!(resolve(&json!({ "[parameters('list')]": 1 }), &scope()).is_err());
        for text in ["[parameters('x')]", "[copyIndex()]", "[concat('a']", "[a b]", "[1 2]", "['a]"] {
            assert!(resolve(&json!(text), &scope()).is_err(), "{text}");
        }
    }
}
