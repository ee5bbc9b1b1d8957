//! The aggregates: one table, from which binding, running and the documentation follow.

use crate::functions::{Naming, Signature};
use crate::types::Type;

/// Lists and sets hold at most this many elements.
pub(crate) const MAX_ELEMENTS: usize = 1_048_576;
/// What the old names `makelist` and `makeset` hold unless told otherwise.
const OLD_LIMIT: usize = 128;

/// An aggregate.
#[derive(Debug)]
pub(crate) struct Aggregate {
    pub(crate) name: &'static str,
    /// Its parameters, in the notation of `signature`.
    pub(crate) signature: &'static str,
    pub(crate) yields: Yields,
    pub(crate) naming: Naming,
    pub(crate) kind: AggregateKind,
    /// What the form that takes a predicate has behind the name: nothing where the name itself is that form's, none where
    /// there is no such form.
    conditional: Option<&'static str>,
}

/// The columns that an aggregate yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Yields {
    /// One column of this type.
    Is(Type),
    /// One column of the type of its first argument.
    First,
    /// The same, an int as a long.
    Wide,
    /// One column: of numbers a real, else the type of its first argument.
    Mean,
    /// Its arguments, all at one row of the group.
    Row,
    /// A column for each percentile, or all of them in one.
    Percentiles,
}

/// What an aggregate computes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum AggregateKind {
    Count,
    Sum,
    Average,
    Min,
    Max,
    DistinctCount,
    /// The row of the greatest (or smallest) first argument; yields all arguments.
    ArgMax,
    ArgMin,
    /// The first row; yields all arguments.
    TakeAny,
    List {
        limit: usize,
        with_nulls: bool,
    },
    Set {
        limit: usize,
    },
    Bag {
        limit: usize,
    },
    /// Of the first argument, a second one tells the weights.
    Percentiles(Vec<f64>),
    /// All percentiles in one array.
    PercentileArray(Vec<f64>),
    Variance {
        sample: bool,
        root: bool,
    },
    /// Of two arguments.
    Covariance {
        sample: bool,
    },
    BinaryAnd,
    BinaryOr,
    BinaryXor,
}

/// An aggregate as a query calls it: by its name, or by that of the form with a predicate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Called {
    pub(crate) aggregate: &'static Aggregate,
    /// Whether an argument chooses the rows.
    pub(crate) has_predicate: bool,
}

impl Called {
    /// The parameters of that form.
    pub(crate) fn signature(self) -> String {
        let mut words: Vec<&str> = self.aggregate.signature.split_whitespace().collect();
        if self.has_predicate {
            words.insert(self.predicate_place(), "bool");
        }
        words.join(" ")
    }

    /// Where the predicate stands among the arguments: behind those that must be there.
    pub(crate) fn predicate_place(self) -> usize {
        Signature::parse(self.aggregate.signature).counts().0
    }
}

impl Aggregate {
    /// Whether it may yield several columns, or names its column in its own way.
    pub(crate) fn stands_alone(&self) -> bool {
        matches!(self.yields, Yields::Row | Yields::Percentiles)
    }
}

impl AggregateKind {
    /// Whether it computes with reals: numbers of other types are converted before.
    pub(crate) fn is_of_reals(&self) -> bool {
        matches!(self, AggregateKind::Variance { .. } | AggregateKind::Covariance { .. })
    }

    /// The same with a limit of its own, where it takes one.
    pub(crate) fn limited(self, to: usize) -> AggregateKind {
        match self {
            AggregateKind::List { with_nulls, .. } => {
                AggregateKind::List { limit: to.min(MAX_ELEMENTS), with_nulls }
            }
            AggregateKind::Set { .. } => AggregateKind::Set { limit: to.min(MAX_ELEMENTS) },
            AggregateKind::Bag { .. } => AggregateKind::Bag { limit: to.min(MAX_ELEMENTS) },
            other => other,
        }
    }
}

/// The aggregate that is called by that name.
pub(crate) fn find(name: &str) -> Option<Called> {
    AGGREGATES.iter().find_map(|aggregate| {
        if aggregate.name == name {
            return Some(Called { aggregate, has_predicate: aggregate.conditional == Some("") });
        }
        let base = name.strip_suffix(aggregate.conditional?)?;
        (aggregate.name == base).then_some(Called { aggregate, has_predicate: true })
    })
}

/// Every form of every aggregate, and the name by which it is called.
pub(crate) fn all() -> impl Iterator<Item = (Called, String)> {
    AGGREGATES.iter().flat_map(|aggregate| {
        let has_predicate = aggregate.conditional == Some("");
        let plain = (Called { aggregate, has_predicate }, aggregate.name.to_owned());
        let conditional = aggregate.conditional.filter(|end| !end.is_empty()).map(|end| {
            let called = Called { aggregate, has_predicate: true };
            (called, format!("{}{end}", aggregate.name))
        });
        std::iter::once(plain).chain(conditional)
    })
}

/// Whether Kusto has an aggregate of that name whose results cannot be told from its reference: what a sketch holds, or
/// in which order a schema lists its types.
pub(crate) fn is_left_out(name: &str) -> bool {
    LEFT_OUT.contains(&name)
}

const LEFT_OUT: [&str; 7] =
    ["buildschema", "hll", "hll_if", "hll_merge", "merge_tdigest", "tdigest", "tdigest_merge"];

/// A row of the table.
const fn aggregate(
    name: &'static str,
    signature: &'static str,
    yields: Yields,
    naming: Naming,
    kind: AggregateKind,
) -> Aggregate {
    Aggregate { name, signature, yields, naming, kind, conditional: None }
}

impl Aggregate {
    /// The row with a form that takes a predicate.
    const fn or(mut self, conditional: &'static str) -> Aggregate {
        self.conditional = Some(conditional);
        self
    }
}

static AGGREGATES: &[Aggregate] = &{
    use AggregateKind as Kind;
    use Naming::{First, None, Own, Prefix};
    use Yields::{Is, Mean, Percentiles, Row, Wide};
    const LIST: Kind = Kind::List { limit: MAX_ELEMENTS, with_nulls: false };
    const SET: Kind = Kind::Set { limit: MAX_ELEMENTS };
    const OLD_LIST: Kind = Kind::List { limit: OLD_LIMIT, with_nulls: false };
    const OLD_SET: Kind = Kind::Set { limit: OLD_LIMIT };
    const WITH_NULLS: Kind = Kind::List { limit: MAX_ELEMENTS, with_nulls: true };
    const BAG: Kind = Kind::Bag { limit: MAX_ELEMENTS };
    const DYNAMIC: Yields = Is(Type::Dynamic);
    const REAL: Yields = Is(Type::Real);
    const LONG: Yields = Is(Type::Long);
    const fn spread(sample: bool, root: bool) -> Kind {
        Kind::Variance { sample, root }
    }
    [
        aggregate("count", "", LONG, Own, Kind::Count).or("if"),
        aggregate("sum", "amt", Wide, Own, Kind::Sum).or("if"),
        aggregate("avg", "sum", Mean, Own, Kind::Average).or("if"),
        aggregate("min", "ord", Yields::First, Own, Kind::Min).or("if"),
        aggregate("max", "ord", Yields::First, Own, Kind::Max).or("if"),
        aggregate("dcount", "any const?", LONG, Own, Kind::DistinctCount).or("if"),
        aggregate("count_distinct", "flat", LONG, Own, Kind::DistinctCount).or("if"),
        aggregate("arg_max", "ord any*", Row, None, Kind::ArgMax),
        aggregate("arg_min", "ord any*", Row, None, Kind::ArgMin),
        aggregate("argmax", "ord any*", Row, None, Kind::ArgMax),
        aggregate("argmin", "ord any*", Row, None, Kind::ArgMin),
        aggregate("take_any", "any+", Row, None, Kind::TakeAny),
        aggregate("any", "any+", Row, Own, Kind::TakeAny),
        // Of one value only, and named otherwise: rows of their own.
        aggregate("take_anyif", "any", Yields::First, First, Kind::TakeAny).or(""),
        aggregate("anyif", "any", Yields::First, Own, Kind::TakeAny).or(""),
        aggregate("make_list", "any const?", DYNAMIC, Prefix("list"), LIST).or("_if"),
        aggregate("makelist", "any const?", DYNAMIC, Prefix("list"), OLD_LIST),
        aggregate("make_list_with_nulls", "any", DYNAMIC, Prefix("list"), WITH_NULLS),
        aggregate("make_set", "any const?", DYNAMIC, Prefix("set"), SET).or("_if"),
        aggregate("makeset", "any const?", DYNAMIC, Prefix("set"), OLD_SET),
        aggregate("make_bag", "dyn const?", DYNAMIC, Prefix("bag"), BAG).or("_if"),
        aggregate("make_dictionary", "dyn const?", DYNAMIC, Prefix("dictionary"), BAG),
        aggregate("percentile", "sum num", Percentiles, None, Kind::Percentiles(Vec::new())),
        aggregate("percentiles", "sum num+", Percentiles, None, Kind::Percentiles(Vec::new())),
        aggregate("percentiles_array", "sum any+", Percentiles, None, Kind::PercentileArray(Vec::new())),
        aggregate("percentilew", "sum int num", Percentiles, None, Kind::Percentiles(Vec::new())),
        aggregate("percentilesw", "sum int num+", Percentiles, None, Kind::Percentiles(Vec::new())),
        aggregate("percentilesw_array", "sum int any+", Percentiles, None, Kind::PercentileArray(Vec::new())),
        aggregate("stdev", "num", REAL, Own, spread(true, true)).or("if"),
        aggregate("stdevp", "num", REAL, Own, spread(false, true)),
        aggregate("variance", "num", REAL, Own, spread(true, false)).or("if"),
        aggregate("variancep", "num", REAL, Own, spread(false, false)).or("if"),
        aggregate("covariance", "num num", REAL, Own, Kind::Covariance { sample: true }).or("if"),
        aggregate("covariancep", "num num", REAL, Own, Kind::Covariance { sample: false }).or("if"),
        aggregate("binary_all_and", "int", Yields::First, First, Kind::BinaryAnd),
        aggregate("binary_all_or", "int", Yields::First, First, Kind::BinaryOr),
        aggregate("binary_all_xor", "int", Yields::First, First, Kind::BinaryXor),
    ]
};
