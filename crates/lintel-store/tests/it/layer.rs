//! Values, rows and reads behave alike on both engines.

use lintel_domain::{clock::Time, id::LeadId};
use lintel_store::{
    Error, Rule,
    db::{Params, Row, Value, giving_way},
    params,
};
use serde_json::json;
use uuid::Uuid;

lintel_store::sql! {
    MAKE "things.make" = {
        sqlite: "CREATE TABLE things (id BLOB PRIMARY KEY, n INTEGER CHECK (n >= 0), x REAL, t TEXT NOT NULL, b INTEGER,
            j TEXT, raw BLOB) STRICT",
        postgres: "CREATE TABLE things (id uuid PRIMARY KEY, n bigint CHECK (n >= 0), x double precision,
            t text NOT NULL, b boolean, j jsonb, raw bytea)",
    };
    ADD "things.add" = "INSERT INTO things (id, n, x, t, b, j, raw) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    ADD_NEW "things.add_new" = "INSERT INTO things (id, n, t) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING";
    ONE "things.one" = "SELECT n, x, t, b, j, raw, id FROM things WHERE id = $1";
    SWAPPED "things.swapped" = "SELECT t FROM things WHERE n = $2 AND t = $1 AND t <> '$2'";
    ADDED "things.added" = "INSERT INTO things (id, n, t) VALUES ($1, $2, $3)
        ON CONFLICT (id) DO UPDATE SET n = excluded.n RETURNING n";
    COUNT "things.count" = "SELECT COUNT(*) FROM things";
    AMONG "things.among" = {
        sqlite: "SELECT n FROM things WHERE id IN (SELECT unhex(value) FROM json_each($1))
            AND n IN (SELECT value FROM json_each($2)) AND t IN (SELECT value FROM json_each($3)) ORDER BY n",
        postgres: "SELECT n FROM things WHERE id = ANY($1) AND n = ANY($2) AND t = ANY($3) ORDER BY n",
    };
    SLOW "things.slow" = {
        sqlite: "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT COUNT(*) FROM c",
        postgres: "SELECT 1 FROM pg_sleep(60)",
    };
}

fn thing(id: Uuid, n: i64, text: &str) -> Params {
    params![id, n, None::<f64>, text, None::<bool>, None::<serde_json::Value>, None::<Vec<u8>>]
}

async fn add(backend: &crate::backend::Backend, params: Params) -> Result<u64, Error> {
    backend.write(move |tx| tx.execute(&ADD, params.clone())).await
}

on_each_backend! {
    async fn values_come_back_as_they_went_in(backend) {
        backend.write(|tx| tx.execute(&MAKE, Vec::new())).await.unwrap();
        let id = backend.id();
        let document = json!({"a": [1, 2.5, null, "ö\u{1F3E0}"]});
        let row = params![id, i64::MAX, -0.5, "it's $1 ö", true, &document, vec![0u8, 255]];
        assert_eq!(add(&backend, row).await.unwrap(), 1);
        let back = backend
            .query_one(&ONE, params![id], |row| {
                assert!(row.get::<Option<LeadId>>(6)?.is_some());
                assert!(row.get::<String>(0).is_err(), "a number is no text");
                assert!(row.get::<i64>(9).is_err(), "there is no such column");
                Ok((row.get::<i64>(0)?, row.get::<f64>(1)?, row.get::<String>(2)?, row.get::<bool>(3)?,
                    row.get::<serde_json::Value>(4)?, row.get::<Vec<u8>>(5)?))
            })
            .await
            .unwrap();
        assert_eq!(back, (i64::MAX, -0.5, "it's $1 ö".to_owned(), true, document, vec![0, 255]));

        let empty = backend.id();
        add(&backend, params![empty, None::<i64>, None::<f64>, "", None::<bool>, Value::Null, Value::Null]).await.unwrap();
        let back = backend.point(&ONE, params![empty], |row| {
            assert!(row.get::<i64>(0).is_err(), "null needs an option");
            Ok((row.get::<Option<Time>>(0)?, row.get::<Option<serde_json::Value>>(4)?))
        });
        assert_eq!(back.await.unwrap(), Some((None, None)));
        assert_eq!(backend.point(&ONE, params![backend.id()], |_| Ok(())).await.unwrap(), None);
        assert!(matches!(backend.query_one(&ONE, params![backend.id()], |_| Ok(())).await, Err(Error::NoRow { .. })));
    }

    async fn parameters_keep_their_numbers(backend) {
        backend.write(|tx| tx.execute(&MAKE, Vec::new())).await.unwrap();
        add(&backend, thing(backend.id(), 7, "seven")).await.unwrap();
        let found = backend.query(&SWAPPED, params!["seven", 7i64], |row| row.get::<String>(0)).await.unwrap();
        assert_eq!(found, ["seven"]);
    }

    async fn lists_are_parameters(backend) {
        backend.write(|tx| tx.execute(&MAKE, Vec::new())).await.unwrap();
        let ids: Vec<Uuid> = (0..5).map(|_| backend.id()).collect();
        for (n, id) in ids.iter().enumerate() {
            add(&backend, thing(*id, n as i64, &format!("t\"{n}"))).await.unwrap();
        }
        let lists = params![ids[1..].to_vec(), vec![1i64, 2, 9], vec!["t\"1".to_owned(), "t\"2".to_owned()]];
        let n = |row: &Row<'_>| row.get::<i64>(0);
        assert_eq!(backend.query(&AMONG, lists.clone(), n).await.unwrap(), [1, 2]);
        assert_eq!(backend.points(&AMONG, lists.clone(), n).await.unwrap(), [1, 2]);
        assert_eq!(giving_way(backend.points(&AMONG, lists, n)).await.unwrap(), [1, 2]);
        let none = params![Vec::<Uuid>::new(), Vec::<i64>::new(), Vec::<String>::new()];
        assert!(backend.query(&AMONG, none, |row| row.get::<i64>(0)).await.unwrap().is_empty());
    }

    async fn broken_rules_and_bad_values_are_told_apart(backend) {
        backend.write(|tx| tx.execute(&MAKE, Vec::new())).await.unwrap();
        let id = backend.id();
        add(&backend, thing(id, 1, "one")).await.unwrap();
        let rule = |result: Result<u64, Error>| match result {
            Err(Error::Rule { rule, statement: "things.add", detail }) => {
                assert!(!detail.contains("secret"), "{detail}");
                rule
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(rule(add(&backend, thing(id, 1, "secret")).await), Rule::Unique);
        assert_eq!(rule(add(&backend, thing(backend.id(), -1, "secret")).await), Rule::Check);
        let null = params![backend.id(), 1i64, 0.0, Value::Null, true, Value::Null, Value::Null];
        assert_eq!(rule(add(&backend, null).await), Rule::NotNull);
        for x in [f64::NAN, f64::INFINITY] {
            let row = params![backend.id(), 1i64, x, "x", true, Value::Null, Value::Null];
            assert!(matches!(add(&backend, row).await, Err(Error::Statement { .. })));
        }
        assert!(matches!(add(&backend, thing(backend.id(), 1, "nul\0")).await, Err(Error::Statement { .. })));
        assert_eq!(backend.query_one(&COUNT, Vec::new(), |row| row.get::<i64>(0)).await.unwrap(), 1);
    }

    async fn many_rows_go_in_one_call_and_answer_one_by_one(backend) {
        backend.write(|tx| tx.execute(&MAKE, Vec::new())).await.unwrap();
        let ids: Vec<Uuid> = (0..1000).map(|_| backend.id()).collect();
        let mine = ids.clone();
        let added = backend
            .write(move |tx| tx.execute_many(&ADD, mine.iter().enumerate().map(|(n, id)| thing(*id, n as i64, "t"))))
            .await;
        assert_eq!(added.unwrap(), 1000);
        let answers: Vec<Option<i64>> = backend
            .write(move |tx| tx.query_many(&ADDED, ids.iter().enumerate().map(|(n, id)| params![*id, n as i64 * 2, "t"]), |row| row.get(0)))
            .await
            .unwrap();
        assert_eq!(answers, (0..1000).map(|n| Some(n * 2)).collect::<Vec<_>>());
    }

    async fn many_questions_are_answered_one_by_one(backend) {
        backend.write(|tx| tx.execute(&MAKE, Vec::new())).await.unwrap();
        let ids: Vec<Uuid> = (0..600).map(|_| backend.id()).collect();
        let mine: Vec<_> = ids.iter().copied().zip(0..).filter(|(_, n)| n % 3 > 0).collect();
        let rows = move || mine.iter().map(|(id, n)| thing(*id, *n, &format!("t{n}"))).collect::<Vec<_>>();
        backend.write(move |tx| tx.execute_many(&ADD, rows())).await.unwrap();
        // Those that are there, those that are not, and one of them twice.
        let asked = [&ids[..], &ids[1..2]].concat();
        let answers = backend
            .write(move |tx| tx.query_many(&ONE, asked.iter().map(|id| params![*id]), |row| Ok((row.get::<i64>(0)?, row.get::<String>(2)?))))
            .await
            .unwrap();
        let expected = (0..600).map(|n| (n % 3 > 0).then(|| (n, format!("t{n}")))).chain([Some((1, "t1".to_owned()))]);
        assert_eq!(answers, expected.collect::<Vec<_>>());
    }

    async fn of_many_rows_each_value_is_its_own(backend) {
        backend.write(|tx| tx.execute(&MAKE, Vec::new())).await.unwrap();
        let row = |n: i64, id: Uuid| {
            let is_odd = n % 2 == 1;
            let (document, raw) = (is_odd.then(|| json!({"n": [n]})), is_odd.then(|| vec![n as u8]));
            params![id, (n != 3).then_some(n), is_odd.then_some(n as f64 / 4.0), format!("{{\"{n}\",NULL}}"), (!is_odd).then_some(true), document, raw]
        };
        let ids: Vec<Uuid> = (0..600).map(|_| backend.id()).collect();
        let (mine, again) = (ids.clone(), ids.clone());
        let rows = move || mine.iter().zip(0..).map(|(id, n)| row(n, *id)).collect::<Vec<_>>();
        assert_eq!(backend.write(move |tx| tx.execute_many(&ADD, rows())).await.unwrap(), 600);
        for (id, n) in ids.into_iter().zip(0..) {
            type Back = (Option<i64>, Option<f64>, String, Option<bool>, Option<serde_json::Value>, Option<Vec<u8>>);
            let back: Back = backend
                .query_one(&ONE, params![id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?)))
                .await
                .unwrap();
            let is_odd = n % 2 == 1;
            assert_eq!(back, (
                (n != 3).then_some(n),
                is_odd.then_some(n as f64 / 4.0),
                format!("{{\"{n}\",NULL}}"),
                (!is_odd).then_some(true),
                is_odd.then(|| json!({"n": [n]})),
                is_odd.then(|| vec![n as u8]),
            ));
        }
        // Half of them are there already, and one comes twice.
        let new: Vec<Uuid> = (0..10).map(|_| backend.id()).collect();
        let some = [&again[..10], &new, &new[..1]].concat();
        let added = backend.write(move |tx| tx.execute_many(&ADD_NEW, some.iter().map(|id| params![*id, 1, "t"]))).await;
        assert_eq!(added.unwrap(), 10);
        // Which of them were new is told one by one, and what was written before stays whatever is undone meanwhile.
        let (fresh, old): (Vec<Uuid>, _) = ((0..10).map(|_| backend.id()).collect(), new.clone());
        let told = backend
            .write(move |tx| {
                let all_new = tx.execute_each(&ADD_NEW, fresh.iter().map(|id| params![*id, 1, "t"]))?;
                let mixed = old.iter().flat_map(|id| [*id, Uuid::from_u128(id.as_u128() ^ 1)]);
                let some_new = tx.execute_each(&ADD_NEW, mixed.map(|id| params![id, 1, "t"]))?;
                Ok::<_, Error>((all_new, some_new))
            })
            .await;
        assert_eq!(told.unwrap(), (vec![1; 10], [0, 1].repeat(10)));
        // One bad row of many ends them all.
        let bad: Vec<Uuid> = (0..20).map(|_| backend.id()).collect();
        let added = backend
            .write(move |tx| tx.execute_many(&ADD, bad.iter().zip(0..).map(|(id, n)| thing(*id, 10 - n, "t"))))
            .await;
        assert!(matches!(added, Err(Error::Rule { .. })), "{added:?}");
        assert_eq!(backend.query_one(&COUNT, Vec::new(), |row| row.get::<i64>(0)).await.unwrap(), 630);
    }

    async fn each_statement_is_counted_under_its_name(backend) {
        backend.log_head().await.unwrap();
        backend.log_head().await.unwrap();
        let stats = backend.statement_stats();
        let head = stats.iter().find(|stats| stats.name == "log.head").unwrap();
        assert_eq!((head.count(), head.errors), (2, 0));
        assert!(head.nanos > 0);
    }

    async fn a_read_that_takes_too_long_is_given_up(backend) {
        let mut options = lintel_store::Options::at(backend.url());
        options.statement_timeout = std::time::Duration::from_millis(50);
        let store = lintel_store::Store::open(options).await.unwrap();
        let slow = store.query(&SLOW, Vec::new(), |_| Ok(())).await;
        assert!(matches!(slow, Err(Error::Timeout { statement: "things.slow" })), "{slow:?}");
        store.ping().await.unwrap();
    }

    async fn a_long_read_that_gives_way_holds_up_no_other(backend) {
        backend.write(|tx| tx.execute(&MAKE, Vec::new())).await.unwrap();
        let mut options = lintel_store::Options::at(backend.url());
        (options.readers, options.inline_readers) = (1, 0);
        let store = lintel_store::Store::open(options).await.unwrap();
        let long = giving_way(store.query(&SLOW, Vec::new(), |_| Ok(())));
        let short = store.query(&COUNT, Vec::new(), |_| Ok(()));
        tokio::select! {
            biased;
            ended = long => panic!("{ended:?}"),
            counted = short => assert_eq!(counted.unwrap().len(), 1),
        }
    }

    async fn reads_survive_the_end_of_every_connection(backend) {
        let Some(database) = backend.database() else { return };
        let ask = async || {
            backend.ping().await.unwrap();
            backend.log_head().await.unwrap();
            backend.write(|tx| tx.idempotency_forget(Time(0))).await.unwrap();
        };
        ask().await;
        database.disconnect_all().await;
        ask().await;
    }
}
