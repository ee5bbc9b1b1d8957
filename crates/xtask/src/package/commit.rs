//! Which commit a package is built from: what it says of itself must be what anybody else's build of it says.

use std::path::Path;

use anyhow::{Result, bail};

use crate::shell;

/// Everything but what names the zip: the commit of the pin must not be in the zip that it pins.
const SOURCES: &str = "-- . :(exclude)infra/release";

/// Fails where the binary would name another commit than the one whose sources it is built from.
pub(super) fn check(root: &Path) -> Result<()> {
    if !root.join(".git").exists() {
        return match std::env::var("SOURCE_COMMIT") {
            Ok(commit) if !commit.trim().is_empty() => Ok(()),
            _ => bail!("there is no .git: say SOURCE_COMMIT=\"HASH DATE\", which `--version` will name"),
        };
    }
    let git = "git -c safe.directory=*";
    let shallow = shell::output(root, &format!("{git} rev-parse --is-shallow-repository"))?;
    let changed = shell::output(root, &format!("{git} status --porcelain {SOURCES}"))?;
    match fault(shallow.trim() == "true", &changed) {
        Some(words) => bail!("{words}"),
        None => Ok(()),
    }
}

/// What is wrong with a clone to package from; none when nothing is.
fn fault(is_shallow: bool, changed: &str) -> Option<String> {
    if is_shallow {
        return Some("the clone is shallow: the commit that touched the sources last cannot be told; fetch the whole history".to_owned());
    }
    let first = changed.lines().next()?;
    Some(format!("there are changes that no commit holds ({first} …): commit them before a zip is pinned"))
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn only_a_whole_and_clean_clone_is_pinned() {
        assert_eq!(fault(false, ""), None);
        assert!(fault(true, "").is_some_and(|words| words.contains("shallow")));
        assert!(fault(false, " M src/main.rs\n?? x\n").is_some_and(|words| words.contains(" M src/main.rs")));
    }
}
