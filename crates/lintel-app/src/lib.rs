//! What the product does: one file per use case, the jobs, and the followers of the log.
//!
//! [`App`] is the one value that the edge and the commands hold. Every call takes the [`Principal`] it acts for; the
//! tenant comes from there and from nowhere else.

mod accuracy;
mod analyses;
mod analytics;
mod app;
mod auth;
mod backup;
mod cache;
mod connections;
mod cursor;
mod disparity;
mod drift;
mod error;
mod evaluate;
mod event;
mod experiments;
mod export;
mod file;
mod find;
mod followers;
mod forecasts;
mod frozen;
mod health;
mod hooks;
mod hot_set;
mod idempotency;
mod import;
mod ingest;
mod interactions;
mod jobs;
mod lead_changes;
mod lead_lists;
mod leads;
mod listing_leads;
mod listings;
mod market_sales;
mod markets;
mod marks;
mod matching;
mod merges;
mod model;
mod notifications;
mod people;
mod performance;
mod places;
mod pricer;
mod pricing;
mod queue;
mod realtime;
mod resident;
mod review;
mod roster;
mod saved;
mod score;
mod seal;
mod search;
mod secret;
mod synthetic;
mod tasks;
mod taste;
mod tier;
mod tracking;
mod train;
mod triggers;
mod wishing;

pub use accuracy::{AccuracyQuery, MarketAccuracy, MeasuredAccuracy};
pub use analyses::{AnalysisState, AnalysisView, FinishedAnalysis, NewAnalysis};
pub use analytics::{LeadAnalytics, LeadFigures};
pub use app::{App, Options, StoreStatus};
pub use auth::{KeyGrant, NewKey, NewUser, SessionGrant, SignIn, make_password};
pub use backup::{check_backup, replace_database};
pub use cache::{Document, Question, Wording};
pub use connections::{ConnectionView, NewConnection};
pub use disparity::{DisparityReport, MOST_MEMBERS};
pub use drift::DriftReport;
pub use error::{Error, FieldError, Result};
pub use evaluate::{EvaluationReport, LiveModel, ModelQuery, Since};
pub use event::{EventPage, LoggedEvent};
pub use experiments::{Comparison, ExperimentMetric, ExperimentReport, Exposure, MOST_VARIANTS, NewExperiment};
pub use export::Exporting;
pub use file::{
    FileForecastRequest, FileForecastSummary, FileTask, LearnFile, LearnedFile, MOST_FORECAST_STEPS, Notice,
    PredictFile, PredictedFile, SeriesLayout, TimeOf, forecast_file, learn_file, predict_file,
};
pub use find::{Hit, Hits, Thing};
pub use followers::Roles;
pub use forecasts::{ForecastEvaluation, ForecastEvaluationRequest, ForecastTotals, MarketForecast, PoolEvaluation};
pub use health::{Check, Readiness};
pub use hooks::{HIGHLEVEL, HookRefusal, HookView, Received};
pub use hot_set::{HotQuestion, HotSet};
pub use idempotency::{Attempt, IdempotencyTicket, IdempotentAnswer, keyed_id};
pub use import::{ImportDetail, ImportProgress, ImportRequest, ImportSource, ImportSummary, UndoSummary};
pub use interactions::{NewInteraction, RecordedInteraction, TimelineItem, TimelinePage};
pub use jobs::Work;
pub use lead_lists::LeadListRequest;
pub use leads::{LeadPatch, LeadView, NewLead};
pub use lintel_cache::{NoAddress, Redis};
pub use listing_leads::{ListingLead, ListingLeads};
pub use listings::{ListingOutcome, ListingWrite};
pub use market_sales::{LEAST_SALES, MarketSales, MarketSalesRequest, MonthSales};
pub use markets::{MarketView, NewMarket, SeriesPoint};
pub use matching::{Match, MatchAnswer, MatchRequest, Reason, ShownTaste};
pub use merges::MergedInto;
pub use notifications::{NotificationPage, NotificationView, ReadNotifications};
pub use people::{Caller, DEMO_TENANT, KeyView, UserView};
pub use performance::{CacheStats, FollowerLag, JobsOfKind, Performance, Pulse, StatementTimes, StorePerformance};
pub use places::{NamedPlace, PlaceKind};
pub use pricing::{Comparable, EstimateAnswer, EstimateRequest, PriceModelNote, ValueRange};
pub use queue::{AuditView, JobProgress, JobView};
pub use realtime::{Due, Listener, MOST_TOPICS, Message, Missed, RefusedTopic, Subscription};
pub use saved::{NewSavedSearch, RecentMatch, RecentMatches, SavedSearchPatch, SavedSearchView};
pub use score::{
    Churn, ChurnDetail, LeadAnalysis, LeadAnalysisState, LeadDetail, LeadScore, ScoreChange, ScoreModelNote,
    ScoreOrigin, ScoreReason, ScoreRequest, ScoreSubject,
};
pub use search::{ClusterRequest, ClustersAnswer, FacetValue, SearchAnswer, SearchRequest};
pub use synthetic::{DemoCounts, DemoRequest};
pub use tasks::{NewNote, NewTask, NoteView, TaskListRequest, TaskPatch, TaskView};
pub use taste::{TasteEvaluation, TasteEvaluationRequest};
pub use tier::TierRules;
pub use train::{TrainReport, TrainRequest};

pub use lintel_crm::highlevel::WebhookKeys;
pub use lintel_domain::{lead_list::LeadCounts, scope::Principal};
pub use lintel_feed::{export::ExportFormat, table::split_names};
pub use lintel_predict::{
    analysis::{Change as AnalysisChange, Figure as AnalysisFigure, Input as AnalysisInput},
    card::page as model_card,
    forecast::backtest::{HorizonScore, OriginScore},
    lead::{disparity::GroupShare, drift::DriftState},
    learn::progress::Progress,
    price::{
        Home, RatioStudy,
        confidence::{Confidence, Tier},
    },
    taste::{Found, TasteScore},
};
pub use lintel_search::Cluster;
pub use lintel_store::{
    Options as StoreOptions, db::Busy as StoreBusy, experiment::ExperimentRow, lead_days::FiguresFilter,
    task::TaskFilter,
};

/// One page of a list, with the cursor of the next.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins, when there is one: opaque, signed, good for this list and tenant only.
    pub next_cursor: Option<String>,
}

/// Which page of a list is asked for.
#[derive(Clone, Debug, Default)]
pub struct Paging {
    /// At most this many rows, 1 to 200; 50 when absent.
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}
