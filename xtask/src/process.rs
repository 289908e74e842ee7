//! Running other programs from the root of the repository.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The root of the repository: the folder above this crate's.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// A command that starts in the root of the repository and has no standard input.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// `cargo` with these arguments. It is told nothing of the package that this program is: build scripts would take that for a
/// change and run again.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = command("cargo");
    cargo.args(arguments);
    for (name, _) in std::env::vars_os() {
        let of_package = name.to_str().is_some_and(|name| OF_PACKAGE.iter().any(|prefix| name.starts_with(prefix)));
        if of_package {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// How the variables begin that cargo sets for the package that it runs.
const OF_PACKAGE: [&str; 3] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"];

/// Runs a command that speaks on our terminal; anything but success is an error that names it.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("{} does not start", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs a command and returns its standard output; standard error stays on our terminal.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("{} does not start", shown(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}", shown(command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("{} printed bytes that are no text", shown(command)))
}

/// Whether a program, asked for its version, answers.
pub(crate) fn present(program: &str, arguments: &[&str]) -> bool {
    let mut asked = command(program);
    asked.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    asked.status().is_ok_and(|status| status.success())
}

/// Builds the server (and further packages) and returns the folder that holds the programs.
pub(crate) fn build(release: bool, packages: &[&str]) -> Result<PathBuf> {
    let mut build = cargo(&["build", "--locked", "--bins"]);
    for package in packages {
        build.args(["--package", package]);
    }
    if release {
        build.arg("--release");
    }
    run(&mut build)?;
    Ok(target()?.join(if release { "release" } else { "debug" }))
}

/// Cargo's target directory, wherever the configuration puts it.
pub(crate) fn target() -> Result<PathBuf> {
    #[derive(serde::Deserialize)]
    struct Metadata {
        target_directory: PathBuf,
    }
    let text = read(&mut cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"]))?;
    let metadata: Metadata = serde_json::from_str(&text).context("cargo metadata printed something unexpected")?;
    Ok(metadata.target_directory)
}

fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    format!("`{text}`")
}
