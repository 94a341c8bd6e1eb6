//! How fast a dump is read: `cargo run --release -p rpsl --example throughput [FILE]`.
//! Without a file, 500,000 invented small `inetnum` objects in memory. Prints objects and megabytes per second
//! for cutting alone, for lexing all attributes, for reading the types, for finding the terms, and for the check.

use std::hint::black_box;
use std::time::Instant;

use rpsl::check::check;
use rpsl::template::{Template, terms};
use rpsl::{Notes, Object, Record};

fn main() -> std::io::Result<()> {
    let dump = match std::env::args().nth(1) {
        Some(file) => std::fs::read(file)?,
        None => invented(500_000),
    };
    measure("cut", &dump, |_| {});
    measure("lex", &dump, |object| {
        for attribute in object.attributes() {
            black_box(attribute.value());
        }
    });
    measure("read", &dump, |object| {
        let _ = black_box(Record::read(object, &mut Notes::default()));
    });
    measure("terms", &dump, |object| {
        black_box(terms(object));
    });
    measure("check", &dump, |object| {
        if let Some(template) = Template::of(&object.class()) {
            black_box(check(object, template));
        }
    });
    Ok(())
}

fn measure(what: &str, dump: &[u8], work: impl Fn(&Object<'_>)) {
    let start = Instant::now();
    let mut count = 0;
    for object in rpsl::objects(dump).flatten() {
        work(&object);
        count += 1;
    }
    let seconds = start.elapsed().as_secs_f64();
    let megabytes = dump.len() as f64 / 1e6;
    println!(
        "{what}: {count} objects, {:.0} objects/s, {:.0} MB/s",
        f64::from(count) / seconds,
        megabytes / seconds
    );
}

fn invented(count: u32) -> Vec<u8> {
    let object = |number: u32| {
        let first = std::net::Ipv4Addr::from_bits(0x0A00_0000 + number * 16);
        let last = std::net::Ipv4Addr::from_bits(0x0A00_0000 + number * 16 + 15);
        format!(
            "inetnum:        {first} - {last}\nnetname:        NET-{number}\ndescr:          Customer {number}\n\
             country:        SI\nadmin-c:        EX1-TEST\ntech-c:         EX1-TEST\nstatus:         ASSIGNED PA\n\
             mnt-irt:        IRT-EXAMPLE\nmnt-by:         EXAMPLE-MNT\ncreated:        2004-01-01T00:00:00Z\n\
             last-modified:  2024-01-01T00:00:00Z\nsource:         TEST\n\n"
        )
    };
    (0..count).flat_map(|number| object(number).into_bytes()).collect()
}
