//! Rows as files: for spreadsheets and for programs.

use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::mails::{cell, rows_csv};
use crate::model::{Incident, Observable};
use crate::views::inbox::Row;

/// A report as an export has it.
#[derive(Serialize)]
struct Exported<'a> {
    number: String,
    status: &'static str,
    received: String,
    first_answer_due: String,
    from: &'a str,
    subject: &'a str,
    kind: &'a str,
    tlp: &'static str,
    signature: &'static str,
    observable: &'a str,
    more: i64,
    responsible: &'a str,
    trust: &'a str,
    whose: &'static str,
    seen_before: i64,
    owner: &'a str,
}

fn exported(row: &Row) -> Exported<'_> {
    let (report, who) = (&row.report, row.who.as_ref());
    Exported {
        number: report.name().to_string(),
        status: report.status.name(),
        received: ui::format::iso(report.received_at),
        first_answer_due: ui::format::iso(report.due_at),
        from: &report.from_address,
        subject: &report.subject,
        kind: &report.kind,
        tlp: report.tlp.label(),
        signature: report.signature.name(),
        observable: row.first.as_ref().map_or("", |one| &one.value),
        more: row.more,
        responsible: who.map_or("", |who| &who.name),
        trust: who.map_or("", |who| &who.standing),
        whose: who.map_or("", |who| if who.ours { "ours" } else { "other" }),
        seen_before: row.seen,
        owner: &report.owner_name,
    }
}

const HEAD: [&str; 16] = [
    "number",
    "status",
    "received",
    "first_answer_due",
    "from",
    "subject",
    "kind",
    "tlp",
    "signature",
    "observable",
    "more",
    "responsible",
    "trust",
    "whose",
    "seen_before",
    "owner",
];

/// The rows of the list as CSV (RFC 4180) whose cells no spreadsheet takes for formulas.
pub(super) fn reports_csv(rows: &[Row]) -> Response {
    let mut out = csv::Writer::from_writer(Vec::new());
    // Writing into memory does not fail.
    drop(out.write_record(HEAD));
    for row in rows {
        let e = exported(row);
        let cells = [
            &e.number,
            e.status,
            &e.received,
            &e.first_answer_due,
            e.from,
            e.subject,
            e.kind,
            e.tlp,
            e.signature,
            e.observable,
            &e.more.to_string(),
            e.responsible,
            e.trust,
            e.whose,
            &e.seen_before.to_string(),
            e.owner,
        ];
        drop(out.write_record(cells.map(cell)));
    }
    file("reports.csv", "text/csv; charset=utf-8", out.into_inner().unwrap_or_default())
}

/// The rows of the list as a JSON array.
pub(super) fn reports_json(rows: &[Row]) -> Response {
    let rows: Vec<Exported<'_>> = rows.iter().map(exported).collect();
    let mut response = Json(rows).into_response();
    ui::secure(response.headers_mut());
    response
}

/// What an incident names, as CSV.
pub(super) fn observables_csv(incident: &Incident, rows: &[Observable]) -> Response {
    let name = format!("{}-observables.csv", incident.name().to_string().to_lowercase());
    file(&name, "text/csv; charset=utf-8", rows_csv(rows).into_bytes())
}

/// A file to be saved, never shown: what others sent must not run in a browser.
pub(super) fn file(name: &str, content_type: &'static str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{}\"", safe_name(name));
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    let fallback = HeaderValue::from_static("attachment");
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).unwrap_or(fallback));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox"),
    );
    ui::secure(headers);
    response
}

/// A file name that means nothing to any system but its letters: no path, no device, no hidden file.
fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' })
        .take(100)
        .collect();
    let plain = plain.trim_matches(['.', '_']);
    if plain.is_empty() { "part".into() } else { plain.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_stays_in_its_folder_and_in_its_header() {
        assert_eq!(safe_name("../../etc/passwd"), "passwd");
        assert_eq!(safe_name("C:\\x\\log \"1\".csv"), "log__1_.csv");
        assert_eq!(safe_name("..."), "part");
        assert_eq!(safe_name("\u{202e}fdp.exe\r\n"), "fdp.exe");
    }
}
