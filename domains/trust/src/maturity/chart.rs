//! A radar chart as a drawing made here: an axis for each thing, level 0 in the middle.

use std::f64::consts::TAU;

use super::catalogue::HIGHEST;

/// Half the width of the drawing, and the length of an axis, in its own units.
const MIDDLE: f64 = 230.0;
const LENGTH: f64 = 180.0;
/// Where labels stand.
const LABELS: f64 = 196.0;

/// A drawing.
pub(super) struct Radar {
    pub(super) size: usize,
    pub(super) rings: Vec<String>,
    pub(super) axes: Vec<Axis>,
    pub(super) shapes: Vec<Shape>,
}

/// An axis, from the middle outwards.
pub(super) struct Axis {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) label: String,
    pub(super) label_x: String,
    pub(super) label_y: String,
    /// `end`, `mid` or nothing: how the label is anchored.
    pub(super) anchor: &'static str,
}

/// What is drawn over the axes.
pub(super) struct Shape {
    /// `own`, `least`, `peers`: its look.
    pub(super) kind: &'static str,
    pub(super) points: String,
    /// Its corners, where they are marked.
    pub(super) dots: Vec<(String, String)>,
}

/// The drawing of `series` (look, and a level for each label) around `labels`; none with fewer than three labels.
pub(super) fn radar(labels: &[String], series: &[(&'static str, Vec<f64>)]) -> Option<Radar> {
    let count = labels.len();
    if count < 3 {
        return None;
    }
    let direction = |place: usize| {
        let angle = place as f64 / count as f64 * TAU;
        (angle.sin(), -angle.cos())
    };
    let corner = |place: usize, length: f64| {
        let (x, y) = direction(place);
        (MIDDLE + x * length, MIDDLE + y * length)
    };
    let outline = |length: &dyn Fn(usize) -> f64| {
        let corners = (0..count).map(|place| {
            let (x, y) = corner(place, length(place));
            format!("{x:.1},{y:.1}")
        });
        corners.collect::<Vec<_>>().join(" ")
    };
    let unit = LENGTH / f64::from(HIGHEST);
    let axis = |(place, label): (usize, &String)| {
        let (x, y) = corner(place, LENGTH);
        let (label_x, label_y) = corner(place, LABELS);
        let anchor = match direction(place).0 {
            sine if sine.abs() < 0.2 => "mid",
            sine if sine < 0.0 => "end",
            _ => "",
        };
        let one = |value: f64| format!("{value:.1}");
        Axis {
            x: one(x),
            y: one(y),
            label: label.clone(),
            label_x: one(label_x),
            label_y: one(label_y + 4.0),
            anchor,
        }
    };
    let shape = |(kind, levels): &(&'static str, Vec<f64>)| {
        let at = |place: usize| levels.get(place).copied().unwrap_or_default() * unit;
        let dots = (0..count).map(|place| {
            let (x, y) = corner(place, at(place));
            (format!("{x:.1}"), format!("{y:.1}"))
        });
        let dots = if *kind == "own" { dots.collect() } else { Vec::new() };
        Shape { kind, points: outline(&at), dots }
    };
    Some(Radar {
        size: (MIDDLE * 2.0) as usize,
        rings: (1..=HIGHEST).map(|level| outline(&|_| f64::from(level) * unit)).collect(),
        axes: labels.iter().enumerate().map(axis).collect(),
        shapes: series.iter().map(shape).collect(),
    })
}
