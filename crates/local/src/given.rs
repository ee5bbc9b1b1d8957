//! A file that somebody gives: opened, and known by its first bytes when it is no text, or meant for another option.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};

/// So much is read at once, and so much is looked at to tell what a file is.
const AT_ONCE: usize = 1 << 20;
/// The most of a file that is read whole; heartbeats, of which there are more, are read row by row.
const WHOLE: u64 = 256 << 20;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// The options that take files of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meant {
    /// Rows of `Heartbeat`.
    Heartbeats,
    /// Record sets.
    Records,
    /// Machines with their tags.
    Tags,
}

impl Meant {
    fn option(self) -> &'static str {
        match self {
            Self::Heartbeats => "--heartbeats",
            Self::Records => "--records",
            Self::Tags => "--tags",
        }
    }
}

/// Opens a file of text, after its mark of UTF-8.
///
/// # Errors
/// A file that cannot be read, or is no text as it is.
pub(crate) fn open(file: &Path) -> Result<BufReader<File>> {
    let cannot = || format!("cannot read {}", file.display());
    let opened = File::open(file).with_context(cannot)?;
    if opened.metadata().with_context(cannot)?.is_dir() {
        bail!("cannot read {}: it is a folder", file.display());
    }
    let mut reader = BufReader::with_capacity(AT_ONCE, opened);
    let head = reader.fill_buf().with_context(cannot)?;
    if let Some(why) = no_text(head) {
        bail!("cannot read {}: {why}", file.display());
    }
    let mark = if head.starts_with(BOM) { BOM.len() } else { 0 };
    reader.consume(mark);
    Ok(reader)
}

/// The text of a file.
///
/// # Errors
/// As [`open`], and a file that is no UTF-8, or has no end.
pub(crate) fn text(file: &Path) -> Result<String> {
    let mut bytes = Vec::new();
    let cannot = || format!("cannot read {}", file.display());
    open(file)?.take(WHOLE + 1).read_to_end(&mut bytes).with_context(cannot)?;
    if bytes.len() as u64 > WHOLE {
        bail!("{}: it has more than {} MiB, and no more is read of such a file", cannot(), WHOLE >> 20);
    }
    String::from_utf8(bytes).map_err(|fault| {
        let line = 1 + fault.as_bytes()[..fault.utf8_error().valid_up_to()]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        anyhow::anyhow!("cannot read {}: its line {line} is no UTF-8: save it as UTF-8", file.display())
    })
}

/// Why the bytes at the beginning of a file are no text.
fn no_text(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Some("it is UTF-16: save it as UTF-8 (in Excel as \"CSV UTF-8\")");
    }
    if head.starts_with(b"\x1f\x8b") {
        return Some("it is packed: unpack it with gunzip first");
    }
    if head.starts_with(b"PK\x03\x04") {
        return Some("it is a zip archive or a workbook: unpack it, or save the sheet as \"CSV UTF-8\"");
    }
    head.iter().take(4096).any(|byte| *byte == 0).then_some("it is no text")
}

/// The fault of a file that was meant for one option, and looks as if it were for another.
pub(crate) fn swapped(fault: anyhow::Error, file: &Path, given: Meant) -> anyhow::Error {
    let mut head = Vec::new();
    let is_read = open(file).is_ok_and(|reader| reader.take(1 << 16).read_to_end(&mut head).is_ok());
    match looks_like(&String::from_utf8_lossy(&head)).filter(|meant| is_read && *meant != given) {
        Some(meant) => {
            fault.context(format!("{} looks as if it were for {}", file.display(), meant.option()))
        }
        None => fault,
    }
}

fn looks_like(head: &str) -> Option<Meant> {
    let lower = head.to_ascii_lowercase();
    let holds = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    if holds(&["timegenerated"]) {
        return Some(Meant::Heartbeats);
    }
    if holds(&["$origin", "$ttl", " soa ", "\tsoa\t", "/dnszones/"]) {
        return Some(Meant::Records);
    }
    let is_tags = holds(&["/microsoft.hybridcompute/machines/", "/microsoft.compute/virtualmachines/"])
        || lower.lines().next().is_some_and(|line| line.trim() == "machine,name");
    is_tags.then_some(Meant::Tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_told_by_its_first_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        for (bytes, says) in [
            (&b"\xff\xfea\0"[..], "UTF-16"),
            (b"\xfe\xff\0a", "UTF-16"),
            (b"\x1f\x8b\x08", "gunzip"),
            (b"PK\x03\x04x", "workbook"),
            (b"a\0b", "no text"),
            (b"a\nb\n\xe9\n", "line 3"),
        ] {
            std::fs::write(&file, bytes).unwrap();
            let fault = format!("{:#}", text(&file).unwrap_err());
            assert!(fault.contains(says) && fault.contains("file"), "{fault}");
        }
        assert!(format!("{:#}", text(folder.path()).unwrap_err()).contains("folder"));
        assert!(text(&folder.path().join("none")).is_err());
        std::fs::write(&file, "\u{feff}é").unwrap();
        assert_eq!(text(&file).unwrap(), "é");
    }

    #[test]
    fn a_file_for_another_option_is_told_as_such() {
        for (head, meant) in [
            ("\"TimeGenerated [UTC]\",Computer\n", Some(Meant::Heartbeats)),
            ("$ORIGIN example.com.\n", Some(Meant::Records)),
            ("@ 60 IN SOA a. b. 1 2 3 4 5\n", Some(Meant::Records)),
            ("Machine,Name\nnas,nas.example.com\n", Some(Meant::Tags)),
            (
                "[{\"id\":\"/subscriptions/s/providers/Microsoft.HybridCompute/machines/nas\"}]",
                Some(Meant::Tags),
            ),
            ("hello", None),
        ] {
            assert_eq!(looks_like(head), meant, "{head}");
        }
    }
}
