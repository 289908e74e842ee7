//! Both engines have the same tables and columns, and every statement can be prepared on both.

use std::collections::{BTreeMap, HashSet};

use lintel_store::{
    Store,
    db::{Sql, insert_of_many, select_of_many},
    migrate, statements,
};

use crate::backend::Backend;

/// Table and column to the kind of its values.
type Columns = BTreeMap<(String, String), &'static str>;

fn sqlite_columns(file: &str) -> Columns {
    let connection = rusqlite::Connection::open(file).unwrap();
    let text = "SELECT m.name, c.name, c.type FROM sqlite_schema m JOIN pragma_table_info(m.name) c
        WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'refinery_%'
            AND m.sql NOT LIKE 'CREATE VIRTUAL%' AND m.name NOT GLOB '*_fts*'";
    let mut statement = connection.prepare(text).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?))).unwrap();
    rows.map(|row| {
        let (table, column, ty) = row.unwrap();
        let kind = match ty.as_str() {
            "INTEGER" => "whole",
            "REAL" => "number",
            "TEXT" => "text",
            "BLOB" => "bytes",
            other => panic!("{table}.{column} is {other}"),
        };
        ((table, column), kind)
    })
    .collect()
}

async fn postgres_columns(client: &tokio_postgres::Client) -> Columns {
    let text = "SELECT c.table_name::text, c.column_name::text, c.data_type::text FROM information_schema.columns c
        JOIN pg_class t ON t.relname = c.table_name
        WHERE c.table_schema = 'public' AND NOT t.relispartition AND c.table_name NOT LIKE 'refinery%'";
    let rows = client.query(text, &[]).await.unwrap();
    rows.iter()
        .map(|row| {
            let (table, column, ty): (String, String, String) = (row.get(0), row.get(1), row.get(2));
            let kind = match ty.as_str() {
                "bigint" | "integer" | "smallint" | "boolean" => "whole",
                "double precision" | "real" => "number",
                "text" | "jsonb" | "json" => "text",
                "bytea" | "uuid" => "bytes",
                other => panic!("{table}.{column} is {other}"),
            };
            ((table, column), kind)
        })
        .collect()
}

#[tokio::test]
async fn both_schemas_have_the_same_tables_and_columns() {
    let sqlite = Backend::sqlite().await;
    let Some(postgres) = Backend::postgres().await else { return };
    let left = sqlite_columns(sqlite.file().unwrap());
    let right = postgres_columns(&postgres.client().await.unwrap()).await;
    let only = |a: &Columns, b: &Columns| {
        a.iter().filter(|(k, v)| b.get(k) != Some(v)).map(|(k, v)| format!("{k:?}: {v}")).collect::<Vec<_>>()
    };
    assert_eq!(only(&left, &right), Vec::<String>::new(), "in SQLite and not, or otherwise, in PostgreSQL");
    assert_eq!(only(&right, &left), Vec::<String>::new(), "in PostgreSQL and not, or otherwise, in SQLite");
    assert!(left.len() > 30);
}

/// Rows go from one table to the other and back: a column that only leads have would be lost on the way.
#[tokio::test]
async fn a_merged_lead_keeps_every_column_of_a_lead() {
    let backend = Backend::sqlite().await;
    let columns = sqlite_columns(backend.file().unwrap());
    let of_leads: Vec<_> = columns.iter().filter(|((table, _), _)| table == "leads").collect();
    assert!(of_leads.len() > 30);
    for ((_, column), kind) in of_leads {
        assert_eq!(columns.get(&("merged_leads".to_owned(), column.clone())), Some(kind), "{column}");
        for name in ["lead.merge_keep", "lead.unmerge"] {
            let sql = statements().find(|sql| sql.name() == name).unwrap();
            let named = sql.postgres().split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| word == column);
            assert!(named.count() >= 2, "{name} forgets {column}");
        }
    }
}

#[tokio::test]
async fn every_statement_is_understood_by_sqlite() {
    let backend = Backend::sqlite().await;
    let connection = rusqlite::Connection::open(backend.file().unwrap()).unwrap();
    let refused: Vec<_> = statements()
        .filter_map(|sql| connection.prepare(sql.sqlite()).err().map(|error| format!("{}: {error}", sql.name())))
        .collect();
    assert_eq!(refused, Vec::<String>::new());
}

#[tokio::test]
async fn every_statement_is_understood_by_postgres() {
    let Some(backend) = Backend::postgres().await else { return };
    let client = backend.client().await.unwrap();
    let (mut refused, mut of_many) = (Vec::new(), HashSet::new());
    for sql in statements() {
        let mut prepare = async || {
            let one = client.prepare(sql.postgres()).await?;
            for of in [insert_of_many, select_of_many] {
                if let Some(many) = of(sql.postgres(), one.params()) {
                    client.prepare(&many).await?;
                    of_many.insert(sql.name());
                }
            }
            Ok::<_, tokio_postgres::Error>(())
        };
        if let Err(error) = prepare().await {
            refused.push(format!("{}: {:?}", sql.name(), error.as_db_error().map(|e| e.message().to_owned())));
        }
    }
    assert_eq!(refused, Vec::<String>::new());
    for name in ["listing.insert", "listing.outline", "interaction.insert", "notification.insert", "job.enqueue"] {
        assert!(of_many.contains(name), "{name} runs once per item");
    }
}

#[test]
fn every_statement_has_a_name_of_its_own() {
    let names: HashSet<_> = statements().map(Sql::name).collect();
    assert_eq!(names.len(), statements().count());
    assert!(names.iter().all(|name| name.contains('.')));
}

on_each_backend! {
    async fn an_open_store_is_at_the_newest_schema_and_can_be_opened_again(backend) {
        let health = backend.health().await.unwrap();
        assert_eq!(health.schema, migrate::newest());
        assert!(!health.version.is_empty());
        let again: Store = backend.another().await;
        assert_eq!(again.health().await.unwrap(), health);
        again.ping().await.unwrap();
    }
}

#[tokio::test]
async fn an_old_schema_is_refused_when_migrating_is_not_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("new.db").display());
    let options = lintel_store::Options { migrate: false, ..lintel_store::Options::at(url) };
    let refused = Store::open(options).await.err().unwrap();
    assert!(refused.to_string().starts_with("migration: the schema is at 0"), "{refused}");
}
