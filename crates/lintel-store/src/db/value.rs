//! Parameters: the values that statements take, and how each engine is given them.

use bytes::BytesMut;
use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

/// One parameter of a statement.
///
/// SQLite keeps a bool as 0 or 1, an id as 16 bytes, JSON and lists as JSON text; PostgreSQL keeps each as its own type.
/// Numbers must be finite: SQLite would turn NaN into NULL without a word.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Unknown.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite number.
    Float(f64),
    /// Text without NUL.
    Text(String),
    /// An id.
    Uuid(Uuid),
    /// The id of the tenant that a statement works for: on PostgreSQL it sees no other tenant's rows.
    Tenant(Uuid),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An encoded JSON document.
    Json(String),
    /// Ids: `id = ANY($1)` on PostgreSQL, `id IN (SELECT unhex(value) FROM json_each($1))` on SQLite.
    Uuids(Vec<Uuid>),
    /// Whole numbers: `n = ANY($1)` on PostgreSQL, `n IN (SELECT value FROM json_each($1))` on SQLite.
    Ints(Vec<i64>),
    /// Texts: `t = ANY($1)` on PostgreSQL, `t IN (SELECT value FROM json_each($1))` on SQLite.
    Texts(Vec<String>),
}

/// The parameters of one execution, in the order of their numbers. See [`params!`](crate::params).
pub type Params = Vec<Value>;

/// Parameters from anything that a [`Value`] can be made of: `params![tenant, name, None::<i64>]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$($crate::db::Value::from($value)),*] };
}

macro_rules! from {
    ($($from:ty => |$value:ident| $to:expr;)+) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $to
            }
        }
    )+};
}

from! {
    bool => |v| Self::Bool(v);
    i64 => |v| Self::Int(v);
    i32 => |v| Self::Int(v.into());
    i16 => |v| Self::Int(v.into());
    u8 => |v| Self::Int(v.into());
    u16 => |v| Self::Int(v.into());
    u32 => |v| Self::Int(v.into());
    f64 => |v| Self::Float(v);
    f32 => |v| Self::Float(v.into());
    &str => |v| Self::Text(v.to_owned());
    &String => |v| Self::Text(v.clone());
    String => |v| Self::Text(v);
    Uuid => |v| Self::Uuid(v);
    &Uuid => |v| Self::Uuid(*v);
    Vec<u8> => |v| Self::Bytes(v);
    &[u8] => |v| Self::Bytes(v.to_vec());
    &Vec<u8> => |v| Self::Bytes(v.clone());
    serde_json::Value => |v| Self::Json(v.to_string());
    &serde_json::Value => |v| Self::Json(v.to_string());
    Vec<Uuid> => |v| Self::Uuids(v);
    Vec<i64> => |v| Self::Ints(v);
    Vec<String> => |v| Self::Texts(v);
    lintel_domain::id::TenantId => |v| Self::Tenant(v.0);
    &lintel_domain::id::TenantId => |v| Self::Tenant(v.0);
    lintel_domain::clock::Time => |v| Self::Int(v.0);
    lintel_domain::clock::Day => |v| Self::Int(v.0.into());
    lintel_domain::money::Money => |v| Self::Int(v.0);
    lintel_domain::market::MarketSlug => |v| Self::Text(v.as_str().to_owned());
    &lintel_domain::market::MarketSlug => |v| Self::Text(v.as_str().to_owned());
}

/// Ids of the domain go in and come out as the UUID they are.
macro_rules! ids {
    ($($id:ident),+ $(,)?) => {$(
        impl From<lintel_domain::id::$id> for Value {
            fn from(id: lintel_domain::id::$id) -> Self {
                Self::Uuid(id.0)
            }
        }
        impl From<&lintel_domain::id::$id> for Value {
            fn from(id: &lintel_domain::id::$id) -> Self {
                Self::Uuid(id.0)
            }
        }
        impl super::Column for lintel_domain::id::$id {
            fn column(row: &super::Row<'_>, index: usize) -> crate::Result<Self> {
                <Uuid as super::Column>::column(row, index).map(Self)
            }
        }
    )+};
}

ids!(
    UserId,
    ApiKeyId,
    ListingId,
    LeadId,
    InteractionId,
    SavedSearchId,
    TaskId,
    NotificationId,
    ImportId,
    ModelId,
    ExperimentId,
    AnalysisId,
    ConnectionId,
    JobId
);

impl super::Column for lintel_domain::id::TenantId {
    fn column(row: &super::Row<'_>, index: usize) -> crate::Result<Self> {
        <Uuid as super::Column>::column(row, index).map(Self)
    }
}

impl<T> From<Option<T>> for Value
where
    Self: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::from)
    }
}

type Refused = Box<dyn std::error::Error + Send + Sync>;

fn finite(number: f64) -> Result<f64, Refused> {
    if number.is_finite() { Ok(number) } else { Err("a number is not finite".into()) }
}

fn json_list<T: ToString>(items: &[T], quoted: bool) -> String {
    let items: Vec<serde_json::Value> = items
        .iter()
        .map(
            |item| {
                if quoted { item.to_string().into() } else { serde_json::json!(item.to_string().parse::<i64>().ok()) }
            },
        )
        .collect();
    serde_json::Value::Array(items).to_string()
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let owned = |text: String| ToSqlOutput::Owned(text.into());
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Bool(value) => ToSqlOutput::Borrowed(ValueRef::Integer((*value).into())),
            Self::Int(value) => ToSqlOutput::Borrowed(ValueRef::Integer(*value)),
            Self::Float(value) => {
                let number = finite(*value).map_err(rusqlite::Error::ToSqlConversionFailure)?;
                ToSqlOutput::Borrowed(ValueRef::Real(number))
            }
            Self::Text(value) if value.contains('\0') => {
                return Err(rusqlite::Error::ToSqlConversionFailure("a text contains NUL".into()));
            }
            Self::Text(value) | Self::Json(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
            Self::Uuid(value) | Self::Tenant(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value.as_bytes())),
            Self::Bytes(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value)),
            Self::Uuids(values) => owned(json_list(&values.iter().map(Uuid::as_simple).collect::<Vec<_>>(), true)),
            Self::Ints(values) => owned(json_list(values, false)),
            Self::Texts(values) => owned(json_list(values, true)),
        })
    }
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Refused> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Bool(value) if *ty == Type::BOOL => value.to_sql(ty, out),
            Self::Int(value) => int(*value, ty, out),
            Self::Float(value) if *ty == Type::FLOAT4 => (finite(*value)? as f32).to_sql(ty, out),
            Self::Float(value) if *ty == Type::FLOAT8 => finite(*value)?.to_sql(ty, out),
            Self::Text(value) if value.contains('\0') => Err("a text contains NUL".into()),
            Self::Text(value) if <&str as ToSql>::accepts(ty) => value.as_str().to_sql(ty, out),
            Self::Text(value) | Self::Json(value) => json(value, ty, out),
            Self::Uuid(value) | Self::Tenant(value) if *ty == Type::UUID => value.to_sql(ty, out),
            Self::Bytes(value) if *ty == Type::BYTEA => value.as_slice().to_sql(ty, out),
            Self::Uuids(values) if *ty == Type::UUID_ARRAY => values.to_sql(ty, out),
            Self::Ints(values) if *ty == Type::INT8_ARRAY => values.to_sql(ty, out),
            Self::Texts(values) if *ty == Type::TEXT_ARRAY => values.to_sql(ty, out),
            other => Err(mismatch(other, ty)),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn mismatch(value: &Value, ty: &Type) -> Refused {
    let name = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Float(_) => "float",
        Value::Text(_) => "text",
        Value::Uuid(_) | Value::Tenant(_) => "uuid",
        Value::Bytes(_) => "bytes",
        Value::Json(_) => "json",
        Value::Uuids(_) => "uuids",
        Value::Ints(_) => "ints",
        Value::Texts(_) => "texts",
    };
    format!("a {name} cannot be given where {ty} is expected").into()
}

fn int(value: i64, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Refused> {
    match *ty {
        Type::INT8 => value.to_sql(ty, out),
        Type::INT4 => i32::try_from(value)?.to_sql(ty, out),
        Type::INT2 => i16::try_from(value)?.to_sql(ty, out),
        Type::FLOAT8 => (value as f64).to_sql(ty, out),
        _ => Err(mismatch(&Value::Int(value), ty)),
    }
}

/// JSON goes out as text; `jsonb` wants its version byte in front.
fn json(value: &str, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Refused> {
    match *ty {
        Type::JSONB => out.extend_from_slice(&[1]),
        Type::JSON | Type::TEXT => {}
        _ => return Err(format!("json cannot be given where {ty} is expected").into()),
    }
    out.extend_from_slice(value.as_bytes());
    Ok(IsNull::No)
}
