//! Whoever copies the line of a command runs that command, and nothing of the sentence around it.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::cli::screen::Screen;
use pure::domain::{Hold, RecordType, Until};
use pure::plan::blindness::Blindness;
use pure::plan::why::{Contested, NotOwned, Revert};
use pure::plan::{OrderKind, Why};

const NAME: &str = "nas.home.example.com";

fn screen(width: usize) -> Screen {
    Screen {
        width: Some(width),
        env: format!(" --env {}", Path::new("local.env").display()),
        ..Screen::default()
    }
}

/// The commands of the lines, each whole as a shell takes it when its lines are copied from where it begins.
fn copied(lines: &[String]) -> Vec<String> {
    let mut commands = Vec::new();
    let mut is_open = false;
    for line in lines {
        let begin = line.find("heartbeat-dns ");
        let text = if is_open { Some(line.as_str()) } else { begin.map(|begin| &line[begin..]) };
        let Some(text) = text else { continue };
        let part = text.trim_end_matches('\\').trim();
        match commands.last_mut() {
            Some(command) if is_open => *command = format!("{command} {part}"),
            _ => commands.push(part.to_owned()),
        }
        is_open = text.ends_with('\\');
    }
    commands
}

fn check(phrase: &Phrase) {
    let told = |part: &Uttered| match part {
        Uttered::Command(to_run) => Some(format!("heartbeat-dns {} --env local.env", to_run.arguments())),
        Uttered::Plain(_) | Uttered::Whole(_) => None,
    };
    let commands: Vec<String> = phrase.uttered().iter().filter_map(told).collect();
    assert!(!commands.is_empty(), "{phrase:?}");
    for width in 40..200 {
        let lines = screen(width).wrapped(phrase, 2);
        assert_eq!(copied(&lines), commands, "{width}: {lines:#?}");
    }
}

#[test]
fn whatever_stands_around_a_command_is_not_on_its_line_behind_it() {
    let around = ["", ".", " now", ", or ", "; then ", ".  Until then it waits."];
    for (before, between) in ["", "run ", "it is held, so that it stays:  "]
        .into_iter()
        .flat_map(|before| around.map(|between| (before, between)))
    {
        check(&Phrase::from(before).run(format!("adopt {NAME}")).and(between));
        for after in around.into_iter().filter(|_| between.ends_with(' ')) {
            let two = Phrase::from(before).run(format!("adopt {NAME}")).and(between);
            check(&two.run(format!("release {NAME} --delete")).and(after));
        }
    }
}

#[test]
fn no_sentence_of_a_skip_has_words_behind_a_command_on_its_line() {
    let name = || NAME.to_owned();
    let machine =
        "/subscriptions/s/resourceGroups/rg/providers/Microsoft.HybridCompute/machines/m".to_owned();
    let owned = |owned| Why::NotOwned { name: name(), owned };
    let (addresses, machines) = (vec!["192.0.2.1".to_owned()], vec![machine.clone()]);
    let (hour, now) = (SignedDuration::from_hours(1), Timestamp::UNIX_EPOCH);
    let hold = |until| {
        let hold = Hold { until, why: "a line is moved".to_owned(), by: String::new() };
        Why::OnHold { name: name(), hold, marked: true }
    };
    let contested = |by| {
        let (present, next) = (addresses.clone(), now);
        Contested { name: name(), record_type: RecordType::A, by, present, undone: 2, next }
    };
    let other = |twin| NotOwned::OtherMachine {
        machine: machine.clone(),
        unreadable: false,
        heard: Some(hour),
        dormant: hour,
        twin,
    };
    let sentences = [
        owned(NotOwned::IncompleteMark),
        owned(NotOwned::Released { is_ordered: false }),
        owned(NotOwned::Released { is_ordered: true }),
        owned(other(Some(machine.clone()))),
        owned(NotOwned::Unmarked { order: OrderKind::Hold }),
        owned(NotOwned::Unproved { addresses: addresses.clone(), machines, was_ours: Some(now) }),
        owned(NotOwned::RefusedBefore { was_ours: None }),
        hold(Until::Forever),
        hold(Until::Unreadable),
        Why::Contested(Box::new(contested(Revert::Keeping))),
        Why::Contested(Box::new(contested(Revert::Deleting))),
        Why::Delegated { name: name(), cut: None },
        Why::SilentHeir { name: name(), machine: machine.clone(), heirs: vec![machine.clone()] },
        Why::NotSwept { name: name(), machine: machine.clone(), next: None },
        Why::NothingToAdopt { name: name(), record_type: RecordType::A, creates: true },
        Why::NothingToUndo { name: name() },
        Why::NothingToPutBack { name: name() },
        Why::UndoneAlready { name: name(), by: "5f31c0d2".to_owned() },
        Why::ChangedSince { name: name(), present: addresses.clone(), wrote: Vec::new() },
        Why::OnlyCreated { name: name(), is_vouched: true },
        Why::OnlyCreated { name: name(), is_vouched: false },
        Why::StillSwept { name: name(), machine: machine.clone() },
        Why::Blind { cause: Blindness::NoTagSweep },
        Why::Blind { cause: Blindness::ClaimDenied { name: name(), machine } },
    ];
    sentences.iter().for_each(|why| check(&Phrase::from(&why.sentence())));
}
