//! The numbers of a run in words.

use std::fmt;

use super::Summary;

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count: u64| if count == 1 { "" } else { "s" };
        let skips: u64 = self.skips.values().sum();
        write!(f, "{} change{}, {skips} skip{}", self.changes, plural(self.changes), plural(skips))?;
        if let Some(in_sync) = self.in_sync {
            write!(f, ", {in_sync} in sync")?;
        }
        if let Some(unknown) = self.unknown.filter(|unknown| *unknown > 0) {
            write!(f, ", {unknown} not swept yet")?;
        }
        if let Some(silent) = self.silent {
            write!(f, ", {silent} silent machine{}", plural(silent))?;
        }
        if let Some(names) = self.silent_names.filter(|names| *names > 0) {
            write!(f, ", {names} silent name{}", plural(names))?;
        }
        if let Some(orphans) = self.orphans.filter(|orphans| *orphans > 0) {
            write!(f, ", {orphans} claimed by nobody")?;
        }
        Ok(())
    }
}
