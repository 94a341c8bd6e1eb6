//! The templates as text, as the queries `-t` and `-v` print them.

use std::fmt::Write;

use super::{Slot, Template};

impl Template {
    /// The template line by line, as `-t` prints it; each line ends with `\n`.
    pub fn brief(&self) -> String {
        self.slots.iter().fold(String::new(), |mut text, slot| {
            let name = format!("{}:", slot.attribute);
            let requirement = format!("[{}]", slot.requirement);
            let multiplicity = format!("[{}]", slot.multiplicity);
            // writing to a String cannot fail
            let _ = writeln!(text, "{name:<16}{requirement:<13}{multiplicity:<13}{}", keys(slot));
            text
        })
    }

    /// What the class is, its template, and each attribute with its syntax, as `-v` prints it.
    pub fn verbose(&self) -> String {
        let class = self.class;
        let mut text = format!("The {class} class:\n\n");
        indent(&mut text, 6, self.about);
        let _ = write!(
            text,
            "\n{}\nThe content of the attributes of the {class} class are defined below:\n\n",
            self.brief()
        );
        for slot in self.slots {
            let _ = writeln!(text, "{}\n", slot.attribute);
            indent(&mut text, 3, slot.attribute.about());
            text.push('\n');
            indent(&mut text, 5, slot.attribute.syntax().about(class));
            text.push('\n');
        }
        text
    }
}

fn keys(slot: &Slot) -> String {
    let keys: Vec<&str> = [(slot.primary, "primary"), (slot.lookup, "lookup"), (slot.inverse, "inverse")]
        .into_iter()
        .filter_map(|(is, name)| is.then_some(name))
        .collect();
    if keys.is_empty() { "[ ]".to_owned() } else { format!("[{} key]", keys.join("/")) }
}

fn indent(text: &mut String, blanks: usize, lines: &str) {
    for line in lines.lines() {
        let _ = writeln!(text, "{:blanks$}{line}", "");
    }
}
