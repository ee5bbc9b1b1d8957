//! Which of the known names a wrong one was meant to be.

/// Longer names are not compared: nobody mistypes them by a letter.
const LONGEST: usize = 64;

/// The message with the known name that is nearest to the wrong one, if one is near enough.
pub(crate) fn with_hint<'a>(
    message: String,
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> String {
    match nearest(wrong, known) {
        Some(name) => format!("{message}; did you mean '{name}'?"),
        None => message,
    }
}

/// The nearest of the known names: the same but for case, or a slip of the fingers away. Short names are near to
/// everything, and so they must fit better.
fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = small(wrong);
    let most = match letters.len() {
        0..=3 => 0,
        4..=7 => 1,
        8..=LONGEST => 2,
        _ => return None,
    };
    let distances = known.into_iter().filter_map(|name| {
        let other = small(name);
        (other.len().abs_diff(letters.len()) <= most).then(|| (slips(&letters, &other), name))
    });
    distances
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

fn small(name: &str) -> Vec<char> {
    name.chars().flat_map(char::to_lowercase).collect()
}

/// How many letters have to be added, left out, changed or swapped with their neighbour to make one name of the other.
fn slips(one: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, wanted) in other.iter().enumerate() {
            let changed = last[column] + usize::from(letter != wanted);
            let mut best = changed.min(last[column + 1] + 1).min(next[column] + 1);
            if row > 0 && column > 0 && one[row - 1] == *wanted && *letter == other[column - 1] {
                best = best.min(before[column - 1] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut last, next);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_near_when_fingers_slipped() {
        let known = ["tolower", "toupper", "summarize", "Computer", "bin", "TimeGenerated"];
        for (wrong, wanted) in [
            ("tolowr", Some("tolower")),
            ("tolwoer", Some("tolower")),
            ("TOUPPER", Some("toupper")),
            ("sumarise", Some("summarize")),
            ("Compuetr", Some("Computer")),
            ("Timegenerated", Some("TimeGenerated")),
            ("bn", None),
            ("Bin", Some("bin")),
            ("totally", None),
            ("", None),
        ] {
            assert_eq!(nearest(wrong, known), wanted, "{wrong}");
        }
        assert_eq!(nearest(&"a".repeat(1_000), [&*"a".repeat(1_001)]), None);
    }
}
