//! The presets: one notice as our JSON, as a card for Teams, as a message for Slack, as a message for ntfy.
//!
//! Words from outside (names of tags, answers of services) go only where a receiver takes text for text: into text runs
//! of a card, into `plain_text` of Slack, into the plain body of ntfy. Slack's fallback text is escaped as it asks.

use serde_json::{Value, json};

use super::notice::Notice;
use crate::config::NotifyFormat;

/// The most characters of a text in a Slack block, with room to spare (it takes 3,000), and of ntfy (4,096 bytes).
const ROOM: usize = 2_900;

/// A body and what stands above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

/// The notice in the form of a preset.
pub(super) fn message(notice: &Notice, format: NotifyFormat) -> Message {
    match format {
        NotifyFormat::Json => json_body(&own(notice)),
        NotifyFormat::Teams => json_body(&teams(notice)),
        NotifyFormat::Slack => json_body(&slack(notice)),
        NotifyFormat::Ntfy => ntfy(notice),
    }
}

fn json_body(body: &Value) -> Message {
    Message { headers: vec![("content-type", "application/json".to_owned())], body: body.to_string() }
}

fn own(notice: &Notice) -> Value {
    json!({
        "schema": "heartbeat-dns/notice/1",
        "title": notice.title(),
        "text": notice.lines().join("\n"),
        "installation": notice.installation,
        "run": notice.run,
        "trigger": notice.trigger,
        "time": notice.time.to_string(),
        "events": notice.told(),
        "more": notice.more(),
    })
}

/// An Adaptive Card; text runs know no markup, so that nothing needs to be escaped.
fn teams(notice: &Notice) -> Value {
    let run = |text: String| json!({ "type": "TextRun", "text": text });
    let paragraph = |run: Value| json!({ "type": "RichTextBlock", "inlines": [run] });
    let mut title = run(notice.title());
    title["weight"] = json!("Bolder");
    title["color"] = json!(if notice.is_trouble() { "Attention" } else { "Default" });
    let mut footer = run(format!("run {} ({})", notice.run, notice.trigger.as_str()));
    footer["isSubtle"] = json!(true);
    footer["size"] = json!("Small");
    let runs = std::iter::once(title).chain(notice.lines().into_iter().map(run)).chain([footer]);
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": runs.map(paragraph).collect::<Vec<_>>(),
            },
        }],
    })
}

fn slack(notice: &Notice) -> Value {
    let text = cut(&notice.lines().join("\n"));
    let escaped = notice.title().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let plain = |text: &str| json!({ "type": "plain_text", "text": text, "emoji": false });
    json!({
        "text": escaped,
        "mrkdwn": false,
        "unfurl_links": false,
        "unfurl_media": false,
        "blocks": [
            { "type": "header", "text": plain(&notice.title()) },
            { "type": "section", "text": plain(&text) },
        ],
    })
}

fn ntfy(notice: &Notice) -> Message {
    let (priority, tags) = if notice.is_trouble() { ("4", "warning") } else { ("3", "globe_with_meridians") };
    let headers = [("content-type", "text/plain; charset=utf-8"), ("priority", priority), ("tags", tags)];
    let headers = headers.into_iter().map(|(name, value)| (name, value.to_owned()));
    Message {
        headers: headers.chain([("title", notice.title())]).collect(),
        body: cut(&notice.lines().join("\n")),
    }
}

/// As many characters as fit.
fn cut(text: &str) -> String {
    if text.len() <= ROOM {
        return text.to_owned();
    }
    let end = (0..=ROOM).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    format!("{}…", &text[..end])
}
