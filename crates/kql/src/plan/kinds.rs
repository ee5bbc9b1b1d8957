//! The kinds of steps and functions, which hold no expression.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JoinKind {
    InnerUnique,
    Inner,
    LeftOuter,
    RightOuter,
    FullOuter,
    LeftSemi,
    RightSemi,
    LeftAnti,
    RightAnti,
}

#[derive(Clone, Debug)]
pub(crate) enum PlanParseStep {
    Skip,
    Text(String),
    /// A number of `targets`.
    Column(usize),
}

/// Functions that look at the rows around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    RowNumber,
    CumulativeSum,
    Previous,
    Next,
    RankDense,
    RankMin,
    Session,
}

/// A column of the outer row, or one that the inner plan made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ApplyOutput {
    Outer(usize),
    Inner(usize),
}
