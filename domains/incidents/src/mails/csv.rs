//! Rows for other people's programs and spreadsheets.

use crate::model::Observable;

/// The rows of one recipient: `kind,value,port,first_seen,last_seen,hits`, times in UTC (RFC 3339), RFC 4180.
pub(crate) fn rows_csv<'a>(rows: impl IntoIterator<Item = &'a Observable>) -> String {
    let mut out = csv::Writer::from_writer(Vec::new());
    // Writing into memory does not fail.
    let mut write = |record: [&str; 6]| drop(out.write_record(record));
    write(["kind", "value", "port", "first_seen", "last_seen", "hits"]);
    for row in rows {
        write([
            row.kind.as_str(),
            &cell(&row.value),
            &row.port.map(|port| port.to_string()).unwrap_or_default(),
            &ui::format::iso(row.first_seen),
            &ui::format::iso(row.last_seen),
            &row.hits.to_string(),
        ]);
    }
    String::from_utf8(out.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// A cell that no spreadsheet takes for a formula: what begins like one gets an apostrophe.
pub(crate) fn cell(value: &str) -> String {
    if value.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{value}") } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_becomes_text() {
        for formula in ["=1+1", "+cmd", "-2", "@SUM(A1)", "\t=1"] {
            assert!(cell(formula).starts_with('\''), "{formula}");
        }
        assert_eq!(cell("192.0.2.1"), "192.0.2.1");
    }
}
