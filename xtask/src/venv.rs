//! Python programs that only measure or test us, each set in an environment of its own below the target directory.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::{command, run, target};

/// The `bin` folder of an environment that holds what `requirements` lists; made anew when it is missing or lists otherwise.
pub(crate) fn environment(name: &str, requirements: &Path) -> Result<PathBuf> {
    let environment = target()?.join(name);
    let stamp = environment.join("requirements.txt");
    let programs = environment.join("bin");
    if is_same(requirements, &stamp) {
        return Ok(programs);
    }
    println!("installing {} in {}", requirements.display(), environment.display());
    run(command("python3").args(["-m", "venv", "--clear"]).arg(&environment))
        .context("this needs python3 with venv (Debian: apt-get install python3-venv)")?;
    let mut install = command(programs.join("pip"));
    run(install.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(requirements))?;
    fs::copy(requirements, &stamp)?;
    Ok(programs)
}

fn is_same(a: &Path, b: &Path) -> bool {
    matches!((fs::read(a), fs::read(b)), (Ok(a), Ok(b)) if a == b)
}
