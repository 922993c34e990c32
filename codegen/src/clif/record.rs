//! Records: what has user space do something goes through the ring buffer.

use super::build::Mem;
use super::lower::{Lower, Result};
use super::memory::{self, Padding};
use super::module::read_helpers;
use super::routine::{self, Routine};
use crate::helper;
use crate::object::{Counter, RecordAction, RecordHeader};
use cranelift_codegen::ir::Value;
use cranelift_codegen::ir::condcodes::IntCC;
use trapline_lang::hir::{Action, Call, Expr, ExprKind, Hook, MessageLevel};
use trapline_lang::source::Span;
use trapline_lang::types::{AddressSpace, Type};

/// How many strings of an array `join()` prints, and how long each may be.
const JOINED: u32 = 16;
const JOINED_SIZE: u32 = 1024;
/// What the kernel adds to each record, and rounds it up to.
const RECORD_OVERHEAD: i64 = 8;
/// Offsets in the header.
pub(super) const LENGTH: u32 = 0;
pub(super) const KIND: u32 = 4;
pub(super) const TIME: u32 = 8;

/// What stands in front of a record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) kind: u32,
    /// Bytes, this included.
    pub(super) size: Value,
    pub(super) time: Value,
}

/// When user space is told of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wake {
    /// When it looks next, or when the buffer is half full.
    Late,
    /// At once.
    Now,
    /// When it looks next, or when an eighth of the buffer has been filled: records come by the million, and a reader
    /// that is late already is not to be woken for each.
    Seldom,
}

/// The action prints something of the event.
fn prints_event(action: &Action) -> bool {
    matches!(
        action,
        Action::Printf { .. }
            | Action::Message { .. }
            | Action::PrintValue(_)
            | Action::Join { .. }
            | Action::Cat { .. }
            | Action::System { .. }
    )
}

/// What the probe prints comes at its own pace.
fn comes_from_timer(hook: &Hook) -> bool {
    matches!(
        hook,
        Hook::Begin | Hook::End | Hook::Test | Hook::Bench | Hook::Interval(_) | Hook::Signal(_)
    )
}

/// A value that has been computed, ready to be written: nothing may leave the body while space in the
/// ring buffer is reserved.
enum Ready {
    Scalar(Value),
    Memory(Mem),
    /// A string that is read where it goes to.
    String {
        from: Value,
        length: Option<Value>,
        space: AddressSpace,
    },
}

impl<'s> Lower<'_, 's, '_> {
    /// Has user space do something; with `--rate`, unless it prints and did so too often this second.
    pub(crate) fn action(&mut self, action: &'s Action, span: Span) -> Result<()> {
        let limited = self.module.script.config.rate.is_some()
            && prints_event(action)
            && !comes_from_timer(&self.program.probe.hook);
        if !limited {
            return self.unlimited_action(action, span);
        }
        let routine = routine::index(self.module, Routine::Allow)?;
        let allowed = self.b.call_subprogram(routine, &[]);
        self.when(allowed, |lower| lower.unlimited_action(action, span))
    }

    fn unlimited_action(&mut self, action: &'s Action, span: Span) -> Result<()> {
        let (record, values): (_, &'s [Expr]) = match action {
            Action::Printf { format, args } => (RecordAction::Printf { format: format.0 }, args),
            Action::Message {
                level,
                expanded_from,
                format,
                args,
            } => (
                RecordAction::Message {
                    format: format.0,
                    error: *level == MessageLevel::Error,
                    expanded_from: expanded_from
                        .iter()
                        .map(|call| (call.start, call.end))
                        .collect(),
                },
                args,
            ),
            Action::PrintValue(value) => (RecordAction::PrintValue, std::slice::from_ref(value)),
            Action::PrintMap { map, top, div } => (
                RecordAction::PrintMap {
                    map: map.0,
                    top: *top,
                    div: *div,
                },
                &[],
            ),
            Action::PrintMapEntry { map, key, div } => (
                RecordAction::PrintMapEntry {
                    map: map.0,
                    div: *div,
                },
                key,
            ),
            Action::Clear(map) => (RecordAction::Clear { map: map.0 }, &[]),
            Action::Zero(map) => (RecordAction::Zero { map: map.0 }, &[]),
            Action::Exit(status) => {
                let status = status.as_slice();
                return self.record(RecordAction::Exit, status, span, Wake::Now);
            }
            Action::Time(format) => (RecordAction::Time { format: format.0 }, &[]),
            Action::Record(what) => return self.record_event(*what, span),
            Action::Dump => return self.record(RecordAction::Dump, &[], span, Wake::Now),
            Action::Join { argv, separator } => return self.join(argv, separator.0, span),
            Action::Cat { format, args } => (RecordAction::Cat { format: format.0 }, args),
            Action::System { format, args } => (RecordAction::System { format: format.0 }, args),
        };
        self.record(record, values, span, Wake::Late)
    }

    fn record(
        &mut self,
        action: RecordAction,
        values: &'s [Expr],
        span: Span,
        wake: Wake,
    ) -> Result<()> {
        let types = values.iter().map(|value| value.ty.clone());
        let (kind, record) = self.module.add_record(action, types, span);
        let size = record.size;
        if matches!(record.values.as_slice(), [value] if value.ty == Type::CallRecord) {
            return self.call_record(kind, wake, span);
        }
        let offsets: Vec<u32> = record.values.iter().map(|value| value.offset).collect();
        let mut ready = Vec::with_capacity(values.len());
        for value in values {
            ready.push(self.prepare(value)?);
        }
        self.b.set_span(span);
        self.with_record(kind, size, wake, |lower, record| {
            for ((value, ready), offset) in values.iter().zip(ready).zip(offsets) {
                lower.write_ready(record.plus(offset), value, ready)?;
            }
            Ok(())
        })
    }

    fn prepare(&mut self, value: &'s Expr) -> Result<Ready> {
        if value.ty.is_scalar() {
            return Ok(Ready::Scalar(self.scalar(value)?));
        }
        if let ExprKind::Call(Call::ReadString {
            pointer,
            length,
            space,
        }) = &value.kind
        {
            let from = self.scalar(pointer)?;
            let length = match length {
                Some(length) => Some(self.scalar(length)?),
                None => None,
            };
            return Ok(Ready::String {
                from,
                length,
                space: *space,
            });
        }
        Ok(Ready::Memory(self.memory_of(value, Padding::Loose)?))
    }

    fn write_ready(&mut self, to: Mem, value: &'s Expr, ready: Ready) -> Result<()> {
        match (ready, &value.ty) {
            (Ready::Scalar(scalar), ty) => self.b.store(to, ty.size(), scalar),
            (
                Ready::String {
                    from,
                    length,
                    space,
                },
                Type::String { capacity },
            ) => {
                self.read_string(from, length, *capacity, space, to, Padding::Loose)?;
            }
            (Ready::Memory(from), ty) => self.copy_value(to, from, ty),
            (Ready::String { .. }, _) => {
                return self.malformed("a string of a type that is none", value.span);
            }
        }
        Ok(())
    }

    /// Reserves a record, has it filled, and hands it over. A full buffer is counted.
    fn with_record(
        &mut self,
        kind: u32,
        size: u32,
        wake: Wake,
        fill: impl FnOnce(&mut Self, Mem) -> Result<()>,
    ) -> Result<()> {
        let ring = self.module.ring_buffer();
        let ring_size = self.module.ring_size();
        let map = self.b.map(ring);
        let bytes = self.b.int(size.into());
        let flags = self.b.int(0);
        let pointer = self.b.call(helper::RINGBUF_RESERVE, &[map, bytes, flags]);
        let reserved = self.b.compare_int(IntCC::NotEqual, pointer, 0);
        self.either(
            reserved,
            |lower| {
                let pointer = lower.b.anchor(pointer);
                let record = Mem::at(pointer);
                lower.b.store_int(record.plus(LENGTH), 4, size.into());
                lower.b.store_int(record.plus(KIND), 4, kind.into());
                let time = lower.b.call(helper::KTIME_GET_NS, &[]);
                lower.b.store_word(record.plus(TIME), time);
                fill(lower, record)?;
                let flags = lower.wake_flags(ring, ring_size, wake);
                lower.b.call(helper::RINGBUF_SUBMIT, &[pointer, flags]);
                Ok(())
            },
            |lower| lower.count_failure(Counter::LostEvents),
        )
    }

    /// Hands over a record that stands in memory, behind room for its header. A full buffer is counted.
    pub(super) fn send(
        &mut self,
        record: Mem,
        header: Header,
        wake: Wake,
        lost: Counter,
    ) -> Result<()> {
        self.b.store(record.plus(LENGTH), 4, header.size);
        self.b.store_int(record.plus(KIND), 4, header.kind.into());
        self.b.store_word(record.plus(TIME), header.time);
        let ring = self.module.ring_buffer();
        let ring_size = self.module.ring_size();
        let flags = match wake {
            Wake::Seldom => self.seldom_flags(ring, ring_size, header.size),
            Wake::Late | Wake::Now => self.wake_flags(ring, ring_size, wake),
        };
        let map = self.b.map(ring);
        let address = self.b.address(record);
        let arguments = [map, address, header.size, flags];
        let returned = self.b.call(helper::RINGBUF_OUTPUT, &arguments);
        self.check(returned, lost)
    }

    /// A wake-up costs far more than a record, so there is none until the buffer is half full.
    pub(super) fn wake_flags(&mut self, ring: u32, ring_size: u32, wake: Wake) -> Value {
        if wake == Wake::Now {
            return self.b.int(helper::FORCE_WAKEUP);
        }
        let map = self.b.map(ring);
        let what = self.b.int(helper::AVAILABLE_DATA);
        let waiting = self.b.call(helper::RINGBUF_QUERY, &[map, what]);
        let half = self
            .b
            .compare_int(IntCC::UnsignedGreaterThan, waiting, (ring_size / 2).into());
        let now = self.b.int(helper::FORCE_WAKEUP);
        let late = self.b.int(helper::NO_WAKEUP);
        self.b.select(half, now, late)
    }

    /// Wakes the reader when this record reaches into the next eighth of the buffer.
    fn seldom_flags(&mut self, ring: u32, ring_size: u32, size: Value) -> Value {
        let eighth = i64::from(ring_size / 8);
        let map = self.b.map(ring);
        let what = self.b.int(helper::PRODUCER_POSITION);
        let position = self.b.call(helper::RINGBUF_QUERY, &[map, what]);
        let behind = self.b.and_int(position, eighth - 1);
        let end = self.b.add(behind, size);
        let end = self.b.add_int(end, 2 * RECORD_OVERHEAD);
        let crosses = self
            .b
            .compare_int(IntCC::UnsignedGreaterThanOrEqual, end, eighth);
        let now = self.b.int(helper::FORCE_WAKEUP);
        let late = self.b.int(helper::NO_WAKEUP);
        self.b.select(crosses, now, late)
    }

    /// `join()`: the strings of an array of pointers, up to the first null.
    fn join(&mut self, argv: &'s Expr, separator: u32, span: Span) -> Result<()> {
        let capacity = self.module.script.config.max_strlen.clamp(1, JOINED_SIZE);
        let types = (0..JOINED).map(|_| Type::String { capacity });
        let (kind, record) = self
            .module
            .add_record(RecordAction::Join { separator }, types, span);
        let size = record.size;
        let argv = self.scalar(argv)?;
        let stride = capacity.next_multiple_of(8);
        // Pointers are read first: see `Ready`.
        let pointers = self.program.scratch.take(JOINED * 8);
        let pointers = self.scratch_at(pointers);
        let (read, _) = read_helpers(AddressSpace::User);
        let mut more = argv;
        for n in 0..JOINED {
            let to = pointers.plus(8 * n);
            let address = self.b.address(to);
            let bytes = self.b.int(8);
            let from = self.b.add_int(argv, i64::from(n) * 8);
            self.b.call(read, &[address, bytes, from]);
            // Behind the null that ends the array lies something else.
            let ended = self.b.compare_int(IntCC::Equal, more, 0);
            let pointer = self.b.load_word(to);
            let null = self.b.int(0);
            more = self.b.select(ended, null, pointer);
            self.b.store_word(to, more);
        }
        self.with_record(kind, size, Wake::Late, |lower, record| {
            for n in 0..JOINED {
                let to = record.plus(RecordHeader::SIZE + n * stride);
                let from = lower.b.load_word(pointers.plus(8 * n));
                memory::zero(&mut lower.b, lower.module, to, 1);
                let there = lower.b.compare_int(IntCC::NotEqual, from, 0);
                lower.when(there, |lower| {
                    lower.read_string(
                        from,
                        None,
                        capacity,
                        AddressSpace::User,
                        to,
                        Padding::Loose,
                    )?;
                    Ok(())
                })?;
            }
            Ok(())
        })
    }
}
