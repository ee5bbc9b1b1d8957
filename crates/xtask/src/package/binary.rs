//! The binary of a release: static where it runs on Linux, stripped, and free of the paths that it was built under.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::platform::{Build, Platform};
use crate::shell;

/// What the two folders that a build knows of are called in what it makes.
const SOURCES: &str = "/src";
const REGISTRY: &str = "/cargo";

/// Builds the profile `dist` for a kind of machine and says where the binary is, until the next one is built.
///
/// Static where that is Linux, because the host's image has a C library of its own version. The paths of the sources and of
/// each registry are written as `/src` and `/cargo`, and the linker's id, a hash that knows of them, is left out.
pub(super) fn build(root: &Path, platform: &Platform, what: Build) -> Result<PathBuf> {
    let target = platform.target;
    let cargo_home = cargo_home()?;
    let mut flags = Vec::new();
    if !platform.is_macos() {
        flags.push("-Ctarget-feature=+crt-static".to_owned());
    }
    if platform.is_linux() {
        flags.push("-Clink-arg=-Wl,--build-id=none".to_owned());
    }
    // Functions that came out alike are there once, and relocations take a bit each: the compiler's own linker, which it
    // brings along for this target alone, can do both.
    if *platform == Platform::FUNCTIONS {
        flags.extend(
            ["-Clink-arg=-Wl,--icf=all", "-Clink-arg=-Wl,-z,pack-relative-relocs"].map(str::to_owned),
        );
    }
    flags.push(format!("--remap-path-prefix={}={SOURCES}", root.display()));
    let registries = registries(&cargo_home)?;
    flags.push(format!("--remap-path-prefix={}={REGISTRY}", cargo_home.display()));
    // The last one that fits a path counts.
    flags.extend(
        registries.iter().map(|sources| format!("--remap-path-prefix={}={REGISTRY}", sources.display())),
    );
    // Parted by 0x1f, since a path may hold blanks.
    let mut variables = vec![("CARGO_ENCODED_RUSTFLAGS".to_owned(), flags.join("\u{1f}"))];
    if !platform.is_windows() {
        // Quoted as for a shell, since words are parted by blanks here.
        let maps: Vec<String> = std::iter::once(&cargo_home)
            .chain(&registries)
            .map(|folder| format!("'-ffile-prefix-map={}={REGISTRY}'", folder.display()))
            .collect();
        variables.push(("CFLAGS".to_owned(), maps.join(" ")));
        variables.push(("CC_SHELL_ESCAPED_FLAGS".to_owned(), "1".to_owned()));
    }
    if let Some(linker) = platform.cross_linker()? {
        let name = target.replace('-', "_").to_uppercase();
        variables.push((format!("CARGO_TARGET_{name}_LINKER"), linker));
    }
    let variables: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    shell::run(
        root,
        &format!(
            "cargo build --locked --package heartbeat-dns --bin heartbeat-dns {} --profile dist --target {target}",
            what.features()
        ),
        &variables,
    )?;
    let folder =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
    let suffix = if platform.is_windows() { ".exe" } else { "" };
    Ok(folder.join(target).join("dist").join(format!("heartbeat-dns{suffix}")))
}

fn cargo_home() -> Result<PathBuf> {
    std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
        .context("neither CARGO_HOME nor a home folder is known")
}

/// The folders of sources, one a registry. Each is called after a hash of the registry's address, so that two mirrors of one
/// registry would make two programs.
fn registries(cargo_home: &Path) -> Result<Vec<PathBuf>> {
    let sources = cargo_home.join("registry").join("src");
    if !sources.is_dir() {
        return Ok(Vec::new());
    }
    let entries = sources.read_dir().with_context(|| format!("failed to read {}", sources.display()))?;
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    folders.sort();
    Ok(folders)
}

/// Fails unless a program for Linux is what everybody else would build of these sources, and runs everywhere: it asks for no
/// loader, and holds no path of this machine.
pub(super) fn check(root: &Path, built: &Path, program: &[u8]) -> Result<()> {
    if !is_static(program) {
        bail!("{} asks for a loader: it is not static", built.display());
    }
    let cargo_home = cargo_home()?;
    let registries = registries(&cargo_home)?;
    let names = registries.iter().filter_map(|sources| sources.file_name()).map(PathBuf::from);
    for folder in [root.to_path_buf(), cargo_home].into_iter().chain(names) {
        if holds(program, &folder) {
            bail!("{} holds the path {}, under which it was built", built.display(), folder.display());
        }
    }
    Ok(())
}

/// Whether a program names a folder. One that is called as the build calls it anyway betrays nothing.
fn holds(program: &[u8], folder: &Path) -> bool {
    let name = folder.as_os_str().as_encoded_bytes();
    let is_public = [SOURCES, REGISTRY].iter().any(|public| public.as_bytes() == name);
    !is_public && !name.is_empty() && program.windows(name.len()).any(|bytes| bytes == name)
}

/// Whether an ELF file of 64 bits needs no loader: it has no program header of the kind `PT_INTERP`.
fn is_static(elf: &[u8]) -> bool {
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
    fn a_path_of_this_machine_is_found_wherever_it_stands() {
        let program = b"\x7fELF\0/home/me/hb/src/main.rs\0/src/lib.rs\0/cargo/registry\0";
        assert!(holds(program, Path::new("/home/me/hb")));
        assert!(!holds(program, Path::new("/home/you")));
        assert!(!holds(program, Path::new("/src")), "the container builds there");
        assert!(check(Path::new("/home/me/hb"), Path::new("x"), &[&elf(1), &program[..]].concat()).is_err());
        assert!(check(Path::new("/srv/hb"), Path::new("x"), &[&elf(1), &program[..]].concat()).is_ok());
    }

    #[test]
    fn a_file_that_is_no_elf_is_not_static() {
        assert!(!is_static(b"#!/bin/sh"));
        assert!(!is_static(&elf(1)[..66]));
    }
}
