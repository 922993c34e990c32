//! Sockets by their inode: `/proc/PID/net` in, protocol and addresses out.

use super::Sources;
use std::collections::HashMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The tables of sockets with addresses, and what people call their protocols.
const TABLES: [(&str, &str); 4] = [
    ("tcp", "TCP"),
    ("tcp6", "TCPv6"),
    ("udp", "UDP"),
    ("udp6", "UDPv6"),
];

/// So many connections are remembered; of more, all are looked up again.
const MOST: usize = 4096;

/// Connections that were found. Sockets without a peer may get one, and are looked up again.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    connected: HashMap<u64, String>,
}

impl Sockets {
    /// `TCP 127.0.0.1:80->127.0.0.1:51722`, `UNIX /run/x`; `None` if no table of the process's network has it.
    pub(super) fn describe(
        &mut self,
        sources: &Sources,
        process: u32,
        inode: u64,
    ) -> Option<String> {
        if let Some(known) = self.connected.get(&inode) {
            return Some(known.clone());
        }
        let net = sources.proc.join(process.to_string()).join("net");
        for (file, protocol) in TABLES {
            let table = fs::read_to_string(net.join(file)).unwrap_or_default();
            let found = table.lines().find_map(|line| addresses(line, inode));
            if let Some((local, peer)) = found {
                let Some(peer) = peer else {
                    return Some(format!("{protocol} {local}"));
                };
                let text = format!("{protocol} {local}->{peer}");
                if self.connected.len() >= MOST {
                    self.connected.clear();
                }
                self.connected.insert(inode, text.clone());
                return Some(text);
            }
        }
        let table = fs::read(net.join("unix")).unwrap_or_default();
        let table = String::from_utf8_lossy(&table);
        table.lines().find_map(|line| unix(line, inode))
    }
}

/// The addresses of a line of `/proc/net/tcp` and its kin, if it is of this socket; no peer if there is none.
fn addresses(line: &str, inode: u64) -> Option<(SocketAddr, Option<SocketAddr>)> {
    let mut words = line.split_ascii_whitespace();
    let (local, peer) = (words.nth(1)?, words.next()?);
    if words.nth(6)?.parse() != Ok(inode) {
        return None;
    }
    let peer = address(peer)?;
    Some((address(local)?, (peer.port() != 0).then_some(peer)))
}

/// `0100007F:0050`: words of an address in the machine's order, a port.
fn address(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let words: Option<Vec<u8>> = (0..address.len())
        .step_by(8)
        .map(|at| u32::from_str_radix(address.get(at..at + 8)?, 16).ok())
        .map(|word| word.map(u32::to_le_bytes))
        .collect::<Option<Vec<_>>>()
        .map(|words| words.concat());
    let octets = words?;
    let address = match <[u8; 4]>::try_from(octets.as_slice()) {
        Ok(octets) => IpAddr::V4(Ipv4Addr::from(octets)),
        Err(_) => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(octets).ok()?)),
    };
    Some(SocketAddr::new(
        address,
        u16::from_str_radix(port, 16).ok()?,
    ))
}

/// A line of `/proc/net/unix`, if it is of this socket.
fn unix(line: &str, inode: u64) -> Option<String> {
    let mut words = line.split_ascii_whitespace();
    if words.nth(6)?.parse() != Ok(inode) {
        return None;
    }
    let path = words.next();
    Some(path.map_or_else(|| format!("UNIX [{inode}]"), |path| format!("UNIX {path}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::AsRawFd;

    #[test]
    fn lines_of_the_tables() {
        let line = "  1: 0100007F:0050 0200007F:CA0A 01 00000000:00000000 00:00000000 00000000  0        0 1234 1 ffff";
        let (local, peer) = addresses(line, 1234).unwrap();
        assert_eq!(
            (local.to_string(), peer.unwrap().to_string()),
            ("127.0.0.1:80".into(), "127.0.0.2:51722".into())
        );
        assert_eq!(addresses(line, 1235), None);
        let six = "00000000000000000000000001000000:0035";
        assert_eq!(address(six).unwrap().to_string(), "[::1]:53");
        for nonsense in ["", "1:", ":1", "0100007F", "zz00007F:1", "010000:1"] {
            assert_eq!(address(nonsense), None);
        }
        let line = "ffff: 00000002 00000000 00010000 0001 01 77 @/tmp/x";
        assert_eq!(unix(line, 77).unwrap(), "UNIX @/tmp/x");
        let line = "ffff: 00000002 00000000 00000000 0001 01 78";
        assert_eq!(unix(line, 78).unwrap(), "UNIX [78]");
        assert_eq!(unix(line, 77), None);
    }

    #[test]
    fn sockets_of_this_process() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let local = listener.local_addr().unwrap();
        let stream = TcpStream::connect(local).unwrap();
        let own = stream.local_addr().unwrap();
        let mut resolver = crate::symbol::Resolver::new();
        let mut describe =
            |number: i32| resolver.descriptor_description(std::process::id(), number);
        assert_eq!(describe(listener.as_raw_fd()), format!("TCP {local}"));
        assert_eq!(describe(stream.as_raw_fd()), format!("TCP {own}->{local}"));
    }
}
