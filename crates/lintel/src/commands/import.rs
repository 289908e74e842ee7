//! `lintel import`: records from a file, and taking an import back.

use std::path::Path;

use anyhow::Context as _;
use lintel_app::{ImportRequest, ImportSource, ImportSummary};
use serde_json::json;

use crate::{
    cli::Import,
    config::Config,
    output::{self, Bar, Exit, group, say},
    wire,
};

/// The rejected rows that are shown to people; machines get all that were kept.
const SHOWN: usize = 20;

/// Runs an import or takes one back.
pub(crate) async fn run(config: Config, flags: Import) -> anyhow::Result<Exit> {
    let app = wire::open(&config).await?;
    if let Some(id) = flags.undo {
        let who = app.system_of(&flags.tenant).await?;
        let undone = app.import_undo(&who, id).await?;
        if flags.json {
            output::json(&json!({
                "import_id": id, "removed": undone.removed, "restored": undone.restored, "kept": undone.kept,
            }))?;
        } else {
            let [removed, restored, kept] = [undone.removed, undone.restored, undone.kept].map(group);
            say(format!(
                "{removed} rows removed, {restored} put back, {kept} left alone because they were changed afterwards"
            ))?;
        }
        app.close().await;
        return Ok(Exit::Done);
    }
    let (Some(kind), Some(file)) = (flags.kind, flags.file) else {
        anyhow::bail!("say what to import, and from which file")
    };
    let mapping = match &flags.mapping {
        Some(path) => {
            Some(std::fs::read_to_string(path).with_context(|| format!("cannot read the mapping {}", path.display()))?)
        }
        None => None,
    };
    let stdin = file == Path::new("-");
    let request = ImportRequest {
        kind,
        market: flags.market,
        name: if stdin { "standard input".to_owned() } else { file.display().to_string() },
        source: if stdin { ImportSource::Stdin } else { ImportSource::File(file) },
        mapping,
        likely: false,
        dry_run: flags.dry_run,
    };
    let who = app.system(&flags.tenant).await?;
    let bar = Bar::new();
    let outcome = app.import_run(&who, request, |progress| bar.show(progress)).await;
    bar.finish();
    let summary = outcome?;
    if flags.json {
        print_json(&summary)?;
    } else {
        print_text(&summary, flags.dry_run)?;
    }
    app.close().await;
    Ok(if summary.counts.rejected == 0 { Exit::Done } else { Exit::SomeRejected })
}

fn print_json(summary: &ImportSummary) -> anyhow::Result<()> {
    let mapping: Vec<_> = summary
        .mapping
        .iter()
        .map(|(field, column, guessed)| json!({ "field": field, "column": column, "guessed": guessed }))
        .collect();
    let counts = summary.counts;
    output::json(&json!({
        "import_id": summary.id, "rows": counts.rows, "created": counts.created, "updated": counts.updated,
        "unchanged": counts.unchanged, "rejected_rows": counts.rejected, "rejected": summary.rejected, "mapping": mapping,
        "warnings": summary.warnings,
    }))
}

fn print_text(summary: &ImportSummary, dry_run: bool) -> anyhow::Result<()> {
    for (field, column, guessed) in &summary.mapping {
        say(format!("  {field:<24} ← {column}{}", if *guessed { "  (guessed)" } else { "" }))?;
    }
    for warning in &summary.warnings {
        say(format!("warning: {warning}"))?;
    }
    let counts = summary.counts;
    say(format!(
        "{}{} rows: {} new, {} changed, {} unchanged, {} rejected",
        if dry_run { "would be: " } else { "" },
        group(counts.rows),
        group(counts.created),
        group(counts.updated),
        group(counts.unchanged),
        group(counts.rejected),
    ))?;
    for row in summary.rejected.iter().take(SHOWN) {
        let column = row.column.as_ref().map(|column| format!(", column {column}")).unwrap_or_default();
        say(format!("  line {}{column}: {}", row.line, row.reason))?;
    }
    if summary.rejected.len() > SHOWN {
        say(format!("  … and {} more; --json lists them", group((summary.rejected.len() - SHOWN) as u64)))?;
    }
    if let Some(id) = summary.id {
        say(format!("import {id}; take it back with: lintel import --undo {id} --tenant …"))?;
    }
    Ok(())
}
