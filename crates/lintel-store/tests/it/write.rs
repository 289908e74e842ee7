//! Writes are kept whole or not at all, also when many share one commit.

use std::sync::atomic::{AtomicU32, Ordering};

use lintel_store::{Error, params};

use crate::backend::Backend;

lintel_store::sql! {
    MAKE "pairs.make" = {
        sqlite: "CREATE TABLE pairs (n INTEGER NOT NULL, side TEXT NOT NULL, PRIMARY KEY (n, side)) STRICT",
        postgres: "CREATE TABLE pairs (n bigint NOT NULL, side text NOT NULL, PRIMARY KEY (n, side))",
    };
    ADD "pairs.add" = "INSERT INTO pairs (n, side) VALUES ($1, $2)";
    ALL "pairs.all" = "SELECT n, COUNT(*) FROM pairs GROUP BY n ORDER BY n";
    COLLIDE "pairs.collide" = { sqlite: "SELECT $1", postgres: "SELECT collide($1)" };
    SUM "pairs.sum" = "SELECT COUNT(*) FROM pairs WHERE side = $1";
}

/// An error of a caller.
#[derive(Debug)]
enum Refused {
    Store(Error),
    OwnReasons,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

async fn pairs(backend: &Backend) -> Vec<(i64, i64)> {
    backend.query(&ALL, Vec::new(), |row| Ok((row.get(0)?, row.get(1)?))).await.unwrap()
}

on_each_backend! {
    async fn concurrent_writes_are_each_kept_whole_or_not_at_all(backend) {
        backend.write(|tx| tx.execute(&MAKE, Vec::new())).await.unwrap();
        let writes = (0..400i64).map(|n| {
            backend.write(move |tx| {
                tx.execute(&ADD, params![n, "left"])?;
                match n % 4 {
                    1 => return Err(Refused::OwnReasons),
                    2 => drop(tx.execute(&ADD, params![n, "left"])?),
                    _ => {}
                }
                assert!(n % 4 != 3, "this write panics on purpose");
                tx.execute(&ADD, params![n, "right"])?;
                Ok(n)
            })
        });
        let answers = futures_util::future::join_all(writes).await;
        for (n, answer) in answers.iter().enumerate() {
            match n % 4 {
                0 => assert!(matches!(answer, Ok(m) if *m == n as i64), "{answer:?}"),
                1 => assert!(matches!(answer, Err(Refused::OwnReasons)), "{answer:?}"),
                2 => assert!(matches!(answer, Err(Refused::Store(e)) if e.is_unique()), "{answer:?}"),
                _ => assert!(matches!(answer, Err(Refused::Store(Error::Panicked))), "{answer:?}"),
            }
        }
        let expected: Vec<_> = (0..400).filter(|n| n % 4 == 0).map(|n| (n, 2)).collect();
        assert_eq!(pairs(&backend).await, expected);
    }

    async fn a_write_that_goes_on_after_a_failure_is_not_kept(backend) {
        backend.write(|tx| tx.execute(&MAKE, Vec::new())).await.unwrap();
        let answer: Result<(), Error> = backend
            .write(|tx| {
                tx.execute(&ADD, params![1i64, "left"])?;
                let _ = tx.execute(&ADD, params![1i64, "left"]);
                Ok(())
            })
            .await;
        assert!(matches!(answer, Err(Error::WentOn { statement: "pairs.add" })), "{answer:?}");
        assert!(pairs(&backend).await.is_empty());
    }

    async fn a_write_sees_what_it_wrote_and_others_only_what_was_kept(backend) {
        backend.write(|tx| tx.execute(&MAKE, Vec::new())).await.unwrap();
        let seen: i64 = backend
            .write(|tx| {
                tx.execute(&ADD, params![1i64, "left"])?;
                tx.query_one(&SUM, params!["left"], |row| row.get(0))
            })
            .await
            .unwrap();
        assert_eq!(seen, 1);
        let other = backend.another().await;
        assert_eq!(other.query_one(&SUM, params!["left"], |row| row.get::<i64>(0)).await.unwrap(), 1);
    }

    async fn what_is_decided_under_a_lock_is_decided_once(backend) {
        backend.write(|tx| tx.execute(&MAKE, Vec::new())).await.unwrap();
        let other = backend.another().await;
        let decide = |store: lintel_store::Store| async move {
            store
                .write(|tx| {
                    tx.lock("pairs")?;
                    let count: i64 = tx.query_one(&SUM, params!["left"], |row| row.get(0))?;
                    tx.execute(&ADD, params![count, "left"])
                })
                .await
        };
        let both = [backend.another().await, other];
        let all = (0..100).map(|i| decide(both[i % 2].clone()));
        for answer in futures_util::future::join_all(all).await {
            answer.unwrap();
        }
        assert_eq!(pairs(&backend).await.len(), 100);
    }

    async fn two_processes_can_write(backend) {
        backend.write(|tx| tx.execute(&MAKE, Vec::new())).await.unwrap();
        let other = backend.another().await;
        let writes = (0..200i64).map(|n| {
            let store = if n % 2 == 0 { &*backend } else { &other };
            store.write(move |tx| tx.execute(&ADD, params![n, "left"]))
        });
        for answer in futures_util::future::join_all(writes).await {
            answer.unwrap();
        }
        assert_eq!(pairs(&backend).await.len(), 200);
    }

    async fn what_was_accepted_is_finished_before_closing_and_nothing_afterwards(backend) {
        backend.write(|tx| tx.execute(&MAKE, Vec::new())).await.unwrap();
        let store = backend.another().await;
        let accepted = AtomicU32::new(0);
        let writes = (0..100i64).map(|n| {
            let (store, accepted) = (store.clone(), &accepted);
            async move {
                if store.write(move |tx| tx.execute(&ADD, params![n, "left"])).await.is_ok() {
                    accepted.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        tokio::join!(futures_util::future::join_all(writes), store.close());
        assert_eq!(pairs(&backend).await.len(), accepted.load(Ordering::Relaxed) as usize);
        let late = store.write(|tx| tx.execute(&ADD, params![999i64, "left"])).await;
        assert!(matches!(late, Err(Error::Closed)), "{late:?}");
    }
}

#[tokio::test]
async fn a_write_that_collided_is_run_again_until_it_does_not() {
    let Some(backend) = Backend::postgres().await else { return };
    let client = backend.client().await.unwrap();
    let collide = "CREATE SEQUENCE tries; CREATE FUNCTION collide(until bigint) RETURNS bigint LANGUAGE plpgsql AS $$
        BEGIN
            IF nextval('tries') < until THEN
                RAISE EXCEPTION 'collided' USING ERRCODE = CASE currval('tries') % 2 WHEN 0 THEN '40001' ELSE '40P01' END;
            END IF;
            RETURN currval('tries');
        END $$";
    client.batch_execute(collide).await.unwrap();
    backend.write(|tx| tx.execute(&MAKE, Vec::new())).await.unwrap();
    let write = |until: i64| {
        backend.write(move |tx| {
            tx.execute(&ADD, params![1i64, "left"])?;
            tx.query_one(&COLLIDE, params![until], |row| row.get::<i64>(0))
        })
    };
    let again = |until: i64| backend.write(move |tx| tx.query(&COLLIDE, params![until], |_| Ok(())));
    assert_eq!(write(5).await.unwrap(), 5);
    assert_eq!(pairs(&backend).await, [(1, 1)]);
    assert!(matches!(again(1000).await, Err(Error::Collided { attempts: 8 })));
    assert_eq!(pairs(&backend).await, [(1, 1)]);
}
