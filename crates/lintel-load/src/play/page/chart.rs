//! Curves over seconds as SVG: plain lines, a few ticks, a legend; colours come from the page's style.

use std::fmt::Write as _;

use super::escape;
use crate::play::table::number;

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 220.0;
/// Room for the numbers at the left and below, and a little above and at the right.
const LEFT: f64 = 54.0;
const BELOW: f64 = 24.0;
const ABOVE: f64 = 20.0;
const RIGHT: f64 = 10.0;

/// Marks closer than this to the one before have no name.
const NAME_ROOM: f64 = 110.0;

/// How numbers are spread from the bottom to the top.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scale {
    /// From 0, evenly.
    Linear,
    /// Each power of ten as high as the others.
    Logarithmic,
}

/// One curve: its name and its value at each second; nothing where there is none.
pub(super) struct Curve<'a> {
    pub(super) name: &'a str,
    pub(super) values: Vec<Option<f64>>,
}

/// A figure with its caption, curves (four at most) and legend; marks are seconds at which something with a name begins.
pub(super) fn figure(caption: &str, scale: Scale, curves: &[Curve<'_>], marks: &[(usize, String)]) -> String {
    let caption = escape(caption);
    let seconds = curves.iter().map(|curve| curve.values.len()).max().unwrap_or_default();
    let values = || curves.iter().flat_map(|curve| &curve.values).filter_map(|value| *value);
    let axis = Axis::over(values(), scale);
    let x = |second: usize| LEFT + (WIDTH - LEFT - RIGHT) * second as f64 / seconds.saturating_sub(1).max(1) as f64;
    let mut svg = String::new();
    for tick in axis.ticks() {
        let y = axis.y(tick);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            y + 4.0,
            tick_text(tick),
        );
    }
    let mut named = f64::NEG_INFINITY;
    for (second, name) in marks {
        let at = x(*second);
        let _ = write!(
            svg,
            "<line class=\"mark\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{ABOVE}\" y2=\"{:.1}\"/>",
            HEIGHT - BELOW
        );
        if at - named >= NAME_ROOM && at < WIDTH - NAME_ROOM / 2.0 {
            let _ = write!(svg, "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>", at + 3.0, ABOVE - 5.0, escape(name));
            named = at;
        }
    }
    for (share, anchor) in [(0.0, "start"), (0.5, "middle"), (1.0, "end")] {
        let second = (seconds.saturating_sub(1) as f64 * share) as usize;
        let (at, below) = (x(second), HEIGHT - 6.0);
        let _ = write!(svg, "<text x=\"{at:.1}\" y=\"{below}\" text-anchor=\"{anchor}\">{second} s</text>");
    }
    for (nth, curve) in curves.iter().enumerate() {
        let path = path(&curve.values, x, |value| axis.y(value));
        let _ = write!(svg, "<path class=\"curve c{}\" d=\"{path}\"/>", nth + 1);
    }
    let legend = curves.iter().enumerate().fold(String::new(), |mut legend, (nth, curve)| {
        let _ = write!(
            legend,
            "<li><svg viewBox=\"0 0 28 8\" aria-hidden=\"true\"><path class=\"curve c{}\" d=\"M0 4H28\"/></svg> {}</li>",
            nth + 1,
            escape(curve.name)
        );
        legend
    });
    format!(
        "<figure><figcaption>{caption}</figcaption>\
         <svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{caption}, over {seconds} seconds\">{svg}</svg>\
         <ul class=\"legend\">{legend}</ul></figure>\n"
    )
}

/// A path through the values that are there, with gaps where there are none.
fn path(values: &[Option<f64>], x: impl Fn(usize) -> f64, y: impl Fn(f64) -> f64) -> String {
    let mut path = String::new();
    let mut is_drawing = false;
    for (second, value) in values.iter().enumerate() {
        if let Some(value) = value {
            let step = if is_drawing { 'L' } else { 'M' };
            let _ = write!(path, "{step}{:.1} {:.1}", x(second), y(*value));
        }
        is_drawing = value.is_some();
    }
    path
}

struct Axis {
    low: f64,
    high: f64,
    scale: Scale,
}

impl Axis {
    fn over(values: impl Iterator<Item = f64> + Clone, scale: Scale) -> Self {
        let most = values.clone().fold(0.0, f64::max);
        match scale {
            Scale::Linear => Self { low: 0.0, high: step_of(most) * (most / step_of(most)).ceil().max(1.0), scale },
            Scale::Logarithmic => {
                let least = values.filter(|value| *value > 0.0).fold(f64::INFINITY, f64::min);
                let low = if least.is_finite() { 10_f64.powf(least.log10().floor()) } else { 0.1 };
                Self { low, high: 10_f64.powf(most.max(low).log10().ceil()).max(low * 10.0), scale }
            }
        }
    }

    fn ticks(&self) -> Vec<f64> {
        match self.scale {
            Scale::Linear => {
                let step = step_of(self.high);
                let count = (self.high / step).round() as u32;
                (0..=count).map(|nth| f64::from(nth) * step).collect()
            }
            Scale::Logarithmic => {
                let powers = std::iter::successors(Some(self.low), |tick| Some(tick * 10.0));
                powers.take_while(|tick| *tick <= self.high * 1.0001).collect()
            }
        }
    }

    fn y(&self, value: f64) -> f64 {
        let share = match self.scale {
            Scale::Linear => value / self.high,
            Scale::Logarithmic => (value.max(self.low) / self.low).log10() / (self.high / self.low).log10(),
        };
        ABOVE + (HEIGHT - ABOVE - BELOW) * (1.0 - share.clamp(0.0, 1.0))
    }
}

/// 1, 2 or 5 times a power of ten, so that about four steps reach the most.
fn step_of(most: f64) -> f64 {
    let rough = (most / 4.0).max(f64::MIN_POSITIVE);
    if most <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|step| *step >= rough).unwrap_or(rough)
}

/// A tick without needless zeros behind the point.
fn tick_text(tick: f64) -> String {
    let text = number(tick);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::{Axis, Curve, Scale, figure, path, step_of, tick_text};

    #[test]
    fn steps_between_ticks_are_round_and_reach_the_most() {
        assert_eq!([7.0, 100.0, 1300.0, 0.0].map(step_of), [2.0, 50.0, 500.0, 1.0]);
        let axis = Axis::over([3.0, 7.0].into_iter(), Scale::Linear);
        assert_eq!(axis.ticks(), [0.0, 2.0, 4.0, 6.0, 8.0]);
        assert_eq!(["0", "2", "0.5", "100"], [0.0, 2.0, 0.5, 100.0].map(tick_text).each_ref().map(String::as_str));
    }

    #[test]
    fn a_logarithmic_axis_has_whole_powers_of_ten_and_keeps_order() {
        let axis = Axis::over([0.4, 30.0].into_iter(), Scale::Logarithmic);
        let ticks = axis.ticks();
        assert_eq!(ticks.len(), 4, "{ticks:?}");
        assert!(axis.y(0.4) > axis.y(3.0) && axis.y(3.0) > axis.y(30.0));
        assert!(axis.y(0.0).is_finite());
    }

    #[test]
    fn a_second_without_a_value_is_a_gap() {
        let drawn = path(&[Some(1.0), Some(2.0), None, Some(3.0)], |second| second as f64, |value| value);
        assert_eq!(drawn, "M0.0 1.0L1.0 2.0M3.0 3.0");
    }

    #[test]
    fn nothing_to_draw_is_an_empty_chart_of_finite_numbers() {
        for scale in [Scale::Linear, Scale::Logarithmic] {
            let drawn = figure("nothing", scale, &[Curve { name: "none", values: Vec::new() }], &[]);
            assert!(drawn.contains("<svg") && !drawn.contains("NaN") && !drawn.contains("inf"), "{drawn}");
        }
    }
}
