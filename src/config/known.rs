//! Names that are no setting: a misspelt one is noticed.

use super::declared;
use super::reader::Reader;
use super::variables::Variables;
use pure::domain::distance;

/// Beginnings that are ours alone: what begins so and is not known is misspelt, and a rule that its author believes
/// in does not hold.
const OURS: [&str; 1] = ["POLICY_"];

/// Proxies are read in lower case as well, and those of other protocols are not ours to know.
const PROXY: &str = "_PROXY";

/// Looks at every name that is set.
pub(super) fn check(reader: &mut Reader<'_>, variables: &Variables) {
    for name in variables.names().filter(|name| !known().any(|known| known == *name)) {
        let upper = name.to_ascii_uppercase();
        let ours = OURS.iter().any(|prefix| upper.starts_with(prefix));
        let slip = |known: &str| format!("is no setting; did you mean {known}?");
        match (nearest(&upper), ours) {
            (Some(known), true) => reader.fault(name, slip(known)),
            (None, true) => {
                reader.fault(name, "is no setting; remove it, or look for its name in the documentation");
            }
            (Some(known), false) if is_near(&upper, known) => reader.slip(name, slip(known)),
            _ => {}
        }
    }
}

fn known() -> impl Iterator<Item = &'static str> {
    declared::ALL.iter().map(|setting| setting.name)
}

/// The known name with the fewest differences, if there are not many.
fn nearest(name: &str) -> Option<&'static str> {
    let (distance, known) = known().map(|known| (distance(name, known), known)).min()?;
    (distance * 3 <= name.len()).then_some(known)
}

/// One or two slips of the pen in a name that is long enough for them to be slips, or its words without what parts them.
fn is_near(name: &str, known: &str) -> bool {
    if name.ends_with(PROXY) || !known.contains('_') {
        return false;
    }
    let joined = |text: &str| text.replace('_', "");
    joined(name) == joined(known) || name.len() >= 8 && distance(name, known) <= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_pen_are_few_differences() {
        assert_eq!(nearest("POLICY_ALLOW_PREFIX"), Some("POLICY_ALLOW_PREFIXES"));
        assert_eq!(nearest("POLICY_SOMETHING_ELSE_ALTOGETHER"), None);
    }
}
