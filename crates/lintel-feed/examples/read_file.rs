//! Reads a file as an import would, without storing it, and says how it went and how fast:
//! `cargo run --release -p lintel-feed --example read_file -- KIND FILE [MAPPING]`.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use std::path::Path;
use std::time::Instant;

use lintel_domain::import::ImportKind;
use lintel_feed::mapping::{Confidence, Mapping};
use lintel_feed::table::Source;
use lintel_feed::{Import, ImportOptions};

const SHOWN: usize = 120;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, file, mapping @ ..] = arguments.as_slice() else {
        return Err("usage: read_file listings|sales|leads|interactions|series FILE [MAPPING]".into());
    };
    let kind = ImportKind::parse(kind).ok_or("unknown kind of file")?;
    let mapping = mapping.first().map(std::fs::read_to_string).transpose()?;
    let mapping = mapping.as_deref().map(Mapping::parse).transpose()?;
    let options = ImportOptions { accept: Confidence::Likely, ..ImportOptions::default() };
    let started = Instant::now();
    let mut import = Import::open(Source::open(Path::new(file))?, kind, mapping.as_ref(), &options)?;
    for (field, column) in import.plan().columns() {
        println!("{field} = {column}");
    }
    for note in import.plan().notes() {
        println!("{}: {}: {}", note.code, note.column, note.detail);
    }
    let (mut records, mut rejected, mut bytes) = (0, 0, 0);
    while let Some(batch) = import.next_batch()? {
        records += batch.records.len();
        for row in &batch.rejected {
            rejected += 1;
            for fault in row.faults.iter().filter(|_| rejected <= SHOWN) {
                println!(
                    "line {} (row {}): {}: {}",
                    row.line,
                    row.number,
                    fault.column.as_deref().unwrap_or("-"),
                    fault.reason
                );
            }
        }
        bytes = batch.position.offset;
    }
    let seconds = started.elapsed().as_secs_f64();
    let rate = (records + rejected) as f64 / seconds;
    println!(
        "{records} records, {rejected} rejected, {bytes} bytes in {seconds:.3} s: {rate:.0} rows/s, {:.1} MB/s",
        bytes as f64 / seconds / 1e6
    );
    Ok(())
}
