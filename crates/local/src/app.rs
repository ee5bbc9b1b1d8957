//! Which app the Functions host runs: a program under files of its own, or an unpacked deployment.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The files that the host reads, and what it starts.
#[derive(Debug, Clone)]
pub struct App {
    /// The text of `host.json`.
    pub host_json: String,
    /// Folder names and the texts of their `function.json`.
    pub functions: Vec<(String, String)>,
    /// What is started; none: what `host.json` says.
    pub command: Option<Vec<OsString>>,
    /// The app's root.
    pub root: PathBuf,
}

impl App {
    /// A deployment that was unpacked into `folder`: every folder with a `function.json` is a function, as for the
    /// real host (contract functions-custom-handler, section 9.2).
    ///
    /// # Errors
    /// A folder that cannot be read, or that holds no app.
    pub fn unpacked(folder: &Path) -> Result<Self> {
        let root = folder.canonicalize().with_context(|| format!("cannot open {}", folder.display()))?;
        let host = root.join("host.json");
        let host_json = std::fs::read_to_string(&host)
            .with_context(|| format!("cannot read {}: is it an unpacked deployment?", host.display()))?;
        let mut functions = Vec::new();
        let entries = std::fs::read_dir(&root).with_context(|| format!("cannot list {}", root.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot list {}", root.display()))?;
            let file = entry.path().join("function.json");
            if file.is_file() {
                let text = std::fs::read_to_string(&file)
                    .with_context(|| format!("cannot read {}", file.display()))?;
                functions.push((entry.file_name().to_string_lossy().into_owned(), text));
            }
        }
        if functions.is_empty() {
            bail!("{} holds no folder with a function.json", root.display());
        }
        functions.sort();
        Ok(Self { host_json, functions, command: None, root })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_read_as_the_host_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("host.json"), "{}").unwrap();
        std::fs::create_dir(folder.path().join("function-b")).unwrap();
        std::fs::write(folder.path().join("function-b/function.json"), "b").unwrap();
        std::fs::create_dir(folder.path().join("docs")).unwrap();
        let app = App::unpacked(folder.path()).unwrap();
        assert_eq!(app.functions, [("function-b".to_owned(), "b".to_owned())]);
        assert!(app.command.is_none());
    }

    #[test]
    fn a_folder_without_an_app_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let fault = format!("{:#}", App::unpacked(folder.path()).unwrap_err());
        assert!(fault.contains("host.json") && fault.contains("is it an unpacked deployment?"), "{fault}");
    }
}
