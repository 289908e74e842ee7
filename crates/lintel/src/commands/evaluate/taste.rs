//! `lintel evaluate taste`: the homes each lead turned to last, looked for by taste, by popularity and by chance.

use lintel_app::{App, Found, Principal, TasteEvaluation, TasteEvaluationRequest, TasteScore};
use serde_json::{Value, json};

use crate::{
    cli::Evaluate,
    output::{self, group, say},
};

/// Evaluates taste and says what it was worth.
pub(super) async fn run(app: &App, who: &Principal, flags: Evaluate) -> anyhow::Result<()> {
    let request = TasteEvaluationRequest { market: flags.market.clone(), k: flags.first as usize };
    let evaluations = app.evaluate_taste(who, request).await?;
    if flags.json {
        let people: usize = evaluations.iter().map(|one| one.score.people).sum();
        output::json(&json!({
            "kind": "taste",
            "market": flags.market,
            "n": people,
            "k": flags.first,
            "metrics": together(&evaluations),
            "markets": evaluations.iter().map(market_json).collect::<Vec<_>>(),
        }))
    } else {
        evaluations.iter().try_for_each(in_words)
    }
}

/// The figures of all markets, every lead counting alike.
fn together(evaluations: &[TasteEvaluation]) -> Value {
    let people: f64 = evaluations.iter().map(|one| one.score.people as f64).sum();
    let mean = |of: fn(&TasteScore) -> f64| {
        evaluations.iter().map(|one| of(&one.score) * one.score.people as f64).sum::<f64>() / people
    };
    json!({
        "recall": {
            "taste": mean(|score| score.taste.recall), "popularity": mean(|score| score.popularity.recall),
            "chance": mean(|score| score.chance.recall),
        },
        "ndcg": {
            "taste": mean(|score| score.taste.ndcg), "popularity": mean(|score| score.popularity.ndcg),
            "chance": mean(|score| score.chance.ndcg),
        },
    })
}

fn market_json(one: &TasteEvaluation) -> Value {
    let score = &one.score;
    let found = |found: &Found| json!({ "recall": found.recall, "ndcg": found.ndcg });
    json!({
        "market": one.market,
        "n": score.people,
        "homes": one.homes,
        "held_out": score.homes,
        "taste": found(&score.taste),
        "popularity": found(&score.popularity),
        "chance": found(&score.chance),
        "gain": score.gain,
        "standard_error": score.standard_error,
    })
}

fn in_words(one: &TasteEvaluation) -> anyhow::Result<()> {
    let TasteScore { people, homes, k, .. } = one.score;
    let [people, held, ranked] = [people, homes, one.homes].map(|n| group(n as u64));
    say(format!("{}: {held} homes held out of {people} leads, looked for among {ranked}", one.market))?;
    say(format!("              recall@{k:<4}  nDCG@{k}"))?;
    for (name, found) in
        [("taste", &one.score.taste), ("popularity", &one.score.popularity), ("chance", &one.score.chance)]
    {
        say(format!("  {name:<10}  {:>11.3}  {:>7.3}", found.recall, found.ndcg))?;
    }
    let (gain, error) = (one.score.gain, one.score.standard_error);
    let verdict = if gain > error { "better than" } else { "not clearly better than" };
    say(format!("  taste is {verdict} popularity: nDCG {gain:+.3}, standard error {error:.3}"))
}
