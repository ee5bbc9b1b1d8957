//! `$filter` of lists of resources and groups: comparisons, `substringof`, `startswith`, joined by `and` and `or`.

use crate::world::Tags;
use crate::{Call, Reply};

/// What a list is narrowed to.
#[derive(Debug)]
pub(in crate::arm) enum Filter {
    /// A property has this value, or with `false` another one.
    Is(String, String, bool),
    /// A property holds this text anywhere, or with `true` at its start.
    Holds(String, String, bool),
    /// Both hold.
    And(Box<Filter>, Box<Filter>),
    /// One of them holds.
    Or(Box<Filter>, Box<Filter>),
}

/// What can be asked about, in lower case. The two of a tag mean one and the same tag.
const PROPERTIES: [&str; 6] = ["name", "resourcetype", "resourcegroup", "location", TAG_NAME, TAG_VALUE];
const TAG_NAME: &str = "tagname";
const TAG_VALUE: &str = "tagvalue";

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

impl Filter {
    /// The filter of a call; none when it has none.
    ///
    /// # Errors
    /// The 400 for one that cannot be read.
    pub(in crate::arm) fn wanted(call: &Call) -> Result<Option<Self>, Reply> {
        let Some(text) = call.parameter("$filter").filter(|text| !text.trim().is_empty()) else {
            return Ok(None);
        };
        let parsed = tokens(&text).and_then(|tokens| {
            let mut rest = tokens.as_slice();
            let filter = any_of(&mut rest)?;
            rest.is_empty().then_some(filter)
        });
        parsed.map(Some).ok_or_else(|| {
            let message = format!("Invalid $filter '{text}' specified in the query string.");
            Reply::wrapped(400, "InvalidFilterInQueryString", &message)
        })
    }

    /// Whether it takes something with these properties and tags; `of` gives a property by its name in lower case.
    pub(in crate::arm) fn takes<'v>(
        &self,
        of: &dyn Fn(&str) -> Option<&'v str>,
        tags: Option<&Tags>,
    ) -> bool {
        let mut tags = tags.into_iter().flat_map(Tags::iter);
        self.holds(of, None) || tags.any(|tag| self.holds(of, Some(tag)))
    }

    fn holds<'v>(&self, of: &dyn Fn(&str) -> Option<&'v str>, tag: Option<(&str, &str)>) -> bool {
        let value = |property: &str| match property {
            TAG_NAME => tag.map(|(name, _)| name.to_owned()),
            TAG_VALUE => tag.map(|(_, value)| value.to_owned()),
            _ => of(property).map(str::to_owned),
        };
        match self {
            // Values of tags are compared with case, all else without.
            Self::Is(property, wanted, equal) => value(property).is_some_and(|value| {
                let same =
                    if property == TAG_VALUE { value == *wanted } else { value.eq_ignore_ascii_case(wanted) };
                same == *equal
            }),
            Self::Holds(property, wanted, at_start) => value(property).is_some_and(|value| {
                let (value, wanted) = (value.to_ascii_lowercase(), wanted.to_ascii_lowercase());
                if *at_start { value.starts_with(&wanted) } else { value.contains(&wanted) }
            }),
            Self::And(one, other) => one.holds(of, tag) && other.holds(of, tag),
            Self::Or(one, other) => one.holds(of, tag) || other.holds(of, tag),
        }
    }
}

/// Cuts a text into words, quoted texts (a quote in them is doubled) and signs; none for anything else.
fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        match first {
            '\'' => {
                let (mut value, mut after) = (String::new(), rest.get(1..)?);
                loop {
                    let (part, behind) = after.split_once('\'')?;
                    value.push_str(part);
                    after = behind;
                    match after.strip_prefix('\'') {
                        Some(more) => {
                            value.push('\'');
                            after = more;
                        }
                        None => break,
                    }
                }
                found.push(Token::Text(value));
                rest = after;
            }
            '(' | ')' | ',' => {
                found.push(Token::Sign(first));
                rest = rest.get(1..)?;
            }
            _ => {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                let (word, after) = rest.split_at_checked(end).filter(|(word, _)| !word.is_empty())?;
                found.push(Token::Word(word.to_ascii_lowercase()));
                rest = after;
            }
        }
        rest = rest.trim_start();
    }
    Some(found)
}

fn any_of(rest: &mut &[Token]) -> Option<Filter> {
    let mut filter = all_of(rest)?;
    while next_is(rest, &Token::Word("or".to_owned())) {
        filter = Filter::Or(Box::new(filter), Box::new(all_of(rest)?));
    }
    Some(filter)
}

fn all_of(rest: &mut &[Token]) -> Option<Filter> {
    let mut filter = one(rest)?;
    while next_is(rest, &Token::Word("and".to_owned())) {
        filter = Filter::And(Box::new(filter), Box::new(one(rest)?));
    }
    Some(filter)
}

/// Takes the next token when it is this one.
fn next_is(rest: &mut &[Token], wanted: &Token) -> bool {
    match rest.split_first() {
        Some((first, after)) if first == wanted => {
            *rest = after;
            true
        }
        _ => false,
    }
}

fn one(rest: &mut &[Token]) -> Option<Filter> {
    if next_is(rest, &Token::Sign('(')) {
        let inner = any_of(rest)?;
        return next_is(rest, &Token::Sign(')')).then_some(inner);
    }
    let (filter, after) = match *rest {
        [Token::Word(property), Token::Word(operator), Token::Text(value), after @ ..] => {
            let equal = match operator.as_str() {
                "eq" => true,
                "ne" => false,
                _ => return None,
            };
            (Filter::Is(property.clone(), value.clone(), equal), after)
        }
        [
            Token::Word(function),
            Token::Sign('('),
            one,
            Token::Sign(','),
            other,
            Token::Sign(')'),
            after @ ..,
        ] => {
            let filter = match (function.as_str(), one, other) {
                ("substringof", Token::Text(value), Token::Word(property)) => {
                    Filter::Holds(property.clone(), value.clone(), false)
                }
                ("startswith", Token::Word(property), Token::Text(value)) => {
                    Filter::Holds(property.clone(), value.clone(), true)
                }
                _ => return None,
            };
            (filter, after)
        }
        _ => return None,
    };
    *rest = after;
    let (Filter::Is(property, ..) | Filter::Holds(property, ..)) = &filter else {
        return None;
    };
    PROPERTIES.contains(&property.as_str()).then_some(filter)
}
