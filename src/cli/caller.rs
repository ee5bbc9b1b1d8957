//! Who ran a command, as the log and the marks keep it: object id and name. A screen tells people by their names.

use crate::queries::RunId;
use pure::shown::shown;

/// So much of an id tells it from others on one screen.
const SHORT: usize = 8;

/// The name of whoever is meant; the beginning of the object id where there is no name, or one that is an id as well.
pub(super) fn who(by: &str) -> String {
    let (id, name) = by.trim().split_once(' ').unwrap_or((by.trim(), ""));
    let is_id = |text: &str| RunId::parse(text).is_some();
    match name.trim() {
        name if !name.is_empty() && !is_id(name) => shown(name),
        _ if is_id(id) => format!("{}…", id.chars().take(SHORT).collect::<String>()),
        _ => shown(by.trim()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_by_their_names_and_programs_by_the_beginning_of_their_ids() {
        let id = "1c2f0000-8a4e-4b7e-9a53-0d6c2f1b7e90";
        for (by, told) in [
            (format!("{id} admin@contoso.com"), "admin@contoso.com"),
            (format!("{id} Jane Doe"), "Jane Doe"),
            (format!("{id} 04b07795-8ddb-461a-bbee-02f9e1bf7b46"), "1c2f0000…"),
            (id.to_owned(), "1c2f0000…"),
            ("admin".to_owned(), "admin"),
            (String::new(), ""),
        ] {
            assert_eq!(who(&by), told, "{by}");
        }
    }
}
