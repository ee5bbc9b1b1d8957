//! What a release consists of: a static binary, the zip that Azure Functions deploys, its bill of materials, the manual
//! pages, checksums.
//!
//! The same sources and the same compiler give the same bytes, wherever they lie: paths, times and the order of
//! directory entries stay out of every file.

mod archive;
mod bill;
mod binary;
mod commit;
mod trial;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use sha2::{Digest, Sha256};

/// The only target that Azure Functions runs on Linux x86-64 (contract functions-custom-handler, section 9.1).
const TARGET: &str = "x86_64-unknown-linux-gnu";
/// What the system calls it in file names.
const PLATFORM: &str = "linux-x86_64";
/// Which release is deployed by default, and how its zip is recognised.
const PIN: &str = "infra/release/pin.env";
/// Budget of the binary, in bytes.
const MOST_BINARY: u64 = 10_000_000;
/// Budget of the zip, in bytes.
const MOST_ZIP: u64 = 5_000_000;

/// How to package.
#[derive(Args)]
pub(crate) struct Options {
    /// Unpack the zip elsewhere and let it live through one night under the Functions host of the local Azure
    #[arg(long)]
    try_it: bool,
    /// Write version and SHA-256 of the zip into infra/release/pin.env, which deployments check the release against
    #[arg(long)]
    pin: bool,
    /// Fail unless infra/release/pin.env names this version and this zip
    #[arg(long, conflicts_with = "pin")]
    check_pin: bool,
    /// Folder for the files
    #[arg(long, value_name = "DIR", default_value = "dist")]
    out: PathBuf,
}

impl Options {
    /// Everything into `dist`, and one night of it.
    pub(crate) fn trial() -> Self {
        Self { try_it: true, pin: false, check_pin: false, out: PathBuf::from("dist") }
    }
}

/// Builds everything into the folder.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    if options.pin || options.check_pin {
        commit::check(root)?;
    }
    let version = version(root)?;
    let name = format!("heartbeat-dns-{version}-{PLATFORM}");
    let out = root.join(&options.out);
    fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;

    let built = binary::build(root, TARGET)?;
    let program = read(&built)?;
    if !binary::is_static(&program) {
        bail!("{} asks for a loader: it is not static", built.display());
    }
    let zip = archive::write(root, &program)?;
    let bill = bill::write(root, TARGET)?;
    let files = [
        (name.clone(), program),
        (format!("{name}.zip"), zip),
        (format!("heartbeat-dns-{version}.cdx.json"), bill.into_bytes()),
        (format!("heartbeat-dns-{version}-man.zip"), archive::pages(root)?),
    ];
    let mut sums = String::new();
    println!();
    for (name, bytes) in &files {
        let path = out.join(name);
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        let sum = hex(&Sha256::digest(bytes));
        println!("  {sum}  {:>9} bytes  {name}", bytes.len());
        sums.push_str(&format!("{sum}  {name}\n"));
    }
    binary::make_executable(&out.join(&name))?;
    fs::write(out.join("SHA256SUMS"), sums).context("cannot write SHA256SUMS")?;
    within("the binary", files[0].1.len(), MOST_BINARY)?;
    within("the zip", files[1].1.len(), MOST_ZIP)?;
    let pin = format!("VERSION={version}\nSHA256={}\n", hex(&Sha256::digest(&files[1].1)));
    if options.pin {
        let text = format!(
            "# The release that is deployed by default; `cargo xtask package --pin` writes both lines.\n{pin}"
        );
        fs::write(root.join(PIN), text).with_context(|| format!("cannot write {PIN}"))?;
    }
    if options.check_pin && !read_text(&root.join(PIN))?.ends_with(&pin) {
        bail!("{PIN} is not of this zip: run `cargo xtask package --pin` and commit it before the tag");
    }
    if options.try_it {
        trial::run(root, &out.join(format!("{name}.zip")))?;
    }
    Ok(())
}

fn within(what: &str, bytes: usize, most: u64) -> Result<()> {
    if bytes as u64 > most {
        bail!(
            "{what} has {bytes} bytes, {most} are the most: see `cargo tree -e normal --no-default-features`"
        );
    }
    Ok(())
}

fn version(root: &Path) -> Result<String> {
    let manifest = read_text(&root.join("Cargo.toml"))?;
    let line = manifest.lines().find_map(|line| line.strip_prefix("version = \""));
    let version = line.and_then(|rest| rest.split('"').next());
    version.map(str::to_owned).context("Cargo.toml has no line `version = \"…\"`")
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

fn read_text(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
