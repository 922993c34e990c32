//! Network addresses.

use super::word;
use crate::value::Value;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Address families (linux v6.12 include/linux/socket.h).
const AF_INET: u64 = 2;
const AF_INET6: u64 = 10;

/// A link-layer address: 6 bytes.
pub(super) fn mac_address(bytes: &[u8]) -> Value {
    let octets: Vec<_> = bytes
        .iter()
        .take(6)
        .map(|octet| format!("{octet:02X}"))
        .collect();
    Value::Name {
        text: octets.join(":"),
        number: word(bytes),
    }
}

/// An internet address: 8 bytes of family, 16 of address.
pub(super) fn internet_address(bytes: &[u8]) -> Value {
    let (family, address) = bytes.split_at(bytes.len().min(8));
    let text = match (
        word(family),
        address.first_chunk::<4>(),
        address.first_chunk::<16>(),
    ) {
        (AF_INET, Some(octets), _) => Ipv4Addr::from(*octets).to_string(),
        (AF_INET6, _, Some(octets)) => Ipv6Addr::from(*octets).to_string(),
        (family, ..) => return Value::Invalid(format!("address of family {family}")),
    };
    Value::Name {
        text,
        number: word(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: Value) -> String {
        match value {
            Value::Name { text, .. } => text,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn addresses_have_their_usual_form() {
        assert_eq!(
            text(mac_address(&[0, 0x1b, 0xff, 3, 4, 5, 0, 0])),
            "00:1B:FF:03:04:05"
        );
        let mut bytes = [0; 24];
        (bytes[0], bytes[8], bytes[11]) = (2, 127, 1);
        assert_eq!(text(internet_address(&bytes)), "127.0.0.1");
        bytes[0] = 10;
        assert_eq!(text(internet_address(&bytes)), "7f00:1::");
        assert!(text(internet_address(&[])).contains("family 0"));
    }
}
