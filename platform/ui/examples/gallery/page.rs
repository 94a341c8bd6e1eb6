//! Two pages that use every part: `gallery.html` shows them, `desk.html` is a small split view for the script.

use askama::Template;
use ui::{Clock, Link, NavItem, Page, Preferences, Toast, Who};

const MINUTE: i64 = 60_000_000;

/// Every part, with what decides how it looks.
#[derive(Template)]
#[template(path = "gallery.html")]
pub struct Gallery {
    pub page: Page,
    pub standings: Vec<&'static str>,
    pub verdicts: Vec<&'static str>,
    pub deliveries: Vec<(&'static str, String)>,
    pub labels: Vec<String>,
    pub clocks: Vec<Clock>,
    pub chain: Vec<Link>,
    pub fingerprint: String,
    pub received: i64,
    pub size: u64,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// A report in the small inbox.
pub struct Row {
    pub id: String,
    pub subject: String,
    pub received: i64,
}

/// A split view: rows, preview, a draft, a selection.
#[derive(Template)]
#[template(path = "desk.html")]
pub struct Desk {
    pub page: Page,
    pub rows: Vec<Row>,
    pub shown: Option<usize>,
    pub draft: String,
    pub live: u64,
}

impl Desk {
    /// The row in the preview.
    pub fn open(&self) -> Option<&Row> {
        self.rows.get(self.shown?)
    }

    /// Whether this row is in the preview.
    pub fn shows(&self, row: &Row) -> bool {
        self.open().is_some_and(|open| open.id == row.id)
    }

    /// Address of the row `step` rows away from the one shown.
    pub fn beside(&self, step: isize) -> Option<String> {
        let index = self.shown?.checked_add_signed(step)?;
        self.rows.get(index).map(|row| format!("/desk/{}", row.id))
    }
}

/// The page around, as a reader of Aldermark CERT has it.
pub fn page(title: &str, preferences: Preferences, now: i64) -> Page {
    let place = |href: &str, label: &str, count, key| NavItem {
        href: href.into(),
        label: label.into(),
        count,
        current: false,
        key: Some(key),
    };
    let nav = vec![
        place("/", "Gallery", None, 'd'),
        place("/desk", "Reports", Some(37), 'r'),
        place("/incidents", "Incidents", Some(10_012), 'i'),
    ];
    let who = Some(Who { team: "Aldermark CERT".into(), account: "kes".into() });
    Page { nav, who, preferences, now, node: "desk.aldermark.example".into(), ..Page::bare(title) }
}

/// The gallery, with hostile text where others' text goes.
pub fn gallery(page: Page) -> Gallery {
    let now = page.now;
    let clock = |started: i64, due: i64| Clock::new(now - started * MINUTE, now + due * MINUTE, now);
    let until = now + 600_000_000;
    let page =
        Page { toast: Some(Toast::undoable("2 reports linked to INC-217.", "/undo/7", until)), ..page };
    Gallery {
        page: page.at("/"),
        standings: vec!["certified", "accredited", "candidate", "listed", "suspended", "not listed"],
        verdicts: vec![
            "good",
            "domain",
            "none",
            "broken",
            "unknown",
            "other",
            "expired",
            "revoked",
            "weak",
            "unreadable",
        ],
        deliveries: [
            "draft", "held", "queued", "deferred", "sent", "read", "failed", "told", "answered", "silent", "",
        ]
        .map(|state| (state, if state == "deferred" { "3rd try".to_owned() } else { String::new() }))
        .to_vec(),
        labels: ["RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR"].map(str::to_owned).to_vec(),
        clocks: vec![clock(184, -34), clock(38, 22), clock(22, 158), clock(0, 4140)],
        chain: vec![
            Link::code("inetnum", "203.0.113.0/27"),
            Link::gap("no mnt-irt"),
            Link::code("mnt-irt", "IRT-NORDVIK\" onload=\"x"),
            Link::name("team", "<script>Nordvik</script>"),
        ],
        fingerprint: "4f1c09ae77d2b0e351c8e6a490fb2d17a0d177e4".into(),
        received: now - 40 * MINUTE,
        size: 9_800,
        before: None,
        after: Some("/?after=x".into()),
    }
}
