//! The system.

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
