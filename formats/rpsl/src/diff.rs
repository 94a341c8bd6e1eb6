//! What changed between two versions of an object.

use similar::TextDiff;

use crate::text::decode;

/// Lines in which two versions differ, beyond which it is not searched for what stayed: finding out would take too long
/// for what somebody else asks.
const MOST_LINES: usize = 4_000;

/// The difference as `--diff-versions` shows it: unified, with one line around each change, without the two lines that
/// name files. Empty when no line differs. Blanks at the ends of lines do not count.
///
/// ```
/// let old = b"irt: IRT-A\nphone: 1\nsource: TEST\n";
/// let new = b"irt: IRT-A\nphone: 2\nsource: TEST\n";
/// assert_eq!(rpsl::diff::unified(old, new), "@@ -1,3 +1,3 @@\n irt: IRT-A\n-phone: 1\n+phone: 2\n source: TEST\n");
/// ```
pub fn unified(old: &[u8], new: &[u8]) -> String {
    let (old, new) = (lines(old), lines(new));
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
    let first = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) = (&old[first..], &new[first..]);
    let last = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(old, new)| old == new).count();
    let (gone, come) = (old_rest.len() - last, new_rest.len() - last);
    if gone.max(come) > MOST_LINES {
        return replaced(&old, &new, first, gone, come);
    }
    TextDiff::configure()
        .diff_slices(&old, &new)
        .unified_diff()
        .context_radius(1)
        .missing_newline_hint(false)
        .to_string()
}

/// One change, from the first line that differs to the last.
fn replaced(old: &[&str], new: &[&str], first: usize, gone: usize, come: usize) -> String {
    let before = first.min(1);
    let after = (old.len() - first - gone).min(1);
    let from = first - before + 1;
    let mut text = format!("@@ -{from},{} +{from},{} @@\n", before + gone + after, before + come + after);
    let mut put = |sign: char, lines: &[&str]| {
        for line in lines {
            text.push(sign);
            text.push_str(line);
            text.push('\n');
        }
    };
    put(' ', &old[first - before..first]);
    put('-', &old[first..first + gone]);
    put('+', &new[first..first + come]);
    put(' ', &old[first + gone..first + gone + after]);
    text
}

fn lines(object: &[u8]) -> Vec<String> {
    let text = object.strip_suffix(b"\n").unwrap_or(object);
    text.split(|&byte| byte == b'\n').map(|line| decode(line).trim_end().to_owned()).collect()
}
