//! Pages of a list: how many rows, and behind which row they begin.

/// The most rows in one page.
pub const MAX_LIMIT: u32 = 200;
/// The rows in a page when nothing is said.
pub const DEFAULT_LIMIT: u32 = 50;

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The rows, in the list's order.
    pub items: Vec<T>,
    /// The key of the last row when more follow.
    pub next: Option<Key>,
}

/// A row's place in an ordered list: the sort value (absent sorts last) and the id that breaks ties.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Key {
    /// The value the list is sorted by.
    pub value: KeyValue,
    /// The row's id.
    pub id: uuid::Uuid,
}

/// A sort value.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum KeyValue {
    /// The row has none; such rows come last.
    Null,
    /// An integer: a time, an amount, a count.
    Int(i64),
    /// A number.
    Real(f64),
    /// A text.
    Text(String),
}
