//! A delimited file as a stream of rows in bounded memory; a row that cannot be understood costs itself only.

use std::io::{self, Read};

use memchr::memchr;

use super::detect::{Detected, detect};
use super::header::without_mark;
use super::limits::Limits;
use super::row::{Cells, Found, Rejection};
use super::scan::{BYTE_ORDER_MARK, Format, Scan, Span, scan};
use crate::{Error, Result};

/// Bytes read at a time; a row that is longer makes the buffer grow up to the bound for a row.
const BUFFER: usize = 256 << 10;

/// A delimited file, positioned before a row.
pub(super) struct Delimited {
    name: String,
    input: Box<dyn Read + Send>,
    limits: Limits,
    format: Format,
    titles: usize,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    exhausted: bool,
    /// Why the input cannot be read on, told once the rows before it are out.
    failure: Option<io::Error>,
    line: u64,
    offset: u64,
    spans: Vec<Span>,
    unescaped: String,
}

impl Delimited {
    pub(super) fn new(name: &str, input: Box<dyn Read + Send>, limits: Limits, delimiter: Option<u8>) -> Result<Self> {
        let mut this = Self {
            name: name.to_owned(),
            input,
            limits,
            format: Format { delimiter: b',', terminator: b'\n' },
            titles: 0,
            buffer: vec![0; BUFFER],
            start: 0,
            end: 0,
            exhausted: false,
            failure: None,
            line: 1,
            offset: 0,
            spans: Vec::new(),
            unescaped: String::new(),
        };
        this.fill()?;
        if without_mark(&this.buffer[..this.end]).len() < this.end {
            this.advance(BYTE_ORDER_MARK.len());
        }
        let Detected { format, titles } = detect(&this.buffer[this.start..this.end], this.exhausted, delimiter);
        this.format = format;
        this.titles = titles;
        Ok(this)
    }

    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// Physical line of the next row, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Bytes before the next row, after decompression.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The header row and its line; `None` when there is no text at all.
    pub(super) fn header(&mut self) -> Result<Option<(Vec<String>, u64)>> {
        for _ in 0..self.titles {
            self.row(1)?;
        }
        let keep = self.limits.columns + 1;
        let bound = self.limits.columns as u64;
        match self.row(keep)? {
            None => Ok(None),
            Some(Err(Rejection { line, reason, .. })) => Err(Error::Header { line, reason }),
            Some(Ok(Found { cells, line, fields })) => {
                if fields > keep - 1 {
                    return Err(Error::Limit { what: "the number of columns", limit: bound });
                }
                Ok(Some((cells.iter().map(str::to_owned).collect(), line)))
            }
        }
    }

    /// The next row with at most `keep` of its fields.
    pub(super) fn row(&mut self, keep: usize) -> Result<Option<std::result::Result<Found<'_>, Rejection>>> {
        let (start, length, fields, line) = loop {
            self.skip_blank_lines()?;
            if self.start == self.end {
                return Ok(None);
            }
            let data = &self.buffer[self.start..self.end];
            match scan(data, self.exhausted, self.format, self.limits.field_bytes, keep, &mut self.spans) {
                Scan::More if data.len() < self.limits.row_bytes => self.fill()?,
                Scan::More => {
                    let reason = "the row is longer than the limit for one row".to_owned();
                    return Ok(Some(Err(self.reject(None, reason)?)));
                }
                Scan::Bad { field, reason } => {
                    return Ok(Some(Err(self.reject(Some(field), reason.to_owned())?)));
                }
                Scan::Row { text, taken, fields, breaks } => {
                    let found = (self.start, text, fields, self.line);
                    self.advance(taken);
                    self.line += 1 + breaks;
                    break found;
                }
            }
        };
        let found = match self.cells(start, length) {
            Ok(cells) => Ok(Found { cells, line, fields }),
            Err((field, reason)) => Err(Rejection { line, field, reason: reason.to_owned() }),
        };
        Ok(Some(found))
    }

    /// Passes over bytes without looking at them, to a place that [`Self::offset`] and [`Self::line`] gave before.
    pub(super) fn skip_to(&mut self, offset: u64, line: u64) -> Result<()> {
        while self.offset < offset {
            if self.start == self.end {
                if self.exhausted {
                    let source = io::Error::from(io::ErrorKind::UnexpectedEof);
                    return Err(Error::Read { name: self.name.clone(), source });
                }
                self.fill()?;
            }
            let step = ((self.end - self.start) as u64).min(offset - self.offset);
            self.advance(step as usize);
        }
        self.line = line;
        Ok(())
    }

    /// The row's text is checked as a whole, so a field never holds half a character.
    fn cells(&mut self, start: usize, length: usize) -> std::result::Result<Cells<'_>, (Option<usize>, &'static str)> {
        let bytes = &self.buffer[start..start + length];
        let field_at = |at: usize| self.spans.iter().position(|s| at < s.end as usize);
        let text = std::str::from_utf8(bytes).map_err(|e| (field_at(e.valid_up_to()), "not valid UTF-8"))?;
        if let Some(at) = memchr(0, bytes) {
            return Err((field_at(at), "contains a NUL character"));
        }
        if self.spans.iter().any(|s| s.escaped) {
            self.unescaped.clear();
            for span in self.spans.iter_mut().filter(|s| s.escaped) {
                let begin = self.unescaped.len();
                let mut rest = &text[span.start as usize..span.end as usize];
                while let Some(quote) = memchr(b'"', rest.as_bytes()) {
                    self.unescaped.push_str(&rest[..=quote]);
                    rest = &rest[quote + 2..];
                }
                self.unescaped.push_str(rest);
                span.start = begin as u32;
                span.end = self.unescaped.len() as u32;
            }
        }
        Ok(Cells::Spans { text, unescaped: &self.unescaped, spans: &self.spans })
    }

    /// Gives the current line up and goes on at the next one.
    fn reject(&mut self, field: Option<usize>, reason: String) -> Result<Rejection> {
        let line = self.line;
        loop {
            let data = &self.buffer[self.start..self.end];
            if let Some(end) = memchr(self.format.terminator, data) {
                self.advance(end + 1);
                break;
            }
            self.advance(self.end - self.start);
            if self.exhausted {
                break;
            }
            self.fill()?;
        }
        self.line += 1;
        Ok(Rejection { line, field, reason })
    }

    fn skip_blank_lines(&mut self) -> Result<()> {
        loop {
            if self.end - self.start < 2 && !self.exhausted {
                self.fill()?;
            }
            let data = &self.buffer[self.start..self.end];
            let blank = match data {
                [first, ..] if *first == self.format.terminator => 1,
                [b'\r', b'\n', ..] => 2,
                [b'\r'] => 1,
                _ => return Ok(()),
            };
            self.advance(blank);
            self.line += 1;
        }
    }

    fn advance(&mut self, bytes: usize) {
        self.start += bytes;
        self.offset += bytes as u64;
    }

    /// Reads on until the buffer is full or the input ends; the buffer grows when it holds nothing but the current row.
    fn fill(&mut self) -> Result<()> {
        if let Some(source) = self.failure.take() {
            self.exhausted = true;
            return Err(Error::Read { name: self.name.clone(), source });
        }
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.end == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        while self.end < self.buffer.len() {
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(0) => {
                    self.exhausted = true;
                    break;
                }
                Ok(n) => self.end += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(failure) => {
                    self.failure = Some(failure);
                    break;
                }
            }
        }
        Ok(())
    }
}
