//! A connection that many callers use at once: their statements are pipelined, so a point read costs no connection.

use std::{
    future::poll_fn,
    pin::pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use deadpool_postgres::ClientWrapper;
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, ready},
};
use parking_lot::{Mutex as Lock, RwLock};
use tokio::sync::Mutex;
use tokio_postgres::{Row, Statement};

use super::{
    Connector,
    run::{Cure, Failure, bounded, promptly, refs},
    scope::{IN_SESSION, Scope},
};
use crate::{
    Error, Result,
    db::{Sql, Value},
};

pub(super) struct SharedConnection {
    connector: Arc<Connector>,
    current: RwLock<Option<Arc<Point>>>,
    /// When connecting failed last.
    connecting: Mutex<Option<Instant>>,
}

impl SharedConnection {
    pub(super) fn new(connector: Arc<Connector>) -> Self {
        Self { connector, current: RwLock::new(None), connecting: Mutex::new(None) }
    }

    /// The connection, made when there is none.
    pub(super) async fn client(&self) -> Result<Arc<Point>> {
        if let Some(client) = self.usable() {
            return Ok(client);
        }
        let called = Instant::now();
        let mut failed = self.connecting.lock().await;
        if let Some(client) = self.usable() {
            return Ok(client);
        }
        // Whoever waited for an attempt that failed does not wait for one more.
        if failed.is_some_and(|failed| failed > called) {
            return Err(Error::Unavailable { reason: "connecting failed".into() });
        }
        let connected = self.connect().boxed().await;
        *failed = connected.is_err().then(Instant::now);
        connected
    }

    async fn connect(&self) -> Result<Arc<Point>> {
        let (client, driving) = self.connector.connect_and_drive().await?;
        let client = ClientWrapper::new(client, driving);
        let failed = |e| Error::Unavailable { reason: super::connect::reason(&e) };
        client.batch_execute(&self.connector.settings()).await.map_err(failed)?;
        let client = Arc::new(Point::new(client).await.map_err(failed)?);
        *self.current.write() = Some(Arc::clone(&client));
        Ok(client)
    }

    /// Stops using this connection, unless it has been replaced already.
    pub(super) fn forget(&self, client: &Arc<Point>) {
        let mut current = self.current.write();
        if current.as_ref().is_some_and(|current| Arc::ptr_eq(current, client)) {
            *current = None;
            client.retire();
        }
    }

    pub(super) fn close(&self) {
        if let Some(client) = self.current.write().take() {
            client.retire();
        }
    }

    fn usable(&self) -> Option<Arc<Point>> {
        self.current.read().as_ref().filter(|client| !client.client.is_closed()).cloned()
    }
}

/// One such connection.
pub(super) struct Point {
    client: ClientWrapper,
    setting: Statement,
    last: Lock<Last>,
}

/// The scope that was set last, and whether that succeeded. Everybody who relies on it waits for it: the answers come in
/// the order of the statements, so it is there when one's own is.
struct Last {
    scope: Scope,
    set: Shared<BoxFuture<'static, bool>>,
}

impl Point {
    async fn new(client: ClientWrapper) -> Result<Self, tokio_postgres::Error> {
        let setting = client.prepare(IN_SESSION).await?;
        let last = Last { scope: Scope::Nobody, set: ready(true).boxed().shared() };
        Ok(Self { client, setting, last: Lock::new(last) })
    }

    /// Every row of the result. The scope is only set when another statement before it was of another one, and nobody's
    /// statement comes in between.
    pub(super) async fn rows(
        self: &Arc<Self>,
        sql: &Sql,
        params: &[Value],
        timeout: Duration,
    ) -> Result<Vec<Row>, Failure> {
        let scope = Scope::of(sql, params);
        let asking = async {
            let statement = self.client.prepare_cached(sql.postgres()).await?;
            let params = refs(params);
            let mut asking = pin!(self.client.query(&statement, &params));
            let sending = poll_fn(|cx| {
                let mut last = self.last.lock();
                if last.scope != scope {
                    *last = Last { scope, set: Arc::clone(self).set(scope).boxed().shared() };
                    // The first poll sends it, as the one below sends the question.
                    let _ = last.set.clone().poll_unpin(cx);
                }
                Poll::Ready((last.set.clone(), asking.as_mut().poll(cx)))
            });
            let (set, answer) = sending.await;
            let answer = match answer {
                Poll::Ready(answer) => answer,
                Poll::Pending => asking.await,
            };
            Ok((set.await, answer?))
        };
        match bounded(sql, timeout, asking).await? {
            (true, rows) => Ok(rows),
            (false, _) => {
                let reason = "a connection could not be told whose rows it is asked for".into();
                Err(Failure { error: Error::Unavailable { reason }, cure: Cure::Reconnect })
            }
        }
    }

    /// The one row of a statement that reads no table, so that it does not matter whose rows are seen.
    pub(super) async fn fact(&self, sql: &Sql, timeout: Duration) -> Result<Row, Failure> {
        let asking = promptly(sql, timeout, async {
            let statement = self.client.prepare_cached(sql.postgres()).await?;
            self.client.query_one(&statement, &[]).await
        });
        asking.await
    }

    async fn set(self: Arc<Self>, scope: Scope) -> bool {
        self.client.query(&self.setting, &[&scope.value()]).await.is_ok()
    }

    /// Lets go of a question that nobody waited for: it holds the connection that holds it.
    fn retire(&self) {
        self.last.lock().set = ready(true).boxed().shared();
    }
}
