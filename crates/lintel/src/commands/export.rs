//! `lintel export`: everything of a kind as a file.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use anyhow::Context as _;
use lintel_app::Exporting;
use serde_json::json;

use crate::{
    cli::Export,
    config::Config,
    output::{self, Exit, group, say},
    wire,
};

/// Writes an export. The file appears when it is whole.
pub(crate) async fn run(config: Config, flags: Export) -> anyhow::Result<Exit> {
    let app = wire::open(&config).await?;
    let who = app.system_of(&flags.tenant).await?;
    let mut exporting = app.export(&who, flags.kind, flags.format.into()).await?;
    let to_stdout = flags.out == Path::new("-");
    let bytes = if to_stdout {
        copy(&mut exporting, &mut std::io::stdout().lock()).await?
    } else {
        let new = flags.out.with_extension(format!("new-{}", std::process::id()));
        let written = write(&mut exporting, &new).await;
        let placed = written.and_then(|bytes| {
            std::fs::rename(&new, &flags.out).with_context(|| format!("cannot write {}", flags.out.display()))?;
            Ok(bytes)
        });
        if placed.is_err() {
            // There is nothing to tell when it never came to be.
            let _ = std::fs::remove_file(&new);
        }
        placed?
    };
    app.close().await;
    if flags.json {
        output::json(&json!({ "kind": flags.kind, "file": flags.out, "bytes": bytes }))?;
    } else if !to_stdout {
        say(format!("{} bytes of {} in {}", group(bytes), flags.kind, flags.out.display()))?;
    }
    Ok(Exit::Done)
}

async fn write(exporting: &mut Exporting, path: &Path) -> anyhow::Result<u64> {
    let cannot = || format!("cannot write {}", path.display());
    let mut file = BufWriter::new(File::create(path).with_context(cannot)?);
    let bytes = copy(exporting, &mut file).await?;
    file.into_inner()
        .map_err(std::io::IntoInnerError::into_error)
        .and_then(|file| file.sync_all())
        .with_context(cannot)?;
    Ok(bytes)
}

async fn copy(exporting: &mut Exporting, out: &mut impl Write) -> anyhow::Result<u64> {
    let mut bytes = 0;
    while let Some(piece) = exporting.next().await? {
        out.write_all(&piece).context("cannot write the export")?;
        bytes += piece.len() as u64;
    }
    out.flush().context("cannot write the export")?;
    Ok(bytes)
}
