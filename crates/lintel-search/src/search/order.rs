//! Offering a result's rows in the order asked for, looking at as few of them as the order allows.

use lintel_domain::place::{Near, Point};

use crate::{
    Error, Part, Query, Sort, SortKey,
    column::{Bits, Real},
    fit::{Wishes, columns::Columns},
    part::Piece,
    place::Area,
    plan::Conditions,
    rank::First,
    segment::{Group, NO_DAY, NONE, Segment},
    text::Word,
};

/// From this radius on, all that is left is looked at.
const FARTHEST_M: f64 = 100_000.0;

/// What an order needs besides the columns.
pub(crate) struct Order<'a> {
    sort: Sort,
    query: &'a Query<'a>,
    /// Where distances begin.
    origin: Option<Point>,
    /// What fit is measured against, and the hard wishes as conditions of any status.
    wishes: Option<(Wishes, Conditions)>,
    /// The statuses of the result, one bit each.
    statuses: u16,
    /// What relevance is measured by.
    words: &'a [Word],
}

impl<'a> Order<'a> {
    pub(crate) fn new(part: &Part, query: &'a Query<'a>, conditions: &'a Conditions) -> Result<Self, Error> {
        let sort = query.sort;
        let origin = query.origin.or_else(|| query.filter.near.map(|near| near.centre()));
        let wishes = query.preferences.filter(|_| sort.key == SortKey::Fit).map(|preferences| {
            let wishes = Wishes::new(preferences);
            let mut hard = wishes.must(|name| part.kinds.number(name), query.today);
            hard.statuses = if wishes.impossible { 0 } else { u16::MAX };
            (wishes, hard)
        });
        let needs = match sort.key {
            SortKey::Fit if wishes.is_none() => "preferences",
            SortKey::Distance if origin.is_none() => "a point",
            _ => "",
        };
        if !needs.is_empty() {
            let sort = sort.key.as_str();
            return Err(Error::SortNeeds { sort, needs });
        }
        Ok(Self { sort, query, origin, wishes, statuses: conditions.statuses, words: &conditions.words })
    }

    /// Offers the slots of `bits`, which are `count`.
    pub(crate) fn offer(&self, number: u32, piece: &Piece, bits: &Bits, count: usize, first: &mut First) {
        let (sort, segment) = (self.sort, &*piece.segment);
        let int = |value: i64| if value == NONE { u64::MAX } else { sort.int(value) };
        let day = |value: i32| if value == NO_DAY { u64::MAX } else { sort.int(i64::from(value)) };
        let rows = Rows { number, segment, bits };
        match sort.key {
            SortKey::Newest if self.walks(segment, count) => self.newest(&rows, first),
            SortKey::Newest => rows.each(first, |slot| int(segment.listed[slot])),
            SortKey::Price => self.price(&rows, first),
            SortKey::Bedrooms => rows.reals(first, sort, &segment.bedrooms),
            SortKey::Bathrooms => rows.reals(first, sort, &segment.bathrooms),
            SortKey::LivingAreaSqft => rows.reals(first, sort, &segment.living),
            SortKey::LotSizeSqft => rows.reals(first, sort, &segment.lot),
            SortKey::YearBuilt => rows.each(first, |slot| day(segment.year[slot])),
            SortKey::DaysOnMarket => rows.each(first, |slot| day(segment.days_on_market(slot, self.query.today))),
            SortKey::EstimateGap => rows.each(first, |slot| sort.real(piece.gap(slot))),
            SortKey::Distance => {
                if let Some(origin) = self.origin {
                    self.distance(&rows, origin, first);
                }
            }
            SortKey::Relevance => {
                let worth = self.worth(segment);
                rows.each(first, |slot| match worth.get(slot) {
                    Some(worth) => sort.int(i64::from(*worth)),
                    None => u64::MAX,
                });
            }
            SortKey::Fit => {
                if let Some((wishes, hard)) = &self.wishes {
                    let mut columns = Columns::new(wishes, piece, self.query.today);
                    columns.count_keywords();
                    // What fails a hard wish comes last.
                    let mut fitting = columns.hard(hard);
                    fitting.and(bits);
                    rows.some(&fitting, first, |slot| sort.real(columns.fit(slot)));
                    let mut failing = bits.clone();
                    failing.and_not(&fitting);
                    rows.some(&failing, first, |_| u64::MAX);
                }
            }
        }
    }

    /// Whether the page is found sooner by going through all listings of its statuses, newest first, than through all of the result.
    fn walks(&self, segment: &Segment, count: usize) -> bool {
        let among: usize = segment.runs(self.statuses).map(|run| run.len()).sum();
        let steps = (self.query.limit + 1).saturating_mul(among) / count.max(1);
        self.sort.descending && steps.saturating_mul(2) < count
    }

    fn newest(&self, rows: &Rows<'_>, first: &mut First) {
        let segment = rows.segment;
        let rank = |slot: usize| match segment.listed[slot] {
            NONE => u64::MAX,
            listed => self.sort.int(listed),
        };
        for run in segment.runs(self.statuses) {
            let newest = &segment.by_newest[run];
            let skipped = first.after().map_or(0, |after| {
                newest.partition_point(|slot| (rank(*slot as usize), segment.ids[*slot as usize]) <= after)
            });
            for slot in newest[skipped..].iter().map(|slot| *slot as usize) {
                if rows.bits.get(slot) && !rows.offer(first, rank(slot), slot) {
                    break;
                }
            }
        }
    }

    /// Nearest first, circles around the point are searched, each three times as wide as the one before, until the last row
    /// of the page lies within: what is outside is farther.
    fn distance(&self, rows: &Rows<'_>, origin: Point, first: &mut First) {
        let segment = rows.segment;
        let rank = |slot: usize| match segment.point(slot) {
            Some(point) => self.sort.real(origin.distance_m(point)),
            None => u64::MAX,
        };
        if self.sort.descending {
            rows.each(first, rank);
            return;
        }
        let mut radius_m = 300.0;
        if let Some((after, _)) = first.after().filter(|(after, _)| *after != u64::MAX) {
            radius_m += self.sort.number(after) * 1.1;
        }
        let mut left = rows.bits.clone();
        while radius_m < FARTHEST_M {
            let circle = Area::circle(Near { latitude: origin.latitude, longitude: origin.longitude, radius_m });
            let mut inside = Bits::new(segment.len());
            circle.or_into(self.statuses, segment.places(), &mut inside);
            inside.and(&left);
            left.and_not(&inside);
            rows.some(&inside, first, rank);
            if first.is_full() && first.last_rank() <= self.sort.real(radius_m) {
                return;
            }
            radius_m *= 3.0;
        }
        rows.some(&left, first, rank);
    }

    /// Slots ascend by price within a group, and by id among equal prices, so only the front of each group is looked at.
    fn price(&self, rows: &Rows<'_>, first: &mut First) {
        for group in &rows.segment.groups {
            if self.sort.descending {
                self.dearest(rows, group, first);
            } else {
                self.cheapest(rows, group, first);
            }
            // Unknown prices come last, in the order of their ids.
            rows.run(first, u64::MAX, group.priced as usize..group.to as usize);
        }
    }

    fn cheapest(&self, rows: &Rows<'_>, group: &Group, first: &mut First) {
        let priced = group.priced();
        let prices = &rows.segment.price[priced.clone()];
        let skipped =
            first.after().map_or(0, |(after, _)| prices.partition_point(|price| self.sort.int(*price) < after));
        for slot in rows.bits.iter_range(priced.start + skipped, priced.end) {
            if !rows.offer(first, self.sort.int(rows.segment.price[slot]), slot) {
                return;
            }
        }
    }

    fn dearest(&self, rows: &Rows<'_>, group: &Group, first: &mut First) {
        let priced = group.priced();
        let prices = &rows.segment.price[priced.clone()];
        let mut to = first.after().map_or(priced.end, |(after, _)| {
            // Dearer ones have lesser ranks and were on an earlier page.
            priced.start + prices.partition_point(|price| self.sort.int(*price) >= after)
        });
        while let Some(slot) = rows.bits.last_before(to).filter(|slot| *slot >= priced.start) {
            let price = rows.segment.price[slot];
            let rank = self.sort.int(price);
            if first.is_beyond(rank) {
                return;
            }
            to = priced.start + prices.partition_point(|other| *other < price);
            rows.run(first, rank, to..slot + 1);
        }
    }

    /// What the words are worth in each slot; nothing when there are none.
    fn worth(&self, segment: &Segment) -> Vec<u8> {
        let mut all = match self.words {
            [] => Vec::new(),
            _ => vec![0u8; segment.len()],
        };
        let mut of_word = all.clone();
        for word in self.words {
            of_word.fill(0);
            word.raise(&segment.text, &mut of_word);
            for (all, worth) in all.iter_mut().zip(&of_word) {
                *all += worth;
            }
        }
        all
    }
}

/// A result in one piece.
struct Rows<'a> {
    number: u32,
    segment: &'a Segment,
    bits: &'a Bits,
}

impl Rows<'_> {
    /// Offers every row.
    fn each(&self, first: &mut First, rank: impl Fn(usize) -> u64) {
        self.some(self.bits, first, rank);
    }

    /// Offers the rows of `bits`.
    fn some(&self, bits: &Bits, first: &mut First, rank: impl Fn(usize) -> u64) {
        bits.each(|slot| first.offer(rank(slot), || self.segment.ids[slot], (self.number, slot as u32)));
    }

    /// Offers every row by a column of numbers.
    fn reals(&self, first: &mut First, sort: Sort, column: &Real) {
        match column {
            Real::Quarters(_) => self.each(first, |slot| sort.real(column.get(slot))),
            Real::Single(values) => self.each(first, |slot| sort.real(f64::from(values[slot]))),
            Real::Double(values) => self.each(first, |slot| sort.real(values[slot])),
        }
    }

    /// Offers rows of one rank, whose ids ascend.
    fn run(&self, first: &mut First, rank: u64, slots: std::ops::Range<usize>) {
        for slot in self.bits.iter_range(slots.start, slots.end) {
            if !self.offer(first, rank, slot) {
                return;
            }
        }
    }

    /// Offers a row; `false` when it and all later ones come too late.
    fn offer(&self, first: &mut First, rank: u64, slot: usize) -> bool {
        let id = self.segment.ids[slot];
        if first.is_past((rank, id)) {
            return false;
        }
        first.offer(rank, || id, (self.number, slot as u32));
        true
    }
}
