//! Which rows are held out: the same for everyone who is compared.

use anyhow::{Context, Result, ensure};

use super::plan::{Cut, Task};
use super::table::Table;

/// Rows to learn from and rows to predict. With time, the former are in its order.
pub(crate) struct Fold {
    pub(crate) train: Vec<usize>,
    pub(crate) test: Vec<usize>,
}

/// The folds of a table; rows without a label are in none.
pub(crate) fn folds(table: &Table, task: &Task, count: usize, seed: u64) -> Result<Vec<Fold>> {
    ensure!(count >= 2, "two folds at least");
    let label = table.column(&task.label)?;
    let rows: Vec<usize> = (0..table.rows.len()).filter(|row| !table.rows[*row][label].is_empty()).collect();
    match task.cut {
        Cut::Stratified => Ok(stratified(table, &rows, label, count, seed)),
        Cut::Tails => Ok(tails(&rows, count)),
        Cut::Months => months(table, task, rows, count),
    }
}

fn stratified(table: &Table, rows: &[usize], label: usize, count: usize, seed: u64) -> Vec<Fold> {
    let mut order = rows.to_vec();
    order.sort_by_key(|row| (&table.rows[*row][label], mixed(seed ^ (*row as u64) << 20)));
    let mut fold_of = vec![0; table.rows.len()];
    for (at, row) in order.iter().enumerate() {
        fold_of[*row] = at % count;
    }
    (0..count)
        .map(|fold| {
            let (test, train) = rows.iter().partition(|row| fold_of[**row] == fold);
            Fold { train, test }
        })
        .collect()
}

/// The second half in equal parts, each predicted from all rows before it.
fn tails(rows: &[usize], count: usize) -> Vec<Fold> {
    let half = rows.len() / 2;
    let end = |part: usize| half + (rows.len() - half) * part / count;
    let fold = |part| Fold { train: rows[..end(part)].to_vec(), test: rows[end(part)..end(part + 1)].to_vec() };
    (0..count).map(fold).collect()
}

fn months(table: &Table, task: &Task, mut rows: Vec<usize>, count: usize) -> Result<Vec<Fold>> {
    let name = task.time.as_ref().context("months need a column of days")?;
    let (column, order) = (table.column(name)?, task.date.context("months need the order of a day's parts")?);
    let day = |row: &usize| order.parse(&table.rows[*row][column]);
    rows.retain(|row| day(row).is_some());
    rows.sort_by_key(|row| (day(row), *row));
    let month = |row: &usize| day(row).map(|(year, month, _)| (year, month));
    let mut starts: Vec<usize> = (1..rows.len()).filter(|at| month(&rows[*at]) != month(&rows[*at - 1])).collect();
    ensure!(starts.len() >= count, "{} has too few months", task.name);
    starts.push(rows.len());
    let last = &starts[starts.len() - 1 - count..];
    Ok(last.windows(2).map(|at| Fold { train: rows[..at[0]].to_vec(), test: rows[at[0]..at[1]].to_vec() }).collect())
}

/// A number that looks random and follows from another (the last step of SplitMix64).
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use csv::StringRecord;

    fn task(cut: &str) -> Task {
        let text = format!(
            "name = 't'\nfile = 'f'\ntask = 'classify'\nlabel = 'y'\ncut = '{cut}'\ntime = 'day'\ndate = 'dmy'\n"
        );
        toml::from_str(&text).unwrap()
    }

    fn table() -> Table {
        let row = |at: usize| {
            let label = if at == 7 { "" } else { ["no", "no", "yes"][at % 3] };
            StringRecord::from(vec![format!("1/{}/2020", 1 + (at * 5) % 12), label.to_owned()])
        };
        Table { header: StringRecord::from(vec!["day", "y"]), rows: (0..120).map(row).collect() }
    }

    #[test]
    fn stratified_folds_hold_every_labelled_row_once_and_keep_the_share() {
        let folds = folds(&table(), &task("stratified"), 4, 1).unwrap();
        let mut held: Vec<usize> = folds.iter().flat_map(|fold| fold.test.clone()).collect();
        held.sort_unstable();
        assert_eq!(held, (0..120).filter(|row| *row != 7).collect::<Vec<_>>());
        for fold in folds {
            let positives = fold.test.iter().filter(|row| *row % 3 == 2).count();
            assert!((9..=11).contains(&positives), "{positives}");
            assert!(fold.train.iter().all(|row| !fold.test.contains(row)));
        }
    }

    #[test]
    fn tails_and_months_never_learn_from_what_comes_later() {
        for fold in folds(&table(), &task("tails"), 5, 1).unwrap() {
            assert!(fold.train.last() < fold.test.first());
        }
        let table = table();
        let month = |row: &usize| table.rows[*row][0].split('/').nth(1).unwrap().parse::<u32>().unwrap();
        let folds = folds(&table, &task("months"), 3, 1).unwrap();
        assert_eq!(folds.iter().map(|fold| month(&fold.test[0])).collect::<Vec<_>>(), [10, 11, 12]);
        for fold in folds {
            assert!(fold.train.iter().all(|row| month(row) < month(&fold.test[0])));
        }
    }
}
