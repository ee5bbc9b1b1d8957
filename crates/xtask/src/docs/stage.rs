//! Where the documents are played: a local Azure, a folder that looks like the repository, and a `PATH` of played programs.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::player::{Player, variable};
use super::told::Told;
use crate::link::link;
use crate::shell::{BASH, printed};

/// Variables by which a played program knows its stage.
pub(super) const FILE: &str = "DOCUMENTED_TOLD";
pub(super) const PROGRAM: &str = "DOCUMENTED_PROGRAM";
pub(super) const SETTINGS: &str = "DOCUMENTED_SETTINGS";
pub(super) const HOST: &str = "DOCUMENTED_HOST";
pub(super) const AZURE: &str = "DOCUMENTED_AZURE";
pub(super) const DNS: &str = "DOCUMENTED_DNS";
pub(super) const ROOT: &str = "DOCUMENTED_ROOT";
pub(super) const REAL: &str = "DOCUMENTED_PATH";
pub(super) const HOME: &str = "DOCUMENTED_HOME";
pub(super) const QUESTION: &str = "DOCUMENTED_QUESTION";
pub(super) const NAMES: &str = "DOCUMENTED_NAMES";

/// Programs that a document may use and that harm nobody.
const HARMLESS: [&str; 9] = ["cat", "env", "grep", "head", "install", "sha256sum", "sleep", "sort", "uname"];

/// Machines that claim names of the documents which nobody claims in the house of `local`.
const MORE: [(&str, &str); 2] = [("vpn", "vpn.example.com"), ("web", "www.example.com")];

pub(super) struct Stage {
    azure: Child,
    folder: TempDir,
    program: PathBuf,
    variables: BTreeMap<&'static str, String>,
    world: String,
}

impl Stage {
    /// Starts the local Azure and builds the rest around it.
    pub(super) fn start(root: &Path) -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a folder for the documents")?;
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let program = target.join("debug/heartbeat-dns");
        let settings = folder.path().join("local.env");
        let question = folder.path().join("question.kql");
        std::fs::write(&question, "Heartbeat | count\n")?;
        let mut azure = Command::new(&program)
            .args([
                "local",
                "--no-alert",
                "-o",
                "json",
                "--port",
                "0",
                "--azure-port",
                "0",
                "--dns-port",
                "0",
            ])
            .arg("--env")
            .arg(&settings)
            // What is to be done is left to the commands of the documents.
            .env("RECONCILE_ON", "none")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let mut lines = BufReader::new(azure.stdout.take().context("it has no standard output")?).lines();
        let ready = lines.next().context("the local Azure ended at once")??;
        let ready: Value = serde_json::from_str(&ready).context("reading where the local Azure listens")?;
        // Whoever does not read on would make it wait.
        std::thread::spawn(move || lines.for_each(drop));
        let told = |member: &str| ready[member].as_str().unwrap_or_default().to_owned();
        let shown = |path: &Path| path.display().to_string();
        let variables = BTreeMap::from([
            (FILE, shown(&folder.path().join("told"))),
            (PROGRAM, shown(&program)),
            (SETTINGS, shown(&settings)),
            (HOST, told("host")),
            (AZURE, told("azure")),
            (DNS, told("dns")),
            (ROOT, shown(root)),
            (REAL, std::env::var("PATH").context("reading PATH")?),
            (HOME, std::env::var("HOME").unwrap_or_default()),
            (QUESTION, shown(&question)),
            (NAMES, names()),
        ]);
        let mut stage = Self { azure, folder, program, variables, world: String::new() };
        stage.dress(root)?;
        stage.cast()?;
        stage.world = stage.people()?;
        Ok(stage)
    }

    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    /// A folder with everything of the repository, but for the script that deploys.
    fn dress(&self, root: &Path) -> Result<()> {
        let here = self.folder.path().join("repository");
        std::fs::create_dir_all(here.join("infra"))?;
        std::fs::create_dir(self.home())?;
        for (from, to, but) in [
            (root.to_path_buf(), here.clone(), "infra"),
            (root.join("infra"), here.join("infra"), "deploy.sh"),
        ] {
            for entry in std::fs::read_dir(&from)? {
                let entry = entry?;
                if entry.file_name() != but {
                    link(entry.path(), to.join(entry.file_name()))?;
                }
            }
        }
        std::fs::write(here.join("names.txt"), "nas.home.example.com\n")?;
        link(std::env::current_exe()?, here.join("infra/deploy.sh")).context("playing infra/deploy.sh")
    }

    /// The folder of programs: this very program under each name that it plays.
    fn cast(&self) -> Result<()> {
        let programs = self.folder.path().join("programs");
        std::fs::create_dir(&programs)?;
        let this = std::env::current_exe()?;
        for name in Player::NAMES {
            link(&this, programs.join(name))?;
        }
        for name in HARMLESS {
            let real = variable(REAL)?;
            let found = std::env::split_paths(&real).map(|path| path.join(name)).find(|path| path.exists());
            link(found.with_context(|| format!("there is no {name}"))?, programs.join(name))?;
        }
        Ok(())
    }

    /// The world of `local`, with machines for those names of the documents that it lacks.
    fn people(&self) -> Result<String> {
        let mut world: Value = serde_json::from_str(&self.standin("GET", "world", None)?)?;
        let machines = world["machines"].as_array_mut().context("a world without machines")?;
        let first =
            machines.first().and_then(|machine| machine["id"].as_str()).context("no machine has an id")?;
        let group = first.rsplit_once('/').context("an id without a name")?.0.to_owned();
        for (machine, name) in MORE {
            machines.push(json!({ "id": format!("{group}/{machine}"), "tags": { "DNSHostName": name } }));
        }
        let sets = world["zones"][0]["recordSets"].as_array_mut().context("a world without a zone")?;
        sets.push(
            json!({ "name": "vpn", "type": "A", "TTL": 60, "ARecords": [{ "ipv4Address": "203.0.113.21" }] }),
        );
        Ok(world.to_string())
    }

    /// Puts everything back as it was at the start: a page may break what the next one needs.
    pub(super) fn tidy(&self) -> Result<()> {
        for what in ["faults", "hidden", "ingestion-delay", "name-servers"] {
            self.standin("DELETE", what, None)?;
        }
        self.standin("PUT", "world", Some(&self.world))?;
        for (machine, _) in MORE {
            let beat = json!({ "Computer": machine, "ComputerIP": "203.0.113.21" }).to_string();
            self.standin("POST", "heartbeats", Some(&beat))?;
        }
        Ok(())
    }

    /// A call that sets the stage.
    fn standin(&self, method: &str, what: &str, body: Option<&str>) -> Result<String> {
        let url = format!("{}/standin/{what}", self.variables[AZURE]);
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--fail-with-body", "--noproxy", "*", "-X", method, &url]);
        if let Some(body) = body {
            curl.args(["-d", body]);
        }
        printed(&curl.output().context("starting curl")?, "curl")
    }

    /// Makes the folders at home into which a text writes; or says what is wrong with it, because it writes elsewhere.
    pub(super) fn make_room(&self, text: &str) -> Result<Option<String>> {
        let targets = text.split("> ").skip(1).filter_map(|rest| rest.split_whitespace().next());
        for target in targets {
            if let Some(below) = target.strip_prefix("~/") {
                let file = self.home().join(below);
                std::fs::create_dir_all(file.parent().unwrap_or(&file))?;
            } else if target.starts_with('/') && target != "/dev/null" {
                return Ok(Some(format!("`cargo xtask docs` does not let it write to {target}")));
            }
        }
        Ok(None)
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Runs a script and hands back what it said.
    pub(super) fn shell(&self, script: &str) -> Result<String> {
        let output = Command::new(BASH)
            .args(["--norc", "-c", script])
            .current_dir(self.folder.path().join("repository"))
            .env("PATH", self.folder.path().join("programs"))
            .env("HOME", self.home())
            .envs(&self.variables)
            .stdin(Stdio::null())
            .output()
            .context("starting bash")?;
        Ok(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }

    /// What was told since the last time.
    pub(super) fn told(&self) -> Result<Vec<Told>> {
        let file = &self.variables[FILE];
        let text = std::fs::read_to_string(file).context("nothing was told")?;
        std::fs::remove_file(file)?;
        text.lines().map(Told::from_line).collect()
    }
}

/// The variables that are there before a document sets one.
fn names() -> String {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    // Bash sets these by itself.
    names.chain(["PWD", "OLDPWD", "SHLVL", "_"].map(str::to_owned)).collect::<Vec<_>>().join(" ")
}

impl Drop for Stage {
    fn drop(&mut self) {
        // It ends its own handler when it is asked to; nobody is left to read what goes wrong here.
        let _ = Command::new("kill").args(["-INT", &self.azure.id().to_string()]).status();
        let _ = self.azure.wait();
    }
}
