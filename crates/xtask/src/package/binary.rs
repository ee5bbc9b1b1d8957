//! The binary of a release: static, stripped, and free of the paths that it was built under.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::shell;

/// Builds the profile `dist` for a target and says where the binary is.
///
/// Static, because the host's image has a C library of its own version. The paths of the sources and of the
/// registry are written as `/src` and `/cargo`, and the linker's id, a hash that knows of them, is left out.
pub(super) fn build(root: &Path, target: &str) -> Result<PathBuf> {
    let cargo_home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
        .context("neither CARGO_HOME nor a home folder is known")?;
    // Parted by 0x1f, since a path may hold blanks.
    let flags = [
        "-Ctarget-feature=+crt-static".to_owned(),
        "-Clink-arg=-Wl,--build-id=none".to_owned(),
        format!("--remap-path-prefix={}=/src", root.display()),
        format!("--remap-path-prefix={}=/cargo", cargo_home.display()),
    ]
    .join("\u{1f}");
    // Quoted as for a shell, since words are parted by blanks here.
    let c_flags = format!("'-ffile-prefix-map={}=/cargo'", cargo_home.display());
    shell::run(
        root,
        &format!(
            "cargo build --locked --package heartbeat-dns --bin heartbeat-dns --no-default-features \
             --profile dist --target {target}"
        ),
        &[("CARGO_ENCODED_RUSTFLAGS", &flags), ("CFLAGS", &c_flags), ("CC_SHELL_ESCAPED_FLAGS", "1")],
    )?;
    let folder =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
    Ok(folder.join(target).join("dist/heartbeat-dns"))
}

/// Whether an ELF file of 64 bits needs no loader: it has no program header of the kind `PT_INTERP`.
pub(super) fn is_static(elf: &[u8]) -> bool {
    const PT_INTERP: u32 = 3;
    let number = |at: usize, length: usize| -> Option<u64> {
        let bytes = elf.get(at..at + length)?;
        Some(bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    };
    let headers = || -> Option<Vec<u64>> {
        if elf.get(..5)? != b"\x7fELF\x02" {
            return None;
        }
        let (start, size, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
        (0..count).map(|i| number(usize::try_from(start + i * size).ok()?, 4)).collect()
    };
    headers().is_some_and(|kinds| !kinds.contains(&u64::from(PT_INTERP)))
}

/// Lets everybody run a file.
#[cfg(unix)]
pub(super) fn make_executable(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755))
        .with_context(|| format!("cannot make {} executable", file.display()))
}

/// Other systems know no such mark.
#[cfg(not(unix))]
pub(super) fn make_executable(_file: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elf(kind: u8) -> Vec<u8> {
        let mut file = vec![0; 64 + 56];
        file[..5].copy_from_slice(b"\x7fELF\x02");
        file[32] = 64;
        file[54] = 56;
        file[56] = 1;
        file[64] = kind;
        file
    }

    #[test]
    fn a_file_that_names_a_loader_is_not_static() {
        assert!(is_static(&elf(1)));
        assert!(!is_static(&elf(3)));
    }

    #[test]
    fn a_file_that_is_no_elf_is_not_static() {
        assert!(!is_static(b"#!/bin/sh"));
        assert!(!is_static(&elf(1)[..66]));
    }
}
