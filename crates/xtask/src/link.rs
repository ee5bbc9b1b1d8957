//! A link to a file or a folder: each system has its own call for it.

use std::io;
use std::path::Path;

/// Makes a link.
#[cfg(unix)]
pub(crate) fn link(to: impl AsRef<Path>, at: impl AsRef<Path>) -> io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

/// Makes a link; Windows tells those to folders from those to files.
#[cfg(windows)]
pub(crate) fn link(to: impl AsRef<Path>, at: impl AsRef<Path>) -> io::Result<()> {
    if to.as_ref().is_dir() {
        std::os::windows::fs::symlink_dir(to, at)
    } else {
        std::os::windows::fs::symlink_file(to, at)
    }
}
