//! Where variables come from: the process, `local.settings.json`, a file of `KEY=VALUE` lines.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::bounded;

/// Names and values, as found.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, String>);

/// A settings file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// The file cannot be opened or read.
    #[error("cannot read {}", .0.display())]
    Read(PathBuf, #[source] std::io::Error),
    /// The text has another form than it should.
    #[error("cannot understand {}: {words}", .path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the line where there is one.
        words: String,
    },
}

impl Variables {
    /// The environment of this process. Values that are not Unicode are left out.
    #[must_use]
    pub fn process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// The value of a variable without blanks around it; one that is empty counts as not set, because the portal and
    /// the settings files keep empty values.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// The value of a variable as it was found, with the blanks around it.
    #[must_use]
    pub fn whole(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All names that have a value.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str).filter(|name| self.get(name).is_some())
    }

    /// These variables, and from `other` those that are not set here.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        for (name, value) in other.0 {
            if self.get(&name).is_none() {
                self.0.insert(name, value);
            }
        }
        self
    }

    /// All but this one.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    /// Reads `Values` of a `local.settings.json`.
    ///
    /// # Errors
    /// [`FileFault`] when there is no such file, it is no JSON, is encrypted, or a value is no text.
    pub fn local_settings(path: &Path) -> Result<Self, FileFault> {
        let form = |words: String| FileFault::Form { path: path.to_owned(), words };
        let text = read(path)?;
        let document: Value = serde_json::from_str(&text).map_err(|fault| form(fault.to_string()))?;
        if document["IsEncrypted"] == true {
            return Err(form("it is encrypted; `func settings decrypt` makes it readable".to_owned()));
        }
        let Some(values) = document["Values"].as_object() else {
            return Err(form("it has no object `Values`".to_owned()));
        };
        let text = |(name, value): (&String, &Value)| match value {
            Value::String(text) => Ok((name.clone(), text.clone())),
            _ => Err(form(format!("`{name}` must be a string"))),
        };
        values.iter().map(text).collect()
    }

    /// Reads a file of `KEY=VALUE` lines. Comments (`#` at the beginning of a line or after a blank), a leading `export`, and
    /// one pair of quotes around a value are taken as a shell takes them; nothing is expanded.
    ///
    /// # Errors
    /// [`FileFault`] when there is no such file, or a line has another form.
    pub fn env_file(path: &Path) -> Result<Self, FileFault> {
        let text = read(path)?;
        let mut variables = BTreeMap::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let line = line.strip_prefix("export ").unwrap_or(line);
            let pair = line.split_once('=').map(|(name, value)| (name.trim(), without_comment(value).trim()));
            match pair {
                Some((name, value)) if is_name(name) => variables.insert(name.to_owned(), unquoted(value)),
                _ => {
                    let words = format!("line {} is not of the form KEY=VALUE", number + 1);
                    return Err(FileFault::Form { path: path.to_owned(), words });
                }
            };
        }
        Ok(Self(variables))
    }
}

impl std::fmt::Debug for Variables {
    /// Names alone: values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Variables {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// The port that the Functions host chose; none when it did not start us (contract functions-custom-handler, section 2.2).
#[must_use]
pub fn port_of(variables: &Variables) -> Option<&str> {
    variables.get("FUNCTIONS_CUSTOMHANDLER_PORT").or_else(|| variables.get("FUNCTIONS_HTTPWORKER_PORT"))
}

/// The text of a file, without the byte order mark that some editors put before it.
fn read(path: &Path) -> Result<String, FileFault> {
    let text =
        bounded::given(path, bounded::SETTINGS).map_err(|fault| FileFault::Read(path.to_owned(), fault))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A value without the comment behind it, which begins with a `#` after a blank and not between quotes.
fn without_comment(value: &str) -> &str {
    let is_quoted = value.trim_start().starts_with(['"', '\'']);
    let (mut open, mut before) = (None, ' ');
    let mut chars = value.char_indices();
    while let Some((at, c)) = chars.next() {
        match (open, c) {
            (None, '#') if before.is_whitespace() && at > 0 => return &value[..at],
            (None | Some('"'), '\\') if is_quoted => drop(chars.next()),
            (None, '"' | '\'') if is_quoted => open = Some(c),
            (Some(quote), _) if quote == c => open = None,
            _ => {}
        }
        before = c;
    }
    value
}

/// A value without its quotes. Between double quotes a backslash keeps the next `"`, `\`, `$` or backtick.
fn unquoted(value: &str) -> String {
    if let Some(inside) = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return inside.replace("'\\''", "'");
    }
    let Some(inside) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut text = String::new();
    let mut chars = inside.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some('"' | '\\' | '$' | '`') if c == '\\' => text.extend(chars.next()),
            _ => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    #[test]
    fn lines_are_read_as_a_shell_reads_them() {
        let file = file(
            "# words\n\nA=1\nexport B = two words \nC='it'\\''s'\nD=\"a \\\"b\\\" \\\\ \\n\"\nE=\nF=x=y\n",
        );
        let variables = Variables::env_file(file.path()).unwrap();
        for (name, value) in
            [("A", "1"), ("B", "two words"), ("C", "it's"), ("D", "a \"b\" \\ \\n"), ("F", "x=y")]
        {
            assert_eq!(variables.get(name), Some(value), "{name}");
        }
        assert_eq!(variables.get("E"), None);
    }

    #[test]
    fn a_comment_behind_a_value_is_none_of_it() {
        let file = file(
            "\u{feff}A=1 # one\nB=two words\t# 2\nC='it # '\\''s' # 3\nD=\"a \\\" # b\" # 4\nE= # none\nF=#f\nG=x#y\nH=it's # h\n",
        );
        let variables = Variables::env_file(file.path()).unwrap();
        for (name, value) in [
            ("A", "1"),
            ("B", "two words"),
            ("C", "it # 's"),
            ("D", "a \" # b"),
            ("F", "#f"),
            ("G", "x#y"),
            ("H", "it's"),
        ] {
            assert_eq!(variables.get(name), Some(value), "{name}");
        }
        assert_eq!(variables.get("E"), None);
    }

    #[test]
    fn a_line_of_another_form_is_named() {
        let fault = Variables::env_file(file("A=1\nnonsense\n").path()).unwrap_err();
        assert!(fault.to_string().ends_with("line 2 is not of the form KEY=VALUE"), "{fault}");
        assert!(Variables::env_file(file("1A=1").path()).is_err());
    }

    #[test]
    fn values_of_local_settings_are_read() {
        let read = |text: &str| Variables::local_settings(file(text).path());
        let variables = read(r#"{"IsEncrypted":false,"Values":{"A":"1","B":""}}"#).unwrap();
        assert_eq!(variables.names().collect::<Vec<_>>(), ["A"]);
        // Some editors put a byte order mark before it.
        let marked = read("\u{feff}{\"Values\":{\"A\":\"1\"}}").unwrap();
        assert_eq!(marked.get("A"), Some("1"));
        for text in ["", "{", "{}", r#"{"Values":{"A":1}}"#, r#"{"IsEncrypted":true,"Values":{}}"#] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_set_here_wins_and_what_is_empty_does_not() {
        let here: Variables = [("A", "here"), ("B", " ")].into_iter().collect();
        let there: Variables = [("A", "there"), ("B", "there"), ("C", "there")].into_iter().collect();
        let both = here.or(there);
        assert_eq!(
            [both.get("A"), both.get("B"), both.get("C")],
            [Some("here"), Some("there"), Some("there")]
        );
    }

    #[test]
    fn values_do_not_show_in_debug() {
        let variables: Variables = [("AZURE_CLIENT_SECRET", "hush")].into_iter().collect();
        assert_eq!(format!("{variables:?}"), "{\"AZURE_CLIENT_SECRET\"}");
    }
}
