//! The presets: one notice as our JSON, as a card for Teams, as a message for Slack, as a message for ntfy.
//!
//! Words from outside (names of tags, answers of services) go only where a receiver takes text for text: into text runs
//! of a card, into `plain_text` of Slack, into the plain body of ntfy. Slack's fallback text is escaped as it asks.

use serde_json::{Value, json};

use super::notice::{Notice, Occasion};
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
    let (run, trigger) = match &notice.occasion {
        Occasion::Run { run, trigger } => (Some(run), Some(trigger.as_str())),
        Occasion::Start => (None, None),
    };
    json!({
        "schema": "heartbeat-dns/notice/1",
        "title": notice.title(),
        "text": notice.lines().join("\n"),
        "installation": notice.installation,
        "run": run,
        "trigger": trigger,
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
    let mut footer = run(match &notice.occasion {
        Occasion::Run { run, trigger } => format!("run {run} ({})", trigger.as_str()),
        Occasion::Start => "at the start".to_owned(),
    });
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::notify::Event;
    use pure::plan::report::Trigger;

    /// Markup of every receiver, a line break, a control character and a turn of direction.
    const HOSTILE: &str = "<!channel> [x](https://example.org) **b** \r\nX-Evil: 1 \u{202e}\u{1b}[31m & <https://example.org|y>";

    fn notice(count: usize) -> Notice {
        let failed = || Event::Failed { what: "collect".to_owned(), because: HOSTILE.to_owned() };
        Notice {
            installation: "dcr".to_owned(),
            occasion: Occasion::Run { run: "run".to_owned(), trigger: Trigger::Timer },
            time: Timestamp::UNIX_EPOCH,
            events: std::iter::repeat_with(failed).take(count).collect(),
        }
    }

    fn texts(value: &Value, found: &mut Vec<(String, String)>) {
        match value {
            Value::Object(members) => {
                if let (Some(kind), Some(text)) = (value["type"].as_str(), value["text"].as_str()) {
                    found.push((kind.to_owned(), text.to_owned()));
                }
                members.values().for_each(|member| texts(member, found));
            }
            Value::Array(members) => members.iter().for_each(|member| texts(member, found)),
            _ => {}
        }
    }

    #[test]
    fn hostile_words_stand_only_where_text_is_text() {
        for (format, kind) in [(NotifyFormat::Teams, "TextRun"), (NotifyFormat::Slack, "plain_text")] {
            let body: Value = serde_json::from_str(&message(&notice(1), format).body).unwrap();
            let mut found = Vec::new();
            texts(&body, &mut found);
            let hostile: Vec<_> = found.iter().filter(|(_, text)| text.contains("channel")).collect();
            assert_eq!(hostile.len(), 1, "{found:?}");
            assert_eq!(hostile[0].0, kind);
            assert!(!hostile[0].1.contains(['\r', '\n', '\u{202e}', '\u{1b}']), "{hostile:?}");
            assert!(!body["text"].to_string().contains('<'), "the fallback of Slack is markup");
        }
        let ntfy = message(&notice(1), NotifyFormat::Ntfy);
        let is_plain = |text: &str| text.chars().all(|c| c.is_ascii() && !c.is_ascii_control());
        assert!(ntfy.headers.iter().all(|(_, value)| is_plain(value)), "{:?}", ntfy.headers);
        assert_eq!(ntfy.body.lines().count(), 1, "{}", ntfy.body);
    }

    #[test]
    fn trouble_is_told_apart_and_each_body_says_what_it_is() {
        let moved = Event::Over { what: "a brake".to_owned() };
        let well = || Notice { events: vec![moved.clone()], ..notice(0) };
        let header = |notice: &Notice, format, wanted: &str| {
            let headers = message(notice, format).headers;
            headers.into_iter().find(|(name, _)| *name == wanted).map(|(_, value)| value).unwrap_or_default()
        };
        for format in [NotifyFormat::Json, NotifyFormat::Teams, NotifyFormat::Slack] {
            assert_eq!(header(&well(), format, "content-type"), "application/json");
        }
        for (notice, priority, tags, colour) in
            [(notice(1), "4", "warning", "Attention"), (well(), "3", "globe_with_meridians", "Default")]
        {
            let of = |name: &str| header(&notice, NotifyFormat::Ntfy, name);
            assert_eq!((of("priority").as_str(), of("tags").as_str()), (priority, tags));
            let card = message(&notice, NotifyFormat::Teams).body;
            assert!(card.contains(&format!("\"color\":\"{colour}\"")), "{card}");
        }
    }

    #[test]
    fn messages_are_bounded_and_say_what_they_leave_out() {
        let many = notice(5000);
        for format in [NotifyFormat::Json, NotifyFormat::Teams, NotifyFormat::Slack, NotifyFormat::Ntfy] {
            let body = message(&many, format).body;
            assert!(body.len() < 28 * 1024, "{format:?}: {} bytes", body.len());
        }
        let json: Value = serde_json::from_str(&message(&many, NotifyFormat::Json).body).unwrap();
        assert_eq!(json["more"], 4980);
        assert!(json["text"].as_str().unwrap().ends_with("and 4980 more"));
        assert!(message(&many, NotifyFormat::Ntfy).body.len() <= 4096);
    }
}
