//! Learning a model from a file.

use std::collections::HashSet;
use std::hash::Hasher as _;
use std::io::Write as _;

use lintel_domain::fair::{Concern, classify};
use lintel_feed::mapping::Mapping;
use lintel_feed::table::{Header, Sheet, Table, Texts};
use lintel_feed::value::{Inferred, Reading};
use lintel_predict::fields::Warning;
use lintel_predict::learn::progress::Progress;
use lintel_predict::tabular::{FileColumn, LearnOptions, Marks, Measured, Tabular, Target, choose};

use super::label::{LabelValues, Labels, labels};
use super::model::{Body, FileModel};
use super::output::NewFile;
use super::table::{all_positions, column, in_file, open, position};
use super::{FileTask, LearnFile, LearnedFile, Notice, TimeOf, rejected};
use crate::{Error, Result};

/// The memory for a table that is learned from, in bytes of text.
pub(super) const TABLE_BYTES: u64 = 3 << 30;

/// What was found while learning, beside the model.
pub(super) struct Report {
    pub(super) features: Vec<String>,
    pub(super) warnings: Vec<Notice>,
    pub(super) rows_used: usize,
    pub(super) metrics: serde_json::Value,
    pub(super) positive: Option<String>,
    pub(super) protected: Vec<String>,
    pub(super) labels: Labels,
    pub(super) sheet: Sheet,
}

/// Learns a model from a file and writes it; when anything fails no file is left. `progress` is told of the learning.
pub fn learn_file(request: &LearnFile, progress: &Progress) -> Result<LearnedFile> {
    if request.from == request.out {
        return Err(Error::File(format!("{} would be overwritten by its model", request.from.display())));
    }
    let mut out = NewFile::create(&request.out)?;
    let mut table = open(&request.from)?;
    let (body, report) = match request.task {
        FileTask::Classify | FileTask::Regress => learn(request, &mut table, progress)?,
        FileTask::Price => super::price::learn(request, &mut table, progress)?,
    };
    let Report { features, warnings, rows_used, metrics, positive, protected, labels, sheet } = report;
    let model =
        FileModel { task: request.task, label: request.label.clone(), positive: positive.clone(), protected, body };
    out.write_all(&model.to_bytes()?).map_err(|error| out.failed(&error))?;
    out.keep()?;
    let mut rejected: Vec<_> = rejected(sheet.rejected()).chain(labels.rejected).collect();
    rejected.sort_by_key(|row| row.line);
    Ok(LearnedFile {
        task: request.task.as_str(),
        label: request.label.clone(),
        positive,
        rows: sheet.rows(),
        rows_used: rows_used as u64,
        features,
        warnings,
        rejected,
        metrics,
    })
}

/// What the mapping says about dates; it can say nothing else about a table of free columns.
fn date_format(request: &LearnFile) -> Result<Option<String>> {
    let Some(text) = &request.mapping else { return Ok(None) };
    let mapping = Mapping::parse(text).map_err(in_file)?;
    let protected = mapping
        .columns
        .iter()
        .find(|(field, column)| [field, column].iter().any(|n| matches!(classify(n), Some(Concern::Protected(_)))));
    if let Some((field, _)) = protected {
        return Err(in_file(lintel_feed::Error::Protected { field: field.clone() }));
    }
    match mapping.columns.keys().chain(mapping.units.keys()).chain(mapping.constants.keys()).next() {
        Some(field) => Err(Error::File(format!(
            "mapping: {field} is a field of a home and means nothing to the task {}; only [formats] does",
            request.task.as_str()
        ))),
        None => Ok(mapping.date_format),
    }
}

/// Where the columns that are asked for stand.
struct Wanted {
    /// Positions of columns that may become features, in file order.
    features: Vec<usize>,
    label: usize,
    time: Option<usize>,
    groups: Vec<usize>,
    warnings: Vec<Notice>,
}

impl Wanted {
    fn find(header: &Header, request: &LearnFile) -> Result<Self> {
        let label = position(header, &request.label)?;
        let time = match &request.time {
            Some(TimeOf::Column(name)) => Some(position(header, name)?),
            Some(TimeOf::Row) | None => None,
        };
        let named = [&request.id, &request.group];
        let groups = named.into_iter().flatten().map(|name| position(header, name)).collect::<Result<Vec<_>>>()?;
        for name in &request.allow_protected {
            position(header, name)?;
        }
        let left_out: HashSet<usize> =
            all_positions(header, &request.drop)?.into_iter().chain(groups.iter().copied()).chain([label]).collect();
        let mut wanted = Self { features: Vec::new(), label, time, groups, warnings: Vec::new() };
        for at in (0..header.len()).filter(|at| !left_out.contains(at)) {
            let (given, name) = (&header.given()[at], &header.names()[at]);
            if given.is_empty() {
                let detail = "has no name in the file and is not used".to_owned();
                wanted.warnings.push(Notice { code: "unnamed_column", column: name.clone(), detail });
            } else if header.is_repeated(given) {
                return Err(in_file(lintel_feed::Error::RepeatedColumn { column: given.clone() }));
            } else {
                wanted.features.push(at);
            }
        }
        Ok(wanted)
    }

    /// All positions to be read: label, features, time, groups.
    fn positions(&self) -> Vec<usize> {
        let label = [self.label].into_iter();
        label.chain(self.features.iter().copied()).chain(self.time).chain(self.groups.iter().copied()).collect()
    }
}

fn learn(request: &LearnFile, table: &mut Table, progress: &Progress) -> Result<(Body, Report)> {
    let date_format = date_format(request)?;
    let mut wanted = Wanted::find(table.header(), request)?;
    let names: Vec<String> = wanted.features.iter().map(|at| table.header().names()[*at].clone()).collect();
    let sheet = Sheet::read(table, &wanted.positions(), TABLE_BYTES).map_err(in_file)?;
    let (texts, marks) = sheet.columns()[1..].split_at(names.len());
    let labels = labels(&sheet, &request.label, request.task, request.positive.as_deref())?;
    let mut warnings = std::mem::take(&mut wanted.warnings);

    let infer =
        |texts: &Texts| Reading::infer(|| labels.rows.iter().map(|row| texts.get(*row)), date_format.as_deref());
    let inferred: Vec<Inferred> = texts.iter().map(infer).collect();
    let columns: Vec<FileColumn<'_>> = names
        .iter()
        .zip(texts)
        .zip(&inferred)
        .map(|((name, texts), Inferred { reading, .. })| {
            column(name, texts, reading, &reading.reader(), labels.rows.iter().copied())
        })
        .collect();
    let choice = choose(&columns, &request.allow_protected);
    warnings.extend(choice.warnings.iter().map(notice));
    warnings.extend(choice.used.iter().filter(|at| inferred[**at].ambiguous).map(|at| ambiguous(&names[*at])));
    if choice.used.is_empty() {
        if names.is_empty() {
            return Err(Error::File("there is no column to learn from beside the label".to_owned()));
        }
        let why: Vec<String> = warnings.iter().map(|w| format!("{} ({})", w.column, w.code)).take(5).collect();
        return Err(Error::File(format!("no column is left to learn from: {}", why.join(", "))));
    }
    let used: HashSet<usize> = choice.used.iter().copied().collect();
    let columns: Vec<FileColumn<'_>> =
        columns.into_iter().enumerate().filter(|(at, _)| used.contains(at)).map(|(_, column)| column).collect();

    let (time, groups) = marks.split_at(usize::from(wanted.time.is_some()));
    let times = times(request, &labels, time.first())?;
    let groups = group_rows(groups, &labels.rows);
    let target = match &labels.values {
        LabelValues::Classes(hits, _) => Target::Class(hits),
        LabelValues::Numbers(values) => Target::Number(values),
    };
    let marks = Marks { groups: groups.as_deref(), times: times.as_deref() };
    let options = LearnOptions { seed: request.seed, threads: threads(), progress: progress.clone() };
    let learned = Tabular::learn(&columns, target, &marks, &options).map_err(refused)?;
    warnings.extend(learned.warnings.iter().map(notice));
    if learned.model.measured().tells_nothing() {
        let detail = "the columns say nothing about it: held-out rows were told no better than without them";
        warnings.push(Notice { code: "no_signal", column: request.label.clone(), detail: detail.to_owned() });
    }

    let metrics = match learned.model.measured() {
        Measured::Class(metrics) => serde_json::to_value(metrics),
        Measured::Number(metrics) => serde_json::to_value(metrics),
    };
    let reading_of = |name: &String| names.iter().position(|n| n == name).map(|at| inferred[at].reading.clone());
    let readings = learned.model.columns().iter().filter_map(reading_of).collect();
    let report = Report {
        features: columns.iter().map(|column| column.name.to_owned()).collect(),
        warnings,
        rows_used: labels.rows.len(),
        metrics: metrics.map_err(Error::internal)?,
        positive: match &labels.values {
            LabelValues::Classes(_, shown) => Some(shown.clone()),
            LabelValues::Numbers(_) => None,
        },
        protected: choice.protected,
        labels,
        sheet,
    };
    Ok((Body::Table(Box::new(learned.model), readings), report))
}

/// When each row happened; `None` without an order in time.
fn times(request: &LearnFile, labels: &Labels, texts: Option<&Texts>) -> Result<Option<Vec<f64>>> {
    let Some(time) = &request.time else { return Ok(None) };
    let (TimeOf::Column(name), Some(texts)) = (time, texts) else {
        return Ok(Some(labels.rows.iter().map(|row| *row as f64).collect()));
    };
    let reading = Reading::infer(|| labels.rows.iter().map(|row| texts.get(*row)), None).reading;
    let reader = reading.reader();
    let times: Vec<f64> = labels.rows.iter().map(|row| reader.number(texts.get(*row)).unwrap_or(f64::NAN)).collect();
    if times.iter().all(|time| time.is_nan()) {
        return Err(Error::File(format!("the time column \"{name}\" holds neither dates nor numbers")));
    }
    Ok(Some(times))
}

/// A group for each row: rows that share a value in any of the columns are in one; blank values join nothing.
fn group_rows(columns: &[Texts], rows: &[usize]) -> Option<Vec<Option<u64>>> {
    let hash = |text: &str| {
        let text = text.trim();
        (!text.is_empty()).then(|| {
            let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
            hasher.write(text.as_bytes());
            hasher.finish()
        })
    };
    let by_column = |texts: &Texts| -> Vec<Option<u64>> { rows.iter().map(|row| hash(texts.get(*row))).collect() };
    match columns {
        [] => None,
        [only] => Some(by_column(only)),
        [first, second, ..] => Some(joined(&by_column(first), &by_column(second))),
    }
}

/// FNV-1a: the same number for a text everywhere.
struct Fnv(u64);

impl std::hash::Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    }
}

/// Groups by two keys at once: the least first key among all rows that are linked by either.
fn joined(first: &[Option<u64>], second: &[Option<u64>]) -> Vec<Option<u64>> {
    let mut least: Vec<Option<u64>> = first.iter().zip(second).map(|(a, b)| a.or(*b)).collect();
    loop {
        let mut changed = false;
        for keys in [first, second] {
            let mut of_key = std::collections::HashMap::new();
            for (key, least) in keys.iter().zip(&least) {
                if let (Some(key), Some(least)) = (key, least) {
                    let entry = of_key.entry(*key).or_insert(*least);
                    *entry = (*entry).min(*least);
                }
            }
            for (key, least) in keys.iter().zip(&mut least) {
                let lower = key.and_then(|key| of_key.get(&key).copied());
                if lower.is_some() && lower != *least {
                    (*least, changed) = (lower, true);
                }
            }
        }
        if !changed {
            return least;
        }
    }
}

pub(super) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

pub(super) fn notice(warning: &Warning) -> Notice {
    Notice { code: warning.code.as_str(), column: warning.column.clone(), detail: warning.detail.clone() }
}

/// About a column of dates that can be read in two ways.
pub(super) fn ambiguous(column: &str) -> Notice {
    let detail =
        "has dates that may begin with the month or the day; the month was taken, [formats] in a mapping decides";
    Notice { code: "ambiguous_date", column: column.to_owned(), detail: detail.to_owned() }
}

/// Too little or senseless data is the caller's to mend, everything else is ours.
pub(super) fn refused(error: lintel_predict::Error) -> Error {
    use lintel_predict::Error as Cause;
    match error {
        Cause::InsufficientData { .. }
        | Cause::ConstantLabel { .. }
        | Cause::BadLabel { .. }
        | Cause::NoFeatures { .. } => Error::File(error.to_string()),
        error => Error::internal(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_share_an_id_or_a_group_are_in_one_group() {
        let first = [Some(1), Some(1), Some(2), Some(3), None, None];
        let second = [Some(10), Some(20), Some(20), Some(30), Some(30), None];
        let groups = joined(&first, &second);
        assert_eq!(groups[0], groups[1]);
        assert_eq!(groups[1], groups[2]);
        assert_eq!(groups[3], groups[4]);
        assert_ne!(groups[0], groups[3]);
        assert_eq!(groups[5], None);
    }
}
