//! Settings from files: `local.settings.json` of this folder and `--env FILE`, under what the environment says.
//!
//! Libraries below us read the environment themselves (proxy, certificates, identity). So that files reach them
//! too, the program starts itself again with the files' variables; the environment wins over `--env`, and `--env`
//! wins over `local.settings.json`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// The file of the Functions tools that is read when it lies in the current folder.
pub const LOCAL_SETTINGS: &str = "local.settings.json";

/// The variables of the files.
///
/// # Errors
/// When `env_file` or an existing `local.settings.json` cannot be read or understood.
pub fn from_files(env_file: Option<&Path>, folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    let settings = folder.join(LOCAL_SETTINGS);
    match std::fs::read_to_string(&settings) {
        Ok(text) => {
            values.extend(local_settings(&text).with_context(|| format!("cannot use {LOCAL_SETTINGS}"))?)
        }
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => {}
        Err(fault) => return Err(fault).with_context(|| format!("cannot read {LOCAL_SETTINGS}")),
    }
    if let Some(path) = env_file {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        values.extend(env_lines(&text).with_context(|| format!("cannot use {}", path.display()))?);
    }
    Ok(values)
}

/// `Values` of the Functions tools' settings file (contract functions-custom-handler, section 11).
fn local_settings(text: &str) -> Result<BTreeMap<String, String>> {
    let settings: serde_json::Value = serde_json::from_str(text).context("it is not JSON")?;
    if settings.get("IsEncrypted").and_then(serde_json::Value::as_bool) == Some(true) {
        bail!(
            "its values are encrypted: run `func settings decrypt`, or set the variables in the environment"
        );
    }
    let Some(values) = settings.get("Values").and_then(serde_json::Value::as_object) else {
        bail!("it has no member Values");
    };
    let mut found = BTreeMap::new();
    for (name, value) in values {
        let Some(value) = value.as_str() else { bail!("the value of {name} is not a text") };
        found.insert(name.clone(), value.to_owned());
    }
    Ok(found)
}

/// Lines `NAME=value`, with or without `export` and quotes; empty lines and `#` lines say nothing.
fn env_lines(text: &str) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        let Some((name, value)) = line.split_once('=') else {
            bail!("line {} is not NAME=value", number + 1);
        };
        let name = name.trim();
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            bail!("line {} has no name of a variable before the =", number + 1);
        }
        found.insert(name.to_owned(), unquoted(value.trim()));
    }
    Ok(found)
}

fn unquoted(value: &str) -> String {
    for quote in ['"', '\''] {
        let inner = value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner {
            return inner.to_owned();
        }
    }
    value.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_shell_are_read() {
        let text = "# comment\n\nexport A=1\nB = \"two words\"\nC='x=y'\nD=\n";
        let found = env_lines(text).unwrap();
        let shown: Vec<_> = found.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(shown, ["A=1", "B=two words", "C=x=y", "D="]);
        for bad in ["nothing", "=x", "A B=1"] {
            assert!(env_lines(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_settings_file_gives_its_values() {
        let text = r#"{"IsEncrypted":false,"Values":{"MODE":"observe"},"Host":{}}"#;
        assert_eq!(local_settings(text).unwrap()["MODE"], "observe");
        for bad in ["", "[]", "{}", r#"{"IsEncrypted":true,"Values":{}}"#, r#"{"Values":{"A":1}}"#] {
            assert!(local_settings(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_file_that_was_named_wins_over_the_one_that_lay_there() {
        let folder = tempfile::tempdir().unwrap();
        let env = folder.path().join("local.env");
        std::fs::write(folder.path().join(LOCAL_SETTINGS), r#"{"Values":{"A":"1","B":"1"}}"#).unwrap();
        std::fs::write(&env, "B=2\n").unwrap();
        let found = from_files(Some(&env), folder.path()).unwrap();
        assert_eq!((found["A"].as_str(), found["B"].as_str()), ("1", "2"));
        assert!(from_files(Some(Path::new("/nowhere/at/all")), folder.path()).is_err());
    }
}
