//! A query engine for the part of Kusto that Azure Monitor users type.
