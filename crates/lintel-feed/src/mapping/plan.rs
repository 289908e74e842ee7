//! A mapping applied to the columns of one file: what becomes of every column, decided once before the rows.

use std::collections::HashSet;

use lintel_domain::clock::Day;
use lintel_domain::fair::{Concern, classify};
use lintel_domain::import::ImportKind;
use serde::Serialize;

use super::field::{Field, field, fields, free_name};
use super::guess::{Confidence, Guess, guess};
use super::{Mapping, wrong};
use crate::export::{MARK, unguarded};
use crate::table::{Header, Row};
use crate::value::{Dates, Unit, bare, period};
use crate::{Error, Result};

/// The metric of a wide file that names none.
const DEFAULT_METRIC: &str = "value";

/// What becomes of the columns of one file.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) kind: ImportKind,
    pub(crate) steps: Vec<Step>,
    pub(crate) dates: Dates,
    /// Columns whose names are periods, for wide series.
    pub(crate) periods: Vec<(usize, Day)>,
    /// Whether the file is an export of ours, whose texts are guarded against being taken for formulas.
    is_guarded: bool,
    columns: Vec<String>,
    guesses: Vec<Guess>,
    notes: Vec<Note>,
}

/// Something about a column that a person should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// A word for programs: `renamed_column`, `protected_column`, `proxy_column`, `ignored_column`, `default_metric`.
    pub code: &'static str,
    /// The file's column.
    pub column: String,
    /// What it means, for people.
    pub detail: String,
}

/// One value of a record and where it comes from.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) target: Target,
    pub(crate) input: Input,
}

/// Where a value goes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Target {
    /// A field; areas are multiplied by the square feet in one unit.
    Field(Field, f64),
    /// A free field under its name.
    Free(String),
}

/// Where a text comes from.
#[derive(Debug, Clone)]
pub(crate) enum Input {
    Column(usize),
    Constant(String),
}

impl Input {
    pub(crate) fn text<'a>(&'a self, row: &Row<'a>) -> &'a str {
        match self {
            Self::Column(column) => row.get(*column),
            Self::Constant(text) => text,
        }
    }
}

impl Plan {
    /// Decides what becomes of the columns of a file.
    ///
    /// With a mapping, its columns count, and other columns that have the name of a field of ours are that field. Without
    /// one, guesses of at least the confidence `accept` are followed. All columns left become free fields.
    ///
    /// # Errors
    /// When the mapping names a field or column that does not exist or is protected, or a required field has no column.
    pub fn new(kind: ImportKind, header: &Header, mapping: Option<&Mapping>, accept: Confidence) -> Result<Self> {
        let none = Mapping::default();
        let given = mapping.unwrap_or(&none);
        let accept = if mapping.is_some() { Confidence::Certain } else { accept };
        let mut plan = Self::empty(kind, header, given)?;
        plan.add_mapping(header, given)?;
        plan.add_guesses(header, accept);
        if kind == ImportKind::Series {
            plan.add_series(header)?;
        } else {
            plan.add_rest(header);
        }
        plan.check_required()?;
        Ok(plan)
    }

    /// Decides by a mapping alone: no other column is read, whatever its name, and no field is required.
    ///
    /// # Errors
    /// When the mapping names a field or column that does not exist or is protected.
    pub fn exactly(kind: ImportKind, header: &Header, mapping: &Mapping) -> Result<Self> {
        let mut plan = Self::empty(kind, header, mapping)?;
        plan.add_mapping(header, mapping)?;
        plan.sort();
        Ok(plan)
    }

    /// The kind of file this is for.
    pub fn kind(&self) -> ImportKind {
        self.kind
    }

    /// Every guess about this file, those followed and those not.
    pub fn guesses(&self) -> &[Guess] {
        &self.guesses
    }

    /// What a person should know about single columns.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Our field and the file's column, for every column that is used, to show before rows are read.
    pub fn columns(&self) -> Vec<(String, &str)> {
        let field_name = |target: &Target| match target {
            Target::Field(field, _) => {
                fields(self.kind).iter().find(|s| s.field == *field).map_or("", |s| s.name).to_owned()
            }
            Target::Free(name) => format!("{}.{name}", free_name(self.kind).unwrap_or_default()),
        };
        let used = self.steps.iter().filter_map(|step| match step.input {
            Input::Column(column) => Some((field_name(&step.target), self.columns[column].as_str())),
            Input::Constant(_) => None,
        });
        used.collect()
    }

    /// The text that an input gives of a row.
    pub(crate) fn text<'a>(&'a self, step: &'a Step, row: &Row<'a>) -> &'a str {
        let text = step.input.text(row);
        if self.is_guarded && matches!(step.input, Input::Column(_)) { unguarded(text) } else { text }
    }

    /// The name of the column behind an input, or of the constant's field.
    pub(crate) fn column_of(&self, step: &Step) -> Option<String> {
        match step.input {
            Input::Column(column) => self.name_of(column),
            Input::Constant(_) => None,
        }
    }

    /// The name of a column by its position.
    pub(crate) fn name_of(&self, column: usize) -> Option<String> {
        self.columns.get(column).cloned()
    }

    fn empty(kind: ImportKind, header: &Header, mapping: &Mapping) -> Result<Self> {
        let dates =
            Dates::new(mapping.date_format.as_deref()).map_err(|reason| wrong(format!("[formats] date: {reason}")))?;
        Ok(Self {
            kind,
            steps: Vec::new(),
            dates,
            periods: Vec::new(),
            is_guarded: header.position(MARK).is_some(),
            columns: header.names().to_vec(),
            guesses: Vec::new(),
            notes: header.notes().iter().map(|(column, detail)| note("renamed_column", column, detail)).collect(),
        })
    }

    fn has(&self, wanted: Field) -> bool {
        self.steps.iter().any(|s| matches!(s.target, Target::Field(field, _) if field == wanted))
    }

    fn uses(&self, wanted: usize) -> bool {
        self.steps.iter().any(|s| matches!(s.input, Input::Column(column) if column == wanted))
    }

    fn add_mapping(&mut self, header: &Header, mapping: &Mapping) -> Result<()> {
        for (name, column) in &mapping.columns {
            let target = self.target(name, mapping.units.get(name).copied())?;
            let of_people = matches!(self.kind, ImportKind::Leads | ImportKind::Interactions);
            if of_people && matches!(classify(column), Some(Concern::Protected(_))) {
                return Err(Error::Protected { field: column.clone() });
            }
            if header.is_repeated(column) {
                return Err(Error::ColumnAmbiguous { field: name.clone(), column: column.clone() });
            }
            let missing = || Error::ColumnMissing { field: name.clone(), column: column.clone() };
            let position = header.position(column).ok_or_else(missing)?;
            self.steps.push(Step { target, input: Input::Column(position) });
        }
        for (name, constant) in &mapping.constants {
            if mapping.columns.contains_key(name) {
                return Err(wrong(format!("{name} has both a column and a constant")));
            }
            let target = self.target(name, mapping.units.get(name).copied())?;
            self.steps.push(Step { target, input: Input::Constant(constant.clone()) });
        }
        for name in mapping.units.keys() {
            let area = field(self.kind, name).is_some_and(Field::is_area);
            if !area {
                return Err(wrong(format!("[units] {name} is no area")));
            }
            if !mapping.columns.contains_key(name) && !mapping.constants.contains_key(name) {
                return Err(wrong(format!("[units] {name} has a unit but no column")));
            }
        }
        Ok(())
    }

    fn target(&self, name: &str, unit: Option<Unit>) -> Result<Target> {
        if let Some(field) = field(self.kind, name) {
            return Ok(Target::Field(field, unit.map_or(1.0, Unit::square_feet)));
        }
        let free = free_name(self.kind).and_then(|prefix| name.strip_prefix(prefix)?.strip_prefix('.'));
        if matches!(classify(free.unwrap_or(name)), Some(Concern::Protected(_))) {
            return Err(Error::Protected { field: name.to_owned() });
        }
        match free {
            Some(free) if !free.is_empty() => Ok(Target::Free(free.to_owned())),
            _ => Err(wrong(format!("{name} is no field of {}", self.kind))),
        }
    }

    fn add_guesses(&mut self, header: &Header, accept: Confidence) {
        self.guesses = guess(self.kind, header);
        for guess in self.guesses.clone() {
            let (Some(field), Some(column)) = (field(self.kind, guess.field), header.position(&guess.column)) else {
                continue;
            };
            if guess.confidence >= accept && !self.has(field) && !self.uses(column) {
                let factor = guess.unit.map_or(1.0, Unit::square_feet);
                self.steps.push(Step { target: Target::Field(field, factor), input: Input::Column(column) });
            }
        }
    }

    /// Columns that nothing else takes become free fields; those that only tell what we computed ourselves are left out.
    fn add_rest(&mut self, header: &Header) {
        let ours: &[&str] = match self.kind {
            ImportKind::Listings | ImportKind::Sales if header.position("listing_key").is_some() => {
                &["id", "provenance"]
            }
            ImportKind::Leads if header.position("external_id").is_some() => {
                &["id", "provenance", "version", "score", "tier", "assignee", "last_interaction_at"]
            }
            _ => &[],
        };
        let is_export = header.position("id").is_some();
        let mut free_names: HashSet<String> = HashSet::new();
        for step in &self.steps {
            if let Target::Free(name) = &step.target {
                free_names.insert(name.clone());
            }
        }
        let used: HashSet<usize> =
            self.steps.iter().filter_map(|s| if let Input::Column(c) = s.input { Some(c) } else { None }).collect();
        let rest = header.names().iter().enumerate().filter(|(c, name)| !used.contains(c) && name.as_str() != MARK);
        for (column, name) in rest {
            if is_export && ours.contains(&name.as_str()) {
                self.notes.push(note("ignored_column", name, "is computed here and not read"));
                continue;
            }
            if !free_names.insert(name.clone()) {
                self.notes.push(note("ignored_column", name, "the mapping gives this name to another column"));
                continue;
            }
            if matches!(self.kind, ImportKind::Leads | ImportKind::Interactions) {
                match classify(name) {
                    Some(Concern::Protected(what)) => {
                        self.notes.push(note(
                            "protected_column",
                            name,
                            &format!("speaks of {what}; kept with the person, never used to score or match"),
                        ));
                    }
                    Some(Concern::Proxy) => self.notes.push(note(
                        "proxy_column",
                        name,
                        "may stand in for a protected trait; never used to match",
                    )),
                    None => {}
                }
            }
            self.steps.push(Step { target: Target::Free(name.clone()), input: Input::Column(column) });
        }
        self.sort();
    }

    /// Fields in column order, so that faults are told in it, the whole of the preferences before parts of them; then free
    /// fields by name, so that they are gathered in the order they are kept in.
    fn sort(&mut self) {
        let rank = |step: &Step| match (&step.target, &step.input) {
            (Target::Field(Field::Preferences, _), _) => (0, 0),
            (Target::Field(..), Input::Column(column)) => (1, *column),
            (Target::Field(..), Input::Constant(_)) => (0, 1),
            (Target::Free(_), _) => (2, 0),
        };
        let free = |step: &Step| if let Target::Free(name) = &step.target { Some(name.clone()) } else { None };
        self.steps.sort_by_cached_key(|step| (rank(step), free(step)));
    }

    /// Long: a period and a value; wide: columns named after periods.
    fn add_series(&mut self, header: &Header) -> Result<()> {
        self.periods = header.names().iter().enumerate().filter_map(|(i, n)| period(n).map(|day| (i, day))).collect();
        let mut seen = HashSet::new();
        if let Some((column, _)) = self.periods.iter().find(|(_, day)| !seen.insert(*day)) {
            return Err(Error::Header {
                line: 1,
                reason: format!("column \"{}\" stands for a period that another column has", self.columns[*column]),
            });
        }
        if !self.periods.is_empty() {
            if !self.has(Field::Metric) {
                self.notes.push(note("default_metric", "", "no metric is named, so it is called \"value\""));
                let input = Input::Constant(DEFAULT_METRIC.to_owned());
                self.steps.push(Step { target: Target::Field(Field::Metric, 1.0), input });
            }
            return Ok(());
        }
        let free: Vec<usize> = (0..header.len()).filter(|c| !self.uses(*c) && header.names()[*c] != MARK).collect();
        if let [only] = free[..]
            && self.has(Field::Period)
            && !self.has(Field::Value)
        {
            self.steps.push(Step { target: Target::Field(Field::Value, 1.0), input: Input::Column(only) });
            if !self.has(Field::Metric) {
                let input = Input::Constant(bare(&self.columns[only]));
                self.steps.push(Step { target: Target::Field(Field::Metric, 1.0), input });
            }
        }
        Ok(())
    }

    fn check_required(&self) -> Result<()> {
        let required: &[(Field, &'static str)] = match self.kind {
            ImportKind::Listings | ImportKind::Leads => &[],
            ImportKind::Sales => &[(Field::ClosePrice, "close_price"), (Field::CloseDate, "close_date")],
            ImportKind::Interactions => {
                &[(Field::LeadExternalId, "lead_external_id"), (Field::Kind, "kind"), (Field::At, "at")]
            }
            ImportKind::Series if self.periods.is_empty() => {
                &[(Field::Metric, "metric"), (Field::Period, "period"), (Field::Value, "value")]
            }
            ImportKind::Series => &[],
        };
        let missing = required.iter().find(|(field, _)| !self.has(*field));
        missing.map_or(Ok(()), |(_, field)| Err(Error::FieldMissing { field }))
    }
}

fn note(code: &'static str, column: &str, detail: &str) -> Note {
    Note { code, column: column.to_owned(), detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(kind: ImportKind, columns: &[&str], mapping: &str) -> Result<Plan> {
        let mapping = (!mapping.is_empty()).then(|| Mapping::parse(mapping).unwrap());
        Plan::new(kind, &Header::new(columns.iter().copied()), mapping.as_ref(), Confidence::Certain)
    }

    fn error(kind: ImportKind, columns: &[&str], mapping: &str) -> String {
        plan(kind, columns, mapping).unwrap_err().to_string()
    }

    #[test]
    fn own_names_need_no_mapping_and_the_rest_becomes_free() {
        let plan = plan(ImportKind::Listings, &["listing_key", "view", "address.city"], "").unwrap();
        let columns = plan.columns();
        assert_eq!(
            columns,
            [
                ("listing_key".into(), "listing_key"),
                ("address.city".into(), "address.city"),
                ("attributes.view".into(), "view")
            ]
        );
    }

    #[test]
    fn synonyms_are_followed_only_when_accepted_and_never_beside_a_mapping() {
        let header = Header::new(["ListPrice"].into_iter());
        let with = |mapping: Option<&Mapping>, accept| {
            Plan::new(ImportKind::Listings, &header, mapping, accept).unwrap().columns()[0].0.clone()
        };
        assert_eq!(with(None, Confidence::Certain), "attributes.ListPrice");
        assert_eq!(with(None, Confidence::Likely), "list_price");
        assert_eq!(with(Some(&Mapping::default()), Confidence::Likely), "attributes.ListPrice");
    }

    #[test]
    fn a_mapping_that_does_not_fit_is_an_error_that_names_the_key() {
        let sales = |mapping: &str| error(ImportKind::Sales, &["price", "date", "a", "a"], mapping);
        assert!(sales("[columns]\nclose_price='cost'\n").contains("\"cost\""));
        assert!(sales("[columns]\nclose_pricee='price'\n").contains("close_pricee"));
        assert!(sales("[columns]\nclose_price='a'\n").contains("more than once"));
        assert!(sales("[columns]\nclose_price='price'\n").contains("close_date"));
        assert!(sales("[columns]\nclose_price='price'\n[units]\nclose_price='m2'\n").contains("no area"));
        assert!(sales("[columns]\nclose_price='price'\n[constants]\nclose_price=5\n").contains("both"));
    }

    #[test]
    fn a_protected_trait_is_never_mapped() {
        assert!(matches!(plan(ImportKind::Leads, &["x"], "[columns]\nreligion='x'\n"), Err(Error::Protected { .. })));
        assert!(matches!(
            plan(ImportKind::Leads, &["x"], "[columns]\n'custom.marital_status'='x'\n"),
            Err(Error::Protected { .. })
        ));
        assert!(matches!(
            plan(ImportKind::Leads, &["gender"], "[columns]\nstage='gender'\n"),
            Err(Error::Protected { .. })
        ));
        let kept = plan(ImportKind::Leads, &["gender", "City", "score"], "").unwrap();
        assert_eq!(kept.notes().iter().map(|n| n.code).collect::<Vec<_>>(), ["protected_column", "proxy_column"]);
    }

    #[test]
    fn our_own_export_is_read_without_what_is_computed() {
        let plan = plan(ImportKind::Leads, &["id", "external_id", "name", "score", "tier"], "").unwrap();
        assert_eq!(plan.columns().len(), 2);
    }

    #[test]
    fn series_are_wide_long_or_two_columns() {
        assert_eq!(plan(ImportKind::Series, &["market", "2020-01", "2020-02"], "").unwrap().periods.len(), 2);
        assert!(plan(ImportKind::Series, &["market", "metric", "period", "value"], "").is_ok());
        assert!(plan(ImportKind::Series, &["DATE", "CPIAUCSL"], "[columns]\nperiod='DATE'\n").is_ok());
        assert!(error(ImportKind::Series, &["a", "b"], "").contains("metric"));
    }
}
