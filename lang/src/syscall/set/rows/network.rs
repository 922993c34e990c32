//! The sets of arguments of sockets.
//!
//! Names and values: linux v7.2.12, the headers that each set names; where none is named, those of libc.

use super::set;
use crate::syscall::set::{Kind, Set};

#[rustfmt::skip]
pub(super) static SETS: &[Set] = &[
    set("address_family", Kind::HexValues, &[
        ("AF_UNSPEC", 0), ("AF_UNIX", 1), ("AF_INET", 2), ("AF_AX25", 3), ("AF_IPX", 4), ("AF_APPLETALK", 5),
        ("AF_NETROM", 6), ("AF_BRIDGE", 7), ("AF_ATMPVC", 8), ("AF_X25", 9), ("AF_INET6", 10), ("AF_ROSE", 11),
        ("AF_DECnet", 12), ("AF_NETBEUI", 13), ("AF_SECURITY", 14), ("AF_KEY", 15), ("AF_NETLINK", 0x10),
        ("AF_PACKET", 17), ("AF_ASH", 18), ("AF_ECONET", 19), ("AF_ATMSVC", 20), ("AF_RDS", 21), ("AF_SNA", 22),
        ("AF_IRDA", 23), ("AF_PPPOX", 24), ("AF_WANPIPE", 25), ("AF_LLC", 26), ("AF_IB", 27), ("AF_MPLS", 28),
        ("AF_CAN", 29), ("AF_TIPC", 30), ("AF_BLUETOOTH", 31), ("AF_IUCV", 0x20), ("AF_RXRPC", 33), ("AF_ISDN", 34),
        ("AF_PHONET", 35), ("AF_IEEE802154", 36), ("AF_CAIF", 37), ("AF_ALG", 38), ("AF_NFC", 39), ("AF_VSOCK", 40),
        ("AF_KCM", 41), ("AF_QIPCRTR", 42), ("AF_SMC", 43), ("AF_XDP", 44), ("AF_MCTP", 45),
    ]),
    set("socket_type", Kind::FlagsWithField(0xf), &[
        ("SOCK_STREAM", 1), ("SOCK_DGRAM", 2), ("SOCK_RAW", 3), ("SOCK_RDM", 4), ("SOCK_SEQPACKET", 5),
        ("SOCK_DCCP", 6), ("SOCK_PACKET", 10), ("SOCK_CLOEXEC", 0x80000), ("SOCK_NONBLOCK", 0x800),
    ]),
    // include/uapi/linux/in.h, include/uapi/linux/in6.h
    set("ip_protocol", Kind::HexValues, &[
        ("IPPROTO_IP", 0), ("IPPROTO_ICMP", 1), ("IPPROTO_IGMP", 2), ("IPPROTO_IPIP", 4), ("IPPROTO_TCP", 6),
        ("IPPROTO_EGP", 8), ("IPPROTO_PUP", 12), ("IPPROTO_UDP", 17), ("IPPROTO_IDP", 22), ("IPPROTO_TP", 29),
        ("IPPROTO_DCCP", 33), ("IPPROTO_IPV6", 41), ("IPPROTO_RSVP", 46), ("IPPROTO_GRE", 47), ("IPPROTO_ESP", 50),
        ("IPPROTO_AH", 51), ("IPPROTO_ICMPV6", 58), ("IPPROTO_MTP", 92), ("IPPROTO_BEETPH", 94), ("IPPROTO_ENCAP", 98),
        ("IPPROTO_PIM", 103), ("IPPROTO_COMP", 108), ("IPPROTO_L2TP", 115), ("IPPROTO_SCTP", 132),
        ("IPPROTO_UDPLITE", 136), ("IPPROTO_MPLS", 137), ("IPPROTO_ETHERNET", 143), ("IPPROTO_AGGFRAG", 144),
        ("IPPROTO_RAW", 255), ("IPPROTO_SMC", 0x100), ("IPPROTO_MPTCP", 0x106),
    ]),
    // include/uapi/linux/netlink.h
    set("netlink_protocol", Kind::HexValues, &[
        ("NETLINK_ROUTE", 0), ("NETLINK_UNUSED", 1), ("NETLINK_USERSOCK", 2), ("NETLINK_FIREWALL", 3),
        ("NETLINK_SOCK_DIAG", 4), ("NETLINK_NFLOG", 5), ("NETLINK_XFRM", 6), ("NETLINK_SELINUX", 7),
        ("NETLINK_ISCSI", 8), ("NETLINK_AUDIT", 9), ("NETLINK_FIB_LOOKUP", 10), ("NETLINK_CONNECTOR", 11),
        ("NETLINK_NETFILTER", 12), ("NETLINK_IP6_FW", 13), ("NETLINK_DNRTMSG", 14), ("NETLINK_KOBJECT_UEVENT", 15),
        ("NETLINK_GENERIC", 0x10), ("NETLINK_SCSITRANSPORT", 18), ("NETLINK_ECRYPTFS", 19), ("NETLINK_RDMA", 20),
        ("NETLINK_CRYPTO", 21), ("NETLINK_SMC", 22),
    ]),
    set("accept_flags", Kind::Flags, &[
        ("SOCK_CLOEXEC", 0x80000), ("SOCK_NONBLOCK", 0x800),
    ]),
    set("msg_flags", Kind::Flags, &[
        ("MSG_OOB", 1), ("MSG_PEEK", 2), ("MSG_DONTROUTE", 4), ("MSG_CTRUNC", 8), ("MSG_PROBE", 0x10),
        ("MSG_TRUNC", 0x20), ("MSG_DONTWAIT", 0x40), ("MSG_EOR", 0x80), ("MSG_WAITALL", 0x100), ("MSG_FIN", 0x200),
        ("MSG_SYN", 0x400), ("MSG_CONFIRM", 0x800), ("MSG_RST", 0x1000), ("MSG_ERRQUEUE", 0x2000),
        ("MSG_NOSIGNAL", 0x4000), ("MSG_MORE", 0x8000), ("MSG_WAITFORONE", 0x10000),
        ("MSG_SENDPAGE_NOPOLICY", 0x10000), ("MSG_BATCH", 0x40000), ("MSG_NO_SHARED_FRAGS", 0x80000),
        ("MSG_SENDPAGE_DECRYPTED", 0x10_0000), ("MSG_SOCK_DEVMEM", 0x200_0000), ("MSG_ZEROCOPY", 0x400_0000),
        ("MSG_SPLICE_PAGES", 0x800_0000), ("MSG_FASTOPEN", 0x2000_0000), ("MSG_CMSG_CLOEXEC", 0x4000_0000),
    ]),
    set("shutdown_how", Kind::HexValues, &[
        ("SHUT_RD", 0), ("SHUT_WR", 1), ("SHUT_RDWR", 2),
    ]),
    // include/uapi/asm-generic/socket.h
    set("sockopt_level", Kind::HexValues, &[
        ("SOL_IP", 0), ("SOL_SOCKET", 1), ("SOL_TCP", 6), ("SOL_UDP", 17), ("SOL_IPV6", 41), ("SOL_ICMPV6", 58),
        ("SOL_SCTP", 132), ("SOL_UDPLITE", 136), ("SOL_RAW", 255), ("SOL_IPX", 0x100), ("SOL_AX25", 0x101),
        ("SOL_ATALK", 0x102), ("SOL_NETROM", 0x103), ("SOL_ROSE", 0x104), ("SOL_DECNET", 0x105), ("SOL_X25", 0x106),
        ("SOL_PACKET", 0x107), ("SOL_ATM", 0x108), ("SOL_AAL", 0x109), ("SOL_IRDA", 0x10a), ("SOL_NETBEUI", 0x10b),
        ("SOL_LLC", 0x10c), ("SOL_DCCP", 0x10d), ("SOL_NETLINK", 0x10e), ("SOL_TIPC", 0x10f), ("SOL_RXRPC", 0x110),
        ("SOL_PPPOL2TP", 0x111), ("SOL_BLUETOOTH", 0x112), ("SOL_PNPIPE", 0x113), ("SOL_RDS", 0x114),
        ("SOL_IUCV", 0x115), ("SOL_CAIF", 0x116), ("SOL_ALG", 0x117), ("SOL_NFC", 0x118), ("SOL_KCM", 0x119),
        ("SOL_TLS", 0x11a), ("SOL_XDP", 0x11b), ("SOL_MPTCP", 0x11c), ("SOL_MCTP", 0x11d), ("SOL_SMC", 0x11e),
        ("SOL_VSOCK", 0x11f),
    ]),
    // include/uapi/asm-generic/socket.h
    set("sockopt", Kind::HexValues, &[
        ("SO_DEBUG", 1), ("SO_REUSEADDR", 2), ("SO_TYPE", 3), ("SO_ERROR", 4), ("SO_DONTROUTE", 5),
        ("SO_BROADCAST", 6), ("SO_SNDBUF", 7), ("SO_RCVBUF", 8), ("SO_KEEPALIVE", 9), ("SO_OOBINLINE", 10),
        ("SO_NO_CHECK", 11), ("SO_PRIORITY", 12), ("SO_LINGER", 13), ("SO_BSDCOMPAT", 14), ("SO_REUSEPORT", 15),
        ("SO_PASSCRED", 0x10), ("SO_PEERCRED", 17), ("SO_RCVLOWAT", 18), ("SO_SNDLOWAT", 19), ("SO_RCVTIMEO_OLD", 20),
        ("SO_SNDTIMEO_OLD", 21), ("SO_SECURITY_AUTHENTICATION", 22), ("SO_SECURITY_ENCRYPTION_TRANSPORT", 23),
        ("SO_SECURITY_ENCRYPTION_NETWORK", 24), ("SO_BINDTODEVICE", 25), ("SO_ATTACH_FILTER", 26),
        ("SO_DETACH_FILTER", 27), ("SO_PEERNAME", 28), ("SO_TIMESTAMP_OLD", 29), ("SO_ACCEPTCONN", 30),
        ("SO_PEERSEC", 31), ("SO_SNDBUFFORCE", 0x20), ("SO_RCVBUFFORCE", 33), ("SO_PASSSEC", 34),
        ("SO_TIMESTAMPNS_OLD", 35), ("SO_MARK", 36), ("SO_TIMESTAMPING_OLD", 37), ("SO_PROTOCOL", 38),
        ("SO_DOMAIN", 39), ("SO_RXQ_OVFL", 40), ("SO_WIFI_STATUS", 41), ("SO_PEEK_OFF", 42), ("SO_NOFCS", 43),
        ("SO_LOCK_FILTER", 44), ("SO_SELECT_ERR_QUEUE", 45), ("SO_BUSY_POLL", 46), ("SO_MAX_PACING_RATE", 47),
        ("SO_BPF_EXTENSIONS", 48), ("SO_INCOMING_CPU", 49), ("SO_ATTACH_BPF", 50), ("SO_ATTACH_REUSEPORT_CBPF", 51),
        ("SO_ATTACH_REUSEPORT_EBPF", 52), ("SO_CNX_ADVICE", 53), ("SO_MEMINFO", 55), ("SO_INCOMING_NAPI_ID", 56),
        ("SO_COOKIE", 57), ("SO_PEERGROUPS", 59), ("SO_ZEROCOPY", 60), ("SO_TXTIME", 61), ("SO_BINDTOIFINDEX", 62),
        ("SO_TIMESTAMP_NEW", 63), ("SO_TIMESTAMPNS_NEW", 0x40), ("SO_TIMESTAMPING_NEW", 65), ("SO_RCVTIMEO_NEW", 66),
        ("SO_SNDTIMEO_NEW", 67), ("SO_DETACH_REUSEPORT_BPF", 68), ("SO_PREFER_BUSY_POLL", 69),
        ("SO_BUSY_POLL_BUDGET", 70), ("SO_NETNS_COOKIE", 71), ("SO_BUF_LOCK", 72), ("SO_RESERVE_MEM", 73),
        ("SO_TXREHASH", 74), ("SO_RCVMARK", 75), ("SO_PASSPIDFD", 76), ("SO_PEERPIDFD", 77), ("SO_DEVMEM_LINEAR", 78),
        ("SO_DEVMEM_DMABUF", 79), ("SO_DEVMEM_DONTNEED", 80), ("SO_RCVPRIORITY", 82), ("SO_PASSRIGHTS", 83),
        ("SO_INQ", 84),
    ]),
    // include/uapi/linux/in.h
    set("ip_option", Kind::HexValues, &[
        ("IP_TOS", 1), ("IP_TTL", 2), ("IP_HDRINCL", 3), ("IP_OPTIONS", 4), ("IP_ROUTER_ALERT", 5), ("IP_RECVOPTS", 6),
        ("IP_RETOPTS", 7), ("IP_PKTINFO", 8), ("IP_PKTOPTIONS", 9), ("IP_MTU_DISCOVER", 10), ("IP_RECVERR", 11),
        ("IP_RECVTTL", 12), ("IP_RECVTOS", 13), ("IP_MTU", 14), ("IP_FREEBIND", 15), ("IP_IPSEC_POLICY", 0x10),
        ("IP_XFRM_POLICY", 17), ("IP_PASSSEC", 18), ("IP_TRANSPARENT", 19), ("IP_ORIGDSTADDR", 20), ("IP_MINTTL", 21),
        ("IP_NODEFRAG", 22), ("IP_CHECKSUM", 23), ("IP_BIND_ADDRESS_NO_PORT", 24), ("IP_RECVFRAGSIZE", 25),
        ("IP_RECVERR_RFC4884", 26), ("IP_MULTICAST_IF", 0x20), ("IP_MULTICAST_TTL", 33), ("IP_MULTICAST_LOOP", 34),
        ("IP_ADD_MEMBERSHIP", 35), ("IP_DROP_MEMBERSHIP", 36), ("IP_UNBLOCK_SOURCE", 37), ("IP_BLOCK_SOURCE", 38),
        ("IP_ADD_SOURCE_MEMBERSHIP", 39), ("IP_DROP_SOURCE_MEMBERSHIP", 40), ("IP_MSFILTER", 41),
        ("MCAST_JOIN_GROUP", 42), ("MCAST_BLOCK_SOURCE", 43), ("MCAST_UNBLOCK_SOURCE", 44), ("MCAST_LEAVE_GROUP", 45),
        ("MCAST_JOIN_SOURCE_GROUP", 46), ("MCAST_LEAVE_SOURCE_GROUP", 47), ("MCAST_MSFILTER", 48),
        ("IP_MULTICAST_ALL", 49), ("IP_UNICAST_IF", 50), ("IP_LOCAL_PORT_RANGE", 51), ("IP_PROTOCOL", 52),
    ]),
    // include/uapi/linux/in6.h
    set("ipv6_option", Kind::HexValues, &[
        ("IPV6_2292PKTINFO", 2), ("IPV6_2292HOPOPTS", 3), ("IPV6_2292DSTOPTS", 4), ("IPV6_2292RTHDR", 5),
        ("IPV6_2292PKTOPTIONS", 6), ("IPV6_CHECKSUM", 7), ("IPV6_2292HOPLIMIT", 8), ("IPV6_NEXTHOP", 9),
        ("IPV6_AUTHHDR", 10), ("IPV6_FLOWINFO", 11), ("IPV6_UNICAST_HOPS", 0x10), ("IPV6_MULTICAST_IF", 17),
        ("IPV6_MULTICAST_HOPS", 18), ("IPV6_MULTICAST_LOOP", 19), ("IPV6_ADD_MEMBERSHIP", 20),
        ("IPV6_DROP_MEMBERSHIP", 21), ("IPV6_ROUTER_ALERT", 22), ("IPV6_MTU_DISCOVER", 23), ("IPV6_MTU", 24),
        ("IPV6_RECVERR", 25), ("IPV6_V6ONLY", 26), ("IPV6_JOIN_ANYCAST", 27), ("IPV6_LEAVE_ANYCAST", 28),
        ("IPV6_MULTICAST_ALL", 29), ("IPV6_ROUTER_ALERT_ISOLATE", 30), ("IPV6_RECVERR_RFC4884", 31),
        ("IPV6_FLOWLABEL_MGR", 0x20), ("IPV6_IPSEC_POLICY", 34), ("IPV6_XFRM_POLICY", 35), ("IPV6_HDRINCL", 36),
        ("IPV6_RECVPKTINFO", 49), ("IPV6_PKTINFO", 50), ("IPV6_RECVHOPLIMIT", 51), ("IPV6_HOPLIMIT", 52),
        ("IPV6_RECVHOPOPTS", 53), ("IPV6_HOPOPTS", 54), ("IPV6_RTHDRDSTOPTS", 55), ("IPV6_RECVRTHDR", 56),
        ("IPV6_RTHDR", 57), ("IPV6_RECVDSTOPTS", 58), ("IPV6_DSTOPTS", 59), ("IPV6_RECVPATHMTU", 60),
        ("IPV6_PATHMTU", 61), ("IPV6_DONTFRAG", 62), ("IPV6_RECVTCLASS", 66), ("IPV6_TCLASS", 67),
        ("IPV6_AUTOFLOWLABEL", 70), ("IPV6_MINHOPCOUNT", 73), ("IPV6_ORIGDSTADDR", 74), ("IPV6_TRANSPARENT", 75),
        ("IPV6_UNICAST_IF", 76), ("IPV6_RECVFRAGSIZE", 77), ("IPV6_FREEBIND", 78),
    ]),
    // include/uapi/linux/tcp.h
    set("tcp_option", Kind::HexValues, &[
        ("TCP_NODELAY", 1), ("TCP_MAXSEG", 2), ("TCP_CORK", 3), ("TCP_KEEPIDLE", 4), ("TCP_KEEPINTVL", 5),
        ("TCP_KEEPCNT", 6), ("TCP_SYNCNT", 7), ("TCP_LINGER2", 8), ("TCP_DEFER_ACCEPT", 9), ("TCP_WINDOW_CLAMP", 10),
        ("TCP_INFO", 11), ("TCP_QUICKACK", 12), ("TCP_CONGESTION", 13), ("TCP_MD5SIG", 14),
        ("TCP_THIN_LINEAR_TIMEOUTS", 0x10), ("TCP_THIN_DUPACK", 17), ("TCP_USER_TIMEOUT", 18), ("TCP_REPAIR", 19),
        ("TCP_REPAIR_QUEUE", 20), ("TCP_QUEUE_SEQ", 21), ("TCP_REPAIR_OPTIONS", 22), ("TCP_FASTOPEN", 23),
        ("TCP_TIMESTAMP", 24), ("TCP_NOTSENT_LOWAT", 25), ("TCP_CC_INFO", 26), ("TCP_SAVE_SYN", 27),
        ("TCP_SAVED_SYN", 28), ("TCP_REPAIR_WINDOW", 29), ("TCP_FASTOPEN_CONNECT", 30), ("TCP_ULP", 31),
        ("TCP_MD5SIG_EXT", 0x20), ("TCP_FASTOPEN_KEY", 33), ("TCP_FASTOPEN_NO_COOKIE", 34),
        ("TCP_ZEROCOPY_RECEIVE", 35), ("TCP_INQ", 36), ("TCP_TX_DELAY", 37), ("TCP_AO_ADD_KEY", 38),
        ("TCP_AO_DEL_KEY", 39), ("TCP_AO_INFO", 40), ("TCP_AO_GET_KEYS", 41), ("TCP_AO_REPAIR", 42),
        ("TCP_IS_MPTCP", 43), ("TCP_RTO_MAX_MS", 44), ("TCP_RTO_MIN_US", 45), ("TCP_DELACK_MAX_US", 46),
    ]),
    // include/uapi/linux/udp.h
    set("udp_option", Kind::HexValues, &[
        ("UDP_CORK", 1), ("UDP_ENCAP", 100), ("UDP_NO_CHECK6_TX", 101), ("UDP_NO_CHECK6_RX", 102),
        ("UDP_SEGMENT", 103), ("UDP_GRO", 104),
    ]),
    // include/uapi/linux/if_packet.h
    set("packet_option", Kind::HexValues, &[
        ("PACKET_ADD_MEMBERSHIP", 1), ("PACKET_DROP_MEMBERSHIP", 2), ("PACKET_RECV_OUTPUT", 3), ("PACKET_RX_RING", 5),
        ("PACKET_STATISTICS", 6), ("PACKET_COPY_THRESH", 7), ("PACKET_AUXDATA", 8), ("PACKET_ORIGDEV", 9),
        ("PACKET_VERSION", 10), ("PACKET_HDRLEN", 11), ("PACKET_RESERVE", 12), ("PACKET_TX_RING", 13),
        ("PACKET_LOSS", 14), ("PACKET_VNET_HDR", 15), ("PACKET_TX_TIMESTAMP", 0x10), ("PACKET_TIMESTAMP", 17),
        ("PACKET_FANOUT", 18), ("PACKET_TX_HAS_OFF", 19), ("PACKET_QDISC_BYPASS", 20), ("PACKET_ROLLOVER_STATS", 21),
        ("PACKET_FANOUT_DATA", 22), ("PACKET_IGNORE_OUTGOING", 23), ("PACKET_VNET_HDR_SZ", 24),
    ]),
    // include/uapi/linux/netlink.h
    set("netlink_option", Kind::HexValues, &[
        ("NETLINK_ADD_MEMBERSHIP", 1), ("NETLINK_DROP_MEMBERSHIP", 2), ("NETLINK_PKTINFO", 3),
        ("NETLINK_BROADCAST_ERROR", 4), ("NETLINK_NO_ENOBUFS", 5), ("NETLINK_RX_RING", 6), ("NETLINK_TX_RING", 7),
        ("NETLINK_LISTEN_ALL_NSID", 8), ("NETLINK_LIST_MEMBERSHIPS", 9), ("NETLINK_CAP_ACK", 10),
        ("NETLINK_EXT_ACK", 11), ("NETLINK_GET_STRICT_CHK", 12),
    ]),
    // include/uapi/linux/net.h
    set("socketcall_call", Kind::HexValues, &[
        ("SYS_SOCKET", 1), ("SYS_BIND", 2), ("SYS_CONNECT", 3), ("SYS_LISTEN", 4), ("SYS_ACCEPT", 5),
        ("SYS_GETSOCKNAME", 6), ("SYS_GETPEERNAME", 7), ("SYS_SOCKETPAIR", 8), ("SYS_SEND", 9), ("SYS_RECV", 10),
        ("SYS_SENDTO", 11), ("SYS_RECVFROM", 12), ("SYS_SHUTDOWN", 13), ("SYS_SETSOCKOPT", 14), ("SYS_GETSOCKOPT", 15),
        ("SYS_SENDMSG", 0x10), ("SYS_RECVMSG", 17), ("SYS_ACCEPT4", 18), ("SYS_RECVMMSG", 19), ("SYS_SENDMMSG", 20),
    ]),
];
