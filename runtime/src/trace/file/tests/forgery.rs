//! Blocks whose checksums are right and whose contents are not.

use super::super::encode::Encoder;
use super::super::format::{HEAD, Head, Kind, MAX_BODY, MAX_EVENTS, Method};
use super::super::pack::Packer;
use super::super::state::Span;
use super::super::{End, Outcome, header};
use super::{Log, Random, origin, read, tell};
use crate::trace::event::{Event, Observer};
use std::io;

/// A body of events of all kinds.
struct Body(Encoder);

impl Observer for Body {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.0.push(event)
    }
}

fn body(seed: u64) -> (Vec<u8>, Vec<String>) {
    let mut encoder = Body(Encoder::new(usize::MAX));
    let mut log = Log::default();
    tell(seed, 200, &mut [&mut encoder, &mut log]);
    (encoder.0.body().to_vec(), log.0)
}

/// A trace of one block and its end.
fn forge(body: &[u8], events: u32) -> (Vec<String>, End) {
    let (mut bytes, trace) = header::encode(&origin()).unwrap();
    let mut packer = Packer::new(trace).unwrap();
    let span = Span {
        first: 1,
        last: 2,
        events,
    };
    bytes.extend(packer.pack(Kind::Events, body, 0, span).unwrap());
    let before = u64::from(events);
    let end = packer.pack(Kind::End, b"{}", before, Span::default());
    bytes.extend(end.unwrap());
    read(&bytes)
}

#[test]
fn honest_bodies_pass() {
    let (body, told) = body(1);
    let (given, end) = forge(&body, 200);
    assert_eq!(given, told);
    assert_eq!(end.missing_events, 0);
}

#[test]
fn changed_bodies_give_events_or_are_counted() {
    let mut random = Random::new(5);
    let bodies: Vec<_> = (0..20).map(|seed| body(seed).0).collect();
    for round in 0..1_500 {
        let mut body = bodies[round % 20].clone();
        for _ in 0..random.below(4) + 1 {
            let at = random.below(body.len() as u64) as usize;
            body[at] = random.next() as u8;
        }
        let (_, end) = forge(&body, 200);
        assert_eq!(end.events + end.missing_events, 200);
        assert_eq!(end.outcome, Outcome::Ended);
    }
}

#[test]
fn random_bodies_give_events_or_are_counted() {
    let mut random = Random::new(6);
    for _ in 0..3_000 {
        let length = random.below(400);
        let body: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
        let events = random.below(length + 1) as u32;
        let (_, end) = forge(&body, events);
        assert_eq!(end.events + end.missing_events, u64::from(events));
    }
}

#[test]
fn cut_bodies_give_what_stands_before() {
    let (body, told) = body(2);
    for length in 0..body.len() {
        let (given, end) = forge(&body[..length], 200.min(length as u32));
        let count = end.events as usize;
        assert_eq!(given[..count], told[..count]);
    }
}

#[test]
fn more_events_than_promised_are_not_given() {
    let (body, told) = body(3);
    let (given, end) = forge(&body, 150);
    assert_eq!(given, told[..150]);
    assert_eq!(end.missing_events, 0);
}

#[test]
fn heads_that_lie_about_sizes_are_refused() {
    let honest = Head {
        kind: Kind::Events,
        method: Method::Zstd,
        trace: 1,
        stored: 10,
        body: 20,
        events: 5,
        crc: 3,
        before: 7,
        first: 1,
        last: 2,
    };
    assert_eq!(Head::parse(&honest.to_bytes()), Some(honest));
    let lies = [
        Head {
            body: u32::MAX,
            ..honest
        },
        Head {
            stored: 21,
            ..honest
        },
        Head {
            events: 21,
            ..honest
        },
        Head {
            before: MAX_EVENTS + 1,
            ..honest
        },
    ];
    for lie in lies {
        assert_eq!(Head::parse(&lie.to_bytes()), None, "{lie:?}");
    }
}

#[test]
fn compressed_bodies_larger_than_they_claim_are_damaged() {
    let (mut bytes, trace) = header::encode(&origin()).unwrap();
    let start = bytes.len();
    let mut packer = Packer::new(trace).unwrap();
    let span = Span {
        first: 1,
        last: 2,
        events: 4,
    };
    let block = packer.pack(Kind::Events, &[0; 1 << 20], 0, span);
    bytes.extend(block.unwrap());
    let head = bytes[start..].first_chunk::<HEAD>().unwrap();
    for body in [1 << 10, 1 << 21] {
        let head = Head {
            body,
            ..Head::parse(head).unwrap()
        };
        let mut forged = bytes.clone();
        forged[start..start + HEAD].copy_from_slice(&head.to_bytes());
        let (given, end) = read(&forged);
        assert_eq!(given, Vec::<String>::new());
        assert_eq!(end.missing_events, 4);
        assert_eq!(end.damaged_bytes, (bytes.len() - start) as u64);
    }
}

#[test]
fn heads_without_end_do_not_take_forever() {
    let (mut bytes, trace) = header::encode(&origin()).unwrap();
    let start = bytes.len();
    for index in 0..20_000 {
        let head = Head {
            kind: Kind::Events,
            method: Method::Plain,
            trace,
            stored: MAX_BODY as u32 >> (index % 2 * 5),
            body: MAX_BODY as u32,
            events: 1,
            crc: 0,
            before: 0,
            first: 0,
            last: 0,
        };
        bytes.extend(head.to_bytes());
    }
    let (given, end) = read(&bytes);
    assert_eq!(given, Vec::<String>::new());
    assert_eq!(end.outcome, Outcome::CutOff);
    assert_eq!(end.missing_events, 1);
    assert_eq!(
        end.cut_bytes + end.damaged_bytes,
        (bytes.len() - start) as u64
    );
}
