"""The peers of `cargo xtask bench models`: LightGBM and CatBoost on tables, damped Holt and theta on series.

Reads jobs as JSON from standard input and writes files of the same shape as `lintel predict` and `lintel forecast`;
prints versions, seconds and latency as JSON. Ordinary good settings, one thread: native categories, prices by their
logarithm, trees counted by early stopping on a tenth (the latest, where rows have an order), then learnt from all rows.
"""

import json
import sys
import time
from importlib.metadata import version

import catboost
import lightgbm
import numpy as np
import pandas as pd

ROUNDS, PATIENCE, SEED = 1500, 50, 1


def columns(train, test, job):
    """Features of both parts: numbers where the training rows are, categories elsewhere."""
    unused = [name for name in [job["label"], job["id"], *job["drop"]] if name]
    train, test = train.drop(columns=unused), test.drop(columns=unused, errors="ignore")
    for name in train:
        if name == job["time"]:
            day = {"ymd": "%Y%m%d", "dmy": "%d/%m/%Y"}[job["date"]]
            for part in (train, test):
                text = part[name].str[:8] if job["date"] == "ymd" else part[name]
                part[name] = (pd.to_datetime(text, format=day) - pd.Timestamp("2000-01-01")).dt.days
            continue
        numbers = pd.to_numeric(train[name], errors="coerce")
        filled = train[name].str.strip() != ""
        if numbers[filled].notna().mean() > 0.95:
            train[name], test[name] = numbers, pd.to_numeric(test[name], errors="coerce")
        else:
            kinds = pd.CategoricalDtype(sorted(train[name].unique()))
            train[name], test[name] = train[name].astype(kinds), test[name].astype(kinds)
    return train, test


def halves(count, ordered):
    """Rows to learn from and rows to stop by."""
    order = np.arange(count) if ordered else np.random.default_rng(SEED).permutation(count)
    return order[: count * 9 // 10], order[count * 9 // 10 :]


def by_lightgbm(x, y, test, classify, ordered):
    settings = dict(
        objective="binary" if classify else "regression", learning_rate=0.05, num_leaves=31, min_child_samples=20,
        subsample=0.8, subsample_freq=1, colsample_bytree=0.8, reg_lambda=1.0, seed=SEED, n_jobs=1, verbose=-1,
    )
    kind = lightgbm.LGBMClassifier if classify else lightgbm.LGBMRegressor
    own, other = halves(len(x), ordered)
    model = kind(n_estimators=ROUNDS, **settings)
    stop = [lightgbm.early_stopping(PATIENCE, verbose=False)]
    model.fit(x.iloc[own], y[own], eval_X=x.iloc[other], eval_y=y[other], callbacks=stop)
    say = lambda model, x: model.predict_proba(x)[:, 1] if classify else model.predict(x)
    rest = y[other] - say(model, x.iloc[other])
    model = kind(n_estimators=max(model.best_iteration_, 1), **settings).fit(x, y)
    return say(model, test), rest


def by_catboost(x, y, test, classify, ordered):
    categories = [name for name in x if x[name].dtype == "category"]
    text = lambda part: part.assign(**{name: part[name].astype(object).fillna("?").astype(str) for name in categories})
    x, test = text(x), text(test)
    settings = dict(learning_rate=0.06, depth=6, random_seed=SEED, thread_count=1, verbose=False, allow_writing_files=False)
    kind = catboost.CatBoostClassifier if classify else catboost.CatBoostRegressor
    own, other = halves(len(x), ordered)
    model = kind(iterations=ROUNDS, **settings)
    model.fit(
        x.iloc[own], y[own], cat_features=categories, eval_set=(x.iloc[other], y[other]), early_stopping_rounds=PATIENCE
    )
    say = lambda model, x: model.predict_proba(x)[:, 1] if classify else model.predict(x)
    rest = y[other] - say(model, x.iloc[other])
    model = kind(iterations=max(model.tree_count_, 1), **settings).fit(x, y, cat_features=categories)
    return say(model, test), rest


def table(job):
    read = lambda path: pd.read_csv(path, dtype=str, keep_default_na=False)
    train, test = read(job["train"]), read(job["test"])
    classify = job["task"] == "classify"
    label = train[job["label"]]
    y = label.str.lower().isin(["1", "true", "yes", "y"]).to_numpy(int) if classify else np.log(label.astype(float)).to_numpy()
    x, ahead = columns(train, test, job)
    seconds = {}
    for name, learner in {"lightgbm": by_lightgbm, "catboost": by_catboost}.items():
        start = time.monotonic()
        said, rest = learner(x, y, ahead, classify, job["ordered"])
        seconds[name] = time.monotonic() - start
        out = {"row": np.arange(1, len(said) + 1)}
        if classify:
            out["probability"] = said
        else:
            # Intervals as a user would: quantiles of the errors on the rows that stopped the learner.
            out["prediction"] = np.exp(said)
            for bound, at in {"lower80": 0.1, "upper80": 0.9, "lower95": 0.025, "upper95": 0.975}.items():
                out[bound] = np.exp(said + np.quantile(rest, at))
        pd.DataFrame(out).to_csv(job["out"][name], index=False)
    return seconds


def series(job):
    from statsforecast import StatsForecast
    from statsforecast.models import AutoETS, DynamicOptimizedTheta

    wide = pd.read_csv(job["from"], dtype={0: str})
    id_column = wide.columns[0]
    periods = [name for name in wide.columns if name[:4].isdigit()]
    # Numbered: a calendar would only name the periods that are forecast.
    wide = wide.rename(columns={name: at for at, name in enumerate(periods)})
    long = wide.melt(id_column, range(len(periods)), "ds", "y").dropna().rename(columns={id_column: "unique_id"})
    long["ds"] = long["ds"].astype(int)
    year, horizon = job["year"], job["horizon"]
    enough = long.groupby("unique_id")["y"].transform("size") >= 2 * year
    models = [AutoETS(season_length=1, model="AAN", damped=True, alias="holt"), DynamicOptimizedTheta(season_length=year, alias="theta")]
    start = time.monotonic()
    said = StatsForecast(models, freq=1, n_jobs=1).forecast(df=long[enough], h=horizon, level=[80])
    for name in job["out"]:
        part = said[["unique_id", "ds", name, f"{name}-lo-80", f"{name}-hi-80"]]
        part.columns = ["series", "period", "mean", "lower80", "upper80"]
        part.to_csv(job["out"][name], index=False)
    return {"both": time.monotonic() - start}


def latency(job):
    """Microseconds that LightGBM takes for one row from Python, at the size that ours is timed at."""
    random = np.random.default_rng(SEED)
    x = random.normal(size=(job["rows"], job["columns"]))
    y = x[:, 0] * x[:, 1] + np.sin(2 * x[:, 2]) + 0.3 * x[:, 3] + 0.2 * random.normal(size=job["rows"])
    model = lightgbm.LGBMRegressor(n_estimators=job["trees"], num_leaves=job["leaves"], n_jobs=1, verbose=-1).fit(x, y)
    out = {}
    for name, more in {"one_row_us": {}, "one_row_with_contributions_us": {"pred_contrib": True}}.items():
        times = []
        for row in x[:500]:
            start = time.perf_counter()
            model.booster_.predict(row[None, :], num_threads=1, **more)
            times.append(time.perf_counter() - start)
        out[name] = 1e6 * float(np.median(times))
    start = time.perf_counter()
    model.booster_.predict(x, num_threads=1)
    out["batch_rows_per_second"] = len(x) / (time.perf_counter() - start)
    return out


def main():
    names = ["lightgbm", "catboost", "statsforecast", "numpy", "pandas"]
    kinds = {"table": table, "series": series, "latency": latency}
    answers = [kinds[job["kind"]](job) for job in json.load(sys.stdin)]
    json.dump({"versions": {name: version(name) for name in names}, "answers": answers}, sys.stdout)


if __name__ == "__main__":
    main()
