//! Rows: one borrowed view over both engines' rows, with typed columns by position.

use lintel_domain::{
    clock::{Day, Time},
    market::MarketSlug,
    money::Money,
};
use rusqlite::types::ValueRef;
use serde::de::DeserializeOwned;
use tokio_postgres::types::{FromSql, Type};
use uuid::Uuid;

use crate::{Error, Result};

/// A row of a result.
#[derive(Clone, Copy)]
pub enum Row<'a> {
    /// From SQLite.
    Sqlite(&'a rusqlite::Row<'a>),
    /// From PostgreSQL.
    Postgres(&'a tokio_postgres::Row),
}

/// A type that a column can be read as. Wrap one of the types below for a type of the domain.
pub trait Column: Sized {
    /// The value in column `index`, counted from 0.
    fn column(row: &Row<'_>, index: usize) -> Result<Self>;
}

impl Row<'_> {
    /// The value in column `index`, counted from 0; [`Error::Column`] when it is missing, NULL without `Option`, or of another type.
    pub fn get<T: Column>(&self, index: usize) -> Result<T> {
        T::column(self, index)
    }

    /// A column of JSON, read as `T` straight from its text; `what` names it in the error.
    pub fn json<T: DeserializeOwned>(&self, index: usize, what: &'static str) -> Result<T> {
        let document = match self {
            Self::Sqlite(row) => row.get_ref(index).map_err(|e| refused(index, e))?.as_bytes(),
            Self::Postgres(row) => {
                return match row.try_get::<_, Document<'_>>(index) {
                    Ok(document) => serde_json::from_slice(document.0).map_err(|source| Error::Decode { what, source }),
                    Err(error) => Err(refused(index, error)),
                };
            }
        };
        let document = document.map_err(|e| refused(index, e))?;
        serde_json::from_slice(document).map_err(|source| Error::Decode { what, source })
    }

    /// A text column of a word list, read by `parse`: `row.word(2, Status::parse)`.
    pub fn word<T>(&self, index: usize, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        let text: String = self.get(index)?;
        parse(&text).ok_or_else(|| Error::Column { index, message: format!("unknown word {text:?}") })
    }
}

/// The bytes of a JSON document as PostgreSQL sends it; `jsonb` has a version byte in front.
struct Document<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Document<'a> {
    fn from_sql(ty: &Type, bytes: &'a [u8]) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        match (ty, bytes) {
            (&Type::JSONB, [1, document @ ..]) => Ok(Self(document)),
            (&Type::JSONB, _) => Err("an unknown version of jsonb".into()),
            _ => Ok(Self(bytes)),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::JSON | Type::JSONB | Type::TEXT)
    }
}

fn refused(index: usize, error: impl std::fmt::Display) -> Error {
    Error::Column { index, message: error.to_string() }
}

/// Null in the database is `None`.
impl<T: Column> Column for Option<T> {
    fn column(row: &Row<'_>, index: usize) -> Result<Self> {
        let null = match row {
            Row::Sqlite(row) => {
                row.get_ref(index).map(|value| value == ValueRef::Null).map_err(|e| refused(index, e))?
            }
            Row::Postgres(row) => row.try_get::<_, Option<Anything>>(index).map_err(|e| refused(index, e))?.is_none(),
        };
        if null { Ok(None) } else { T::column(row, index).map(Some) }
    }
}

/// What any PostgreSQL value can be read as, to learn whether it is NULL.
struct Anything;

impl<'a> FromSql<'a> for Anything {
    fn from_sql(_: &Type, _: &'a [u8]) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

macro_rules! columns {
    ($($ty:ty),+) => {$(
        impl Column for $ty {
            fn column(row: &Row<'_>, index: usize) -> Result<Self> {
                match row {
                    Row::Sqlite(row) => row.get(index).map_err(|error| refused(index, error)),
                    Row::Postgres(row) => row.try_get(index).map_err(|error| refused(index, error)),
                }
            }
        }
    )+};
}

columns!(bool, String, Uuid, Vec<u8>, serde_json::Value);

impl Column for i64 {
    fn column(row: &Row<'_>, index: usize) -> Result<Self> {
        match row {
            Row::Sqlite(row) => row.get(index).map_err(|e| refused(index, e)),
            Row::Postgres(row) => match row.columns().get(index).map(|column| column.type_().clone()) {
                Some(Type::INT4) => row.try_get::<_, i32>(index).map(Self::from).map_err(|e| refused(index, e)),
                Some(Type::INT2) => row.try_get::<_, i16>(index).map(Self::from).map_err(|e| refused(index, e)),
                _ => row.try_get(index).map_err(|e| refused(index, e)),
            },
        }
    }
}

impl Column for i32 {
    fn column(row: &Row<'_>, index: usize) -> Result<Self> {
        let wide: i64 = row.get(index)?;
        Self::try_from(wide).map_err(|e| refused(index, e))
    }
}

impl Column for f64 {
    fn column(row: &Row<'_>, index: usize) -> Result<Self> {
        match row {
            Row::Sqlite(row) => row.get(index).map_err(|e| refused(index, e)),
            Row::Postgres(row) => match row.columns().get(index).map(|column| column.type_().clone()) {
                Some(Type::FLOAT4) => row.try_get::<_, f32>(index).map(Self::from).map_err(|e| refused(index, e)),
                _ => row.try_get(index).map_err(|e| refused(index, e)),
            },
        }
    }
}

impl Column for Time {
    fn column(row: &Row<'_>, index: usize) -> Result<Self> {
        row.get(index).map(Self)
    }
}

impl Column for Day {
    fn column(row: &Row<'_>, index: usize) -> Result<Self> {
        row.get(index).map(Self)
    }
}

impl Column for Money {
    fn column(row: &Row<'_>, index: usize) -> Result<Self> {
        row.get(index).map(Self)
    }
}

impl Column for MarketSlug {
    fn column(row: &Row<'_>, index: usize) -> Result<Self> {
        let text: String = row.get(index)?;
        text.parse().map_err(|e| refused(index, e))
    }
}
