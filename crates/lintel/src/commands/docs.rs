//! `lintel openapi` and the sources of other generated pages.

use crate::{
    cli::DocsOf,
    output::{Exit, json, say},
};

/// Prints the OpenAPI document.
pub(crate) fn openapi() -> anyhow::Result<Exit> {
    say(lintel_http::document_json())?;
    Ok(Exit::Done)
}

/// Prints what a generated page is made of.
pub(crate) fn pages(what: DocsOf, as_json: bool) -> anyhow::Result<Exit> {
    match what {
        DocsOf::ModelCard => say(lintel_app::model_card().trim_end())?,
        DocsOf::Errors => {
            let codes: Vec<_> = lintel_http::entries().collect();
            if as_json {
                json(&codes)?;
            } else {
                for code in codes {
                    say(format!("{:>3}  {:<24} {}", code.status, code.code, code.title))?;
                }
            }
        }
    }
    Ok(Exit::Done)
}
