//! `cargo xtask ci`: everything that must hold before a change goes in, the tests last.

use std::time::Instant;

use anyhow::{Result, bail};

use crate::generated::Options;
use crate::process::{cargo, present, root, run, target};
use crate::{bench, dependencies, docs, openapi, tidy, ui};

type Step = fn() -> Result<()>;

/// Runs every step, goes on after a failed one, and fails with those that failed and why.
///
/// The tests come last, so that their runner has the last word when all is well.
pub(crate) fn ci() -> Result<()> {
    let steps: [(&str, Step); 10] = [
        ("format", || run(&mut cargo(&["fmt", "--all", "--check"]))),
        ("tidy", || tidy::tidy(root())),
        // Before anything of the server is built, since the server holds the built pages.
        ("web pages", ui::check),
        ("clippy", clippy),
        ("dependencies", dependencies::dependencies),
        ("generated files", generated_files),
        ("documentation examples", documentation_examples),
        ("web pages in a browser", pages_in_a_browser),
        ("load smoke", load_smoke),
        ("tests", tests),
    ];
    let mut failed = Vec::new();
    for (name, step) in steps {
        println!("── {name}");
        let begin = Instant::now();
        let result = step();
        let seconds = begin.elapsed().as_secs();
        if let Err(error) = result {
            eprintln!("── {name} failed after {seconds} s: {error:#}");
            failed.push(format!("{name}: {error:#}"));
        } else if name != "tests" {
            println!("── {name} passed in {seconds} s");
        }
    }
    if !failed.is_empty() {
        bail!("failed:\n{}", failed.join("\n"));
    }
    Ok(())
}

/// Warnings are errors here and nowhere else; passed to clippy, they leave what was compiled untouched.
fn clippy() -> Result<()> {
    run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))
}

/// Built with the tests, so that nothing is compiled a second time with other features.
fn generated_files() -> Result<()> {
    run(&mut cargo(&["build", "--workspace", "--bins", "--tests", "--locked"]))?;
    let programs = target()?.join("debug");
    let check = Options { check: true };
    openapi::openapi(&programs, check)?;
    docs::docs(&programs, check)
}

fn documentation_examples() -> Result<()> {
    if !tidy::documentation_examples(root())? {
        println!("there are none");
        return Ok(());
    }
    run(&mut cargo(&["test", "--workspace", "--doc", "--locked"]))
}

/// With the server that the generated files came from.
fn pages_in_a_browser() -> Result<()> {
    ui::end_to_end(&target()?.join("debug/lintel"))
}

/// With the same server.
fn load_smoke() -> Result<()> {
    bench::scenarios::smoke(&target()?.join("debug"))
}

fn tests() -> Result<()> {
    if !has_postgres() {
        println!(
            "PostgreSQL is not installed, so its half of the tests is skipped (Debian: apt-get install postgresql)"
        );
    }
    if !present("redis-server", &["--version"]) {
        println!("Redis is not installed, so its tests are skipped (Debian: apt-get install redis-server)");
    }
    if present("cargo", &["nextest", "--version"]) {
        run(&mut cargo(&["nextest", "run", "--workspace", "--locked"]))
    } else {
        println!(
            "cargo-nextest is not installed, so `cargo test` runs the tests (cargo install cargo-nextest --locked)"
        );
        run(&mut cargo(&["test", "--workspace", "--lib", "--bins", "--tests", "--locked"]))
    }
}

/// Whether a PostgreSQL server can be started: on the path, or where Debian keeps it.
fn has_postgres() -> bool {
    present("sh", &["-c", "command -v postgres || ls /usr/lib/postgresql/*/bin/postgres"])
}
