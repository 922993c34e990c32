//! What programs can read of the process: memory that was read when the event happened, that from the beginning of the
//! call, and the process itself where it stands still.

use crate::trace::memory::{AddressSpace, Memory};
use std::ptr;

/// `EFAULT`
const EFAULT: u32 = 14;

/// Which memory is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Moment {
    /// As it was when the call began.
    Begin,
    /// As it is now.
    #[default]
    Now,
}

/// The memory of an event. Pointers are good while its programs run.
pub(super) struct Reach {
    now: *const [u8],
    before: *const [u8],
    live: Option<*mut dyn AddressSpace>,
    /// What was there before is gone: the process runs another program.
    replaced: bool,
    pub(super) moment: Moment,
}

// SAFETY: between events, when an engine may move to another thread, the pointers lead nowhere.
unsafe impl Send for Reach {}

impl Default for Reach {
    fn default() -> Self {
        let nothing: *const [u8] = ptr::slice_from_raw_parts(ptr::dangling(), 0);
        Self {
            now: nothing,
            before: nothing,
            live: None,
            replaced: false,
            moment: Moment::Now,
        }
    }
}

impl Reach {
    /// That of an event. Whoever calls this calls [`Self::forget`] before any of it goes.
    pub(super) fn set(
        &mut self,
        now: Memory<'_>,
        before: Memory<'_>,
        live: Option<&mut (dyn AddressSpace + '_)>,
        replaced: bool,
    ) {
        self.now = now.as_bytes();
        self.before = before.as_bytes();
        self.live =
            live.map(|live| {
                let live: *mut (dyn AddressSpace + '_) = live;
                // SAFETY: only the lifetime changes, which `forget` ends.
                unsafe {
                    std::mem::transmute::<
                        *mut (dyn AddressSpace + '_),
                        *mut (dyn AddressSpace + 'static),
                    >(live)
                }
            });
        self.replaced = replaced;
        self.moment = Moment::Now;
    }

    /// The event is over.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Pieces that were read, those to be looked at first, first; and whether the process comes between them.
    fn pieces(&self) -> (Memory<'_>, Memory<'_>) {
        // SAFETY: both are there until `forget` is called, and nobody changes them meanwhile.
        let (now, before) = unsafe { (&*self.now, &*self.before) };
        (Memory::from_bytes(now), Memory::from_bytes(before))
    }

    /// Fills `to`; an error number if not all of it is known.
    pub(super) fn read(&mut self, address: u64, to: &mut [u8]) -> Result<(), u32> {
        let (now, before) = self.pieces();
        let copy = |memory: Memory<'_>, to: &mut [u8]| {
            let known = memory.at(address).and_then(|known| known.get(..to.len()));
            known.map(|known| to.copy_from_slice(known)).is_some()
        };
        let is_now = self.moment == Moment::Now;
        if is_now && copy(now, to) || (self.replaced || !is_now) && copy(before, to) {
            return Ok(());
        }
        if self.replaced || !is_now {
            return Err(EFAULT);
        }
        match self.live {
            Some(live) => {
                // SAFETY: it is there until `forget` is called, and nobody else uses it meanwhile.
                let live = unsafe { &mut *live };
                live.read(address, to)
            }
            None if copy(before, to) => Ok(()),
            None => Err(EFAULT),
        }
    }

    /// Fills `to` up to a NUL, which is put at its end if need be; how many bytes that were, the NUL included.
    pub(super) fn read_string(&mut self, address: u64, to: &mut [u8]) -> Result<usize, u32> {
        if to.is_empty() {
            return Ok(0);
        }
        let (now, before) = self.pieces();
        let is_now = self.moment == Moment::Now;
        let (first, last) = match (is_now, self.replaced) {
            (true, true) => (now.at(address).or_else(|| before.at(address)), None),
            (true, false) => (now.at(address), before.at(address)),
            (false, _) => (before.at(address), None),
        };
        let known = match (first, self.live) {
            (Some(known), _) => known,
            (None, Some(live)) if is_now && !self.replaced => {
                // SAFETY: as in `read`.
                let live = unsafe { &mut *live };
                let length = live.read_string(address, to)?;
                return Ok(terminate(to, length));
            }
            (None, _) => last.ok_or(EFAULT)?,
        };
        let end = known.iter().position(|byte| *byte == 0);
        let length = end.unwrap_or(known.len()).min(to.len());
        to[..length].copy_from_slice(&known[..length]);
        Ok(terminate(to, length))
    }
}

/// Puts a NUL behind so many bytes, or in the place of the last.
fn terminate(to: &mut [u8], length: usize) -> usize {
    let length = match to[..length].last() {
        Some(0) => length - 1,
        _ => length,
    };
    let end = length.min(to.len() - 1);
    to[end] = 0;
    end + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::memory::MemoryBuffer;

    struct Live;

    impl AddressSpace for Live {
        fn read(&mut self, address: u64, to: &mut [u8]) -> Result<(), u32> {
            to.fill(9);
            if address == 0x9000 {
                Ok(())
            } else {
                Err(EFAULT)
            }
        }

        fn read_string(&mut self, address: u64, to: &mut [u8]) -> Result<usize, u32> {
            let text = b"live\0";
            to[..5].copy_from_slice(text);
            if address == 0x9000 {
                Ok(5)
            } else {
                Err(EFAULT)
            }
        }
    }

    fn text(reach: &mut Reach, address: u64) -> Result<String, u32> {
        let mut to = [0xff; 8];
        let length = reach.read_string(address, &mut to)?;
        assert_eq!(to[length - 1], 0);
        Ok(String::from_utf8_lossy(&to[..length - 1]).into_owned())
    }

    #[test]
    fn what_was_read_is_found_in_its_moment() {
        let (mut now, mut before) = (MemoryBuffer::default(), MemoryBuffer::default());
        now.push(0x1000, Ok(b"after\0"));
        before.push(0x1000, Ok(b"first\0"));
        before.push(0x2000, Ok(b"a name that is long\0"));
        before.push(0x3000, Ok(b"cut"));
        let mut reach = Reach::default();
        reach.set(now.memory(), before.memory(), None, false);
        assert_eq!(text(&mut reach, 0x1000).as_deref(), Ok("after"));
        assert_eq!(text(&mut reach, 0x2000).as_deref(), Ok("a name "));
        assert_eq!(text(&mut reach, 0x3000).as_deref(), Ok("cut"));
        assert_eq!(text(&mut reach, 0x9000), Err(EFAULT));
        reach.moment = Moment::Begin;
        assert_eq!(text(&mut reach, 0x1000).as_deref(), Ok("first"));
        let mut word = [0; 4];
        assert_eq!(reach.read(0x2002, &mut word), Ok(()));
        assert_eq!(&word, b"name");
        assert_eq!(reach.read(0x3000, &mut word), Err(EFAULT));
        reach.forget();
        assert_eq!(text(&mut reach, 0x1000), Err(EFAULT));
    }

    #[test]
    fn the_process_itself_is_asked_unless_it_was_replaced() {
        let mut before = MemoryBuffer::default();
        before.push(0x9000, Ok(b"first\0"));
        let mut reach = Reach::default();
        reach.set(Memory::NONE, before.memory(), Some(&mut Live), false);
        assert_eq!(text(&mut reach, 0x9000).as_deref(), Ok("live"));
        let mut word = [0; 2];
        assert_eq!(reach.read(0x9000, &mut word), Ok(()));
        assert_eq!(word, [9, 9]);
        assert_eq!(reach.read(0x1, &mut word), Err(EFAULT));
        reach.set(Memory::NONE, before.memory(), Some(&mut Live), true);
        assert_eq!(text(&mut reach, 0x9000).as_deref(), Ok("first"));
        assert_eq!(reach.read(0x1, &mut word), Err(EFAULT));
    }
}
