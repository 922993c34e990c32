//! Records in the ring buffer.

use crate::kernel::{run, target};
use crate::script::*;
use trapline_codegen::object::{Counter, RecordAction};
use trapline_lang::hir::{Action, Builtin, FormatId, MapId, StmtKind};
use trapline_lang::types::Type;

fn word(record: &[u8], at: u32) -> u64 {
    let at = at as usize;
    u64::from_le_bytes(record[at..at + 8].try_into().expect("8 bytes"))
}

#[test]
fn values_stand_where_the_manifest_says() {
    let text = c"a string of this process";
    let args = vec![
        opaque(-2, Type::I64),
        builtin(Builtin::Comm, Type::String { capacity: 16 }),
        read_string(text.as_ptr() as u64, 64),
        tuple(vec![opaque(1, U8), string("tuple", 8)]),
        opaque(200, U8),
    ];
    let body = vec![
        stmt(StmtKind::Action(Action::Printf {
            format: FormatId(0),
            args,
        })),
        stmt(StmtKind::Action(Action::Clear(MapId(0)))),
        stmt(StmtKind::Action(Action::Exit(Some(int(3))))),
        result(0, int(1)),
    ];
    for optimize in [true, false] {
        let mut target = target();
        target.optimize = optimize;
        let mut running = run(&begin(vec![results()], &[], body.clone()), &target);
        let records = running.records();
        let manifest = &running.object.manifest;
        assert_eq!(records.len(), 3);
        for (kind, record) in (0u64..).zip(&records) {
            assert_eq!(word(record, 0), kind << 32 | record.len() as u64);
            assert_eq!(record.len(), manifest.records[kind as usize].size as usize);
            assert!(word(record, 8) > 0);
        }
        let values = &manifest.records[0].values;
        let bytes = |n: usize| &records[0][values[n].offset as usize..];
        assert_eq!(word(&records[0], values[0].offset) as i64, -2);
        let comm = std::fs::read("/proc/thread-self/comm").expect("the thread's name");
        assert!(bytes(1).starts_with(comm.trim_ascii_end()));
        assert!(bytes(2).starts_with(text.to_bytes_with_nul()));
        assert_eq!(bytes(3)[..7], *b"\x01tuple\0");
        assert_eq!(bytes(4)[0], 200);
        assert_eq!(manifest.records[1].action, RecordAction::Clear { map: 0 });
        assert_eq!(manifest.records[2].action, RecordAction::Exit);
        assert_eq!(word(&records[2], 16), 3);
        assert!(
            running.hash::<u64, i64>(0).is_empty(),
            "exit() ends the probe"
        );
    }
}

#[test]
fn what_does_not_fit_is_counted() {
    let print = stmt(StmtKind::Action(Action::PrintValue(string("x", 1000))));
    let mut script = begin(vec![], &[], vec![print; 10]);
    script.config.perf_rb_pages = Some(1);
    let mut running = run(&script, &target());
    let kept = running.records().len() as u64;
    assert_eq!(kept, 3);
    assert_eq!(running.failures()[Counter::LostEvents as usize], 10 - kept);
}

#[test]
fn arrays_of_strings_are_joined() {
    let strings = [c"ls".as_ptr(), c"-l".as_ptr(), std::ptr::null()];
    let join = stmt(StmtKind::Action(Action::Join {
        argv: typed(strings.as_ptr() as i64, Type::U64),
        separator: trapline_lang::hir::StringId(0),
    }));
    let mut running = run(&begin(vec![], &[], vec![join]), &target());
    let record = running.records().remove(0);
    let values = &running.object.manifest.records[0].values;
    let text = |n: usize| {
        let bytes = &record[values[n].offset as usize..];
        std::ffi::CStr::from_bytes_until_nul(bytes)
            .expect("a NUL")
            .to_bytes()
    };
    assert_eq!([text(0), text(1), text(2)], [&b"ls"[..], b"-l", b""]);
}
