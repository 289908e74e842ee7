//! Every migration exists for both engines, and numbers go up without a gap.

use std::collections::BTreeSet;

use super::tree::Tree;
use super::{Finding, finding};

const FOLDER: &str = "crates/lintel-store/migrations";
const ENGINES: [&str; 2] = ["sqlite", "postgres"];

/// The two folders of migrations hold the same names, `V1__words.sql` upwards.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let [sqlite, postgres] = ENGINES.map(|engine| names(tree, engine));
    for (mine, other, engine, elsewhere) in
        [(&sqlite, &postgres, ENGINES[0], ENGINES[1]), (&postgres, &sqlite, ENGINES[1], ENGINES[0])]
    {
        for name in mine.difference(other) {
            let path = format!("{FOLDER}/{engine}/{name}");
            findings.push(finding(&path, 1, format!("has no twin: write {FOLDER}/{elsewhere}/{name}")));
        }
    }
    let mut numbers: Vec<(u32, &str)> = Vec::new();
    for name in &sqlite {
        match number(name) {
            Some(number) => numbers.push((number, name)),
            None => {
                let path = format!("{FOLDER}/{}/{name}", ENGINES[0]);
                findings.push(finding(&path, 1, "name it V<number>__<words>.sql"));
            }
        }
    }
    numbers.sort_unstable();
    for (expected, (number, name)) in (1..).zip(numbers) {
        if number != expected {
            let path = format!("{FOLDER}/{}/{name}", ENGINES[0]);
            findings.push(finding(&path, 1, format!("number {number} stands where {expected} belongs")));
            break;
        }
    }
    findings
}

fn names(tree: &Tree, engine: &str) -> BTreeSet<String> {
    let prefix = format!("{FOLDER}/{engine}/");
    tree.files().iter().filter_map(|file| file.path.strip_prefix(&prefix)).map(str::to_owned).collect()
}

fn number(name: &str) -> Option<u32> {
    let (number, words) = name.strip_prefix('V')?.strip_suffix(".sql")?.split_once("__")?;
    (!words.is_empty()).then(|| number.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::super::messages;
    use super::check;

    const SQLITE: &str = "crates/lintel-store/migrations/sqlite/V1__begin.sql";
    const POSTGRES: &str = "crates/lintel-store/migrations/postgres/V1__begin.sql";

    #[test]
    fn a_migration_without_its_twin_is_found() {
        assert!(messages(check, &[(SQLITE, ""), (POSTGRES, "")]).is_empty());
        let found = messages(check, &[(POSTGRES, "")]);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("write crates/lintel-store/migrations/sqlite/V1__begin.sql"), "{found:?}");
    }

    #[test]
    fn a_gap_in_the_numbers_is_found() {
        let third = [SQLITE.replace("V1", "V3"), POSTGRES.replace("V1", "V3")];
        let found = messages(check, &[(SQLITE, ""), (POSTGRES, ""), (&third[0], ""), (&third[1], "")]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("number 3 stands where 2 belongs"));
    }

    #[test]
    fn a_name_of_another_shape_is_found() {
        let odd = [SQLITE.replace("V1__begin", "second"), POSTGRES.replace("V1__begin", "second")];
        assert_eq!(messages(check, &[(&odd[0], ""), (&odd[1], "")]).len(), 1);
    }
}
