//! The second wall on PostgreSQL: a statement that forgets its tenant sees and touches one tenant's rows all the same.

use lintel_domain::id::TenantId;
use lintel_store::{Error, Options, Result, Store, db::Row, params};

use crate::{
    backend::{Backend, tenant},
    tables::set_up,
};

lintel_store::sql! {
    /// Every row there is. The tenant is a parameter and no condition.
    MISTAKEN "walls.mistaken" = "SELECT tenant_id FROM markets WHERE CAST($1 AS uuid) IS NOT NULL ORDER BY tenant_id";
    /// The same without a tenant.
    NOBODYS "walls.nobodys" = "SELECT tenant_id FROM markets ORDER BY tenant_id";
    /// The same, meant for all.
    EVERYBODYS "walls.everybodys" across_tenants = "SELECT tenant_id FROM markets ORDER BY tenant_id";
    /// A change of every row.
    CHANGE "walls.change" = "UPDATE markets SET name = $2 WHERE CAST($1 AS uuid) IS NOT NULL RETURNING tenant_id";
    /// A row for somebody else.
    FOIST "walls.foist" = "INSERT INTO markets (tenant_id, slug, name, currency, created_at)
        SELECT CAST($2 AS uuid), 'foisted', 'Foisted', 'USD', 0 WHERE CAST($1 AS uuid) IS NOT NULL";
    /// Tables of tenants without a policy that holds for their owner as well.
    OPEN "walls.open" = "SELECT CAST(t.relname AS text) FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid
        WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition
            AND (a.attname = 'tenant_id' OR t.relname = 'tenants' AND a.attname = 'id')
            AND NOT (t.relrowsecurity AND t.relforcerowsecurity
                AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = t.oid))";
}

async fn three_tenants() -> Option<(Backend, [TenantId; 3])> {
    let backend = Backend::postgres().await?;
    for number in 1..=3 {
        set_up(&backend, number).await;
    }
    Some((backend, [tenant(1), tenant(2), tenant(3)]))
}

fn whose(row: &Row<'_>) -> Result<TenantId> {
    row.get(0)
}

#[tokio::test]
async fn every_table_of_tenants_has_a_wall() {
    let Some(backend) = Backend::postgres().await else { return };
    assert_eq!(backend.query(&OPEN, params![], |row| row.get::<String>(0)).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_read_without_its_condition_sees_one_tenant() {
    let Some((backend, all)) = three_tenants().await else { return };
    for tenant in all {
        assert_eq!(backend.query(&MISTAKEN, params![tenant], whose).await.unwrap(), [tenant]);
        assert_eq!(backend.point(&MISTAKEN, params![tenant], whose).await.unwrap(), Some(tenant));
        assert_eq!(backend.query(&NOBODYS, params![], whose).await.unwrap(), []);
        assert_eq!(backend.point(&NOBODYS, params![], whose).await.unwrap(), None);
        assert_eq!(backend.query(&EVERYBODYS, params![], whose).await.unwrap(), all);
        assert_eq!(backend.point(&EVERYBODYS, params![], whose).await.unwrap(), Some(all[0]));
    }
}

#[tokio::test]
async fn a_write_without_its_condition_touches_one_tenant() {
    let Some((backend, all)) = three_tenants().await else { return };
    let [first, second, third] = all;
    let write = backend.write(move |tx| -> Result<()> {
        assert_eq!(tx.query(&NOBODYS, params![], whose)?, []);
        assert_eq!(tx.query(&CHANGE, params![first, "mine"], whose)?, [first]);
        assert_eq!(tx.query(&EVERYBODYS, params![], whose)?, all);
        assert_eq!(tx.execute(&CHANGE, params![second, "mine"])?, 1);
        let turns = [first, first, third, second, third];
        let changed = tx.query_many(&CHANGE, turns.map(|tenant| params![tenant, "again"]), whose)?;
        assert_eq!(changed, turns.map(Some));
        assert_eq!(tx.execute_many(&CHANGE, turns.map(|tenant| params![tenant, "again"]))?, 5);
        Ok(())
    });
    write.await.unwrap();
    let foisted = backend.write(move |tx| tx.execute(&FOIST, params![first, second.0])).await;
    assert!(matches!(foisted, Err(Error::Statement { statement: "walls.foist", .. })), "{foisted:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_that_share_a_connection_see_their_own() {
    let Some((backend, all)) = three_tenants().await else { return };
    let options = Options { shared_connections: 1, connections: 2, ..Options::at(backend.url()) };
    let store = Store::open(options).await.unwrap();
    let ask = async |caller: usize| {
        for n in 0..300 {
            let tenant = all[(caller + n / (caller + 1)) % 3];
            assert_eq!(store.point(&MISTAKEN, params![tenant], whose).await.unwrap(), Some(tenant));
        }
    };
    tokio::join!(ask(0), ask(1), ask(2), ask(3), ask(4), ask(5));
    store.close().await;
}
