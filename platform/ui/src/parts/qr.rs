//! Text for a camera: a QR code (ISO/IEC 18004).

use std::fmt::Write as _;

use askama::Template;
use qrcode::{Color, EcLevel, QrCode};

use super::Markup;

/// The margin that readers need around it, in modules (ISO/IEC 18004, section 5.3.8: four).
const QUIET: usize = 4;
/// Pixels of a module.
const SCALE: usize = 4;

/// `text` as a picture for a camera, dark on light in every theme; `name` says to a screen reader what it is. Nothing when
/// `text` is longer than such a picture can hold (2,331 bytes).
pub fn qr(text: &str, name: &str) -> Markup {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return Markup::default() };
    let side = code.width() + 2 * QUIET;
    Markup::of(Qr { name, side, pixels: side * SCALE, path: path(&code) })
}

/// The dark modules, a rectangle for each run of them in a row.
fn path(code: &QrCode) -> String {
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(code.width()).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|left, right| left == right) {
            if run[0] == Color::Dark {
                let (x, y, length) = (x + QUIET, y + QUIET, run.len());
                let _ = write!(path, "M{x} {y}h{length}v1h-{length}z"); // writing into a string does not fail
            }
            x += run.len();
        }
    }
    path
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<svg role="img" aria-label="{{ name }}" width="{{ pixels }}" height="{{ pixels }}" viewBox="0 0 {{ side }} {{ side }}" shape-rendering="crispEdges"><rect width="{{ side }}" height="{{ side }}" fill="#fff"/><path d="{{ path }}" fill="#000"/></svg>"##
)]
struct Qr<'a> {
    name: &'a str,
    side: usize,
    pixels: usize,
    path: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The modules that the picture paints, as a camera sees them: `true` is dark.
    fn seen(svg: &str) -> Vec<Vec<bool>> {
        let between = |start: &str, end: char| {
            let rest = svg.split(start).nth(1).unwrap();
            rest.split(end).next().unwrap().to_owned()
        };
        let side: usize = between("viewBox=\"0 0 ", ' ').parse().unwrap();
        let mut modules = vec![vec![false; side]; side];
        for run in between(" d=\"", '"').split('M').skip(1) {
            let (x, rest) = run.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let length: usize = rest.split('v').next().unwrap().parse().unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            modules[y][x..x + length].fill(true);
        }
        modules
    }

    #[test]
    fn a_camera_finds_the_code_with_its_light_margin_and_its_three_corners() {
        let svg = qr("otpauth://totp/Wardmote:kes?secret=ABC&issuer=Wardmote", "Secret & co").to_string();
        assert!(svg.contains(r#"role="img" aria-label="Secret &#38; co""#), "{svg}");
        assert!(svg.contains(r##"fill="#fff"/><path"##), "light below, in every theme: {svg}");
        let modules = seen(&svg);
        let side = modules.len();
        let margin = |n: usize| n < QUIET || n >= side - QUIET;
        for (y, row) in modules.iter().enumerate() {
            for (x, dark) in row.iter().enumerate() {
                assert!(!dark || !(margin(x) || margin(y)), "the margin is light: {x}, {y}");
            }
        }
        let end = side - QUIET - 7;
        for (left, top) in [(QUIET, QUIET), (end, QUIET), (QUIET, end)] {
            for y in 0..7_usize {
                for x in 0..7_usize {
                    let ring = x.abs_diff(3).max(y.abs_diff(3));
                    assert_eq!(modules[top + y][left + x], ring != 2, "the corner at {left}, {top}");
                }
            }
        }
    }

    #[test]
    fn another_text_is_another_picture_and_one_that_does_not_fit_is_none() {
        assert_ne!(qr("one", ""), qr("two", ""));
        assert!(!qr(&"x".repeat(2_331), "").is_empty());
        assert!(qr(&"x".repeat(2_332), "").is_empty());
    }
}
