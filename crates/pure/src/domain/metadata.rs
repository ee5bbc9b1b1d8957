//! Our labels among the metadata of a record set.

/// The values of these keys, trimmed. Metadata keys keep their case on the way, but nothing promises it: the exact spelling
/// wins, else the first of another case.
pub(super) fn values<'a, const N: usize>(
    keys: &[&str; N],
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> [Option<&'a str>; N] {
    let mut found: [Option<(bool, &'a str)>; N] = [None; N];
    for (key, value) in pairs {
        let Some(at) = keys.iter().position(|ours| key.eq_ignore_ascii_case(ours)) else { continue };
        let exact = key == keys[at];
        if found[at].is_none_or(|(was_exact, _)| exact && !was_exact) {
            found[at] = Some((exact, value.trim()));
        }
    }
    found.map(|found| found.map(|(_, value)| value))
}
