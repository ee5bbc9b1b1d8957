//! Reads one variable after the other, and remembers what was wrong instead of stopping.

use std::time::Duration;

use super::{Fault, Variables, duration::parse_duration};

/// A pass over the variables.
pub(super) struct Reader<'a> {
    variables: &'a Variables,
    faults: Vec<Fault>,
    warnings: Vec<Fault>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(variables: &'a Variables) -> Self {
        Self { variables, faults: Vec::new(), warnings: Vec::new() }
    }

    /// Remembers a fault; `words` fit after the variable's name.
    pub(super) fn fault(&mut self, variable: &str, words: impl Into<String>) {
        self.faults.push(Fault { variable: variable.to_owned(), words: words.into() });
    }

    /// Remembers something odd that stops nothing.
    pub(super) fn warn(&mut self, variable: &str, words: impl Into<String>) {
        self.warnings.push(Fault { variable: variable.to_owned(), words: words.into() });
    }

    pub(super) fn into_findings(self) -> (Vec<Fault>, Vec<Fault>) {
        (self.faults, self.warnings)
    }

    /// The value, if there is one that is not empty.
    pub(super) fn text(&self, variable: &str) -> Option<&'a str> {
        self.variables.get(variable)
    }

    /// The value of a variable that must be set; `what` fits after "set it to".
    pub(super) fn required(&mut self, variable: &str, what: &str) -> Option<&'a str> {
        let text = self.text(variable);
        if text.is_none() {
            self.fault(variable, format!("is not set; set it to {what}"));
        }
        text
    }

    /// A parsed value, or the default when it is not set or cannot be parsed.
    pub(super) fn parsed<T>(
        &mut self,
        variable: &str,
        default: T,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> T {
        match self.text(variable).map(parse) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(words)) => {
                self.fault(variable, words);
                default
            }
        }
    }

    /// One of a few words, in any case.
    pub(super) fn word<T: Copy>(&mut self, variable: &str, default: T, words: &[(&str, T)]) -> T {
        self.parsed(variable, default, |text| {
            let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
            found.map(|(_, value)| *value).ok_or_else(|| {
                let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
                format!("is `{text}`; write {}", words.join(" or "))
            })
        })
    }

    /// A whole number within bounds.
    pub(super) fn number(
        &mut self,
        variable: &str,
        default: u32,
        bounds: std::ops::RangeInclusive<u32>,
    ) -> u32 {
        self.parsed(variable, default, |text| {
            text.parse().ok().filter(|number| bounds.contains(number)).ok_or_else(|| {
                format!("is `{text}`; write a whole number from {} to {}", bounds.start(), bounds.end())
            })
        })
    }

    /// `true` or `false`.
    pub(super) fn switch(&mut self, variable: &str, default: bool) -> bool {
        self.word(variable, default, &[("true", true), ("false", false)])
    }

    /// A duration, at most `longest`.
    pub(super) fn duration(
        &mut self,
        variable: &str,
        default: Duration,
        longest: Option<Duration>,
    ) -> Duration {
        self.parsed(variable, default, |text| {
            let duration = parse_duration(text)?;
            match longest.filter(|longest| duration > *longest) {
                Some(longest) => {
                    Err(format!("is `{text}`; the longest that makes sense is {}", minutes(longest)))
                }
                None => Ok(duration),
            }
        })
    }

    /// The members of a list; `parse` gets each, and every fault counts.
    pub(super) fn list<T>(
        &mut self,
        variable: &str,
        mut parse: impl FnMut(&str) -> Result<T, String>,
    ) -> Vec<T> {
        let mut values = Vec::new();
        for member in members(self.text(variable).unwrap_or_default()) {
            match parse(member) {
                Ok(value) => values.push(value),
                Err(words) => self.fault(variable, words),
            }
        }
        values
    }
}

/// The members of a comma-separated text without blanks around them and without empty ones.
pub(super) fn members(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|member| !member.is_empty())
}

/// Whether a text may stand in a path of a URL as it is: letters, digits and dashes.
pub(super) fn is_plain_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Whether a text is a GUID as Azure writes them: hexadecimal digits in groups of 8, 4, 4, 4 and 12.
pub(super) fn is_guid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A bound as people write it.
fn minutes(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds % 3600 == 0 => format!("{}h", seconds / 3600),
        seconds if seconds % 60 == 0 => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}
