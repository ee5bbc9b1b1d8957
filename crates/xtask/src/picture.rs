//! The picture of the README, drawn out of what one night of the local Azure tells.

mod drawing;

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell;

/// Plays the night and writes the picture.
pub(crate) fn draw(root: &Path) -> Result<()> {
    let told = shell::output(root, "cargo run --quiet -- local --once -o json")?;
    let events: Result<Vec<Value>, _> = told.lines().map(serde_json::from_str).collect();
    let picture = drawing::drawing(&events.context("reading what the night told")?)?;
    let file = root.join(drawing::FILE);
    std::fs::write(&file, picture).with_context(|| format!("cannot write {}", file.display()))?;
    println!("  {}", drawing::FILE);
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::drawing::drawing;

    #[test]
    fn long_sentences_are_wrapped_and_verdicts_are_cut() {
        let long = "word ".repeat(30);
        let events = [
            json!({ "event": "move", "words": long.trim() }),
            json!({ "event": "dns", "name": "nas.home.example.com", "words": "a < b" }),
            json!({ "event": "verdict", "words": format!("Morning.\n✓ {long}") }),
        ];
        let picture = drawing(&events).unwrap();
        let shown = |text: &str| picture.matches(text).count();
        assert_eq!((shown("<text "), shown(" …</text>"), shown("a &lt; b")), (6, 1, 1), "{picture}");
    }

    #[test]
    fn a_night_in_which_nothing_moved_is_no_picture() {
        assert!(drawing(&[json!({ "event": "verdict", "words": "x" })]).is_err());
    }
}
