//! Keywords of the language, and where each may stand as a name without brackets.

use super::Parser;
use crate::ast::Name;
use crate::error::{Fault, Outcome};
use crate::token::TokenKind;

/// What a name does where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It names a new column, a parameter or an argument: `name = …`, `name: type`.
    Declared,
    /// It is read in an expression, or a member of a value.
    Read,
    /// It stands where the grammar takes a name alone: `let`, `as`, `range`, `project-away`.
    Alone,
}

/// Keywords that are names nowhere.
const NEVER: [&str; 128] = [
    "__contextual_datatable",
    "__crossCluster",
    "__crossDB",
    "__executeAndCache",
    "__id",
    "__isFuzzy",
    "__noWithSource",
    "__packedColumn",
    "__projectAway",
    "__sourceColumnIndex",
    "and",
    "anomalychart",
    "areachart",
    "asc",
    "bagexpansion",
    "barchart",
    "between",
    "bin_legacy",
    "boolean",
    "byte",
    "cachingpolicy",
    "callout",
    "cancel",
    "card",
    "char",
    "columnchart",
    "contains_cs",
    "containscs",
    "cycles",
    "dataexport",
    "datascope",
    "date",
    "datetime",
    "decimal",
    "decodeblocks",
    "desc",
    "double",
    "dynamic",
    "encodingpolicy",
    "endswith",
    "endswith_cs",
    "expandoutput",
    "extent_tags_retention",
    "external_data",
    "first",
    "flags",
    "float",
    "force_remote",
    "harddelete",
    "hardretention",
    "has_all",
    "has_any",
    "has_cs",
    "hasprefix",
    "hasprefix_cs",
    "hassuffix",
    "hassuffix_cs",
    "hotcache",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "isfuzzy",
    "journal",
    "ladderchart",
    "last",
    "like",
    "likecs",
    "linechart",
    "long",
    "missing",
    "nooptimization",
    "notcontains",
    "notcontainscs",
    "notlike",
    "notlikecs",
    "or",
    "others",
    "pathformat",
    "piechart",
    "pivotchart",
    "project",
    "queries",
    "query_results",
    "real",
    "relaxed",
    "restricted_view_access",
    "row_level_security",
    "rowstore",
    "rowstore_references",
    "rowstore_sealinfo",
    "rowstorepolicy",
    "rowstores",
    "scatterchart",
    "seal",
    "seals",
    "shards",
    "simple",
    "softdelete",
    "softretention",
    "stackedareachart",
    "startswith",
    "startswith_cs",
    "statistics",
    "storedqueryresultcontainers",
    "string",
    "tablepurge",
    "time",
    "timechart",
    "timeline",
    "timepivot",
    "timespan",
    "treemap",
    "uint",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "ulong",
    "union",
    "uniqueid",
    "unrestrictedviewers",
    "views",
    "with_itemindex",
    "with_match_id",
    "with_step_name",
    "writeaheadlog",
];

/// Keywords that may be declared, and need brackets where they are read.
const NOT_READ: [&str; 27] = [
    "accumulate",
    "as",
    "by",
    "contains",
    "datatable",
    "earliest",
    "externaldata",
    "find",
    "has",
    "in",
    "invoke",
    "latest",
    "materialize",
    "mdm",
    "of",
    "print",
    "sample",
    "search",
    "set",
    "sql",
    "title",
    "to",
    "toscalar",
    "totable",
    "verbose",
    "viewers",
    "where",
];

/// Words that may be read, and need brackets where they are declared: `kind = x` is a parameter of many operators, and `true`
/// is a value.
const NOT_DECLARED: [&str; 5] = ["false", "kind", "true", "with_source", "withsource"];

/// Whether the word needs brackets there.
fn needs_brackets(word: &str, place: Place) -> bool {
    NEVER.contains(&word)
        || (place != Place::Declared && NOT_READ.contains(&word))
        || (place != Place::Read && NOT_DECLARED.contains(&word))
}

impl Parser<'_> {
    /// Refuses the keyword that stands here where a name is wanted, saying how it can be one.
    pub(super) fn refuse_keyword(&self, place: Place) -> Outcome<()> {
        match &self.token().kind {
            TokenKind::Name(word) if needs_brackets(word, place) => {
                let message = format!("'{word}' is a keyword; as a name write ['{word}']");
                Err(Fault::new(self.span(), message))
            }
            _ => Ok(()),
        }
    }

    /// A name that is no keyword there.
    pub(super) fn name_in(&mut self, place: Place, what: &str) -> Outcome<Name> {
        self.refuse_keyword(place)?;
        self.name(what)
    }
}
