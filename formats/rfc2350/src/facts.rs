//! Single facts out of a section's text: addresses, numbers, fingerprints, days.

/// Most facts of one kind that are taken out of one text.
const MOST: usize = 100;

/// Mail addresses in `text`, lower case, each once, also where the sign was spelt out: `info (at) cert.example`.
pub fn mail_addresses(text: &str) -> Vec<String> {
    let mut plain = text.to_lowercase();
    for (spelt, sign) in [("at", "@"), ("dot", ".")] {
        for (open, close) in [("(", ")"), ("[", "]"), ("<", ">"), ("{", "}")] {
            plain = plain
                .replace(&format!(" {open}{spelt}{close} "), sign)
                .replace(&format!("{open}{spelt}{close}"), sign);
        }
    }
    let is_part = |c: char| c.is_alphanumeric() || "@.+-_=&'".contains(c);
    let words = plain.split(|c| !is_part(c)).map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    let mut found: Vec<String> = Vec::new();
    for word in words.filter(|word| is_address(word)).take(MOST * 10) {
        if found.len() < MOST && !found.iter().any(|known| known == word) {
            found.push(word.to_owned());
        }
    }
    found
}

fn is_address(word: &str) -> bool {
    let Some((local, domain)) = word.split_once('@') else { return false };
    let labels = domain.split('.').count();
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    word.len() <= 254 && !local.is_empty() && labels >= 2 && domain.split('.').all(is_label)
}

/// Telephone numbers in `text`, from `+` on, with their digits grouped as they stand there; each once.
pub fn telephones(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (at, _) in text.match_indices('+').take(MOST * 10) {
        let rest = &text[at + 1..];
        let end = rest.find(|c: char| !(c.is_ascii_digit() || " -./()".contains(c))).unwrap_or(rest.len());
        let number = rest[..end].trim_end_matches(|c: char| !c.is_ascii_digit());
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        // E.164: at most 15 digits; "UTC+2" is none.
        if (7..=15).contains(&digits) && found.len() < MOST {
            let whole = format!("+{}", number.trim_start());
            if !found.contains(&whole) {
                found.push(whole);
            }
        }
    }
    found
}

/// Fingerprints of OpenPGP keys in `text`: 40 hexadecimal digits, or 64, in groups of one length or not, also over
/// several lines; upper case without blanks.
pub fn fingerprints(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let (mut run, mut group) = (String::new(), 0);
    let mut close = |run: &mut String| {
        let hex = std::mem::take(run).to_ascii_uppercase();
        if (hex.len() == 40 || hex.len() == 64) && found.len() < MOST && !found.contains(&hex) {
            found.push(hex);
        }
    };
    for line in text.lines() {
        for word in line.split(|c: char| c.is_whitespace() || c == ':') {
            let word = word.trim_matches(['.', ',', ';', '"', '(', ')']);
            let word = word.strip_prefix("0x").unwrap_or(word);
            if word.is_empty() {
                continue;
            }
            let is_hex = word.len() <= 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !is_hex || word.len() != group || run.len() + word.len() > 64 {
                close(&mut run);
            }
            if is_hex {
                group = word.len();
                run.push_str(word);
            }
        }
        // One of 64 digits that is broken after its fortieth is rarer than two of 40 below one another.
        if run.len() >= 40 {
            close(&mut run);
        }
    }
    close(&mut run);
    found
}

/// A day, as `YYYY-MM-DD`, from the first date in `text`: `2021-06-30`, `30 June 2021`, `June 30, 2021`, `30.06.2021`,
/// `2021/06/30`. What can be read in two ways (`05/06/2021`) is no day.
pub fn day(text: &str) -> Option<String> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let month_named = |word: &str| {
        let word = word.to_ascii_lowercase();
        let known = word.len() >= 3 && word.len() <= 9 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
        known
            .then(|| MONTHS.iter().position(|month| word.starts_with(month)))
            .flatten()
            .map(|at| at as u32 + 1)
    };
    let ordinal = |word: &str| word.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse::<u32>().ok();
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c == ',')
        .map(|word| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()))
        .filter(|word| !word.is_empty())
        .take(1_000)
        .collect();
    for (at, word) in words.iter().enumerate() {
        if let Some(day) = numeric(word) {
            return Some(day);
        }
        let Some(month) = month_named(word) else { continue };
        let before = at.checked_sub(1).and_then(|at| words.get(at)).and_then(|word| ordinal(word));
        let after = words.get(at + 1).and_then(|word| ordinal(word));
        let third = words.get(at + 2).and_then(|word| ordinal(word));
        let found = match (before, after, third) {
            (Some(day @ 1..=31), Some(year @ 1990..=2200), _) => Some((year, day)),
            (_, Some(day @ 1..=31), Some(year @ 1990..=2200)) => Some((year, day)),
            _ => None,
        };
        if let Some(day) = found.and_then(|(year, day)| valid(year, month, day)) {
            return Some(day);
        }
    }
    None
}

fn numeric(word: &str) -> Option<String> {
    let word = word.split('T').next().unwrap_or(word);
    let mark = word.chars().find(|c| !c.is_ascii_digit())?;
    let parts: Vec<u32> = word.split(mark).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    match (mark, <[u32; 3]>::try_from(parts).ok()?) {
        ('-' | '/' | '.', [year @ 1990..=2200, month, day]) => valid(year, month, day),
        ('.' | '-', [day, month, year @ 1990..=2200]) => valid(year, month, day),
        ('/', [first, second, year @ 1990..=2200]) if first > 12 => valid(year, second, first),
        ('/', [first, second, year @ 1990..=2200]) if second > 12 => valid(year, first, second),
        ('/', [first, second, year @ 1990..=2200]) if first == second => valid(year, first, second),
        _ => None,
    }
}

fn valid(year: u32, month: u32, day: u32) -> Option<String> {
    let is_leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    let last = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=last).contains(&day).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses_are_found_also_spelt_out() {
        let text = "Write to <CERT@lab.example>, or info (at) cert[dot]lab.example. Not @handle, a@b, or cert@lab.example.";
        assert_eq!(mail_addresses(text), ["cert@lab.example", "info@cert.lab.example"]);
    }

    #[test]
    fn telephones_are_found_and_time_zones_are_none() {
        let text = "UTC+02:00, +00 5550 0223 (office), tel. +00(555)0-224. Call +1 2";
        assert_eq!(telephones(text), ["+00 5550 0223", "+00(555)0-224"]);
    }

    #[test]
    fn fingerprints_are_found_in_groups_and_in_one() {
        let one = "0123456789ABCDEF0123456789ABCDEF01234567";
        let grouped = "Fingerprint: 0123 4567 89ab cdef 0123  4567 89AB CDEF 0123 4567 and more";
        assert_eq!(fingerprints(grouped), [one]);
        assert_eq!(fingerprints(&format!("key {one}.")), [one]);
        assert_eq!(
            fingerprints(&format!("{one} {}", one.replace('0', "F"))),
            [one.to_owned(), one.replace('0', "F")]
        );
        assert!(fingerprints("0123 4567 89ab").is_empty());
    }

    #[test]
    fn a_day_is_read_in_the_ways_people_write_it_and_never_guessed() {
        for (text, day_) in [
            ("This is version 1.0, published 2021-06-30.", "2021-06-30"),
            ("Version 1.0, 06 July 2026.", "2026-07-06"),
            ("July 6th, 2026", "2026-07-06"),
            ("06.07.2029", "2029-07-06"),
            ("30/06/2021", "2021-06-30"),
            ("2021/06/30", "2021-06-30"),
            ("29 Feb 2024", "2024-02-29"),
        ] {
            assert_eq!(day(text).as_deref(), Some(day_), "{text}");
        }
        for text in ["", "05/06/2021", "31 February 2024", "version 1.2.3", "in May we moved", "29.02.2023"] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
