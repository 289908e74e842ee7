//! How pages feel to the people who use them: the web vitals that browsers tell of, page by page.

use std::{collections::BTreeMap, time::Duration};

use parking_lot::Mutex;

use super::histogram::Histogram;

/// The most pages that are told apart; a page that comes later is not counted.
const MOST_PAGES: usize = 64;
/// The share of views that a page's figure is not worse for, as web vitals are judged by.
const SHARE: f64 = 0.75;
/// Layout shift has no unit and is far below the 67 s that a histogram of microseconds ends at.
const SHIFT_MICROS: f64 = 1e6;

/// A web vital.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vital {
    /// Largest Contentful Paint, ms.
    Lcp,
    /// Interaction to Next Paint, ms.
    Inp,
    /// Cumulative Layout Shift, a plain number.
    Cls,
}

/// What was told of every page since the start.
#[derive(Default)]
pub(super) struct Pages(Mutex<BTreeMap<String, Page>>);

#[derive(Default)]
struct Page {
    lcp: Histogram,
    inp: Histogram,
    cls: Histogram,
}

/// A page as its users feel it: of three views in four nothing is worse.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PageFelt {
    pub(crate) page: String,
    /// Views that told of a paint.
    pub(crate) views: u64,
    pub(crate) lcp_ms: Option<f64>,
    pub(crate) inp_ms: Option<f64>,
    pub(crate) cls: Option<f64>,
}

impl Pages {
    /// Counts a value that a browser tells of.
    pub(super) fn observe(&self, page: &str, vital: Vital, value: f64) {
        let mut pages = self.0.lock();
        if !pages.contains_key(page) {
            if pages.len() == MOST_PAGES {
                return;
            }
            pages.insert(page.to_owned(), Page::default());
        }
        let Some(page) = pages.get(page) else { return };
        let (histogram, micros) = match vital {
            Vital::Lcp => (&page.lcp, value * 1e3),
            Vital::Inp => (&page.inp, value * 1e3),
            Vital::Cls => (&page.cls, value * SHIFT_MICROS),
        };
        histogram.observe(Duration::from_micros(micros as u64));
    }

    /// Every page, by its name.
    pub(super) fn felt(&self) -> Vec<PageFelt> {
        let told = |(name, page): (&String, &Page)| {
            let lcp = page.lcp.counts();
            let millis = |histogram: &Histogram| histogram.counts().quantile(SHARE);
            PageFelt {
                page: name.clone(),
                views: lcp.total(),
                lcp_ms: lcp.quantile(SHARE),
                inp_ms: millis(&page.inp),
                cls: millis(&page.cls).map(|millis| if millis < 0.001 { 0.0 } else { millis * 1e3 / SHIFT_MICROS }),
            }
        };
        self.0.lock().iter().map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_as_three_views_in_four_are() {
        let pages = Pages::default();
        for lcp in [100.0, 200.0, 300.0, 4000.0] {
            pages.observe("/", Vital::Lcp, lcp);
        }
        pages.observe("/", Vital::Cls, 0.0);
        pages.observe("/homes", Vital::Cls, 0.1);
        let [inbox, homes] = pages.felt().try_into().unwrap();
        assert_eq!((inbox.views, inbox.inp_ms, inbox.cls), (4, None, Some(0.0)));
        assert!((inbox.lcp_ms.unwrap() - 300.0).abs() < 300.0 / 32.0 + 0.5, "{inbox:?}");
        assert!((homes.cls.unwrap() - 0.1).abs() < 0.1 / 32.0 + 1e-6, "{homes:?}");
    }

    #[test]
    fn so_many_pages_are_told_apart_and_no_more() {
        let pages = Pages::default();
        for page in 0..2 * MOST_PAGES {
            pages.observe(&page.to_string(), Vital::Lcp, 1.0);
        }
        assert_eq!(pages.felt().len(), MOST_PAGES);
    }
}
