//! Analyses: asked for, calculated by a job, kept for ever, answered again while they are valid.

mod asked;
mod market;

use lintel_domain::{
    analysis::{AnalysisInputs, AnalysisKind, Subject},
    clock::{DAY, Day, Time},
    event::Event,
    fingerprint::{Canon, Fingerprint},
    id::{AnalysisId, JobId, TenantId},
    job::Job,
    listing::Listing,
    market::MarketSlug,
};
use lintel_predict::analysis::{Calculation, Change, changes};
use lintel_store::{
    analysis::AnalysisRow,
    job::{Claimed, JobRow, JobState, NewJob},
};

pub(crate) use market::Kept;

use crate::{App, Error, Principal, Result};

/// How long an analysis is answered instead of a new one of the same, in microseconds.
const VALID: i64 = DAY;

/// An analysis asked for.
#[derive(Clone, Debug)]
pub struct NewAnalysis {
    /// Its id, when the caller names it (see [`crate::keyed_id`]): one that is there already is then the answer.
    pub id: Option<AnalysisId>,
    /// Which calculation.
    pub kind: AnalysisKind,
    /// About what.
    pub subject: Subject,
    /// What is given to it.
    pub inputs: AnalysisInputs,
}

/// An analysis, on its way or done.
#[derive(Clone, Debug)]
pub struct AnalysisView {
    /// Its id, which is that of its job too.
    pub id: AnalysisId,
    /// Which calculation.
    pub kind: AnalysisKind,
    /// About what.
    pub subject: Subject,
    /// What was given to it.
    pub inputs: AnalysisInputs,
    /// How far it is.
    pub state: AnalysisState,
}

/// How far an analysis is.
#[derive(Clone, Debug)]
pub enum AnalysisState {
    /// It waits for a worker.
    Queued,
    /// A worker has it.
    Running,
    /// It could not be calculated.
    Failed(String),
    /// It was calculated.
    Done(Box<FinishedAnalysis>),
}

/// What a calculation gave.
#[derive(Clone, Debug)]
pub struct FinishedAnalysis {
    /// Inputs and figures, or why there are none.
    pub calculation: Calculation,
    /// The one before of the same kind about the same subject.
    pub previous: Option<AnalysisId>,
    /// The figures that differ from it.
    pub changes: Vec<Change>,
    /// When it was calculated.
    pub at: Time,
    /// Until when it is answered instead of a new one.
    pub valid_until: Time,
}

impl App {
    /// Asks for an analysis. One of the same question that is still valid is the answer; else a job is queued.
    pub async fn analysis_request(&self, who: &Principal, new: NewAnalysis) -> Result<AnalysisView> {
        asked::check(new.kind, &new.subject, &new.inputs)?;
        let tenant = who.tenant;
        if let Some(id) = new.id
            && let Some(known) = self.analysis_find(tenant, id).await?
        {
            return Ok(known);
        }
        let about = self.about(tenant, &new.subject).await?;
        let now = self.clock().now();
        let fingerprint = about.fingerprint(&new)?;
        if let Some(row) = self.0.store.analysis_valid(tenant, &fingerprint, now).await? {
            return row.try_into();
        }
        let id = new.id.unwrap_or_else(|| AnalysisId(self.0.ids.next(now)));
        let (kind, subject, inputs) = (new.kind, new.subject, new.inputs);
        let job = Job::RunAnalysis { analysis: kind, subject: subject.clone(), inputs: inputs.clone() };
        let queued = NewJob::new(JobId(id.0), tenant, job, now);
        self.0.store.write(move |tx| tx.enqueue(&queued)).await?;
        Ok(AnalysisView { id, kind, subject, inputs, state: AnalysisState::Queued })
    }

    /// One analysis, done or on its way.
    pub async fn analysis(&self, who: &Principal, id: AnalysisId) -> Result<AnalysisView> {
        self.analysis_find(who.tenant, id).await?.ok_or(Error::NotFound("analysis"))
    }

    /// The last analysis of each kind about a subject; of one kind when given.
    pub async fn analyses_latest(
        &self,
        who: &Principal,
        subject: &Subject,
        kind: Option<AnalysisKind>,
    ) -> Result<Vec<AnalysisView>> {
        self.about(who.tenant, subject).await?;
        let mut found = Vec::new();
        for one in AnalysisKind::ALL.iter().filter(|one| kind.is_none_or(|kind| kind == **one)) {
            if let Some(row) = self.0.store.analysis_latest(who.tenant, subject, *one).await? {
                found.push(row.try_into()?);
            }
        }
        Ok(found)
    }

    async fn analysis_find(&self, tenant: TenantId, id: AnalysisId) -> Result<Option<AnalysisView>> {
        if let Some(row) = self.0.store.analysis_get(tenant, id).await? {
            return row.try_into().map(Some);
        }
        let job = self.0.store.job(tenant, JobId(id.0)).await?;
        if job.as_ref().is_some_and(|job| job.state == JobState::Done) {
            // It was done between the two looks.
            return self.0.store.analysis_get(tenant, id).await?.map(TryInto::try_into).transpose();
        }
        Ok(job.and_then(on_its_way))
    }

    /// Calculates an analysis and keeps it; a second run of the same job finds it kept.
    pub(crate) async fn job_run_analysis(
        &self,
        job: &Claimed,
        kind: AnalysisKind,
        subject: &Subject,
        inputs: &AnalysisInputs,
    ) -> Result<()> {
        let (tenant, now) = (job.tenant, self.clock().now());
        let about = self.about(tenant, subject).await?;
        let new = NewAnalysis { id: None, kind, subject: subject.clone(), inputs: inputs.clone() };
        let fingerprint = about.fingerprint(&new)?;
        let homes = if kind.is_of_one_home() { None } else { Some(self.measurements(tenant, about.market()).await?) };
        let question = asked::Question::of(kind, inputs, about.listing.as_ref(), now.day());
        let calculation =
            self.compute(move || question.answer(homes.as_deref().map_or(&[], market::Measurements::homes))).await?;
        let row = AnalysisRow {
            id: AnalysisId(job.id.0),
            at: now,
            kind,
            subject: subject.clone(),
            asked: serde_json::to_value(inputs).map_err(Error::internal)?,
            fingerprint,
            result: serde_json::to_value(&calculation).map_err(Error::internal)?,
            previous: None,
            changes: serde_json::Value::Array(Vec::new()),
            valid_until: now.plus(VALID),
        };
        let job = job.clone();
        let write = self.0.store.write(move |tx| keep(tx, tenant, row.clone(), &calculation, &job));
        Ok(write.await?)
    }

    /// The listing or market that a question is about.
    async fn about(&self, tenant: TenantId, subject: &Subject) -> Result<About> {
        let unknown = |name: &str, detail| Error::invalid(format!("/subject/{name}"), "unknown", detail);
        match subject {
            Subject::Listing(id) => {
                let listing = self.0.store.listing_get(tenant, *id).await?;
                let listing = listing.ok_or_else(|| unknown("listing_id", "there is no such listing"))?;
                Ok(About { market: listing.market.clone(), listing: Some(listing) })
            }
            Subject::Market(slug) => {
                self.0
                    .store
                    .market_get(tenant, slug)
                    .await?
                    .ok_or_else(|| unknown("market", "there is no such market"))?;
                Ok(About { market: slug.clone(), listing: None })
            }
        }
    }
}

/// What a question is about, as it is now.
struct About {
    market: MarketSlug,
    listing: Option<Listing>,
}

impl About {
    fn market(&self) -> &MarketSlug {
        &self.market
    }

    /// Changes when the question does, or the listing.
    fn fingerprint(&self, new: &NewAnalysis) -> Result<Fingerprint> {
        let inputs = serde_json::to_string(&new.inputs).map_err(Error::internal)?;
        let mut canon = Canon::default();
        canon
            .text(Some(new.kind.as_str()))
            .text(Some(&new.subject.key()))
            .text(Some(&inputs))
            .int(self.listing.as_ref().map(|listing| listing.version));
        Ok(canon.finish())
    }
}

/// Keeps an analysis with what differs from the one before it, tells of it, and ends its job.
fn keep(
    tx: &mut lintel_store::Tx<'_>,
    tenant: TenantId,
    mut row: AnalysisRow,
    calculation: &Calculation,
    job: &Claimed,
) -> lintel_store::Result<()> {
    if !tx.analysis_is_kept(tenant, row.id)? {
        if let Some(before) = tx.analysis_latest_held(tenant, &row.subject, row.kind)? {
            row.previous = Some(before.id);
            row.changes = compare(&before.result, calculation)?;
        }
        tx.analysis_insert(tenant, &row)?;
        let (analysis, kind, subject) = (row.id, row.kind, row.subject);
        tx.emit(tenant, row.at, &Event::AnalysisFinished { analysis, kind, subject })?;
    }
    tx.job_done(job, None, row.at)
}

fn compare(before: &serde_json::Value, after: &Calculation) -> lintel_store::Result<serde_json::Value> {
    let decode = |source| lintel_store::Error::Decode { what: "analysis", source };
    let before: Calculation = serde_json::from_value(before.clone()).map_err(decode)?;
    serde_json::to_value(changes(&before, after)).map_err(decode)
}

impl TryFrom<AnalysisRow> for AnalysisView {
    type Error = Error;

    fn try_from(row: AnalysisRow) -> Result<Self> {
        let finished = FinishedAnalysis {
            calculation: serde_json::from_value(row.result).map_err(Error::internal)?,
            previous: row.previous,
            changes: serde_json::from_value(row.changes).map_err(Error::internal)?,
            at: row.at,
            valid_until: row.valid_until,
        };
        Ok(Self {
            id: row.id,
            kind: row.kind,
            subject: row.subject,
            inputs: serde_json::from_value(row.asked).map_err(Error::internal)?,
            state: AnalysisState::Done(Box::new(finished)),
        })
    }
}

/// The analysis that a job has not finished; none of another kind of job.
fn on_its_way(job: JobRow) -> Option<AnalysisView> {
    let state = match job.state {
        JobState::Ready => AnalysisState::Queued,
        JobState::Running => AnalysisState::Running,
        JobState::Dead => AnalysisState::Failed("the calculation failed; an administrator sees why".to_owned()),
        JobState::Cancelled => AnalysisState::Failed("the calculation was cancelled".to_owned()),
        JobState::Done => return None,
    };
    match serde_json::from_value(job.body) {
        Ok(Job::RunAnalysis { analysis, subject, inputs }) => {
            Some(AnalysisView { id: AnalysisId(job.id.0), kind: analysis, subject, inputs, state })
        }
        _ => None,
    }
}

/// The first day whose sales a question may look at.
fn earliest(today: Day) -> Day {
    Day(today.0.saturating_sub_unsigned(asked::LONGEST_WINDOW))
}
