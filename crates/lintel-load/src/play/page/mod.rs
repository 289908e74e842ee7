//! The report as one page that needs nothing else: no script, no font, no picture from anywhere.

mod chart;

use std::fmt::Write as _;

use super::baseline::Comparison;
use super::report::{Outcome, Played, Report, Verdict};
use super::table::number;
use crate::timeline::Second;
use chart::{Curve, Scale, figure};

const STYLE: &str = include_str!("style.css");

/// The page of a report, and of the comparison with a baseline when there is one.
pub fn of(report: &Report, comparison: Option<&Comparison>) -> String {
    let holds = report.holds() && !comparison.is_some_and(Comparison::is_worse);
    let (class, words) = if holds { ("met", "Every line was kept") } else { ("missed", "Not every line was kept") };
    let name = escape(&report.scenario);
    let shortened =
        if report.is_shortened { "<p class=\"unknown\">Shortened: its figures say little.</p>\n" } else { "" };
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Load: {name}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>Load: {name}</h1>\n<p>{}</p>\n<p class=\"verdict {class}\">{words}</p>\n{shortened}",
        escape(&report.about)
    );
    page.push_str(&facts(report));
    page.push_str("<h2>Second by second</h2>\n");
    page.push_str(&charts(report));
    page.push_str("<h2>Verdicts</h2>\n");
    page.push_str(&verdicts(&report.verdicts));
    if let Some(overload) = &report.overload {
        let known = if overload.is_broken { "" } else { " or more" };
        let _ = write!(
            page,
            "<h2>Ramp and overload</h2>\n<p>Capacity: {} a second{known}, answered within a second.</p>\n",
            number(overload.capacity_per_second)
        );
        let steps = overload.steps.iter().chain([&overload.over, &overload.after]);
        page.push_str(&table(
            "<th>Step</th><th>Sent/s</th><th>Good/s</th><th>p50 ms</th><th>p99 ms</th><th>Failed</th><th>Turned away</th><th>Late ms</th>",
            &steps.map(step_row).collect::<String>(),
        ));
    }
    for phase in &report.phases {
        page.push_str(&phase_section(phase));
    }
    if let Some(comparison) = comparison {
        page.push_str(&comparison_section(comparison));
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn facts(report: &Report) -> String {
    let (machine, server) = (&report.machine, &report.server);
    let known = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_owned());
    let memory = report.memory.as_ref().map_or_else(
        || "unknown".to_owned(),
        |memory| format!("{:.0} MiB at the begin, {:.0} MiB at the end", memory.begin_mib, memory.end_mib),
    );
    let entries = [
        ("Began", report.began_at.to_string()),
        ("Server", format!("{}, commit {}", known(&server.version), known(&server.commit))),
        ("Store", known(&server.store)),
        ("Server memory", memory),
        ("Processor", format!("{}, {} cores", machine.processor, machine.cores)),
        ("Memory", format!("{:.1} GiB", machine.memory_gib)),
        ("Kernel", format!("Linux {}", machine.kernel)),
        (
            "Generator",
            format!("{}, at most {} connections, seed {}", machine.generator, report.connections, report.seed),
        ),
    ];
    let entry = |(name, value): (&str, String)| format!("<dt>{name}</dt><dd>{}</dd>", escape(&value));
    format!("<dl>{}</dl>\n", entries.map(entry).concat())
}

/// A row for each verdict, under the name of its phase.
fn verdicts(verdicts: &[Verdict]) -> String {
    let by_phase = verdicts.chunk_by(|one, next| one.phase == next.phase);
    let rows = by_phase.map(|of_phase| {
        let rows = of_phase.iter().map(verdict_row).collect::<String>();
        format!("<tr><th colspan=\"5\">{}</th></tr>\n{rows}", escape(&of_phase[0].phase))
    });
    let head = "<th>Line</th><th class=\"text\">Verdict</th><th>Measured</th><th>Limit</th><th class=\"text\">Why</th>";
    table(head, &rows.collect::<String>())
}

fn verdict_row(verdict: &Verdict) -> String {
    let (class, sign) = match verdict.outcome {
        Outcome::Met => ("met", "✓"),
        Outcome::NotMet => ("missed", "✗"),
        Outcome::NotMeasured => ("unknown", "?"),
    };
    format!(
        "<tr><td>{}</td><td class=\"text {class}\">{sign} {}</td><td>{}</td><td>{} {}</td><td class=\"reason\">{}</td></tr>\n",
        escape(&verdict.what),
        verdict.outcome.words(),
        verdict.measured.map_or_else(|| "–".to_owned(), number),
        if verdict.is_least { "≥" } else { "≤" },
        number(verdict.limit),
        escape(verdict.reason.as_deref().unwrap_or_default()),
    )
}

fn charts(report: &Report) -> String {
    let mut marks = Vec::new();
    let mut seconds: Vec<&Second> = Vec::new();
    for stretch in report.stretches() {
        marks.push((seconds.len(), stretch.name.clone()));
        seconds.extend(&stretch.timeline);
    }
    let curve =
        |name, value: fn(&Second) -> Option<f64>| Curve { name, values: seconds.iter().copied().map(value).collect() };
    let rates = [
        curve("sent", |second| Some(second.due as f64)),
        curve("answered within a second", |second| Some(second.good as f64)),
        curve("turned away", |second| Some(second.shed as f64)),
        curve("failed", |second| Some(second.failed as f64)),
    ];
    let latencies = [
        curve("half within", |second| (second.p50_us > 0).then_some(second.p50_us as f64 / 1000.0)),
        curve("99 % within", |second| (second.p99_us > 0).then_some(second.p99_us as f64 / 1000.0)),
    ];
    let mut charts = figure("Requests a second", Scale::Linear, &rates, &marks);
    charts.push_str(&figure(
        "Latency in milliseconds, from the intended start",
        Scale::Logarithmic,
        &latencies,
        &marks,
    ));
    let looks = report.memory.as_ref().map_or(&[][..], |memory| &memory.each_second);
    if !looks.is_empty() {
        let resident = [Curve { name: "resident", values: looks.iter().copied().map(Some).collect() }];
        charts.push_str(&figure("Memory of the server in MiB", Scale::Linear, &resident, &[]));
    }
    format!("<div class=\"charts\">\n{charts}</div>\n")
}

fn phase_section(phase: &Played) -> String {
    let rows = phase.operations.iter().map(|figures| {
        let latency = &figures.latency_us;
        let kinds: Vec<String> = figures.errors.iter().map(|(kind, count)| format!("{kind}: {count}")).collect();
        let times = [latency.p50, latency.p95, latency.p99, latency.p999, latency.max];
        let times = times.map(|time| format!("<td>{:.2}</td>", ms(time))).concat();
        format!(
            "<tr><td>{}</td><td>{}</td><td>{:.1}</td>{times}<td>{}</td><td>{}</td><td class=\"reason\">{}</td></tr>\n",
            figures.operation,
            figures.due,
            figures.per_second,
            figures.failed(),
            figures.shed,
            escape(&kinds.join(", ")),
        )
    });
    let head = "<th>Operation</th><th>Count</th><th>Answers/s</th><th>p50 ms</th><th>p95 ms</th><th>p99 ms</th>\
                <th>p99.9 ms</th><th>Max ms</th><th>Failed</th><th>Turned away</th><th class=\"text\">Kinds of failure</th>";
    format!(
        "<h2>{}</h2>\n<p class=\"soft\">{} requests a second for {} s; {} a second answered; generator late by {:.1} ms at the 99th percentile.</p>\n{}",
        escape(&phase.name),
        number(phase.rate),
        number(phase.seconds),
        number(phase.answered_per_second),
        ms(phase.lateness_us.p99),
        table(head, &rows.collect::<String>()),
    )
}

fn step_row(step: &Played) -> String {
    format!(
        "<tr><td>{}</td><td>{:.0}</td><td>{:.0}</td><td>{:.2}</td><td>{:.2}</td><td>{}</td><td>{}</td><td>{:.1}</td></tr>\n",
        escape(&step.name),
        step.due as f64 / step.seconds,
        step.goodput_per_second,
        ms(step.latency_us.p50),
        ms(step.latency_us.p99),
        step.failed,
        step.shed,
        ms(step.lateness_us.p99),
    )
}

fn comparison_section(comparison: &Comparison) -> String {
    let rows = comparison.changes.iter().map(|change| {
        let (class, words) = if change.is_regression { ("missed", "✗ regression") } else { ("met", "✓") };
        format!(
            "<tr><td>{}</td><td class=\"text\">{}</td><td>{}</td><td>{}</td><td>{:+.1} %</td><td class=\"text {class}\">{words}</td></tr>\n",
            escape(&change.of),
            escape(&change.what),
            number(change.before),
            number(change.now),
            change.worse_by * 100.0,
        )
    });
    let doubts = comparison.doubts.iter().map(|doubt| format!("<p class=\"unknown\">Beware: {}.</p>\n", escape(doubt)));
    format!(
        "<h2>Beside the baseline</h2>\n<p class=\"soft\">Worse by more than {:.0} % is a regression; 99th percentiles less than {} ms apart are noise, and shares within {} standard errors.</p>\n{}{}",
        comparison.allowed.0 * 100.0,
        super::baseline::NOISE_US / 1000,
        super::baseline::NOISE_ERRORS,
        doubts.collect::<String>(),
        table(
            "<th>Of</th><th class=\"text\">Figure</th><th>Before</th><th>Now</th><th>Worse by</th><th class=\"text\"></th>",
            &rows.collect::<String>()
        ),
    )
}

fn table(head: &str, rows: &str) -> String {
    format!(
        "<div class=\"wide\" tabindex=\"0\"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n"
    )
}

fn ms(microseconds: u64) -> f64 {
    microseconds as f64 / 1000.0
}

/// Text as HTML shows it, between tags and in quoted attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{escape, of};
    use crate::play::baseline::{Share, compare};
    use crate::play::report::tests::report;

    #[test]
    fn text_is_text_and_never_markup() {
        assert_eq!(escape("<b title=\"x\">'&'</b>"), "&lt;b title=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/b&gt;");
        let mut hostile = report();
        hostile.server.version = Some("<script>alert(1)</script>".into());
        hostile.phases[0].name = "\"><img src=x>".into();
        let page = of(&hostile, None);
        assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
        assert!(page.contains("One operation &lt;and&gt; nothing else."));
    }

    #[test]
    fn a_page_needs_nothing_from_outside_and_is_whole() {
        let comparison = compare(&report(), &report(), Share(0.1)).expect("a comparison");
        let page = of(&report(), Some(&comparison));
        for outside in ["http:", "https:", "src=", "<link", "@import", "url("] {
            assert!(!page.contains(outside), "{outside}");
        }
        for tag in ["main", "table", "svg", "figure", "tbody", "dl"] {
            let (opened, closed) = (format!("<{tag}"), format!("</{tag}>"));
            assert_eq!(page.matches(&opened).count(), page.matches(&closed).count(), "{tag}");
        }
        assert!(page.contains("prefers-color-scheme: dark") && page.contains("width=device-width"));
        assert!(page.contains("Beside the baseline"));
    }
}
