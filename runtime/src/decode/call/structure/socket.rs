//! Addresses and messages of sockets.

use super::super::text::{self, quoted, until_nul};
use super::Reader;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4, SocketAddrV6};
use trapline_lang::syscall::set::{self, Set};

/// The sets of this file.
pub(super) static SETS: &[&Set] = &[&FAMILIES, &PACKETS, &PROTOCOLS];

/// Address families (linux v6.12 include/linux/socket.h).
const AF_UNSPEC: u16 = 0;
const AF_UNIX: u16 = 1;
const AF_INET: u16 = 2;
const AF_INET6: u16 = 10;
const AF_NETLINK: u16 = 16;
const AF_PACKET: u16 = 17;

static FAMILIES: Set = text::values(
    "sa_family",
    &[
        ("AF_UNSPEC", 0),
        ("AF_UNIX", 1),
        ("AF_INET", 2),
        ("AF_AX25", 3),
        ("AF_IPX", 4),
        ("AF_APPLETALK", 5),
        ("AF_X25", 9),
        ("AF_INET6", 10),
        ("AF_KEY", 15),
        ("AF_NETLINK", 16),
        ("AF_PACKET", 17),
        ("AF_RDS", 21),
        ("AF_PPPOX", 24),
        ("AF_CAN", 29),
        ("AF_TIPC", 30),
        ("AF_BLUETOOTH", 31),
        ("AF_ALG", 38),
        ("AF_NFC", 39),
        ("AF_VSOCK", 40),
        ("AF_QIPCRTR", 42),
        ("AF_XDP", 44),
        ("AF_MCTP", 45),
    ],
);

/// linux v6.12 include/uapi/linux/if_packet.h
static PACKETS: Set = text::values(
    "packet_type",
    &[
        ("PACKET_HOST", 0),
        ("PACKET_BROADCAST", 1),
        ("PACKET_MULTICAST", 2),
        ("PACKET_OTHERHOST", 3),
        ("PACKET_OUTGOING", 4),
        ("PACKET_LOOPBACK", 5),
        ("PACKET_USER", 6),
        ("PACKET_KERNEL", 7),
    ],
);

/// linux v6.12 include/uapi/linux/if_ether.h
static PROTOCOLS: Set = text::values(
    "ethernet_protocol",
    &[
        ("ETH_P_ALL", 3),
        ("ETH_P_IP", 0x0800),
        ("ETH_P_ARP", 0x0806),
        ("ETH_P_8021Q", 0x8100),
        ("ETH_P_IPV6", 0x86dd),
        ("ETH_P_LLDP", 0x88cc),
    ],
);

/// As strace prints it: `{sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("1.2.3.4")}`.
pub(super) fn address(r: &mut Reader<'_>) -> Option<String> {
    let size = r.all().len();
    let family = r.u16();
    let known = match family {
        AF_UNSPEC if size <= 2 => Some(String::new()),
        AF_UNIX => Some(match r.rest() {
            [] => String::new(),
            [0, name @ ..] => format!(", sun_path=@{}", quoted(name)),
            path => format!(", sun_path={}", quoted(until_nul(path))),
        }),
        AF_INET if size >= 8 => {
            let (port, octets) = (r.port(), r.u32().to_le_bytes());
            let address = Ipv4Addr::from(octets);
            Some(format!(
                ", sin_port=htons({port}), sin_addr=inet_addr(\"{address}\")"
            ))
        }
        AF_INET6 if size >= 24 => {
            let (port, flow) = (r.port(), r.u32().swap_bytes());
            let address = Ipv6Addr::from(first_16(r));
            Some(format!(
                ", sin6_port=htons({port}), sin6_flowinfo=htonl({flow}), \
                 inet_pton(AF_INET6, \"{address}\", &sin6_addr), sin6_scope_id={}",
                r.u32()
            ))
        }
        AF_NETLINK if size >= 12 => {
            r.skip(2);
            let (port, groups) = (r.u32(), r.u32());
            Some(format!(", nl_pid={port}, nl_groups={groups:#08x}"))
        }
        AF_PACKET if size >= 12 => {
            let protocol = PROTOCOLS.format(r.port().into());
            let (interface, hardware) = (r.i32(), r.u16());
            let (packet, length) = (PACKETS.format(r.u8().into()), r.u8());
            let mut text = format!(
                ", sll_protocol=htons({protocol}), sll_ifindex={interface}, sll_hatype={}, sll_pkttype={packet}, \
                 sll_halen={length}",
                text::hex(hardware.into())
            );
            if length > 0 {
                let octets: Vec<_> = r.rest().iter().take(length.min(8).into()).collect();
                let octets: Vec<_> = octets.iter().map(|octet| format!("{octet:#04x}")).collect();
                text.push_str(&format!(", sll_addr=[{}]", octets.join(", ")));
            }
            Some(text)
        }
        _ => None,
    };
    let rest = known.unwrap_or_else(|| match r.rest() {
        [] => String::new(),
        data => format!(", sa_data={}", quoted(data)),
    });
    Some(format!("{{sa_family={}{rest}}}", family_name(family)))
}

fn family_name(family: u16) -> String {
    match FAMILIES.rows.iter().any(|row| row.1 == i64::from(family)) {
        true => FAMILIES.format(family.into()),
        false => format!("{family:#x} /* AF_??? */"),
    }
}

fn first_16(r: &mut Reader<'_>) -> [u8; 16] {
    let (low, high) = (r.u64(), r.u64());
    (u128::from(high) << 64 | u128::from(low)).to_le_bytes()
}

/// As people write it: `1.2.3.4:443`, `[::1]:53`, a path. `None` for families that have no such form.
pub(in super::super) fn endpoint(r: &mut Reader<'_>) -> Option<String> {
    let size = r.all().len();
    match r.u16() {
        AF_INET if size >= 8 => {
            let (port, octets) = (r.port(), r.u32().to_le_bytes());
            Some(SocketAddrV4::new(octets.into(), port).to_string())
        }
        AF_INET6 if size >= 24 => {
            let port = r.port();
            r.skip(4);
            let address = first_16(r).into();
            Some(SocketAddrV6::new(address, port, 0, r.u32()).to_string())
        }
        AF_UNIX => Some(match r.rest() {
            [] | [0] => "(unnamed)".to_owned(),
            [0, name @ ..] => format!("@{}", plain(name)),
            path => plain(until_nul(path)),
        }),
        _ => None,
    }
}

/// Bytes as `quoted` escapes them, without quotation marks.
fn plain(bytes: &[u8]) -> String {
    let text = quoted(bytes);
    text[1..text.len() - 1].to_owned()
}

/// A message. What its pointers lead to is not captured.
pub(super) fn message(r: &mut Reader<'_>) -> Option<String> {
    let (name, name_length) = (r.pointer(), r.i32());
    pad(r);
    let (vectors, count) = (r.pointer(), r.word());
    let (control, control_length) = (r.word(), r.word());
    let flags = message_flags(r.u32());
    let control = match control_length {
        0 => String::new(),
        _ => format!(" msg_control={},", text::address(control)),
    };
    Some(format!(
        "{{msg_name={name}, msg_namelen={name_length}, msg_iov={vectors}, msg_iovlen={count},{control} \
         msg_controllen={control_length}, msg_flags={flags}}}"
    ))
}

fn pad(r: &mut Reader<'_>) {
    if r.is_wide() {
        r.skip(4);
    }
}

fn message_flags(flags: u32) -> String {
    match set::by_name("msg_flags") {
        Some(set) => set.format(flags.into()),
        None => text::hex(flags.into()),
    }
}

/// A message of `sendmmsg`, with its length.
pub(super) fn multiple_message(r: &mut Reader<'_>) -> Option<String> {
    let header = message(r)?;
    pad(r);
    let length = r.u32();
    pad(r);
    Some(format!("{{msg_hdr={header}, msg_len={length}}}"))
}
