//! Values on their way in and out.

use bytes::BytesMut;
use postgres::types::{IsNull, Type};

use crate::Result;

/// A type that stands in a column: `i64`, `bool`, `String`, `Vec<u8>`, [`crate::Id`], and `Option` of these.
pub trait Column: Sized {
    /// The value of column `index` (from 0) of `row`.
    ///
    /// # Errors
    /// The column is of another type, or NULL where that is not expected.
    fn from_row(row: &Row<'_>, index: usize) -> Result<Self>;
}

impl<T> Column for T
where
    T: rusqlite::types::FromSql + for<'a> postgres::types::FromSql<'a>,
{
    fn from_row(row: &Row<'_>, index: usize) -> Result<Self> {
        match row {
            Row::Sqlite(row) => Ok(row.get(index)?),
            Row::Postgres(row) => Ok(row.try_get(index)?),
        }
    }
}

/// One row of an answer.
#[non_exhaustive]
pub enum Row<'r> {
    /// From SQLite.
    #[doc(hidden)]
    Sqlite(&'r rusqlite::Row<'r>),
    /// From PostgreSQL.
    #[doc(hidden)]
    Postgres(&'r postgres::Row),
}

impl Row<'_> {
    /// The value of column `index`, counted from 0.
    ///
    /// # Errors
    /// As [`Column::from_row`].
    pub fn get<T: Column>(&self, index: usize) -> Result<T> {
        T::from_row(self, index)
    }
}

/// A value for a placeholder: the types of [`Column`], and `&str`, `&[u8]`.
///
/// A NUL character in text is left out on both engines, because PostgreSQL refuses it and a mail may hold it.
pub trait Param: Sync {
    #[doc(hidden)]
    fn sqlite(&self) -> &dyn rusqlite::ToSql;
    #[doc(hidden)]
    fn postgres(&self) -> &(dyn postgres::types::ToSql + Sync);
}

impl<T> Param for T
where
    T: rusqlite::ToSql + postgres::types::ToSql + Sync,
{
    fn sqlite(&self) -> &dyn rusqlite::ToSql {
        self
    }

    fn postgres(&self) -> &(dyn postgres::types::ToSql + Sync) {
        self
    }
}

/// Leaves NUL out of text on its way to SQLite.
pub(super) struct ForSqlite<'a>(pub &'a dyn Param);

impl rusqlite::ToSql for ForSqlite<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, Value, ValueRef};
        let out = self.0.sqlite().to_sql()?;
        let clean = match &out {
            ToSqlOutput::Borrowed(ValueRef::Text(text)) if text.contains(&0) => {
                String::from_utf8_lossy(text).replace('\0', "")
            }
            ToSqlOutput::Owned(Value::Text(text)) if text.contains('\0') => text.replace('\0', ""),
            _ => return Ok(out),
        };
        Ok(ToSqlOutput::Owned(Value::Text(clean)))
    }
}

/// Leaves NUL out of text on its way to PostgreSQL.
pub(super) struct ForPostgres<'a>(pub &'a dyn Param);

impl std::fmt::Debug for ForPostgres<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }
}

impl postgres::types::ToSql for ForPostgres<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        self.to_sql_checked(ty, out)
    }

    fn accepts(_: &Type) -> bool {
        true // the value inside answers, in to_sql_checked
    }

    fn to_sql_checked(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let start = out.len();
        let null = self.0.postgres().to_sql_checked(ty, out)?;
        if matches!(*ty, Type::TEXT | Type::VARCHAR) && out[start..].contains(&0) {
            let mut text = out.split_off(start);
            text = text.iter().copied().filter(|byte| *byte != 0).collect();
            out.extend_from_slice(&text);
        }
        Ok(null)
    }
}
