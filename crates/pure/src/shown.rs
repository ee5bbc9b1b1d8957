//! Text for people's eyes: what other people wrote cannot break out of its line.

/// Text without line breaks: the host makes one log event of each line.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
