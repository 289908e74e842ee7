//! Measures the home price on the sales of a market, each predicted from earlier ones.
//!
//! `cargo run --release -p lintel-predict --example home_price FILE king-county|melbourne [SEED] [ORIGIN:END …]`
//!
//! For each `ORIGIN:END` a book learns from the sales up to the day ORIGIN and predicts those after it
//! up to END. Without any, rolling origins over the last months of the file. For `placeless:DRAW` (a number) it
//! learns from 2,051 sales drawn at random, without coordinates, and predicts 879 others.
#![allow(clippy::print_stdout, reason = "a measurement prints its result")]

use std::error::Error;
use std::fs::File;
use std::time::Instant;

use csv::StringRecord;
use flate2::read::GzDecoder;
use lintel_domain::clock::Day;
use lintel_domain::place::Point;
use lintel_domain::rng::Rng;
use lintel_domain::scalar::Scalar;
use lintel_predict::price::ratio::Trial;
use lintel_predict::price::{BookSale, Home, PriceBook, PriceOptions, RatioStudy};

type Failure = Box<dyn Error>;
/// Reads one sale, if its row tells of one.
type Reader = fn(&Row<'_>) -> Option<BookSale>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("FILE is missing")?;
    let market = arguments.next().ok_or("the market is missing: king-county or melbourne")?;
    let (read, usual): (Reader, &[&str]) = match market.as_str() {
        "king-county" => (
            king_county,
            &[
                "2014-10-31:2014-11-30",
                "2014-11-30:2014-12-31",
                "2014-12-31:2015-01-31",
                "2015-01-31:2015-02-28",
                "2014-09-30:2014-12-31",
                "2014-11-30:2015-02-28",
            ],
        ),
        "melbourne" => (melbourne, &["2017-06-30:2017-09-30", "2017-09-30:2017-12-31", "2017-12-31:2018-03-31"]),
        other => return Err(format!("{other} is not known here").into()),
    };
    let sales = sales(&path, read)?;
    let mut options = PriceOptions::default();
    options.boost.seed = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let mut spans: Vec<String> = arguments.collect();
    if spans.is_empty() {
        spans = usual.iter().map(|span| (*span).to_owned()).collect();
    }
    for span in spans {
        match span.split_once(':').ok_or("a span is ORIGIN:END")? {
            ("placeless", draw) => {
                let (train, test) = drawn(&sales, draw.parse()?);
                measure(&span, &train, &test, &options)?;
            }
            (origin, end) => {
                let (origin, end): (Day, Day) = (origin.parse()?, end.parse()?);
                let on = |sale: &BookSale| sale.day.unwrap_or(origin);
                let train: Vec<BookSale> = sales.iter().filter(|sale| on(sale) <= origin).cloned().collect();
                let later = sales.iter().filter(|sale| on(sale) > origin && on(sale) <= end);
                show_level(&measure(&span, &train, &later.cloned().collect::<Vec<_>>(), &options)?, origin);
            }
        }
    }
    Ok(())
}

/// As many sales as a small town has, drawn at random and without coordinates: to learn from, and to predict.
fn drawn(sales: &[BookSale], draw: u64) -> (Vec<BookSale>, Vec<BookSale>) {
    let mut drawn = sales.to_vec();
    Rng::new(draw).shuffle(&mut drawn);
    drawn.truncate(2_930);
    for sale in &mut drawn {
        sale.home.place = None;
    }
    let test = drawn.split_off(2_051.min(drawn.len()));
    (drawn, test)
}

fn measure(span: &str, train: &[BookSale], test: &[BookSale], options: &PriceOptions) -> Result<PriceBook, Failure> {
    let start = Instant::now();
    let book = PriceBook::learn(train, options)?.book;
    let learning = start.elapsed();
    let start = Instant::now();
    let trials = test
        .iter()
        .map(|sale| {
            let found = book.predict(&sale.home, sale.day)?;
            let intervals = Some([found.interval80, found.interval95]);
            Ok(Trial { price: sale.price, estimate: found.value, intervals })
        })
        .collect::<Result<Vec<Trial>, Failure>>()?;
    println!(
        "{span}: {} sales learnt in {learning:.1?}, {} predicted in {:.1?}",
        train.len(),
        test.len(),
        start.elapsed()
    );
    if let Some(study) = RatioStudy::of(&trials) {
        println!("  test  {}", line(&study));
    }
    println!("  own   {}  blend {}", line(book.study()), book.model().blend());
    Ok(book)
}

fn show_level(book: &PriceBook, origin: Day) {
    let level = |days: i32| book.model().level().at(Day(origin.0 + days));
    let at: Vec<String> = [-60, -30, 0, 30, 60, 90]
        .iter()
        .map(|days| {
            format!(
                "{:+.2}±{:.2}",
                100.0 * (level(*days).level - level(-90).level),
                100.0 * level(*days).variance.sqrt()
            )
        })
        .collect();
    println!("  level % from day -90, at -60 … 90: {}", at.join(" "));
}

fn line(s: &RatioStudy) -> String {
    let percent = |share: f64| format!("{:.2}", 100.0 * share);
    format!(
        "n {} MdAPE {} MAPE {} within10 {} within20 {} signed {} cover80 {} cover95 {} score {:.1} cod {:.2} prd {:.3} prb {:.3}",
        s.n,
        percent(s.median_ape),
        percent(s.mean_ape),
        percent(s.within_10),
        percent(s.within_20),
        percent(s.median_signed_error),
        percent(s.coverage_80.unwrap_or(f64::NAN)),
        percent(s.coverage_95.unwrap_or(f64::NAN)),
        s.interval_score_80.unwrap_or(f64::NAN),
        s.cod,
        s.prd,
        s.prb
    )
}

/// A row of a file by its header.
struct Row<'a> {
    header: &'a StringRecord,
    values: &'a StringRecord,
}

impl Row<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        let at = self.header.iter().position(|head| head == name)?;
        self.values.get(at).filter(|text| !text.is_empty())
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.text(name)?.parse().ok()
    }

    fn attributes(&self, numbers: &[&str], words: &[&str]) -> lintel_domain::scalar::Fields {
        let number = |name: &&str| Some(((*name).to_owned(), Scalar::Number(self.number(name)?)));
        let word = |name: &&str| Some(((*name).to_owned(), Scalar::Text(self.text(name)?.to_owned())));
        numbers.iter().filter_map(number).chain(words.iter().filter_map(word)).collect()
    }
}

fn sales(path: &str, read: Reader) -> Result<Vec<BookSale>, Failure> {
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(path)?));
    let header = reader.headers()?.clone();
    let mut sales = Vec::new();
    for (row, record) in reader.records().enumerate() {
        let record = record?;
        if let Some(mut sale) = read(&Row { header: &header, values: &record }) {
            if sale.key.is_empty() {
                sale.key = row.to_string();
            }
            sales.push(sale);
        }
    }
    Ok(sales)
}

fn king_county(row: &Row<'_>) -> Option<BookSale> {
    let date = row.text("date")?;
    let attributes = ["waterfront", "view", "condition", "grade", "sqft_above", "sqft_basement", "yr_renovated"];
    let around = ["sqft_living15", "sqft_lot15"];
    Some(BookSale {
        key: row.text("id")?.to_owned(),
        price: row.number("price")?,
        day: format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..8]).parse().ok(),
        home: Home {
            place: Point::new(row.number("lat")?, row.number("long")?),
            postal_code: row.text("zipcode").map(str::to_owned),
            living_area_sqft: row.number("sqft_living"),
            lot_size_sqft: row.number("sqft_lot"),
            bedrooms: row.number("bedrooms"),
            bathrooms: row.number("bathrooms"),
            year_built: row.number("yr_built").map(|year| year as i32),
            stories: row.number("floors"),
            attributes: row.attributes(&[attributes.as_slice(), around.as_slice()].concat(), &[]),
            ..Home::default()
        },
    })
}

fn melbourne(row: &Row<'_>) -> Option<BookSale> {
    let mut date = row.text("Date")?.split('/');
    let (day, month, year) = (date.next()?, date.next()?, date.next()?);
    let place = row.number("Lattitude").zip(row.number("Longtitude"));
    Some(BookSale {
        key: String::new(),
        price: row.number("Price")?,
        day: format!("{year}-{month:0>2}-{day:0>2}").parse().ok(),
        home: Home {
            place: place.and_then(|(latitude, longitude)| Point::new(latitude, longitude)),
            property_type: row.text("Type").map(str::to_owned),
            postal_code: row.text("Postcode").map(str::to_owned),
            city: row.text("Suburb").map(str::to_owned),
            living_area_sqft: row.number("BuildingArea"),
            lot_size_sqft: row.number("Landsize"),
            bedrooms: row.number("Bedroom2"),
            bathrooms: row.number("Bathroom"),
            garage_spaces: row.number("Car"),
            year_built: row.number("YearBuilt").map(|year| year as i32),
            attributes: row.attributes(
                &["Rooms", "Distance", "Propertycount"],
                &["Method", "SellerG", "CouncilArea", "Regionname"],
            ),
            ..Home::default()
        },
    })
}
