//! How the events of `local --once -o json` become a picture of a terminal. A test of the program draws it as well and
//! compares, so it holds nothing that differs from night to night: no time, no run.

use anyhow::{Context, Result};
use serde_json::Value;

/// Where it stands in the repository.
pub(crate) const FILE: &str = "docs/night.svg";

/// The command that the picture shows.
const COMMAND: &str = "cargo run -- local --once";

/// The name whose way is followed; the others of the house go the same way.
const NAME: &str = "nas.home.example.com";

/// Characters in a line, and the room of one in pixels.
const COLUMNS: usize = 104;
const WIDE: f64 = 7.8;
const HIGH: usize = 19;
const MARGIN: usize = 20;

/// A line of the terminal and its colour.
struct Line {
    class: &'static str,
    text: String,
}

/// The whole file.
pub(crate) fn drawing(events: &[Value]) -> Result<String> {
    let lines = lines(events)?;
    let width = 2.0 * MARGIN as f64 + COLUMNS as f64 * WIDE;
    let height = 2 * MARGIN + lines.len() * HIGH;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height}\" role=\"img\" \
         font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, monospace\" font-size=\"13\">\n\
         <title>One night of heartbeat-dns: an address changes, five names follow, the others stay</title>\n\
         <style>.plain {{ fill: #c9d1d9 }} .quiet {{ fill: #8b949e }} .held {{ fill: #d8a657 }} .moved {{ fill: #7ee787; \
         font-weight: bold }} .good {{ fill: #7ee787 }}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#0d1117\"/>\n"
    );
    for (place, line) in lines.iter().enumerate() {
        let down = MARGIN + place * HIGH + 14;
        let Line { class, text } = line;
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        svg.push_str(&format!(
            "<text x=\"{MARGIN}\" y=\"{down}\" class=\"{class}\" xml:space=\"preserve\">{text}</text>\n"
        ));
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn lines(events: &[Value]) -> Result<Vec<Line>> {
    let mut lines = vec![Line { class: "quiet", text: format!("$ {COMMAND}") }];
    for event in events {
        let class = match event["event"].as_str() {
            Some("evening" | "move") => "plain",
            Some("trap") => "held",
            _ => continue,
        };
        add(&mut lines, class, words(event)?);
    }
    let moved = events.iter().find(|told| told["event"] == "dns" && told["name"] == NAME);
    add(&mut lines, "moved", words(moved.with_context(|| format!("{NAME} did not move"))?)?);
    let verdict = events.iter().find(|told| told["event"] == "verdict").context("the night has no end")?;
    for (place, line) in words(verdict)?.lines().enumerate() {
        // What is left alone is explained at length; the picture shows that it is.
        lines.push(Line { class: if place == 0 { "plain" } else { "good" }, text: cut(line) });
    }
    Ok(lines)
}

fn words(event: &Value) -> Result<&str> {
    event["words"].as_str().context("an event without words")
}

/// A sentence in as many lines as it needs, the later ones further in.
fn add(lines: &mut Vec<Line>, class: &'static str, sentence: &str) {
    let mut text = String::new();
    for word in sentence.split(' ') {
        if text.chars().count() + 1 + word.chars().count() > COLUMNS {
            lines.push(Line { class, text: std::mem::replace(&mut text, " ".to_owned()) });
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    lines.push(Line { class, text });
}

/// As many whole words as one line holds.
fn cut(sentence: &str) -> String {
    if sentence.chars().count() <= COLUMNS {
        return sentence.to_owned();
    }
    let mut text = String::new();
    for word in sentence.split(' ') {
        // A blank and the dots.
        if text.chars().count() + word.chars().count() + 3 > COLUMNS {
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    format!("{text} …")
}
