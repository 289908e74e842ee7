//! The bounds that keep memory and work finite for any file, however it was made.

/// Bounds of one table. The defaults are those of the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one field, after unquoting.
    pub field_bytes: usize,
    /// Bytes of one row, line breaks in quotes included.
    pub row_bytes: usize,
    /// Columns of the header.
    pub columns: usize,
    /// Bytes after decompression.
    pub decoded_bytes: u64,
    /// Decoded bytes per compressed byte, looked at once [`Limits::RATIO_FROM`] bytes are decoded.
    pub decoded_ratio: u64,
    /// Bytes of a workbook file, which is held in memory.
    pub workbook_bytes: u64,
    /// Decoded bytes of all parts of a workbook.
    pub workbook_decoded_bytes: u64,
    /// Decoded bytes of a workbook's table of shared text, which is held in memory.
    pub workbook_text_bytes: u64,
}

impl Limits {
    /// Below this many decoded bytes the ratio is not looked at: small files compress well.
    pub const RATIO_FROM: u64 = 64 << 20;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            field_bytes: 1 << 20,
            row_bytes: 10 << 20,
            columns: 20_000,
            decoded_bytes: 64 << 30,
            decoded_ratio: 400,
            workbook_bytes: 32 << 20,
            workbook_decoded_bytes: 256 << 20,
            workbook_text_bytes: 32 << 20,
        }
    }
}
