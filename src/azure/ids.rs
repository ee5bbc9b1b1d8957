//! Ids as services write them: one that ends with a slash, or has two where one belongs, names the same resource.

use std::borrow::Cow;

/// The id with one slash where several stand, and none at its end.
pub(super) fn tidy(id: &str) -> Cow<'_, str> {
    let id = id.trim_end_matches('/');
    if !id.contains("//") {
        return Cow::Borrowed(id);
    }
    let rooted = if id.starts_with('/') { "/" } else { "" };
    let segments: Vec<_> = id.split('/').filter(|segment| !segment.is_empty()).collect();
    Cow::Owned(format!("{rooted}{}", segments.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_too_many_are_left_out() {
        for (id, tidied) in [
            ("/subscriptions/s/x/y", "/subscriptions/s/x/y"),
            ("/subscriptions/s/x/y/", "/subscriptions/s/x/y"),
            ("//subscriptions//s///x/y//", "/subscriptions/s/x/y"),
            ("x//y", "x/y"),
            ("", ""),
            ("//", ""),
        ] {
            assert_eq!(tidy(id), tidied, "{id}");
        }
        assert!(matches!(tidy("/a/b"), Cow::Borrowed(_)));
    }
}
