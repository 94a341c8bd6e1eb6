//! What the server says about itself: templates, sources, types, its version, help.

use std::fmt::Write as _;

use rpsl::template::Template;

use crate::whois::memory::Objects;

/// `-t`: the template; `-v`: with every attribute explained.
pub(in crate::whois) fn template(class: &str, verbose: bool, out: &mut String) {
    let Some(template) = Template::of(class) else { return };
    let text = if verbose { template.verbose() } else { template.brief() };
    out.push_str(text.trim_end());
    out.push_str("\n\n");
}

/// `-q sources`: `WARD:3:N:0-0`, the line that RIPE's and IRRd's users know: name, version of NRTM, whether it can be
/// mirrored, first and last number of a change.
pub(in crate::whois) fn sources(objects: &Objects<'_, '_>, out: &mut String) {
    for source in objects.sources() {
        let _ = writeln!(out, "{source}:3:N:0-0");
    }
    if objects.sources().next().is_none() {
        out.push_str("% There are none yet.\n");
    }
    out.push('\n');
}

/// `-q types`: the classes, one a line.
pub(in crate::whois) fn types(out: &mut String) {
    Template::all().for_each(|template| {
        let _ = writeln!(out, "{}", template.class());
    });
    out.push('\n');
}

/// `-q version`
pub(in crate::whois) fn version(out: &mut String) {
    let _ = write!(out, "% wardmote-{}\n\n", env!("CARGO_PKG_VERSION"));
}

/// `help`
pub(in crate::whois) fn help(out: &mut String) {
    for line in HELP.lines().chain(rpsl::query::help().lines()) {
        let _ = writeln!(out, "{}", format!("% {line}").trim_end());
    }
    out.push('\n');
}

const HELP: &str = "\
Ask for an address, a prefix, a range, an AS number, a domain, or the name of an object:
  192.0.2.77   192.0.2.0/24   192.0.2.10 - 192.0.2.77   AS64500   host.example   IRT-EXAMPLE

Who is responsible
  -c QUERY      the most specific network that names a team, that network and the team
  -b QUERY      only where complaints go
  begin         then one resource a line, then \"end\": one line for each, for programs

The connection
  -k QUERY      stays open; -k alone closes it. Queries may be sent without waiting for answers.
  --token TOKEN QUERY   asks as an account of this node, here and from now on

All flags
";
