//! The two text forms: OpenMetrics, and the older one of Prometheus for whoever does not ask for the newer.

use std::collections::BTreeSet;

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

/// A text form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// OpenMetrics 1.0.0.
    OpenMetrics,
    /// The text format 0.0.4 of Prometheus, which `promtool check metrics` reads.
    Classic,
}

impl Form {
    /// The form that an `Accept` header asks for; without one, or with `*/*`, the older.
    #[must_use]
    pub fn wanted(accept: Option<&str>) -> Self {
        let asks = |member: &str| {
            let mut parts = member.split(';').map(str::trim);
            let kind = parts.next().unwrap_or_default();
            let refused = |part: &str| part.strip_prefix("q=").and_then(|q| q.parse().ok()) == Some(0.0_f32);
            kind.eq_ignore_ascii_case("application/openmetrics-text") && !parts.any(refused)
        };
        if accept.unwrap_or_default().split(',').any(asks) { Self::OpenMetrics } else { Self::Classic }
    }

    /// The content type.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Classic => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// What a registry holds; both forms end with `# EOF`, so that a text that was cut can be told.
pub(super) fn text(registry: &Registry, form: Form) -> String {
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = encode(&mut text, registry);
    match form {
        Form::OpenMetrics => text,
        Form::Classic => classic(&text),
    }
}

/// The older form of an OpenMetrics text: there a family of counters has the name of its samples, an info is a gauge,
/// and nobody knows units.
fn classic(text: &str) -> String {
    let families = |kind: &str| -> BTreeSet<&str> {
        let lines = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        lines
            .filter_map(|line| line.split_once(' '))
            .filter(|(_, of)| *of == kind)
            .map(|(name, _)| name)
            .collect()
    };
    let (counters, infos) = (families("counter"), families("info"));
    let mut older = String::with_capacity(text.len());
    for line in text.lines() {
        let head = ["# HELP ", "# TYPE "].into_iter().find_map(|word| Some((word, line.strip_prefix(word)?)));
        match head.and_then(|(word, rest)| Some((word, rest.split_once(' ')?))) {
            Some((word, (name, rest))) => {
                let suffix = match name {
                    name if counters.contains(name) => "_total",
                    name if infos.contains(name) => "_info",
                    _ => "",
                };
                let rest = if word == "# TYPE " && rest == "info" { "gauge" } else { rest };
                older.push_str(&format!("{word}{name}{suffix} {rest}\n"));
            }
            None if line.starts_with("# UNIT ") => {}
            None => {
                older.push_str(line);
                older.push('\n');
            }
        }
    }
    older
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_follows_the_header() {
        let prometheus =
            "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        assert_eq!(Form::wanted(Some(prometheus)), Form::OpenMetrics);
        assert_eq!(Form::wanted(Some("text/plain, Application/OpenMetrics-Text; q=0.2")), Form::OpenMetrics);
        for accept in [None, Some("*/*"), Some("text/plain"), Some("application/openmetrics-text;q=0")] {
            assert_eq!(Form::wanted(accept), Form::Classic, "{accept:?}");
        }
    }

    #[test]
    fn the_older_form_names_counters_and_infos_as_their_samples() {
        let text = "# HELP a Help.\n# TYPE a counter\na_total{x=\"# TYPE a counter\"} 1\n# HELP b Help.\n# TYPE b info\n\
                    b_info{v=\"1\"} 1\n# HELP c_seconds Help.\n# TYPE c_seconds gauge\n# UNIT c_seconds seconds\nc_seconds 1.0\n# EOF\n";
        insta::assert_snapshot!(classic(text), @r##"
        # HELP a_total Help.
        # TYPE a_total counter
        a_total{x="# TYPE a counter"} 1
        # HELP b_info Help.
        # TYPE b_info gauge
        b_info{v="1"} 1
        # HELP c_seconds Help.
        # TYPE c_seconds gauge
        c_seconds 1.0
        # EOF
        "##);
    }
}
