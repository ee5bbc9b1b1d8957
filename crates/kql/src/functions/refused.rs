//! Functions that the service has and this engine does not, with the reason.

/// Their names by reason; the reason follows the name in a sentence.
const REFUSED: &[(&str, &[&str])] = &[
    (
        "is not supported: the service does not say how it decides",
        &[
            "series_decompose",
            "series_decompose_anomalies",
            "series_decompose_forecast",
            "series_fit_2lines",
            "series_fit_2lines_dynamic",
            "series_fit_poly",
            "series_outliers",
            "series_periods_detect",
            "series_periods_validate",
            "series_seasonal",
        ],
    ),
    ("is not supported: how it mixes hashes is not published", &["hash_combine", "hash_many"]),
    (
        "is not supported: what it reads out of a text changes with the service's lists",
        &["geo_info_from_ip_address", "parse_user_agent"],
    ),
    (
        "is not supported: it needs the rules of all time zones; add the offset instead, such as TimeGenerated + 1h",
        &["datetime_list_timezones", "datetime_local_to_utc", "datetime_utc_to_local"],
    ),
    (
        "is not supported: it unpacks or packs data",
        &[
            "gzip_compress_to_base64_string",
            "gzip_decompress_from_base64_string",
            "zlib_compress_to_base64_string",
            "zlib_decompress_from_base64_string",
        ],
    ),
];

/// Why a function of the service is none here; nothing for a name that is not among them.
pub(crate) fn refused(name: &str) -> Option<String> {
    let (reason, _) = REFUSED.iter().find(|(_, names)| names.contains(&name))?;
    Some(format!("the function '{name}' {reason}"))
}
