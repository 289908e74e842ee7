//! `lintel predict`: the rows of a file, predicted by a model that `lintel learn` wrote.

use std::io::Write as _;

use lintel_app::{PredictFile, predict_file};

use super::learn::print_rejected;
use crate::{
    cli::Predict,
    output::{self, Exit, group, say},
};

/// Predicts every row of a file.
pub(crate) fn run(flags: Predict) -> anyhow::Result<Exit> {
    let request = PredictFile { model: flags.model, from: flags.from, out: flags.out, explain: flags.explain };
    let report = predict_file(&request)?;
    for note in &report.notes {
        // Nobody is left to be told when standard error is gone.
        let _ = writeln!(std::io::stderr(), "note: {note}");
    }
    if flags.json {
        output::json(&report)?;
    } else {
        let [predicted, rows] = [report.predicted, report.rows].map(group);
        say(format!("{predicted} of {rows} rows predicted, in {}", request.out.display()))?;
        print_rejected(&report.rejected)?;
    }
    Ok(if report.predicted == report.rows { Exit::Done } else { Exit::SomeRejected })
}
