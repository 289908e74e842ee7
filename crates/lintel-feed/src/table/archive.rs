//! Weighs a zip container before it is opened: every part is decoded once and counted, whatever its headers claim.

use std::io::{self, Read};

use flate2::read::DeflateDecoder;

use super::limits::Limits;
use crate::{Error, Result};

const END_OF_DIRECTORY: &[u8] = b"PK\x05\x06";
const DIRECTORY_ENTRY: &[u8] = b"PK\x01\x02";
const LOCAL_ENTRY: &[u8] = b"PK\x03\x04";
const END_LENGTH: usize = 22;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// Parts of a workbook; ordinary ones have a few dozen.
const PARTS: u16 = 10_000;

/// Refuses an archive whose parts would not fit the bounds once decoded.
///
/// Only the plainest layout is let through (one directory, right before the end record, no zip64), so that another reader
/// cannot see other parts than the ones weighed here.
pub(super) fn weigh(archive: &[u8], limits: &Limits) -> Result<()> {
    let end = find_end(archive)?;
    let count = u16_at(archive, end + 10)?;
    let size = u32_at(archive, end + 12)? as usize;
    let mut at = u32_at(archive, end + 16)? as usize;
    if at.checked_add(size) != Some(end) || count > PARTS || u32_at(archive, end + 4)? != 0 {
        return Err(damaged("its directory is not where it should be"));
    }
    let mut all = 0;
    for _ in 0..count {
        if archive.get(at..at + 4) != Some(DIRECTORY_ENTRY) {
            return Err(damaged("its directory is damaged"));
        }
        let name_length = u16_at(archive, at + 28)? as usize;
        let name = archive.get(at + 46..at + 46 + name_length).ok_or_else(|| damaged("its directory is damaged"))?;
        let is_text = name.to_ascii_lowercase().ends_with(b"sharedstrings.xml");
        let bound = if is_text { limits.workbook_text_bytes } else { limits.workbook_decoded_bytes };
        let weight = weigh_part(archive, at, bound)?;
        all += weight;
        if weight > bound || all > limits.workbook_decoded_bytes {
            let what = if is_text { "the text of the workbook in bytes" } else { "the decoded workbook in bytes" };
            return Err(Error::Limit { what, limit: bound });
        }
        at += 46 + name_length + u16_at(archive, at + 30)? as usize + u16_at(archive, at + 32)? as usize;
    }
    if at == end { Ok(()) } else { Err(damaged("its directory is damaged")) }
}

/// Decoded bytes of the part whose directory entry stands at `entry`; stops just after `bound`.
fn weigh_part(archive: &[u8], entry: usize, bound: u64) -> Result<u64> {
    let method = u16_at(archive, entry + 10)?;
    let packed = u32_at(archive, entry + 20)? as usize;
    let local = u32_at(archive, entry + 42)? as usize;
    if archive.get(local..local.saturating_add(4)) != Some(LOCAL_ENTRY) {
        return Err(damaged("a part is not where the directory says"));
    }
    let start = local + 30 + u16_at(archive, local + 26)? as usize + u16_at(archive, local + 28)? as usize;
    let data = start.checked_add(packed).and_then(|end| archive.get(start..end));
    let data = data.ok_or_else(|| damaged("a part is cut off"))?;
    match method {
        STORED => Ok(data.len() as u64),
        DEFLATED => io::copy(&mut DeflateDecoder::new(data).take(bound + 1), &mut io::sink())
            .map_err(|e| damaged(&format!("a part cannot be decoded ({e})"))),
        _ => Err(damaged("a part is compressed in a way that workbooks do not use")),
    }
}

fn find_end(archive: &[u8]) -> Result<usize> {
    let last = archive.len().checked_sub(END_LENGTH).ok_or_else(|| damaged("it is cut off"))?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    let mut ends = (first..=last).filter(|&at| archive[at..].starts_with(END_OF_DIRECTORY));
    let end = ends.next().ok_or_else(|| damaged("it is cut off"))?;
    let comment = u16_at(archive, end + 20)? as usize;
    if ends.next().is_some() || end + END_LENGTH + comment != archive.len() {
        return Err(damaged("it has more than one end"));
    }
    Ok(end)
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16> {
    let two = bytes.get(at..at.saturating_add(2)).and_then(|b| b.try_into().ok());
    two.map(u16::from_le_bytes).ok_or_else(|| damaged("it is cut off"))
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32> {
    let four = bytes.get(at..at.saturating_add(4)).and_then(|b| b.try_into().ok());
    four.map(u32::from_le_bytes).ok_or_else(|| damaged("it is cut off"))
}

fn damaged(reason: &str) -> Error {
    Error::Workbook { reason: reason.to_owned() }
}
