//! What a setting or a person names, read up to a bound: a device without an end must not take all memory, nor a pipe that nobody
//! writes to keep a program from starting.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

const MEBI: usize = 1 << 20;

/// The most of a file with settings, of a policy, of a query, and of a bundle of certificates.
pub(crate) const SETTINGS: usize = 4 * MEBI;
/// The most of a list of names, one a line.
#[cfg(feature = "cli")]
pub(crate) const NAMES: usize = 16 * MEBI;
/// The most of a list of machines with all their tags.
#[cfg(feature = "cli")]
pub(crate) const MACHINES: usize = 256 * MEBI;
/// The most of a file with one line.
#[cfg(feature = "local")]
pub(crate) const LINE: usize = 1 << 16;

/// The text of a regular file.
///
/// # Errors
/// Whatever keeps it from being read, what is no regular file, no UTF-8, or more than `most` octets.
pub(crate) fn file(path: &Path, most: usize) -> io::Result<String> {
    text(octets(path, most)?)
}

/// The octets of a regular file.
///
/// # Errors
/// As [`file`], but for the encoding.
pub(crate) fn octets(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    // Asked before it is opened: to open a pipe is to wait for whoever writes to it.
    regular(&std::fs::metadata(path)?)?;
    let file = File::open(path)?;
    regular(&file.metadata()?)?;
    all(file, most)
}

/// The text of what a person names on the command line, where a pipe is as good as a file.
///
/// # Errors
/// As [`file`], but for the kind.
pub(crate) fn given(path: &Path, most: usize) -> io::Result<String> {
    stream(File::open(path)?, most)
}

/// The text of a stream.
///
/// # Errors
/// Whatever keeps it from being read, what is no UTF-8, or more than `most` octets.
pub(crate) fn stream(from: impl Read, most: usize) -> io::Result<String> {
    text(all(from, most)?)
}

fn all(from: impl Read, most: usize) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    from.take(most as u64 + 1).read_to_end(&mut octets)?;
    if octets.len() <= most {
        return Ok(octets);
    }
    let most = if most < MEBI { format!("{} KiB", most >> 10) } else { format!("{} MiB", most >> 20) };
    let words = format!(
        "it has more than {most}, and no more is read of such a file; look whether it is the right one"
    );
    Err(io::Error::new(io::ErrorKind::FileTooLarge, words))
}

fn regular(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    let what = if metadata.is_dir() { "it is a folder" } else { "it is a device or a pipe" };
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{what}; name a regular file")))
}

fn text(octets: Vec<u8>) -> io::Result<String> {
    let words = "it is no text in UTF-8; save it as such";
    String::from_utf8(octets).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_read_than_the_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "x".repeat(64)).unwrap();
        for read in [file, given] {
            assert_eq!(read(&path, 64).unwrap().len(), 64);
            let fault = read(&path, 63).unwrap_err();
            assert_eq!(fault.kind(), io::ErrorKind::FileTooLarge, "{fault}");
            assert!(read(&folder.path().join("none"), 64).is_err());
        }
        assert!(stream(io::repeat(b'x'), 1 << 16).unwrap_err().to_string().contains("64 KiB"));
        assert!(stream(io::repeat(b'x'), SETTINGS).unwrap_err().to_string().contains("4 MiB"));
        std::fs::write(&path, b"\xff").unwrap();
        assert!(file(&path, 64).unwrap_err().to_string().contains("UTF-8"));
        assert_eq!(octets(&path, 64).unwrap(), b"\xff");
        assert!(file(folder.path(), 64).unwrap_err().to_string().contains("folder"));
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_no_file_and_has_an_end_where_it_may_be_named() {
        let zero = Path::new("/dev/zero");
        assert!(octets(zero, SETTINGS).unwrap_err().to_string().contains("device or a pipe"));
        assert_eq!(given(zero, SETTINGS).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_that_nobody_writes_to_is_told_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(octets(&pipe, SETTINGS).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
