//! What of the story is news for people: what moved, what stands since now, what is over.

use std::collections::BTreeMap;

use super::heard::Heard;
use crate::notify::Event;
use pure::domain::ZoneId;
use pure::plan::report::{Outcome, Warning};
use pure::story::{ChangeFacts, Line, News, Topic};

/// What people are told of a run or a round.
pub(super) fn events(heard: &Heard<'_>, news: &News) -> Vec<Event> {
    let mut events: Vec<Event> = news.over.iter().map(over).collect();
    events.extend(heard.story.iter().filter_map(moved));
    let about: BTreeMap<Topic, &Line<'_>> =
        heard.story.iter().filter_map(|line| Some((line.topic()?, line))).rev().collect();
    let warned = |warning: &Warning| Event::Warned {
        what: warning.warning.as_str().to_owned(),
        subject: warning.subject.clone(),
        because: warning.because.clone(),
    };
    events.extend(heard.warnings.iter().map(warned));
    events.extend(news.begun.iter().filter_map(|topic| begun(heard, news, topic, about.get(topic).copied())));
    events
}

fn moved(line: &Line<'_>) -> Option<Event> {
    let Line::Change(facts) = line else { return None };
    (facts.outcome == Outcome::Confirmed).then(|| Event::Moved {
        name: facts.name.to_owned(),
        record_type: facts.record_type.to_string(),
        from: facts.from.clone().unwrap_or_default(),
        to: facts.to.clone(),
        machine: facts.machine.name().to_owned(),
    })
}

/// What stands since now, with what the first line about it says; none without one.
fn begun(heard: &Heard<'_>, news: &News, topic: &Topic, line: Option<&Line<'_>>) -> Option<Event> {
    if let Topic::Stage { stage } = topic {
        let (_, because) = heard.stages.iter().find(|(entered, _)| entered.as_str() == *stage)?;
        return Some(Event::Failed { what: topic.to_string(), because: because.clone()? });
    }
    if let Topic::Reading { .. } = topic {
        // Where a whole service was silent, the stage has said so.
        let is_told = news.begun.iter().any(|begun| matches!(begun, Topic::Stage { .. }));
        let (_, because) = heard.unread.iter().find(|(unread, _)| unread == topic).filter(|_| !is_told)?;
        return Some(Event::Failed { what: topic.to_string(), because: (*because).to_owned() });
    }
    match line? {
        Line::Brake(brake) => Some(Event::Held {
            brake: brake.brake.as_str().to_owned(),
            zone: brake.zone.as_ref().map(ZoneId::in_words).unwrap_or_default(),
            names: brake.names.len(),
            because: brake.because.to_string(),
        }),
        Line::Change(ChangeFacts { detail, outcome, .. }) => {
            let because = detail.unwrap_or(outcome.as_str()).to_owned();
            Some(Event::Failed { what: topic.to_string(), because })
        }
        Line::Unclaimed(_) | Line::Skip(_) | Line::Right(_) | Line::Orphan(_) => None,
    }
}

fn over(topic: &Topic) -> Event {
    let what = match topic {
        Topic::Brake { .. } => topic.to_string(),
        Topic::Change { .. } | Topic::Reading { .. } | Topic::Stage { .. } => format!("{topic} failed"),
    };
    Event::Over { what }
}
