//! Structures that strace does not print member by member: addresses of sockets, sets, how processes ended, entries of
//! directories, capabilities.

use super::{scan, word};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Reads the text of a structure of this name. `None`: there is no such special one.
type Read = fn(&[u8]) -> Option<Vec<u8>>;

static ROWS: &[(&str, Read)] = &[
    ("sockaddr", socket_address),
    ("sigset", signals),
    ("fd_set", descriptors),
    ("cpu_mask", processors),
    ("wait_status", wait_status),
    ("cap_data", capabilities),
    ("dirent64", directory),
];

/// What reads the structures of a name.
pub(super) fn reader(name: &str) -> Option<Read> {
    ROWS.iter().find(|row| row.0 == name).map(|row| row.1)
}

/// The text of a member.
fn member<'a>(text: &'a [u8], name: &str) -> Option<&'a [u8]> {
    scan::split(text, b",").find_map(|part| {
        let rest = part.strip_prefix(name.as_bytes())?;
        rest.strip_prefix(b"=")
    })
}

fn number(text: &[u8]) -> Option<u64> {
    word::number(text, None, &mut |_| {})
}

fn number_of(text: &[u8], name: &str) -> Option<u64> {
    number(member(text, name)?)
}

/// The string in the parentheses of `inet_addr("1.2.3.4")`.
fn quoted<'a>(text: &'a [u8], macro_name: &str) -> Option<&'a str> {
    let rest = &text[find(text, macro_name.as_bytes())? + macro_name.len()..];
    let start = rest.iter().position(|byte| *byte == b'"')? + 1;
    let end = rest[start..].iter().position(|byte| *byte == b'"')?;
    std::str::from_utf8(&rest[start..start + end]).ok()
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|text| text == wanted)
}

/// Address families (linux v6.12 include/linux/socket.h).
const AF_UNIX: u16 = 1;
const AF_INET: u16 = 2;
const AF_INET6: u16 = 10;
const AF_NETLINK: u16 = 16;
const AF_PACKET: u16 = 17;

fn socket_address(text: &[u8]) -> Option<Vec<u8>> {
    let inner = scan::between(text, b'{', b'}')?;
    let family = number_of(inner, "sa_family")? as u16;
    let mut bytes = family.to_le_bytes().to_vec();
    if let Some(data) = member(inner, "sa_data") {
        bytes.extend(scan::string(data)?.0);
        return Some(bytes);
    }
    // Ports are in network order already: `htons(80)` is what lies in memory.
    let port = |name| number_of(inner, name).map(|port| (port as u16).to_le_bytes());
    match family {
        AF_UNIX => match member(inner, "sun_path") {
            Some([b'@', name @ ..]) => {
                bytes.push(0);
                bytes.extend(scan::string(name)?.0);
            }
            Some(path) => {
                bytes.extend(scan::string(path)?.0);
                bytes.push(0);
            }
            None => {}
        },
        AF_INET => {
            bytes.extend(port("sin_port")?);
            let address: Ipv4Addr = quoted(inner, "inet_addr(")?.parse().ok()?;
            bytes.extend(address.octets());
            bytes.extend([0; 8]);
        }
        AF_INET6 => {
            bytes.extend(port("sin6_port")?);
            let flow = number_of(inner, "sin6_flowinfo").unwrap_or(0) as u32;
            bytes.extend(flow.to_le_bytes());
            let address: Ipv6Addr = quoted(inner, "inet_pton(AF_INET6")?.parse().ok()?;
            bytes.extend(address.octets());
            // An interface may have a name here (`if_nametoindex("eth0")`), whose number is not known.
            let scope = number_of(inner, "sin6_scope_id").unwrap_or(0) as u32;
            bytes.extend(scope.to_le_bytes());
        }
        AF_NETLINK => {
            bytes.extend([0; 2]);
            bytes.extend((number_of(inner, "nl_pid")? as u32).to_le_bytes());
            bytes.extend((number_of(inner, "nl_groups")? as u32).to_le_bytes());
        }
        AF_PACKET => {
            bytes.extend(port("sll_protocol")?);
            let interface = number_of(inner, "sll_ifindex").unwrap_or(0) as u32;
            bytes.extend(interface.to_le_bytes());
            bytes.extend((number_of(inner, "sll_hatype").unwrap_or(0) as u16).to_le_bytes());
            bytes.push(number_of(inner, "sll_pkttype").unwrap_or(0) as u8);
            bytes.push(number_of(inner, "sll_halen").unwrap_or(0) as u8);
            let address =
                member(inner, "sll_addr").and_then(|text| scan::between(text, b'[', b']'));
            let octets = address.map(|text| scan::split(text, b",").filter_map(number));
            bytes.extend(
                octets
                    .into_iter()
                    .flatten()
                    .map(|octet| octet as u8)
                    .take(8),
            );
            bytes.resize(20, 0);
        }
        // Only the family is shown.
        _ if member(inner, "sa_family") == Some(inner) => {}
        _ => return None,
    }
    Some(bytes)
}

/// `[INT TERM]`, `~[KILL STOP]`: 64 signals, as the kernel counts them.
fn signals(text: &[u8]) -> Option<Vec<u8>> {
    let (inverted, names) = match text {
        [b'~', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let names = std::str::from_utf8(scan::between(names, b'[', b']')?).ok()?;
    let mut set = 0u64;
    for name in names.split_ascii_whitespace() {
        let signal = word::signal_number(&format!("SIG{name}"))
            .or_else(|| name.parse().ok())
            .filter(|signal| (1..=64).contains(signal))?;
        set |= 1 << (signal - 1);
    }
    let set = if inverted { !set } else { set };
    Some(set.to_le_bytes().to_vec())
}

/// Bits that a set may have: those of `fd_set`, and more processors than machines have.
const MOST_BITS: usize = 8192;

/// `[3 5]`, in whole words.
fn bits(text: &[u8]) -> Option<Vec<u8>> {
    let inner = scan::bare(scan::between(text, b'[', b']')?);
    let mut bytes = Vec::new();
    for bit in inner
        .split(|byte| b" ,".contains(byte))
        .filter(|bit| !bit.is_empty())
    {
        let bit = usize::try_from(word::literal(bit)?).ok()?;
        if bit >= MOST_BITS {
            return None;
        }
        let needed = (bit / 64 + 1) * 8;
        if bytes.len() < needed {
            bytes.resize(needed, 0);
        }
        bytes[bit / 8] |= 1 << (bit % 8);
    }
    Some(bytes)
}

/// `FD_SETSIZE` of linux v6.12 include/uapi/linux/posix_types.h.
const DESCRIPTOR_BYTES: usize = 1024 / 8;

fn descriptors(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = bits(text)?;
    bytes.resize(bytes.len().max(DESCRIPTOR_BYTES), 0);
    Some(bytes)
}

fn processors(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = bits(text)?;
    bytes.resize(bytes.len().max(8), 0);
    Some(bytes)
}

/// `{WIFEXITED(s) && WEXITSTATUS(s) == 42}` and its kin, as linux v6.12 kernel/exit.c makes them.
fn wait_status(text: &[u8]) -> Option<Vec<u8>> {
    let text = scan::between(text, b'[', b']').unwrap_or(text);
    if let Some(status) = word::literal(text) {
        return Some((status as u32).to_le_bytes().to_vec());
    }
    // What stands behind a name, up to a space or bracket.
    let value = |name: &str| {
        let rest = &text[find(text, name.as_bytes())? + name.len()..];
        let rest = rest.strip_prefix(b"(s) == ")?;
        let end = rest.iter().position(|byte| b" }|&".contains(byte));
        number(&rest[..end.unwrap_or(rest.len())])
    };
    let status = if find(text, b"WIFCONTINUED").is_some() {
        0xffff
    } else if let Some(code) = value("WEXITSTATUS") {
        (code & 0xff) << 8
    } else if let Some(signal) = value("WTERMSIG") {
        let dumped = find(text, b"WCOREDUMP").is_some();
        signal & 0x7f | if dumped { 0x80 } else { 0 }
    } else {
        let signal = value("WSTOPSIG")?;
        let traced = if find(text, b" | 0x80").is_some() {
            0x80
        } else {
            0
        };
        // An event of `ptrace`: `| PTRACE_EVENT_FORK << 16`.
        let event = find(text, b"PTRACE_EVENT_").and_then(|at| {
            let end = text[at..].iter().position(|byte| *byte == b' ')?;
            number(&text[at..at + end])
        });
        event.unwrap_or(0) << 16 | (signal & 0x7f | traced) << 8 | 0x7f
    };
    Some((status as u32).to_le_bytes().to_vec())
}

/// Three sets, whose upper halves lie in a second structure.
fn capabilities(text: &[u8]) -> Option<Vec<u8>> {
    let inner = scan::between(text, b'{', b'}')?;
    let names = ["effective", "permitted", "inheritable"];
    let [a, b, c] = names.map(|name| number_of(inner, name));
    let sets = [a?, b?, c?];
    let halves = sets
        .iter()
        .map(|set| *set as u32)
        .chain(sets.iter().map(|set| (set >> 32) as u32));
    Some(halves.flat_map(u32::to_le_bytes).collect())
}

/// `[{d_ino=1, d_off=2, d_reclen=24, d_type=DT_DIR, d_name="etc"}]`, which strace shows with `-v`.
fn directory(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for entry in
        scan::split(scan::between(text, b'[', b']')?, b",").filter(|entry| !entry.is_empty())
    {
        let inner = scan::between(entry, b'{', b'}')?;
        let (start, length) = (bytes.len(), number_of(inner, "d_reclen")? as u16);
        bytes.extend(number_of(inner, "d_ino")?.to_le_bytes());
        bytes.extend(number_of(inner, "d_off")?.to_le_bytes());
        bytes.extend(length.to_le_bytes());
        bytes.push(number_of(inner, "d_type")? as u8);
        bytes.extend(scan::string(member(inner, "d_name")?)?.0);
        bytes.push(0);
        let end = start + usize::from(length);
        if bytes.len() > end {
            return None;
        }
        bytes.resize(end, 0);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Option<Vec<u8>> {
        reader(name).unwrap()(text.as_bytes())
    }

    #[test]
    fn addresses_of_sockets() {
        let inet = r#"{sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("1.2.3.4")}"#;
        let mut bytes = vec![2, 0, 1, 187, 1, 2, 3, 4];
        bytes.extend([0; 8]);
        assert_eq!(read("sockaddr", inet), Some(bytes));
        let inet6 = r#"{sa_family=AF_INET6, sin6_port=htons(53), sin6_flowinfo=htonl(1), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=2}"#;
        let bytes = read("sockaddr", inet6).unwrap();
        assert_eq!(bytes.len(), 28);
        assert_eq!(bytes[..8], [10, 0, 0, 53, 0, 0, 0, 1]);
        assert_eq!(bytes[23..], [1, 2, 0, 0, 0]);
        let path = r#"{sa_family=AF_UNIX, sun_path="/run/x"}"#;
        assert_eq!(read("sockaddr", path), Some(b"\x01\0/run/x\0".to_vec()));
        let name = r#"{sa_family=AF_UNIX, sun_path=@"x\0y"}"#;
        assert_eq!(read("sockaddr", name), Some(b"\x01\0\0x\0y".to_vec()));
        assert_eq!(read("sockaddr", "{sa_family=AF_UNIX}"), Some(vec![1, 0]));
        let data = r#"{sa_family=AF_INET6, sa_data="\0\t"}"#;
        assert_eq!(read("sockaddr", data), Some(vec![10, 0, 0, 9]));
        let netlink = "{sa_family=AF_NETLINK, nl_pid=7, nl_groups=0x000001}";
        assert_eq!(
            read("sockaddr", netlink),
            Some(vec![16, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0])
        );
        assert_eq!(read("sockaddr", "0x7ffe"), None);
    }

    #[test]
    fn sets_and_states() {
        let word = |name, text| {
            let bytes = read(name, text)?;
            let mut word = [0; 8];
            word[..bytes.len().min(8)].copy_from_slice(&bytes[..bytes.len().min(8)]);
            Some(u64::from_le_bytes(word))
        };
        assert_eq!(
            word("sigset", "[INT TERM RT_1]"),
            Some(1 << 1 | 1 << 14 | 1 << 32)
        );
        assert_eq!(word("sigset", "~[]"), Some(u64::MAX));
        assert_eq!(word("sigset", "[NONSENSE]"), None);
        assert_eq!(word("fd_set", "[0</dev/null> 63]"), Some(1 << 63 | 1));
        assert_eq!(word("cpu_mask", "[0 1]"), Some(3));
        assert_eq!(word("cpu_mask", "[99999999]"), None);
        for (text, status) in [
            ("[{WIFEXITED(s) && WEXITSTATUS(s) == 42}]", 42 << 8),
            ("[{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}]", 9),
            (
                "[{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}]",
                0x8b,
            ),
            (
                "[{WIFSTOPPED(s) && WSTOPSIG(s) == SIGTRAP} | PTRACE_EVENT_FORK << 16]",
                0x1057f,
            ),
            ("[{WIFSTOPPED(s) && WSTOPSIG(s) == SIGTRAP | 0x80}]", 0x857f),
            ("[{WIFCONTINUED(s)}]", 0xffff),
        ] {
            assert_eq!(word("wait_status", text), Some(status), "{text}");
        }
        let sets = "{effective=1<<CAP_CHOWN, permitted=0, inheritable=1<<CAP_BPF}";
        let bytes = read("cap_data", sets).unwrap();
        assert_eq!(
            (bytes[0], bytes[20], bytes[21], bytes.len()),
            (1, 1 << 7, 0, 24)
        );
    }

    #[test]
    fn directories() {
        let text = r#"[{d_ino=1, d_off=2, d_reclen=24, d_type=DT_DIR, d_name="etc"}]"#;
        let bytes = read("dirent64", text).unwrap();
        assert_eq!(
            (bytes.len(), bytes[16], bytes[18], &bytes[19..23]),
            (24, 24, 4, &b"etc\0"[..])
        );
    }
}
