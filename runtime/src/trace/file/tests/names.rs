//! What users and cgroups are called: in a file before the events that need it, in a ring forever.

use super::super::{FlightRing, TraceReader, TraceWriter};
use super::{Random, origin, thread};
use crate::trace::event::{Event, Observer, What};
use crate::trace::names::{KnownNames, Names};
use std::io::Cursor;

fn named(user: u64, name: &str, path: &str) -> Names {
    let place = ("unified".to_owned(), path.to_owned());
    Names {
        users: [(user, name.to_owned())].into(),
        cgroups: [(user + 100, vec![place])].into(),
    }
}

fn happens(observer: &mut dyn Observer, time: u64) {
    let thread = thread(&mut Random::new(time), 7);
    let what = What::End { last: false };
    observer
        .event(&Event {
            time,
            cpu: 0,
            thread: &thread,
            what,
        })
        .unwrap();
}

fn users(names: &KnownNames) -> [Option<String>; 3] {
    [0, 1, 2].map(|user| names.user(user))
}

#[test]
fn names_are_known_when_the_event_comes_that_needs_them() {
    let mut origin = origin();
    origin.names = named(0, "root", "/");
    let mut bytes = Vec::new();
    let mut writer = TraceWriter::new(&mut bytes, &origin).unwrap();
    writer.learn(named(1, "one", "/a,b"));
    happens(&mut writer, 1);
    writer.flush().unwrap();
    happens(&mut writer, 2);
    writer.learn(named(2, "two", "/c"));
    writer.finish(&[]).unwrap();

    let mut reader = TraceReader::new(Cursor::new(bytes), "test").unwrap();
    let names = reader.names();
    let (root, one, two) = (Some("root".into()), Some("one".into()), Some("two".into()));
    assert_eq!(users(&names), [root.clone(), None, None]);
    assert!(reader.next().unwrap().is_some());
    assert_eq!(users(&names), [root.clone(), one.clone(), None]);
    assert_eq!(names.cgroup(101), named(1, "one", "/a,b").cgroups[&101]);
    assert!(reader.next().unwrap().is_some());
    assert!(reader.next().unwrap().is_none());
    assert_eq!(users(&names), [root, one, two]);
    let end = reader.end().unwrap();
    assert_eq!(end.notes(), Vec::<String>::new());
    assert_eq!(end.events, 2);
}

#[test]
fn a_ring_forgets_events_but_no_names() {
    let mut ring = FlightRing::new(1, &origin()).unwrap();
    ring.learn(named(1, "one", "/"));
    for time in 0..100_000 {
        happens(&mut ring, time);
    }
    assert!(ring.evicted() > 0);
    ring.learn(named(2, "two", "/"));
    for _ in 0..2 {
        let mut bytes = Vec::new();
        let summary = ring.dump(&mut bytes, &[]).unwrap();
        assert_eq!(summary.bytes, bytes.len() as u64);
        let mut reader = TraceReader::new(Cursor::new(bytes), "test").unwrap();
        while reader.next().unwrap().is_some() {}
        assert_eq!(
            users(&reader.names()),
            [None, Some("one".into()), Some("two".into())]
        );
        assert_eq!(reader.end().unwrap().events, summary.events);
    }
}
