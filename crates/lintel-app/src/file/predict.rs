//! Predicting every row of a file, one row out for one row in.

use std::collections::BTreeMap;

use lintel_domain::import::Rejected;
use lintel_feed::table::{Next, Table, write_row};
use lintel_predict::tabular::Explained;

use super::model::FileModel;
use super::output::NewFile;
use super::rows::{Answer, Rows};
use super::table::{in_file, open};
use super::{FileTask, PredictFile, PredictedFile, rejected};
use crate::{Error, Result};

/// Rows, rejected ones too, that wait to be written.
const WAITING: usize = 65_536;
/// Rejected rows that are listed.
const LISTED: usize = 10_000;

/// Predicts every row of a file and writes the predictions; when anything fails no file is left.
pub fn predict_file(request: &PredictFile) -> Result<PredictedFile> {
    if request.out == request.from || request.out == request.model {
        return Err(Error::File(format!("{} would be overwritten by the predictions", request.out.display())));
    }
    let model = FileModel::read(&request.model)?;
    let table = open(&request.from)?;
    let mut notes = Vec::new();
    if !model.protected.is_empty() {
        let traits = model.protected.join(", ");
        notes.push(format!("this model uses protected traits ({traits}): it must not decide about housing"));
    }
    let rows = Rows::new(model.body, table.header(), &mut notes)?;
    let out = NewFile::create(&request.out)?;
    let report = PredictedFile { task: model.task.as_str(), rows: 0, predicted: 0, rejected: Vec::new(), notes };
    let mut run =
        Run { rows, reasons: Vec::new(), columns: columns(model.task), out, explain: request.explain, report };
    run.header()?;
    run.all(table)?;
    run.out.keep()?;
    Ok(run.report)
}

/// The names of the numbers of a prediction.
fn columns(task: FileTask) -> &'static [&'static str] {
    match task {
        FileTask::Classify => &["probability"],
        FileTask::Regress | FileTask::Price => &["prediction", "lower80", "upper80", "lower95", "upper95"],
    }
}

struct Run {
    /// Rows that were read and not yet predicted.
    rows: Rows,
    /// Of every row not yet written: `None` when it was read, else why not.
    reasons: Vec<Option<String>>,
    columns: &'static [&'static str],
    out: NewFile,
    explain: bool,
    report: PredictedFile,
}

impl Run {
    fn header(&mut self) -> Result<()> {
        let explained: &[&str] = if self.explain { &["base", "scale", "contributions"] } else { &[] };
        let names = ["row"].iter().chain(self.columns).chain(&["reason"]).chain(explained).copied();
        write_row(&mut self.out, names).map_err(|error| self.out.failed(&error))
    }

    fn all(&mut self, mut table: Table) -> Result<()> {
        while let Some(next) = table.next_row().map_err(in_file)? {
            match next {
                Next::Row(row) => {
                    self.rows.push(&row);
                    self.reasons.push(None);
                }
                Next::Rejected(row) => {
                    let faults: Vec<Rejected> = rejected(std::slice::from_ref(&row)).collect();
                    let reasons: Vec<&str> = faults.iter().map(|fault| fault.reason.as_str()).collect();
                    self.reasons.push(Some(reasons.join("; ")));
                    let room = LISTED.saturating_sub(self.report.rejected.len());
                    self.report.rejected.extend(faults.into_iter().take(room));
                }
            }
            if self.rows.is_full() || self.reasons.len() >= WAITING {
                self.flush()?;
            }
        }
        self.flush()
    }

    /// Predicts and writes the rows read so far.
    fn flush(&mut self) -> Result<()> {
        let mut answers = self.rows.answers(self.explain)?.into_iter();
        for reason in std::mem::take(&mut self.reasons) {
            let answer = if reason.is_none() { answers.next() } else { None };
            self.write(answer, reason)?;
        }
        Ok(())
    }

    fn write(&mut self, answer: Option<Answer>, reason: Option<String>) -> Result<()> {
        self.report.rows += 1;
        let finite = answer.filter(|answer| answer.numbers.iter().all(|number| number.is_finite()));
        let mut fields = vec![self.report.rows.to_string()];
        match &finite {
            Some(answer) => fields.extend(answer.numbers.iter().map(f64::to_string)),
            None => fields.extend(self.columns.iter().map(|_| String::new())),
        }
        self.report.predicted += u64::from(finite.is_some());
        let odd = || if finite.is_some() { String::new() } else { "the prediction is not finite".to_owned() };
        fields.push(reason.unwrap_or_else(odd));
        if self.explain {
            let explained = finite.and_then(|answer| answer.explained);
            fields.extend(explained.map_or_else(|| vec![String::new(); 3], taken_apart));
        }
        write_row(&mut self.out, fields.iter().map(String::as_str)).map_err(|error| self.out.failed(&error))
    }
}

fn taken_apart(parts: Explained) -> Vec<String> {
    let contributions: BTreeMap<String, f64> = parts.contributions.into_iter().collect();
    let contributions = serde_json::to_string(&contributions).unwrap_or_default();
    vec![parts.base.to_string(), parts.scale.to_owned(), contributions]
}
