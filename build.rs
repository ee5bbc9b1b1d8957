//! From which commit this is built: the last one that touched anything but `infra/release`, for the commit that pins a zip
//! must not be in that zip. Git says it where there is a repository, else `SOURCE_COMMIT` ("HASH DATE").

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=SOURCE_COMMIT");
    // Every commit and every checkout writes there. A file that is missing would have this run each time.
    for file in ["logs/HEAD", "HEAD"] {
        let path = git(&["rev-parse", "--git-path", file]);
        if let Some(path) = path.filter(|path| std::path::Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
            break;
        }
    }
    let of_git = || git(&["log", "-1", "--format=%H %cs", "--", ".", ":(exclude)infra/release"]);
    let of_environment = || std::env::var("SOURCE_COMMIT").ok().filter(|text| !text.trim().is_empty());
    let commit = of_git().or_else(of_environment).unwrap_or_default();
    let mut words = commit.split_whitespace();
    let hash: String = words.next().unwrap_or_default().chars().take(12).collect();
    let built_from = match (hash.as_str(), words.next()) {
        ("", _) => "of an unknown commit".to_owned(),
        (hash, Some(date)) => format!("{hash} {date}"),
        (hash, None) => hash.to_owned(),
    };
    println!("cargo::rustc-env=BUILT_FROM={built_from}");
}

/// What git says; none without git, or outside of a repository of ours.
fn git(arguments: &[&str]) -> Option<String> {
    // Only a repository at this very folder is ours: sources may lie unpacked below somebody else's.
    if !std::path::Path::new(".git").exists() {
        return None;
    }
    let output = Command::new("git").args(["-c", "safe.directory=*"]).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}
