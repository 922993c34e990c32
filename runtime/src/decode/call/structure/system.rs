//! The system and its terminals.

use super::super::text::{quoted, until_nul};
use super::Reader;

pub(super) fn information(r: &mut Reader<'_>) -> Option<String> {
    let uptime = r.long();
    let loads = [r.word(), r.word(), r.word()].map(|load| load.to_string());
    let mut text = format!("{{uptime={uptime}, loads=[{}]", loads.join(", "));
    for name in [
        "totalram",
        "freeram",
        "sharedram",
        "bufferram",
        "totalswap",
        "freeswap",
    ] {
        text.push_str(&format!(", {name}={}", r.word()));
    }
    text.push_str(&format!(", procs={}", r.u16()));
    r.skip(if r.is_wide() { 6 } else { 2 });
    for name in ["totalhigh", "freehigh"] {
        text.push_str(&format!(", {name}={}", r.word()));
    }
    text.push_str(&format!(", mem_unit={}}}", r.u32()));
    Some(text)
}

/// Members of `struct utsname` take this many bytes each (linux v6.12 include/uapi/linux/utsname.h).
const NAME: usize = 65;

pub(super) fn name(r: &mut Reader<'_>) -> Option<String> {
    let (system, rest) = r.all().split_at_checked(NAME)?;
    let node = rest.get(..NAME)?;
    let [system, node] = [system, node].map(|name| quoted(until_nul(name)));
    Some(format!("{{sysname={system}, nodename={node}, ...}}"))
}

pub(super) fn window(r: &mut Reader<'_>) -> Option<String> {
    let (rows, columns, x, y) = (r.u16(), r.u16(), r.u16(), r.u16());
    Some(format!(
        "{{ws_row={rows}, ws_col={columns}, ws_xpixel={x}, ws_ypixel={y}}}"
    ))
}

/// Speeds by number (linux v6.12 include/uapi/asm-generic/termbits-common.h).
const SPEEDS: [&str; 16] = [
    "B0", "B50", "B75", "B110", "B134", "B150", "B200", "B300", "B600", "B1200", "B1800", "B2400",
    "B4800", "B9600", "B19200", "B38400",
];

/// The bits that say most of a terminal: `{B38400 opost isig icanon echo ...}`.
pub(super) fn terminal(r: &mut Reader<'_>) -> Option<String> {
    let (_input, output, control, local) = (r.u32(), r.u32(), r.u32(), r.u32());
    let speed = SPEEDS.get((control & 0o17) as usize).copied();
    let speed = speed.filter(|_| control & 0o10000 == 0);
    let bit = |word: u32, bit: u32, name: &str| {
        let sign = if word & bit == 0 { "-" } else { "" };
        format!("{sign}{name}")
    };
    Some(format!(
        "{{{} {} {} {} {} ...}}",
        speed.unwrap_or("B?"),
        bit(output, 1, "opost"),
        bit(local, 1, "isig"),
        bit(local, 2, "icanon"),
        bit(local, 8, "echo"),
    ))
}
