//! Zips: the one that is deployed, as Azure Functions wants it (contract functions-custom-handler, section 9.2), the manual
//! pages, and the command line for macOS and Windows. Both unpack a zip without further tools, and equal contents are
//! equal bytes there as well.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::{read, read_text};
use crate::shell;

/// Files that are deployed as they stand in the repository. No local settings, no folder above them.
const FILES: [&str; 3] =
    ["host.json", "function-collector/function.json", "function-remediate/function.json"];

/// Files that say what may be done with the program.
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// The shells that laptops have, and the file in which each looks for completions.
const COMPLETIONS: [(&str, &str); 4] = [
    ("bash", "heartbeat-dns"),
    ("fish", "heartbeat-dns.fish"),
    ("powershell", "heartbeat-dns.ps1"),
    ("zsh", "_heartbeat-dns"),
];

/// Where the manual pages lie.
const PAGES: &str = "docs/man";

/// Packs the program and the files that the host reads; the program alone may be run.
pub(super) fn write(root: &Path, program: &[u8]) -> Result<Vec<u8>> {
    let executable = executable(&read_text(&root.join("host.json"))?)?;
    let mut entries = vec![(executable, program.to_vec(), 0o755)];
    for file in FILES {
        entries.push((file.to_owned(), read(&root.join(file))?, 0o644));
    }
    packed(entries)
}

/// Packs the manual pages of the command line, which a test holds to what the commands say.
pub(super) fn pages(root: &Path) -> Result<Vec<u8>> {
    packed(manual(root)?)
}

/// Packs the command line for a laptop: the program, what shells complete, the manual pages, the licences. The program
/// says its completions itself, so it has to run here.
pub(super) fn command_line(root: &Path, built: &Path, program: &[u8]) -> Result<Vec<u8>> {
    let name = built.file_name().and_then(|name| name.to_str()).context("a program without a name")?;
    let mut entries = manual(root)?;
    entries.push((name.to_owned(), program.to_vec(), 0o755));
    for file in LICENCES {
        entries.push((file.to_owned(), read(&root.join(file))?, 0o644));
    }
    for (shell, file) in COMPLETIONS {
        let script = shell::output(root, &format!("{} completions {shell}", built.display()))?;
        entries.push((format!("completions/{file}"), script.into_bytes(), 0o644));
    }
    packed(entries)
}

fn manual(root: &Path) -> Result<Vec<Entry>> {
    let folder = root.join(PAGES);
    let files = fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut entries = Vec::new();
    for file in files {
        let path = file.with_context(|| format!("cannot list {}", folder.display()))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).context("a page without a name")?;
        entries.push((format!("man1/{name}"), read(&path)?, 0o644));
    }
    Ok(entries)
}

/// Name, contents and mode of a file in a zip.
type Entry = (String, Vec<u8>, u32);

/// A zip whose entries are in the order of their names and of 1980, so that equal contents are equal bytes.
fn packed(mut entries: Vec<Entry>) -> Result<Vec<u8>> {
    entries.sort();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes, mode) in entries {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(9))
            .last_modified_time(DateTime::default())
            .system(System::Unix)
            .unix_permissions(mode);
        zip.start_file(&name, options).with_context(|| format!("cannot begin {name} in the zip"))?;
        zip.write_all(&bytes).with_context(|| format!("cannot pack {name}"))?;
    }
    Ok(zip.finish().context("cannot finish the zip")?.into_inner())
}

/// The name under which the host starts the program. The tools compare it literally with the entry's.
fn executable(host_json: &str) -> Result<String> {
    let host: Value = serde_json::from_str(host_json).context("host.json is not JSON")?;
    let path = host["customHandler"]["description"]["defaultExecutablePath"].as_str();
    path.map(str::to_owned).context("host.json names no customHandler.description.defaultExecutablePath")
}

#[cfg(test)]
mod tests {
    use zip::ZipArchive;

    use super::*;

    fn app() -> Vec<u8> {
        write(&crate::shell::root().unwrap(), b"\x7fELF program").unwrap()
    }

    #[test]
    fn the_zip_holds_the_app_and_nothing_else() {
        let mut zip = ZipArchive::new(Cursor::new(app())).unwrap();
        let mut found = Vec::new();
        for i in 0..zip.len() {
            let entry = zip.by_index(i).unwrap();
            found.push((entry.name().unwrap().into_owned(), entry.unix_mode().unwrap() & 0o777));
        }
        let expected = [
            ("function-collector/function.json", 0o644),
            ("function-remediate/function.json", 0o644),
            ("heartbeat-dns", 0o755),
            ("host.json", 0o644),
        ];
        assert_eq!(found, expected.map(|(name, mode)| (name.to_owned(), mode)));
    }

    #[test]
    fn the_central_directory_says_made_by_unix() {
        let bytes = app();
        let entry = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
        assert_eq!(bytes[entry + 5], 3);
    }

    #[test]
    fn packing_twice_gives_the_same_bytes() {
        assert_eq!(app(), app());
    }

    #[test]
    fn the_pages_of_every_command_are_packed() {
        let bytes = pages(&crate::shell::root().unwrap()).unwrap();
        let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
        for page in ["man1/heartbeat-dns.1", "man1/heartbeat-dns-plan.1", "man1/heartbeat-dns-check.1"] {
            let mut text = String::new();
            std::io::Read::read_to_string(&mut zip.by_name(page).unwrap(), &mut text).unwrap();
            assert!(text.contains(".SH NAME"), "{page}");
        }
    }

    /// A program that says what it was called with, in place of one that was built.
    #[cfg(unix)]
    #[test]
    fn a_laptop_gets_the_program_with_what_belongs_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let built = folder.path().join("heartbeat-dns");
        let script = "#!/bin/sh\necho \"$*\"\n";
        fs::write(&built, script).unwrap();
        super::super::binary::make_executable(&built).unwrap();
        let root = crate::shell::root().unwrap();
        let bytes = command_line(&root, &built, script.as_bytes()).unwrap();
        let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut text = |name: &str| {
            let mut entry = zip.by_name(name).unwrap();
            let mut text = String::new();
            std::io::Read::read_to_string(&mut entry, &mut text).unwrap();
            (text, entry.unix_mode().unwrap() & 0o777)
        };
        assert_eq!(text("heartbeat-dns"), (script.to_owned(), 0o755));
        assert_eq!(text("completions/_heartbeat-dns"), ("completions zsh\n".to_owned(), 0o644));
        assert!(text("man1/heartbeat-dns-plan.1").0.contains(".SH NAME"));
        assert!(text("LICENSE-MIT").0.contains("Permission is hereby granted"));
    }

    #[test]
    fn a_host_without_a_program_is_refused() {
        assert!(executable("{\"customHandler\":{}}").is_err());
    }
}
