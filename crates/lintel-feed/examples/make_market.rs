//! Writes made-up sales as CSV to standard output, a fresh key in each row, to measure reading with:
//! `cargo run --release -p lintel-feed --example make_market -- ROWS > FILE`; with `count` after ROWS it only draws them.
#![expect(clippy::print_stderr, reason = "a program for the terminal")]

use std::io::{BufWriter, Write};
use std::time::Instant;

use lintel_feed::synthetic::{Synthetic, SyntheticOptions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let rows: u64 = arguments.next().ok_or("usage: make_market ROWS [count]")?.parse()?;
    let only_count = arguments.next().is_some_and(|a| a == "count");
    let market = Synthetic::new(SyntheticOptions {
        listings: rows,
        sales: rows,
        leads: rows / 10,
        days: 365,
        seed: 1,
        market: "demo".parse()?,
        until: "2026-06-30T00:00:00Z".parse()?,
    });
    let started = Instant::now();
    if only_count {
        let listings = market.listings().count();
        eprintln!("{listings} listings in {:.2} s", started.elapsed().as_secs_f64());
        let started = Instant::now();
        let (leads, done) = (market.leads().count(), market.interactions().count());
        eprintln!("{leads} leads, {done} interactions in {:.2} s", started.elapsed().as_secs_f64());
        return Ok(());
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    writeln!(
        out,
        "listing_key,close_date,close_price,list_price,property_type,bedrooms,bathrooms,living_area_sqft,lot_size_sqft,year_built,stories,\
         garage_spaces,latitude,longitude,address.line,address.city,address.postal_code,remarks,neighborhood"
    )?;
    for home in market.sales().map(|record| record.facts) {
        let number = |value: Option<f64>| value.map(|v| v.to_string()).unwrap_or_default();
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        writeln!(
            out,
            "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},\"{}\",{}",
            home.listing_key,
            home.close_date.map(|d| d.to_string()).unwrap_or_default(),
            home.close_price.map(|m| m.to_string()).unwrap_or_default(),
            home.list_price.map(|m| m.to_string()).unwrap_or_default(),
            text(&home.property_type),
            number(home.bedrooms),
            number(home.bathrooms),
            number(home.living_area_sqft),
            number(home.lot_size_sqft),
            home.year_built.unwrap_or_default(),
            number(home.stories),
            number(home.garage_spaces),
            number(home.place.map(|p| p.latitude)),
            number(home.place.map(|p| p.longitude)),
            text(&home.address.line),
            text(&home.address.city),
            text(&home.address.postal_code),
            text(&home.remarks),
            home.attributes.get("neighborhood").and_then(|n| n.text()).unwrap_or_default(),
        )?;
    }
    out.flush()?;
    Ok(())
}
