//! A name of a tag or of a zone as DNS has it: Unicode as A-labels, in lower case, without a dot at its end.

/// The longest name in DNS, and the longest label.
const NAME: usize = 253;
const LABEL: usize = 63;

/// The name as reports and DNS have it; what is no name stays as it is, in lower case.
pub(crate) fn stored(text: &str) -> String {
    ascii(text).unwrap_or_else(|| text.to_lowercase())
}

/// The name in A-labels. None: IDNA (UTS 46) or DNS has no such name. Underscores are as good as letters here.
pub(crate) fn ascii(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_suffix('.').unwrap_or(text);
    // Longer texts cannot become names; the cap keeps a hostile one from costing time.
    if text.len() > 4 * NAME {
        return None;
    }
    let (before, rest) = match text.strip_prefix("*.") {
        Some(rest) => ("*.", rest),
        None => ("", text),
    };
    let name = if rest.is_ascii() && !has_a_label(rest) {
        rest.to_ascii_lowercase()
    } else {
        let name = idna::domain_to_ascii(rest).ok()?;
        name.strip_suffix('.').map(str::to_owned).unwrap_or(name)
    };
    let is_name = name.split('.').all(is_label) && before.len() + name.len() <= NAME;
    is_name.then(|| format!("{before}{name}"))
}

/// Whether a label says that it is an A-label: IDNA may refuse it.
fn has_a_label(name: &str) -> bool {
    name.split('.').any(|label| label.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case("xn--")))
}

/// A label below a zone, spelt as it is; none: it is no one label, or too long there.
pub(crate) fn below(label: &str, zone: &str) -> Option<String> {
    let label = label.trim();
    let is_one = ascii(label).is_some_and(|ascii| is_label(&ascii));
    let name = format!("{label}.{zone}");
    (is_one && ascii(&name).is_some()).then_some(name)
}

fn is_label(label: &str) -> bool {
    (1..=LABEL).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_spelling() {
        for (text, wanted) in [
            ("NAS.Example.com.", Some("nas.example.com")),
            ("München.Example.com", Some("xn--mnchen-3ya.example.com")),
            ("xn--mnchen-3ya.example.com", Some("xn--mnchen-3ya.example.com")),
            ("mu\u{308}nchen.example.com", Some("xn--mnchen-3ya.example.com")),
            ("\u{1f600}.example.com", Some("xn--e28h.example.com")),
            ("*.Dyn.example.com", Some("*.dyn.example.com")),
            ("_sip._tcp.example.com", Some("_sip._tcp.example.com")),
            ("nas\u{3002}example.com", Some("nas.example.com")),
            ("", None),
            ("a..b", None),
            ("a b.example.com", None),
            ("a*.example.com", None),
            ("a/b.example.com", None),
        ] {
            assert_eq!(ascii(text).as_deref(), wanted, "{text}");
        }
        let label = |length: usize| format!("{}.example.com", "x".repeat(length));
        assert!(ascii(&label(63)).is_some() && ascii(&label(64)).is_none());
        assert!(ascii(&"x.".repeat(200)).is_none());
        assert_eq!(stored("A B!"), "a b!");
    }

    #[test]
    fn one_label_makes_a_name_and_nothing_else_does() {
        for label in ["NAS", "büro", "😀", "a_b", " nas "] {
            assert_eq!(below(label, "example.com"), Some(format!("{}.example.com", label.trim())));
        }
        let long = "x".repeat(64);
        for label in ["", "WEB 01", "web!", "*", "a,b", "a;b", "a\u{3002}b", "a.", "a\u{a0}b", "a/b", &long] {
            assert_eq!(below(label, "example.com"), None, "{label}");
        }
        assert_eq!(below("nas", &vec!["x".repeat(62); 4].join(".")), None, "no name of DNS is so long");
    }
}
