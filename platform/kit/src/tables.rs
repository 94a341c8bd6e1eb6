//! Tables that leave a node as lines of JSON and come into another one: a hand-over of the operation.
//!
//! A line is one row: an object with a member for each column, all of them, no other. Identifiers are written as such,
//! bytes in hex. What is sealed under this node's key leaves opened and is sealed anew where it comes in, so the lines are
//! as secret as the key.

use serde_json::{Map, Value};

use crate::db::{Param, Read, Row, Sql, Write};
use crate::{Error, Id, Node, Result};

/// What stands in a column; each may be NULL where the schema lets it.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// An identifier.
    Id,
    /// A whole number, a time.
    Int,
    /// Yes or no.
    Bool,
    /// Text, JSON.
    Text,
    /// Bytes.
    Bytes,
    /// Bytes under this node's key; the function says for what purpose those of a row were sealed.
    Sealed(fn(&Rows, &[Cell]) -> String),
}

/// A table that goes along.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns as `select` gives them and `insert` takes them.
    pub columns: &'static [(&'static str, Kind)],
    /// All rows, in an order that is always the same.
    pub select: Sql,
    /// One row, `$1` the first column.
    pub insert: Sql,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// NULL.
    Null,
    /// An identifier.
    Id(Id),
    /// A whole number.
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// Text.
    Text(String),
    /// Bytes; of a sealed column the opened ones.
    Bytes(Vec<u8>),
}

/// The rows of a table, outside of any database.
#[derive(Debug, Clone)]
pub struct Rows {
    /// Of which table.
    pub table: Table,
    /// The values, in the order of the table's columns.
    pub rows: Vec<Vec<Cell>>,
}

/// Limits on lines from elsewhere.
pub mod limits {
    /// Longest line, in bytes: a team's record with all its people, an assessment, a document.
    pub const LINE: usize = 16 << 20;
    /// Most rows of one table.
    pub const ROWS: usize = 5_000_000;
}

impl Table {
    /// All its rows; what is sealed is opened.
    ///
    /// # Errors
    /// The database is gone, or something was sealed under another key.
    pub fn read(&self, c: &Read<'_>, node: &Node) -> Result<Rows> {
        let mut all = Rows { table: *self, rows: c.query(self.select, &[], |row| self.row(row))? };
        for at in 0..all.rows.len() {
            for (n, (_, kind)) in self.columns.iter().enumerate() {
                let (Kind::Sealed(purpose), Some(Cell::Bytes(sealed))) = (kind, all.rows[at].get(n)) else {
                    continue;
                };
                if sealed.is_empty() {
                    continue; // it was taken back, and its row stays
                }
                let opened = node.secrets.open(&purpose(&all, &all.rows[at]), sealed)?;
                all.rows[at][n] = Cell::Bytes(opened);
            }
        }
        Ok(all)
    }

    fn row(&self, row: &Row<'_>) -> Result<Vec<Cell>> {
        let cell = |(n, (_, kind)): (usize, &(&str, Kind))| {
            let cell = match kind {
                Kind::Id => row.get::<Option<Id>>(n)?.map(Cell::Id),
                Kind::Int => row.get::<Option<i64>>(n)?.map(Cell::Int),
                Kind::Bool => row.get::<Option<bool>>(n)?.map(Cell::Bool),
                Kind::Text => row.get::<Option<String>>(n)?.map(Cell::Text),
                Kind::Bytes | Kind::Sealed(_) => row.get::<Option<Vec<u8>>>(n)?.map(Cell::Bytes),
            };
            Ok(cell.unwrap_or(Cell::Null))
        };
        self.columns.iter().enumerate().map(cell).collect()
    }

    /// The rows that `lines` hold.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the table and the line that is none of its rows.
    pub fn parse(&self, lines: &[u8]) -> Result<Rows> {
        let mut rows = Vec::new();
        for (n, line) in lines.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let wrong = |why: String| Error::invalid(format!("{}, line {}", self.name, n + 1), why);
            if n >= limits::ROWS || line.len() > limits::LINE {
                return Err(wrong("there is more than can be taken".into()));
            }
            if line.last() != Some(&b'\n') {
                return Err(wrong("it is cut off".into()));
            }
            let mut row: Map<String, Value> =
                serde_json::from_slice(line).map_err(|error| wrong(format!("it cannot be read: {error}")))?;
            let cell = |(name, kind): &(&str, Kind)| {
                let value = row.remove(*name).ok_or_else(|| wrong(format!("{name} is missing")))?;
                kind.cell(value).ok_or_else(|| wrong(format!("{name} is not of its kind")))
            };
            let cells = self.columns.iter().map(cell).collect::<Result<Vec<_>>>()?;
            if let Some(name) = row.keys().next() {
                return Err(wrong(format!("{name:?} is no column of this version")));
            }
            rows.push(cells);
        }
        Ok(Rows { table: *self, rows })
    }
}

impl Kind {
    fn cell(self, value: Value) -> Option<Cell> {
        Some(match (self, value) {
            (_, Value::Null) => Cell::Null,
            (Self::Id, Value::String(text)) => Cell::Id(text.parse().ok()?),
            (Self::Int, Value::Number(number)) => Cell::Int(number.as_i64()?),
            (Self::Bool, Value::Bool(yes)) => Cell::Bool(yes),
            (Self::Text, Value::String(text)) => Cell::Text(text),
            (Self::Bytes | Self::Sealed(_), Value::String(text)) => {
                Cell::Bytes(data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?)
            }
            _ => return None,
        })
    }

    /// A NULL of this kind: PostgreSQL wants to know of which.
    fn null(self) -> Box<dyn Param> {
        match self {
            Self::Id => Box::new(None::<Id>),
            Self::Int => Box::new(None::<i64>),
            Self::Bool => Box::new(None::<bool>),
            Self::Text => Box::new(None::<String>),
            Self::Bytes | Self::Sealed(_) => Box::new(None::<Vec<u8>>),
        }
    }
}

impl Rows {
    /// The place of the column called `name`.
    fn place(&self, name: &str) -> Option<usize> {
        self.table.columns.iter().position(|(column, _)| *column == name)
    }

    /// What stands in the column `name` of `row`, which is one of these.
    pub fn get<'a>(&self, row: &'a [Cell], name: &str) -> &'a Cell {
        self.place(name).and_then(|place| row.get(place)).unwrap_or(&Cell::Null)
    }

    /// The text in the column `name` of `row`; empty: there is none.
    pub fn text<'a>(&self, row: &'a [Cell], name: &str) -> &'a str {
        if let Cell::Text(text) = self.get(row, name) { text } else { "" }
    }

    /// The number in the column `name` of `row`; 0: there is none.
    pub fn int(&self, row: &[Cell], name: &str) -> i64 {
        if let Cell::Int(number) = self.get(row, name) { *number } else { 0 }
    }

    /// The bytes in the column `name` of `row`; empty: there are none.
    pub fn bytes<'a>(&self, row: &'a [Cell], name: &str) -> &'a [u8] {
        if let Cell::Bytes(bytes) = self.get(row, name) { bytes } else { &[] }
    }

    /// The identifier in the column `name` of `row`, if there is one.
    pub fn id(&self, row: &[Cell], name: &str) -> Option<Id> {
        if let Cell::Id(id) = self.get(row, name) { Some(*id) } else { None }
    }

    /// Puts `cell` into the column `name` of the row at `at`.
    pub fn set(&mut self, at: usize, name: &str, cell: Cell) {
        if let (Some(place), Some(row)) = (self.place(name), self.rows.get_mut(at)) {
            row[place] = cell;
        }
    }

    /// The rows as lines.
    ///
    /// # Errors
    /// A value cannot be written.
    pub fn lines(&self) -> Result<Vec<u8>> {
        let hex = |bytes: &[u8]| Value::String(data_encoding::HEXLOWER.encode(bytes));
        let mut out = Vec::new();
        for row in &self.rows {
            let value = |cell: &Cell| match cell {
                Cell::Null => Value::Null,
                Cell::Id(id) => Value::String(id.to_string()),
                Cell::Int(number) => Value::from(*number),
                Cell::Bool(yes) => Value::Bool(*yes),
                Cell::Text(text) => Value::String(text.clone()),
                Cell::Bytes(bytes) => hex(bytes),
            };
            let names = self.table.columns.iter().map(|(name, _)| (*name).to_owned());
            let row: Map<String, Value> = names.zip(row.iter().map(value)).collect();
            serde_json::to_writer(&mut out, &row)
                .map_err(|error| Error::Corrupt(format!("writing {}: {error}", self.table.name)))?;
            out.push(b'\n');
        }
        Ok(out)
    }

    /// Inserts them; what was sealed elsewhere is sealed under this node's key.
    ///
    /// # Errors
    /// The database refuses a row: it is there already, or names what is not there.
    pub fn insert(&self, tx: &Write<'_>, node: &Node) -> Result<()> {
        for row in &self.rows {
            let param = |(cell, (_, kind)): (&Cell, &(&str, Kind))| -> Box<dyn Param> {
                match (cell, kind) {
                    (Cell::Bytes(opened), Kind::Sealed(purpose)) if !opened.is_empty() => {
                        Box::new(node.secrets.seal(&purpose(self, row), opened, node.random()))
                    }
                    (Cell::Id(id), _) => Box::new(*id),
                    (Cell::Int(number), _) => Box::new(*number),
                    (Cell::Bool(yes), _) => Box::new(*yes),
                    (Cell::Text(text), _) => Box::new(text.clone()),
                    (Cell::Bytes(bytes), _) => Box::new(bytes.clone()),
                    (Cell::Null, kind) => kind.null(),
                }
            };
            let params: Vec<Box<dyn Param>> = row.iter().zip(self.table.columns).map(param).collect();
            let params: Vec<&dyn Param> = params.iter().map(AsRef::as_ref).collect();
            tx.execute(self.table.insert, &params)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Migration;
    use crate::testing;

    const GARDEN: &[Migration] = &[Migration::new(
        "garden",
        1,
        "CREATE TABLE tree (id {id} PRIMARY KEY, name {text}, age {int} NOT NULL, old {bool} NOT NULL, seed {blob}, secret {blob}) {strict}",
    )];
    const TREE: Table = Table {
        name: "tree",
        columns: &[
            ("id", Kind::Id),
            ("name", Kind::Text),
            ("age", Kind::Int),
            ("old", Kind::Bool),
            ("seed", Kind::Bytes),
            ("secret", Kind::Sealed(|rows, row| format!("tree:{}", rows.text(row, "name")))),
        ],
        select: Sql::new("SELECT id, name, age, old, seed, secret FROM tree ORDER BY id"),
        insert: Sql::new(
            "INSERT INTO tree (id, name, age, old, seed, secret) VALUES ($1, $2, $3, $4, $5, $6)",
        ),
    };

    #[test]
    fn rows_come_in_elsewhere_as_they_left_and_what_was_sealed_opens_under_the_other_key() {
        let (here, there) = (testing::node(&[GARDEN]), testing::node(&[GARDEN]));
        let (id, full) = (here.id(), here.id());
        let sealed = here.secrets.seal("tree:elm", b"squirrels", here.random());
        let rows = Rows {
            table: TREE,
            rows: vec![
                vec![Cell::Id(id), Cell::Null, Cell::Int(-7), Cell::Bool(false), Cell::Null, Cell::Null],
                vec![
                    Cell::Id(full),
                    Cell::Text("elm".into()),
                    Cell::Int(300),
                    Cell::Bool(true),
                    Cell::Bytes(vec![0, 255]),
                    Cell::Bytes(b"squirrels".to_vec()),
                ],
            ],
        };
        let (first, node) = (rows.clone(), here.node.clone());
        here.db.write_now(move |tx| first.insert(tx, &node)).unwrap();
        let node = here.node.clone();
        let lines = here.db.read_now(move |c| TREE.read(c, &node)).unwrap().lines().unwrap();
        assert!(!lines.windows(8).any(|window| window == &sealed[..8]));

        let (taken, node) = (TREE.parse(&lines).unwrap(), there.node.clone());
        assert_eq!(taken.rows, rows.rows);
        there.db.write_now(move |tx| taken.insert(tx, &node)).unwrap();
        let node = there.node.clone();
        let again = there.db.read_now(move |c| TREE.read(c, &node)).unwrap();
        assert_eq!((again.rows.clone(), again.lines().unwrap()), (rows.rows, lines));
    }

    #[test]
    fn a_line_with_a_member_too_many_or_too_few_or_of_another_kind_or_cut_off_is_named() {
        let good = r#"{"id":"018f0000-0000-7000-8000-000000000000","name":"elm","age":3,"old":true,"seed":null,"secret":null}"#;
        assert_eq!(TREE.parse(format!("{good}\n").as_bytes()).unwrap().rows.len(), 1);
        for (line, expected) in [
            (good.replace("\"age\":3", "\"age\":\"3\""), "age"),
            (good.replace("\"age\":3,", ""), "age is missing"),
            (good.replace("\"age\":3", "\"age\":3,\"height\":2"), "height"),
            (good.replace("\"seed\":null", "\"seed\":\"0g\""), "seed"),
            (good.replace('}', ""), "cannot be read"),
        ] {
            let why = TREE.parse(format!("{good}\n{line}\n").as_bytes()).unwrap_err().to_string();
            assert!(why.contains("tree, line 2") && why.contains(expected), "{why}");
        }
        assert!(TREE.parse(good.as_bytes()).unwrap_err().to_string().contains("cut off"));
    }
}
