//! A full disk: writes are refused, reads go on, and it heals.

use lintel_store::{
    Error,
    db::{Disk, Health},
    params,
};

use crate::backend::Backend;

lintel_store::sql! {
    MAKE "bulk.make" = "CREATE TABLE bulk (t text NOT NULL)";
    ADD "bulk.add" = "INSERT INTO bulk (t) VALUES ($1)";
    COUNT "bulk.count" = "SELECT COUNT(*) FROM bulk";
    SMALL "bulk.small" = { sqlite: "PRAGMA max_page_count = 200", postgres: "SELECT 1" };
    LARGE "bulk.large" = { sqlite: "PRAGMA max_page_count = 1000000", postgres: "SELECT 1" };
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_takes_them_again_when_there_is_space() {
    let backend = Backend::sqlite().await;
    backend.write(|tx| tx.execute(&MAKE, Vec::new())).await.unwrap();
    backend.write(|tx| tx.query(&SMALL, Vec::new(), |_| Ok(()))).await.unwrap();
    let small = || backend.write(|tx| tx.execute(&ADD, params!["x"]));
    let large = || backend.write(|tx| tx.execute(&ADD, params!["x".repeat(2_000_000)]));
    small().await.unwrap();
    let (before, refused, after) = tokio::join!(small(), large(), small());
    assert!(matches!(refused, Err(Error::DiskFull)), "{refused:?}");
    let kept = 1 + i64::from(before.is_ok()) + i64::from(after.is_ok());
    assert_eq!(backend.query_one(&COUNT, Vec::new(), |row| row.get::<i64>(0)).await.unwrap(), kept);
    let _ = large().await;
    assert!(matches!(backend.health().await.unwrap(), Health { disk: Disk::Full, .. }));

    backend.write(|tx| tx.query(&LARGE, Vec::new(), |_| Ok(()))).await.unwrap();
    backend.ping().await.unwrap();
    assert_eq!(backend.health().await.unwrap().disk, Disk::Fine);
    large().await.unwrap();
}
