//! The deployment zip, as Azure Functions wants it (contract functions-custom-handler, section 9.2).

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::{read, read_text};

/// Files that are deployed as they stand in the repository. No local settings, no folder above them.
const FILES: [&str; 3] =
    ["host.json", "function-collector/function.json", "function-remediate/function.json"];

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
    let folder = root.join(PAGES);
    let files = fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut entries = Vec::new();
    for file in files {
        let path = file.with_context(|| format!("cannot list {}", folder.display()))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).context("a page without a name")?;
        entries.push((format!("man1/{name}"), read(&path)?, 0o644));
    }
    packed(entries)
}

/// A zip whose entries are in the order of their names and of 1980, so that equal contents are equal bytes.
fn packed(mut entries: Vec<(String, Vec<u8>, u32)>) -> Result<Vec<u8>> {
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

    #[test]
    fn a_host_without_a_program_is_refused() {
        assert!(executable("{\"customHandler\":{}}").is_err());
    }
}
