//! Reasons in words a person would use: "3 views this week".

use lintel_domain::interaction::InteractionKind;

use super::behaviour::Window;
use super::feature::LeadFeature;
use crate::fields::Value;

/// What a feature says about this lead.
pub(crate) fn label(feature: &LeadFeature, value: &Value<'_>) -> String {
    match (feature, value) {
        (LeadFeature::Count(kind, window), Value::Number(count)) => {
            let what = noun(*kind, *count);
            let when = match window {
                Window::Day => "today",
                Window::Week => "this week",
                Window::Month => "in 30 days",
                Window::Quarter => "in 90 days",
            };
            if *count == 0.0 { format!("no {what} {when}") } else { format!("{count} {what} {when}") }
        }
        (LeadFeature::DaysSince(kind), Value::Number(days)) => {
            format!("last {} {}", noun(*kind, 1.0), ago(*days))
        }
        (LeadFeature::DaysSince(kind), _) => format!("no {} yet", noun(*kind, 1.0)),
        (LeadFeature::AgeDays, Value::Number(days)) => format!("first seen {}", ago(*days)),
        (LeadFeature::HasEmail, Value::Number(n)) => with_or_without(*n, "an e-mail address"),
        (LeadFeature::HasPhone, Value::Number(n)) => with_or_without(*n, "a telephone number"),
        (LeadFeature::StatedWishes, Value::Number(n)) => format!("{n} wishes stated"),
        (LeadFeature::OurResponseHours, Value::Number(h)) => format!("we answered in {}", hours(*h)),
        (LeadFeature::TheirResponseHours, Value::Number(h)) => format!("answers in {}", hours(*h)),
        (LeadFeature::DaysSinceAct, Value::Number(days)) => format!("last active {}", ago(*days)),
        (LeadFeature::DaysSinceAct, _) => "not active yet".into(),
        (LeadFeature::ActiveDays(window), Value::Number(days)) => {
            format!("active on {days} of the last {} days", window.days())
        }
        (LeadFeature::Unanswered, Value::Number(n)) => format!("{n} messages of ours without an answer"),
        (LeadFeature::AwaitsUs, Value::Number(n)) if *n == 0.0 => "we spoke last".into(),
        (LeadFeature::AwaitsUs, Value::Number(_)) => "waits for our answer".into(),
        (_, Value::Number(number)) => format!("{}: {number}", title(feature)),
        (_, Value::Word(word)) => format!("{}: {word}", title(feature)),
        (_, Value::Missing) => format!("{}: not known", title(feature)),
    }
}

fn title(feature: &LeadFeature) -> String {
    match feature {
        LeadFeature::Custom(name, _) => name.clone(),
        LeadFeature::Source => "source".into(),
        LeadFeature::Stage => "stage".into(),
        LeadFeature::AgeDays => "first seen".into(),
        LeadFeature::PriceMin => "lowest price wished".into(),
        LeadFeature::PriceMax => "highest price wished".into(),
        LeadFeature::BedroomsMin => "bedrooms wished".into(),
        LeadFeature::LivingAreaMin => "living area wished".into(),
        LeadFeature::OurResponseHours => "our response time".into(),
        LeadFeature::TheirResponseHours => "the lead's response time".into(),
        other => other.name().replace('_', " "),
    }
}

fn noun(kind: InteractionKind, count: f64) -> &'static str {
    let one = count == 1.0;
    let (single, plural) = match kind {
        InteractionKind::EmailOpen => ("opened e-mail", "opened e-mails"),
        InteractionKind::LinkClick => ("click", "clicks"),
        InteractionKind::FormSubmit => ("form sent", "forms sent"),
        InteractionKind::CallAnswered => ("answered call", "answered calls"),
        InteractionKind::CallMissed => ("missed call", "missed calls"),
        InteractionKind::ListingView => ("view", "views"),
        InteractionKind::ListingSave => ("saved home", "saved homes"),
        InteractionKind::ListingHide => ("hidden home", "hidden homes"),
        InteractionKind::ListingShare => ("shared home", "shared homes"),
        InteractionKind::Search => ("search", "searches"),
        InteractionKind::SiteVisit => ("site visit", "site visits"),
        InteractionKind::MessageIn => ("message from the lead", "messages from the lead"),
        InteractionKind::MessageOut => ("message from us", "messages from us"),
        InteractionKind::ShowingRequested => ("showing asked for", "showings asked for"),
        InteractionKind::Showing => ("showing", "showings"),
        InteractionKind::Offer => ("offer", "offers"),
        InteractionKind::Note => ("note", "notes"),
        InteractionKind::Other => ("other action", "other actions"),
    };
    if one { single } else { plural }
}

fn ago(days: f64) -> String {
    let whole = days.floor();
    if whole < 1.0 {
        "today".into()
    } else if whole == 1.0 {
        "1 day ago".into()
    } else {
        format!("{whole} days ago")
    }
}

fn hours(hours: f64) -> String {
    if hours < 1.0 {
        format!("{:.0} minutes", hours * 60.0)
    } else if hours < 48.0 {
        format!("{hours:.0} hours")
    } else {
        format!("{:.0} days", hours / 24.0)
    }
}

fn with_or_without(flag: f64, what: &str) -> String {
    if flag > 0.0 { format!("has {what}") } else { format!("without {what}") }
}
