//! The best listings of a part for somebody: exact, but looking closely only at listings that can be among them.

use lintel_domain::{clock::Day, id::ListingId, liking::Likings, money::Currency, preference::Preferences};

use super::{
    Match, Matches, Wishes,
    columns::Columns,
    score::{bargain, freshness},
    wishes::{FRESHNESS, GAP, MATCHING},
};
use crate::{Part, Sort, SortKey, column::Bits, plan::Conditions, rank::First};

/// Best first.
const BEST: Sort = Sort { key: SortKey::Fit, descending: true };
/// Sums in another order differ by rounding: a bound is taken this much higher.
const ROUNDING: f64 = 1e-12;
/// With fewer perfect listings than this each is looked at, else the newest first.
const FEW: usize = 2048;

impl Part {
    /// The best `k` of the listings that meet the hard wishes, with reasons: the exact best, ties by id. Only `active` and
    /// `coming_soon` listings count. Crossed bounds match nothing. Reasons tell prices in US dollars.
    pub fn match_top(&self, preferences: &Preferences, k: usize, today: Day) -> Matches {
        self.match_liked(preferences, &Likings::default(), k, today, Currency::USD)
    }

    /// As [`Part::match_top`], with what is liked beside what is stated, and prices in `currency`.
    pub fn match_liked(
        &self,
        preferences: &Preferences,
        likings: &Likings,
        k: usize,
        today: Day,
        currency: Currency,
    ) -> Matches {
        let wishes = Wishes::with_likings(preferences, likings);
        let mut first = First::new(k, None);
        let mut considered = 0;
        let mut pieces = Vec::new();
        if !wishes.impossible {
            let conditions = wishes.must(|name| self.kinds.number(name), today);
            for (number, piece) in (0u32..).zip(&self.pieces) {
                let columns = Columns::new(&wishes, piece, today).with_types(&self.kinds);
                let hard = columns.hard(&conditions);
                considered += hard.count() as u64;
                pieces.push((number, columns, hard));
            }
        }
        for (number, columns, hard) in &mut pieces {
            let perfect = columns.perfect(hard);
            columns.offer_perfect(*number, &perfect, &mut first);
            hard.and_not(&perfect);
        }
        for (number, columns, imperfect) in &mut pieces {
            columns.offer_imperfect(*number, imperfect, &mut first);
        }
        let matches = first.into_sorted().into_iter().map(|((_, id), (piece, slot))| {
            let columns = &pieces[piece as usize].1;
            let kind = columns.piece.segment.group(slot as usize).kind;
            let name = (kind != 0).then(|| self.kinds.names[kind as usize].as_str());
            Match {
                id: ListingId(id),
                fit: wishes.explain(
                    &columns.values(slot as usize),
                    columns.having(slot as usize),
                    name,
                    today,
                    currency,
                ),
            }
        });
        Matches { matches: matches.collect(), considered }
    }
}

impl Columns<'_> {
    /// The listings that meet the conditions of [`Wishes::must`] and have the keywords that they must have.
    pub(crate) fn hard(&self, conditions: &Conditions) -> Bits {
        let mut hard = conditions.select(&self.piece.segment, self.piece.live());
        if self.wishes.keywords_hard {
            self.keywords.iter().for_each(|has| hard.and(has));
        }
        hard
    }

    /// The listings of `hard` that meet every soft wish too.
    fn perfect(&self, hard: &Bits) -> Bits {
        let segment = &self.piece.segment;
        let mut perfect = hard.clone();
        let soft = |at: usize| self.wishes.bounds[at].filter(|bound| !bound.hard);
        if let Some(bound) = soft(0) {
            // Bounds come from whole hundredths or are infinite, and casting saturates.
            let (least, most) = (bound.least as i64, bound.most as i64);
            for group in &segment.groups {
                let within = segment.between(group, least.max(i64::MIN + 1), most);
                perfect.clear_range(group.from as usize, within.start);
                perfect.clear_range(within.end, group.to as usize);
            }
        }
        let reals = [&segment.bedrooms, &segment.bathrooms, &segment.living, &segment.lot];
        for (at, column) in reals.into_iter().enumerate() {
            if let Some(bound) = soft(at + 1) {
                column.keep(&mut perfect, bound.least, bound.most);
            }
        }
        if let Some(bound) = soft(5) {
            let (least, most) = ((bound.least as i32).max(i32::MIN + 1), bound.most as i32);
            crate::column::mask::keep(&mut perfect, &segment.year, |year| year >= least && year <= most);
        }
        if !self.wishes.keywords_hard {
            self.keywords.iter().for_each(|has| perfect.and(has));
        }
        perfect
    }

    /// Offers the listings that meet everything. What still sets them apart is how new they are and their estimate: the
    /// newest come first, until none that follows can be good enough.
    fn offer_perfect(&self, number: u32, perfect: &Bits, first: &mut First) {
        let count = perfect.count();
        let ids = &self.piece.segment.ids;
        let offer = |slot: usize, first: &mut First| {
            first.offer(BEST.real(self.fit(slot)), || ids[slot], (number, slot as u32));
        };
        if count <= FEW {
            perfect.each(|slot| offer(slot, first));
            return;
        }
        let weights = &self.wishes.weights;
        let rest = 1.0 - weights[FRESHNESS] - weights[GAP] + self.best_bargain();
        // What every one of them has: the parts before these two, in the order in which a fit is summed.
        let same = weights[..FRESHNESS].iter().sum::<f64>();
        let is_plain = self.wishes.likings.is_empty();
        let segment = &self.piece.segment;
        for run in segment.runs(u16::MAX) {
            let mut left = perfect.count_range(run.start, run.end);
            for listed in segment.days_of(&run) {
                let fresh = weights[FRESHNESS] * freshness(listed.day, self.today);
                if left == 0 || first.is_full() && BEST.real(rest + fresh + ROUNDING) > first.last_rank() {
                    break;
                }
                let newest = segment.by_newest[listed.from as usize..listed.to as usize].iter();
                for slot in newest.map(|slot| *slot as usize).filter(|slot| perfect.get(*slot)) {
                    let fit = if is_plain {
                        same + fresh + weights[GAP] * bargain(self.piece.gap(slot))
                    } else {
                        self.fit(slot)
                    };
                    first.offer(BEST.real(fit), || segment.ids[slot], (number, slot as u32));
                    left -= 1;
                }
            }
        }
    }

    /// Offers the listings that miss a wish, unless none of them can be good enough. Those with the right price come
    /// first, then cheaper and dearer ones outwards.
    fn offer_imperfect(&mut self, number: u32, imperfect: &Bits, first: &mut First) {
        let wishes = self.wishes;
        let best = 1.0 - wishes.weights[GAP] + self.best_bargain() + ROUNDING;
        let hopeless = |bound: f64, first: &First| first.is_full() && BEST.real(bound) > first.last_rank();
        if hopeless(best - wishes.least_miss(), first) {
            return;
        }
        self.count_keywords();
        let segment = &*self.piece.segment;
        let offer = |slots: std::ops::Range<usize>, first: &mut First| {
            for slot in imperfect.iter_range(slots.start, slots.end) {
                first.offer(BEST.real(self.fit(slot)), || segment.ids[slot], (number, slot as u32));
            }
        };
        let Some(price) = wishes.bounds[0].filter(|bound| !bound.hard) else {
            offer(0..segment.len(), first);
            return;
        };
        let bound_at = |slot: usize| {
            let share = price.share(super::score::amount(segment.price[slot]));
            best - wishes.weights[0] * (1.0 - share)
        };
        // Blocks keep the bound's cost small beside that of the listings.
        const BLOCK: usize = 64;
        for group in segment.groups.iter().filter(|group| MATCHING.contains(&group.status)) {
            let within = segment.between(group, (price.least as i64).max(i64::MIN + 1), price.most as i64);
            offer(within.clone(), first);
            let mut to = within.start;
            while to > group.from as usize && !hopeless(bound_at(to - 1), first) {
                let from = to.saturating_sub(BLOCK).max(group.from as usize);
                offer(from..to, first);
                to = from;
            }
            let priced = group.priced as usize;
            let mut from = within.end;
            while from < priced && !hopeless(bound_at(from), first) {
                let to = (from + BLOCK).min(priced);
                offer(from..to, first);
                from = to;
            }
            if priced < group.to as usize && !hopeless(bound_at(priced), first) {
                offer(priced..group.to as usize, first);
            }
        }
    }

    /// The most that an estimate can add in this piece.
    fn best_bargain(&self) -> f64 {
        let known = !self.piece.estimates.is_empty();
        self.wishes.weights[GAP] * if known { bargain(f64::INFINITY) } else { 0.0 }
    }
}
