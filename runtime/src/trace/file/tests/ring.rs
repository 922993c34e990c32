//! Flight recorders.

use super::super::{FlightRing, Outcome};
use super::{Log, origin, read, tell};

fn dump(ring: &mut FlightRing, losses: &[(String, u64)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let summary = ring.dump(&mut bytes, losses).unwrap();
    assert_eq!(summary.bytes, bytes.len() as u64);
    assert_eq!(summary.events, ring.events());
    bytes
}

#[test]
fn a_ring_keeps_the_newest() {
    let mut ring = FlightRing::new(256 << 10, &origin()).unwrap();
    let mut told = Log::default();
    tell(1, 20_000, &mut [&mut ring, &mut told]);
    assert!(ring.evicted() > 0);
    assert_eq!(ring.events() + ring.evicted(), 20_000);
    let losses = [("ring full".to_owned(), 9)];
    let bytes = dump(&mut ring, &losses);
    // The budget is used, and kept.
    assert!(
        (200 << 10..=258 << 10).contains(&bytes.len()),
        "{}",
        bytes.len()
    );
    let (given, end) = read(&bytes);
    assert!(given.len() > 1_000);
    assert_eq!(given, told.0[told.0.len() - given.len()..]);
    assert_eq!(end.outcome, Outcome::Ended);
    assert_eq!(end.missing_events, 0);
    assert_eq!(end.evicted_events, ring.evicted());
    assert_eq!(end.evicted_events + end.events, 20_000);
    assert_eq!(end.losses, losses);
}

#[test]
fn a_ring_is_dumped_several_times() {
    let mut ring = FlightRing::new(1 << 20, &origin()).unwrap();
    let mut told = Log::default();
    for round in 0..5 {
        tell(round, 300, &mut [&mut ring, &mut told]);
        let (given, end) = read(&dump(&mut ring, &[]));
        assert_eq!(given, told.0);
        assert_eq!((end.outcome, end.evicted_events), (Outcome::Ended, 0));
    }
    let first = dump(&mut ring, &[]);
    assert_eq!(first, dump(&mut ring, &[]));
}

#[test]
fn the_smallest_ring_holds_the_newest_block() {
    let mut ring = FlightRing::new(0, &origin()).unwrap();
    let (given, _) = read(&dump(&mut ring, &[]));
    assert_eq!(given, Vec::<String>::new());
    let mut told = Log::default();
    tell(1, 2_000, &mut [&mut ring, &mut told]);
    let (given, end) = read(&dump(&mut ring, &[]));
    assert!(!given.is_empty());
    assert_eq!(given, told.0[told.0.len() - given.len()..]);
    assert_eq!(end.evicted_events + end.events, 2_000);
}
