//! A file that its owner alone may read. Unix has modes for that; on Windows a file is as private as its folder.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Writes it, in place of one that may be there.
///
/// # Errors
/// When it cannot be written.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = opened(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(unix)]
fn opened(path: &Path) -> io::Result<File> {
    use std::fs::Permissions;
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    // One that was there before keeps its mode, and others may read it.
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

#[cfg(not(unix))]
fn opened(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_that_others_could_read_is_theirs_no_more() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).unwrap();
        write_private(file.path(), "secret").unwrap();
        assert_eq!(fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_to_string(file.path()).unwrap(), "secret");
    }
}
