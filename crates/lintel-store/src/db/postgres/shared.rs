//! A connection that many callers use at once: their statements are pipelined, so a point read costs no connection.

use std::sync::Arc;

use deadpool_postgres::ClientWrapper;
use parking_lot::RwLock;
use tokio::sync::Mutex;

use super::Connector;
use crate::{Error, Result};

pub(super) struct SharedConnection {
    connector: Arc<Connector>,
    current: RwLock<Option<Arc<ClientWrapper>>>,
    connecting: Mutex<()>,
}

impl SharedConnection {
    pub(super) fn new(connector: Arc<Connector>) -> Self {
        Self { connector, current: RwLock::new(None), connecting: Mutex::new(()) }
    }

    /// The connection, made when there is none.
    pub(super) async fn client(&self) -> Result<Arc<ClientWrapper>> {
        if let Some(client) = self.usable() {
            return Ok(client);
        }
        let _one = self.connecting.lock().await;
        if let Some(client) = self.usable() {
            return Ok(client);
        }
        let (client, driving) = self.connector.connect_and_drive().await?;
        let client = Arc::new(ClientWrapper::new(client, driving));
        client
            .batch_execute(&self.connector.settings())
            .await
            .map_err(|e| Error::Unavailable { reason: super::connect::reason(&e) })?;
        *self.current.write() = Some(Arc::clone(&client));
        Ok(client)
    }

    /// Stops using this connection, unless it has been replaced already.
    pub(super) fn forget(&self, client: &Arc<ClientWrapper>) {
        let mut current = self.current.write();
        if current.as_ref().is_some_and(|current| Arc::ptr_eq(current, client)) {
            *current = None;
        }
    }

    pub(super) fn close(&self) {
        *self.current.write() = None;
    }

    fn usable(&self) -> Option<Arc<ClientWrapper>> {
        self.current.read().as_ref().filter(|client| !client.is_closed()).cloned()
    }
}
