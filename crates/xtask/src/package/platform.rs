//! For which machines a release is made, and what each of them gets.
//!
//! Static Linux binaries of both architectures come from one machine, the other one by Debian's cross compiler: so one
//! run makes all of them and one list of checksums, with one version of the C library, and whoever has such a
//! machine can repeat it and try the result under qemu. A runner of its own for each architecture would need none of
//! that, and nobody could repeat its bytes at a desk. What macOS and Windows get is built on such a machine, since
//! their linkers and system libraries cannot be had elsewhere.

use std::fmt;
use std::path::Path;

use anyhow::{Result, bail};

use crate::shell;

/// A kind of machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Platform {
    /// What the compiler calls it.
    pub(super) target: &'static str,
    /// What file names call it: system and architecture, as the standard library names them.
    pub(super) name: &'static str,
    pub(super) gets: Gets,
}

/// What is made for a kind of machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gets {
    /// The zip that Azure Functions deploys, and the static binary.
    Functions,
    /// The static binary.
    Static,
    /// The command line of a laptop, packed with its manual pages and completions.
    CommandLine,
}

/// What is built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Build {
    /// What the zip holds: it serves, and nobody calls it.
    Deployed,
    /// The command line of a server and of a container.
    Server,
    /// The command line of a laptop, which completes commands and has a clock.
    Laptop,
}

impl Build {
    /// As cargo is told.
    pub(super) fn features(self) -> &'static str {
        match self {
            Self::Deployed => "--no-default-features",
            Self::Server => "--no-default-features --features cli",
            Self::Laptop => "--no-default-features --features completions,local-time",
        }
    }
}

const fn platform(target: &'static str, name: &'static str, gets: Gets) -> Platform {
    Platform { target, name, gets }
}

impl Platform {
    /// The only one that Azure Functions runs on Linux x86-64 (contract functions-custom-handler, section 9.1).
    pub(super) const FUNCTIONS: Self = platform("x86_64-unknown-linux-gnu", "linux-x86_64", Gets::Functions);

    pub(super) const ALL: [Self; 5] = [
        Self::FUNCTIONS,
        platform("aarch64-unknown-linux-gnu", "linux-aarch64", Gets::Static),
        platform("aarch64-apple-darwin", "macos-aarch64", Gets::CommandLine),
        platform("x86_64-apple-darwin", "macos-x86_64", Gets::CommandLine),
        platform("x86_64-pc-windows-msvc", "windows-x86_64", Gets::CommandLine),
    ];

    /// The one that a target of the compiler stands for.
    pub(super) fn of(target: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|platform| platform.target == target);
        known.ok_or_else(|| {
            let all: Vec<_> = Self::ALL.iter().map(|platform| platform.target).collect();
            format!("nothing is released for it; known are {}", all.join(", "))
        })
    }

    /// Whether this machine is of this kind.
    pub(super) fn is_here(&self) -> bool {
        self.name == format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH)
    }

    pub(super) fn is_linux(&self) -> bool {
        self.gets != Gets::CommandLine
    }

    /// Where nothing but the system's own libraries is linked, and those never statically.
    pub(super) fn is_macos(&self) -> bool {
        self.name.starts_with("macos-")
    }

    pub(super) fn is_windows(&self) -> bool {
        self.name.starts_with("windows-")
    }

    fn architecture(&self) -> &'static str {
        self.name.rsplit('-').next().unwrap_or(self.name)
    }

    /// What links, where it is not the machine's own. It is the C compiler too: crates that build C find it by its name.
    ///
    /// # Errors
    /// When there is none here.
    pub(super) fn cross_linker(&self) -> Result<Option<String>> {
        if self.is_here() {
            return Ok(None);
        }
        if !self.is_linux() {
            bail!(
                "{} is packaged on such a machine: its linker and its system libraries are there",
                self.target
            );
        }
        let compiler = format!("{}-linux-gnu-gcc", self.architecture());
        if !shell::runs(Path::new("."), &format!("{compiler} --version")) {
            bail!(
                "{compiler} is needed and not there. Debian and Ubuntu: `apt-get install {}`, then `rustup target add {}`",
                self.packages(),
                self.target
            );
        }
        Ok(Some(compiler))
    }

    /// Debian's names of the cross compiler and of the C library for it.
    fn packages(&self) -> &'static str {
        match self.architecture() {
            "aarch64" => "gcc-aarch64-linux-gnu libc6-dev-arm64-cross",
            _ => "gcc-x86-64-linux-gnu libc6-dev-amd64-cross",
        }
    }

    /// How a program of this kind is started here; none where that is not possible.
    pub(super) fn runner(&self) -> Option<String> {
        if self.is_here() {
            return Some(String::new());
        }
        let emulator = format!("qemu-{}-static", self.architecture());
        let is_there = self.is_linux() && shell::runs(Path::new("."), &format!("{emulator} --version"));
        is_there.then(|| format!("{emulator} "))
    }
}

/// What `--target` takes.
impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_found_by_its_name_alone() {
        assert_eq!(Platform::of("x86_64-unknown-linux-gnu"), Ok(Platform::FUNCTIONS));
        assert!(
            Platform::of("riscv64gc-unknown-linux-gnu").unwrap_err().contains("aarch64-unknown-linux-gnu")
        );
    }

    #[test]
    fn the_name_of_a_file_says_what_the_target_says() {
        for Platform { target, name, .. } in Platform::ALL {
            let (system, architecture) = name.split_once('-').unwrap();
            let system = if system == "macos" { "darwin" } else { system };
            assert!(
                target.starts_with(&format!("{architecture}-")) && target.contains(system),
                "{target}: {name}"
            );
        }
    }

    #[test]
    fn what_another_system_needs_is_not_looked_for_here() {
        let elsewhere =
            Platform::ALL.into_iter().filter(|platform| !platform.is_linux() && !platform.is_here());
        for platform in elsewhere {
            assert!(platform.cross_linker().is_err() && platform.runner().is_none(), "{platform:?}");
        }
    }
}
