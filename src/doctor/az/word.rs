//! A word of a shell.

/// A word as a shell takes it.
pub(super) fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@,=".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_shell_are_quoted_where_they_must_be() {
        assert_eq!(
            (word("/a/b-c_d.e"), word("my rule"), word("a'b")),
            ("/a/b-c_d.e".to_owned(), "'my rule'".to_owned(), r"'a'\''b'".to_owned())
        );
        assert_eq!(word(""), "''");
    }
}
