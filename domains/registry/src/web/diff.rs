//! A unified diff as lines that a page marks.

/// Lines of a diff that a page shows.
const MOST: usize = 2_000;

/// A line of a diff.
pub(super) struct DiffLine {
    /// `+`, `-`, or a blank for what stayed.
    pub(super) sign: char,
    pub(super) text: String,
}

/// The lines of a unified diff; between its parts an empty one.
pub(super) fn lines(unified: &str) -> Vec<DiffLine> {
    let lines = unified.lines().take(MOST).enumerate().filter_map(|(number, line)| {
        if line.starts_with("@@") {
            return (number > 0).then(|| DiffLine { sign: ' ', text: "…".to_owned() });
        }
        let mut chars = line.chars();
        let sign = chars.next().filter(|sign| matches!(sign, '+' | '-')).unwrap_or(' ');
        Some(DiffLine { sign, text: chars.as_str().to_owned() })
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_taken_off_and_parts_stay_apart() {
        let told: Vec<String> = lines("@@ -1 +1 @@\n irt: A\n-phone: 1\n+phone: 2\n@@ -9 +9 @@\n--x\n")
            .into_iter()
            .map(|line| format!("{}|{}", line.sign, line.text))
            .collect();
        assert_eq!(told, [" |irt: A", "-|phone: 1", "+|phone: 2", " |…", "-|-x"]);
    }
}
