//! What a release consists of: the zip that Azure Functions deploys, static binaries with the command line, the command line
//! for other systems, a bill of materials for each, the manual pages, checksums.
//!
//! Without `--target` it is what Azure Functions runs, on Linux x86-64, and no more. The same sources and the same compiler give the same bytes, wherever they lie: paths, times and the order of
//! directory entries stay out of every file.

mod archive;
mod bill;
mod binary;
mod commit;
#[cfg(test)]
mod documented;
mod platform;
mod trial;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use sha2::{Digest, Sha256};

use platform::{Build, Gets, Platform};

/// Which release is deployed by default, and how its zip is recognised.
const PIN: &str = "infra/release/pin.env";
/// Budget of the zip's program, in bytes.
const MOST_DEPLOYED: u64 = 10_000_000;
/// Budget of a static binary with the command line, in bytes.
const MOST_BINARY: u64 = 12_000_000;
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
    /// Leave out the static binary with the command line, which nobody deploys
    #[arg(long)]
    zip_only: bool,
    /// For which machines, as the compiler calls them; may be said several times
    #[arg(long = "target", value_name = "TARGET", value_parser = Platform::of, default_values_t = [Platform::FUNCTIONS])]
    platforms: Vec<Platform>,
    /// Folder for the files
    #[arg(long, value_name = "DIR", default_value = "dist")]
    out: PathBuf,
}

impl Options {
    /// What is deployed, into `dist`, and one night of it.
    pub(crate) fn trial() -> Self {
        Self {
            try_it: true,
            pin: false,
            check_pin: false,
            zip_only: false,
            platforms: vec![Platform::FUNCTIONS],
            out: PathBuf::from("dist"),
        }
    }
}

/// One file of a release.
struct Released {
    name: String,
    bytes: Vec<u8>,
    most: Option<u64>,
}

impl Released {
    fn new(name: String, bytes: Vec<u8>) -> Self {
        Self { name, bytes, most: None }
    }

    /// Its SHA-256.
    fn sum(&self) -> String {
        hex(&Sha256::digest(&self.bytes))
    }

    fn at_most(self, most: u64) -> Self {
        Self { most: Some(most), ..self }
    }
}

/// Builds everything into the folder.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let about_zip = options.pin || options.check_pin || options.try_it || options.zip_only;
    if about_zip && !options.platforms.contains(&Platform::FUNCTIONS) {
        bail!("only {} has a zip to pin, to try or to make alone", Platform::FUNCTIONS.target);
    }
    if options.pin || options.check_pin {
        commit::check(root)?;
    }
    let version = version(root)?;
    let out = root.join(&options.out);
    fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;

    let mut files = Vec::new();
    for platform in &options.platforms {
        files.extend(made(root, &version, platform, options.zip_only)?);
    }
    println!();
    for file in &files {
        let path = out.join(&file.name);
        fs::write(&path, &file.bytes).with_context(|| format!("cannot write {}", path.display()))?;
        println!("  {}  {:>9} bytes  {}", file.sum(), file.bytes.len(), file.name);
    }
    fs::write(out.join("SHA256SUMS"), list(&files)).context("cannot write SHA256SUMS")?;
    for platform in options.platforms.iter().filter(|platform| platform.is_linux()) {
        let name = name(&version, platform);
        if files.iter().any(|file| file.name == name) {
            let program = out.join(name);
            binary::make_executable(&program)?;
            trial::start(root, platform, &program, &version)?;
        }
    }
    files.iter().try_for_each(|file| within(&file.name, file.bytes.len(), file.most))?;

    let zip = format!("{}.zip", name(&version, &Platform::FUNCTIONS));
    if let Some(file) = files.iter().find(|file| file.name == zip) {
        pin(root, options, &version, &file.bytes)?;
    }
    if options.try_it {
        trial::run(root, &out.join(zip))?;
    }
    Ok(())
}

/// The checksums, as `sha256sum --check` reads them.
fn list(files: &[Released]) -> String {
    files.iter().map(|file| format!("{}  {}\n", file.sum(), file.name)).collect()
}

/// How the files for a kind of machine begin.
fn name(version: &str, platform: &Platform) -> String {
    format!("heartbeat-dns-{version}-{}", platform.name)
}

/// The files for a kind of machine.
fn made(root: &Path, version: &str, platform: &Platform, zip_only: bool) -> Result<Vec<Released>> {
    let name = name(version, platform);
    Ok(match platform.gets {
        Gets::Functions => {
            let mut files = deployed(root, version, platform, &name)?;
            if !zip_only {
                files.extend(of_a_server(root, platform, &name)?);
            }
            files
        }
        Gets::Static => of_a_server(root, platform, &name)?,
        Gets::CommandLine => {
            let built = binary::build(root, platform, Build::Laptop)?;
            trial::start(root, platform, &built, version)?;
            let zip = archive::command_line(root, &built, &read(&built)?)?;
            let bill = bill::write(root, platform, Build::Laptop)?;
            vec![
                Released::new(format!("{name}.zip"), zip),
                Released::new(format!("{name}.cdx.json"), bill.into_bytes()),
            ]
        }
    })
}

/// What Azure Functions runs, and the manual pages.
fn deployed(root: &Path, version: &str, platform: &Platform, name: &str) -> Result<Vec<Released>> {
    let built = binary::build(root, platform, Build::Deployed)?;
    let program = read(&built)?;
    binary::check(root, &built, &program)?;
    trial::start(root, platform, &built, version)?;
    trial::serves_only(root, platform, &built)?;
    println!("  the zip's program has {} bytes", program.len());
    within(&format!("the program of {name}.zip"), program.len(), Some(MOST_DEPLOYED))?;
    let bill = bill::write(root, platform, Build::Deployed)?;
    Ok(vec![
        Released::new(format!("{name}.zip"), archive::write(root, &program)?).at_most(MOST_ZIP),
        Released::new(format!("heartbeat-dns-{version}.cdx.json"), bill.into_bytes()),
        Released::new(format!("heartbeat-dns-{version}-man.zip"), archive::pages(root)?),
    ])
}

/// The static binary with the command line.
fn of_a_server(root: &Path, platform: &Platform, name: &str) -> Result<Vec<Released>> {
    let built = binary::build(root, platform, Build::Server)?;
    let program = read(&built)?;
    binary::check(root, &built, &program)?;
    let bill = bill::write(root, platform, Build::Server)?;
    Ok(vec![
        Released::new(name.to_owned(), program).at_most(MOST_BINARY),
        Released::new(format!("{name}.cdx.json"), bill.into_bytes()),
    ])
}

/// Writes the pin, or holds it to this zip, as is wanted.
fn pin(root: &Path, options: &Options, version: &str, zip: &[u8]) -> Result<()> {
    let pin = format!("VERSION={version}\nSHA256={}\n", hex(&Sha256::digest(zip)));
    if options.pin {
        let text = format!(
            "# The release that is deployed by default; `cargo xtask package --pin` writes both lines.\n{pin}"
        );
        fs::write(root.join(PIN), text).with_context(|| format!("cannot write {PIN}"))?;
    }
    if options.check_pin && !read_text(&root.join(PIN))?.ends_with(&pin) {
        bail!("{PIN} is not of this zip: run `cargo xtask package --pin` and commit it before the tag");
    }
    Ok(())
}

fn within(name: &str, bytes: usize, most: Option<u64>) -> Result<()> {
    if let Some(most) = most.filter(|most| bytes as u64 > *most) {
        bail!(
            "{name} has {bytes} bytes, {most} are the most: see `cargo tree -e normal --no-default-features`"
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
