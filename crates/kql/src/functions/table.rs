//! The table of the scalar functions, from which binding, running and the documentation follow.

use super::{
    Function, arrays, bags, command, conversion, date, digest, encoding, geo, hash, ip, math, probability,
    punycode, series, series_fit, series_math, sets, text, text_search, url, xml,
};

/// The function of that name.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    all().find(|function| function.name == name)
}

/// Every scalar function of the table.
pub(crate) fn all() -> impl Iterator<Item = &'static Function> {
    TABLES.iter().flat_map(|table| table.iter())
}

const TABLES: &[&[Function]] = &[
    text::FUNCTIONS,
    text_search::FUNCTIONS,
    conversion::FUNCTIONS,
    date::FUNCTIONS,
    math::FUNCTIONS,
    bags::FUNCTIONS,
    arrays::FUNCTIONS,
    sets::FUNCTIONS,
    series::FUNCTIONS,
    series_fit::FUNCTIONS,
    series_math::FUNCTIONS,
    ip::FUNCTIONS,
    encoding::FUNCTIONS,
    url::FUNCTIONS,
    xml::FUNCTIONS,
    command::FUNCTIONS,
    geo::FUNCTIONS,
    probability::FUNCTIONS,
    punycode::FUNCTIONS,
    hash::FUNCTIONS,
    digest::FUNCTIONS,
];
