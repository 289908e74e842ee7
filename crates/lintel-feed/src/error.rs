//! What can go wrong with a file as a whole; what is wrong with one row is a [`Rejection`](crate::Rejection).

use std::io;

/// Why a file could not be opened, mapped or read on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file or stream could not be read, or its compression is damaged.
    #[error("cannot read {name}")]
    Read {
        /// The file as the caller named it.
        name: String,
        /// What the operating system or the decoder said.
        source: io::Error,
    },
    /// The bytes are not text in UTF-8 and no format that is understood.
    #[error("{name} is {found}, expected UTF-8 text, XLSX, gzip or zstd")]
    Encoding {
        /// The file as the caller named it.
        name: String,
        /// What it looks like.
        found: &'static str,
    },
    /// A bound that keeps memory and work finite was passed.
    #[error("{what} is over the limit of {limit}")]
    Limit {
        /// What is too large.
        what: &'static str,
        /// The bound, in the unit that `what` names.
        limit: u64,
    },
    /// The file has no line of column names.
    #[error("line {line}: {reason}")]
    Header {
        /// Physical line of the header, 1 when the file is empty.
        line: u64,
        /// What is missing or wrong.
        reason: String,
    },
    /// The workbook cannot be read.
    #[error("cannot read the workbook: {reason}")]
    Workbook {
        /// What is wrong with it.
        reason: String,
    },
    /// The mapping file is not valid TOML, or holds a key that does not exist.
    #[error("mapping: {reason}")]
    Mapping {
        /// Names the key or the line.
        reason: String,
    },
    /// The mapping names a column that the file does not have.
    #[error("mapping: column \"{column}\" for {field} is not in the file")]
    ColumnMissing {
        /// Our field.
        field: String,
        /// The column that was looked for.
        column: String,
    },
    /// The mapping names a column whose name occurs more than once in the file.
    #[error("mapping: column \"{column}\" for {field} occurs more than once in the file")]
    ColumnAmbiguous {
        /// Our field.
        field: String,
        /// The column that was looked for.
        column: String,
    },
    /// A column that was asked for by name is not there.
    #[error("there is no column \"{column}\"")]
    NoColumn {
        /// The name asked for.
        column: String,
    },
    /// A column that was asked for by name occurs more than once.
    #[error("the column \"{column}\" occurs more than once")]
    RepeatedColumn {
        /// The name asked for.
        column: String,
    },
    /// A required field has neither a column nor a constant.
    #[error("no column for {field}; name one under [columns] in the mapping")]
    FieldMissing {
        /// Our field.
        field: &'static str,
    },
    /// The mapping uses a protected trait of a person.
    #[error("mapping: {field} names a protected trait, which is never imported as a field")]
    Protected {
        /// The field or column in question.
        field: String,
    },
}

/// The result of work on a file as a whole.
pub type Result<T> = std::result::Result<T, Error>;
