//! The networks around an address to scale, as a drawing made here.

use std::net::IpAddr;

use crate::Resource;
use crate::answer::{Answer, Network};

/// Width of the drawing in its own units.
const WIDTH: f64 = 960.0;
/// Height of a level with its gap.
const STEP: usize = 30;
/// Levels drawn: more would be a list, and the list stands below.
const LEVELS: usize = 6;
/// Width of one character of the label's face.
const CHARACTER: f64 = 7.3;

/// A drawing.
pub(super) struct Scale {
    pub(super) height: usize,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) bands: Vec<Band>,
    /// The ends of what was asked: one for an address.
    pub(super) ticks: Vec<String>,
    /// Where the ticks end and the captions stand.
    pub(super) tick_end: usize,
    pub(super) caption_y: usize,
    pub(super) first: String,
    pub(super) last: String,
}

/// A network.
pub(super) struct Band {
    pub(super) x: String,
    pub(super) y: usize,
    pub(super) width: String,
    pub(super) found: bool,
    pub(super) label: String,
    pub(super) label_x: String,
    pub(super) label_y: usize,
    pub(super) ends: bool,
}

/// The drawing of `answer`; none without networks.
pub(super) fn of(answer: &Answer, resource: &Resource) -> Option<Scale> {
    let Resource::Addresses(first, last) = resource else { return None };
    let shown = &answer.networks[answer.networks.len().saturating_sub(LEVELS)..];
    let outer = shown.first()?;
    let ruler = Ruler { start: number(outer.first), length: number(outer.last) - number(outer.first) };
    let tick = ruler.place(*first);
    let bands = shown.iter().enumerate().map(|(level, network)| band(&ruler, tick, level, network)).collect();
    let middle = |address: &IpAddr| units(ruler.place(*address));
    let ticks = if first == last { vec![middle(first)] } else { vec![middle(first), middle(last)] };
    let ranges: Vec<&str> = shown.iter().map(|network| network.range.as_str()).collect();
    Some(Scale {
        height: shown.len() * STEP + 18,
        title: format!("{} in its networks, to scale", answer.asked),
        description: format!("From the largest to the smallest: {}.", ranges.join(", ")),
        bands,
        ticks,
        tick_end: shown.len() * STEP + 4,
        caption_y: shown.len() * STEP + 17,
        first: outer.first.to_string(),
        last: outer.last.to_string(),
    })
}

/// A network as a bar; its label stands in it, beside it, or at its right end, so that the tick does not cross it.
fn band(ruler: &Ruler, tick: f64, level: usize, network: &Network) -> Band {
    let x = ruler.place(network.first);
    // A network of a millionth of the largest must be seen still.
    let width = (ruler.place(network.last) - x).max(3.0).min(WIDTH - x.min(WIDTH - 3.0));
    let x = x.min(WIDTH - 3.0);
    let label = match network.mnt_irt.first() {
        Some(irt) => format!("{} · {irt}", network.range),
        None => network.range.clone(),
    };
    let needed = label.chars().count() as f64 * CHARACTER + 16.0;
    let crossed = |from: f64| (from..from + needed).contains(&tick);
    let (label_x, ends) = match width >= needed {
        true if crossed(x) && !crossed(x + width - needed) => (x + width - 8.0, true),
        true => (x + 8.0, false),
        false if x + width + needed <= WIDTH => (x + width + 6.0, false),
        false => (x - 6.0, true),
    };
    Band {
        x: units(x),
        y: level * STEP + 8,
        width: units(width),
        found: network.found,
        label,
        label_x: units(label_x),
        label_y: level * STEP + 23,
        ends,
    }
}

struct Ruler {
    start: u128,
    length: u128,
}

impl Ruler {
    fn place(&self, address: IpAddr) -> f64 {
        let offset = number(address).saturating_sub(self.start) as f64;
        (offset / self.length.max(1) as f64 * WIDTH).min(WIDTH)
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn units(value: f64) -> String {
    format!("{value:.1}")
}
