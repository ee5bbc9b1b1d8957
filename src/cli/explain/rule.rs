//! A rule's answer about one claim, in a line.

use super::lines::Line;
use crate::cli::phrase::Phrase;
use pure::plan::explanation::{RuleAnswer, RuleTold};

/// The longest code of a rule.
const RULE: usize = "address-private-link".len();

/// What the rule said; `decides`: it is the one that decided, `is_said`: its sentence stands above already.
pub(super) fn rule(told: &RuleTold, decides: bool, is_said: bool) -> Line {
    let sign = if decides { '>' } else { ' ' };
    let answer = match told.answer {
        RuleAnswer::No => "no",
        RuleAnswer::Yes => "yes",
        RuleAnswer::Unknown => "cannot tell",
        RuleAnswer::NotAsked => "not asked",
    };
    let because = match (&told.because, &told.in_short) {
        (Some(because), _) if !is_said => Phrase::from(", ").then(because),
        (_, Some(in_short)) => Phrase::from(format!(", {in_short}")),
        _ => Phrase::default(),
    };
    Line::beside(format!("{sign} {:RULE$}  ", told.rule.as_str()), Phrase::from(answer).then(because))
}
