//! Calls of a made-up process, whose memory is one stretch of bytes.

use super::*;
use crate::trace::memory::Memory;

const BASE: u64 = 0x10_0000;

/// Bytes from [`BASE`] on.
struct Flat(Vec<u8>);

impl AddressSpace for Flat {
    fn read(&mut self, address: u64, to: &mut [u8]) -> Result<(), u32> {
        let start = address.checked_sub(BASE).ok_or(14u32)? as usize;
        let bytes = start.checked_add(to.len());
        let bytes = bytes.and_then(|end| self.0.get(start..end)).ok_or(14u32)?;
        to.copy_from_slice(bytes);
        Ok(())
    }

    fn read_string(&mut self, address: u64, to: &mut [u8]) -> Result<usize, u32> {
        for at in 0..to.len() {
            self.read(address + at as u64, &mut to[at..=at])?;
            if to[at] == 0 {
                return Ok(at + 1);
            }
        }
        Ok(to.len())
    }
}

fn call(abi: Abi, name: &str, arguments: &[u64]) -> Call {
    let row = syscall::by_name(name).unwrap();
    let mut words = [0; 6];
    words[..arguments.len()].copy_from_slice(arguments);
    Call {
        abi,
        number: syscall::number(abi, row).unwrap() as i32,
        arguments: words,
    }
}

fn pieces(memory: Memory<'_>) -> Vec<(u64, Result<Vec<u8>, u32>)> {
    memory
        .pieces()
        .map(|piece| (piece.address, piece.bytes.map(<[u8]>::to_vec)))
        .collect()
}

fn enter(capture: Capture, call: &Call, space: &mut Flat) -> Vec<(u64, Result<Vec<u8>, u32>)> {
    let mut buffer = MemoryBuffer::default();
    Capturer::new(capture, 100).enter(call, space, &mut buffer);
    pieces(buffer.memory())
}

fn exit(call: &Call, result: i64, space: &mut Flat) -> Vec<(u64, Result<Vec<u8>, u32>)> {
    let mut buffer = MemoryBuffer::default();
    Capturer::new(Capture::Everything, 100).exit(call, result, space, &mut buffer);
    pieces(buffer.memory())
}

#[test]
fn file_names_are_read_at_entry_for_recordings() {
    let mut space = Flat(b"/etc/passwd\0and more".to_vec());
    let call = call(Abi::X86_64, "openat", &[0, BASE, 0, 0]);
    let name = (BASE, Ok(b"/etc/passwd\0".to_vec()));
    assert_eq!(enter(Capture::Everything, &call, &mut space), [name]);
    assert_eq!(enter(Capture::Lost, &call, &mut space), []);
    assert_eq!(exit(&call, 3, &mut space), []);
}

#[test]
fn what_exec_takes_with_it_is_read_at_entry() {
    for (abi, size) in [(Abi::X86_64, 8), (Abi::I386, 4)] {
        let mut bytes = b"a\0bc\0".to_vec();
        for pointer in [BASE, BASE + 2, 0] {
            bytes.extend(&pointer.to_le_bytes()[..size]);
        }
        let array = bytes[5..].to_vec();
        let mut space = Flat(bytes);
        let call = call(abi, "execve", &[BASE, BASE + 5, 0]);
        let expected = [
            (BASE, Ok(b"a\0".to_vec())),
            (BASE + 5, Ok(array)),
            (BASE, Ok(b"a\0".to_vec())),
            (BASE + 2, Ok(b"bc\0".to_vec())),
        ];
        assert_eq!(enter(Capture::Lost, &call, &mut space), expected);
        assert_eq!(enter(Capture::Nothing, &call, &mut space), []);
    }
}

#[test]
fn buffers_are_read_when_they_hold_what_counts() {
    let mut space = Flat((0..200).collect());
    let write = call(Abi::X86_64, "write", &[1, BASE, 5]);
    let five = (BASE, Ok(vec![0, 1, 2, 3, 4]));
    assert_eq!(enter(Capture::Everything, &write, &mut space), [five]);
    let read = call(Abi::X86_64, "read", &[1, BASE, 500]);
    assert_eq!(enter(Capture::Everything, &read, &mut space), []);
    assert_eq!(exit(&read, 3, &mut space), [(BASE, Ok(vec![0, 1, 2]))]);
    assert_eq!(
        exit(&read, 150, &mut space),
        [(BASE, Ok((0..100).collect()))]
    );
    assert_eq!(exit(&read, -11, &mut space), []);
    assert_eq!(exit(&read, 0, &mut space), []);
}

#[test]
fn lengths_have_the_width_of_their_arguments() {
    let mut space = Flat(vec![7; 64]);
    let connect = call(Abi::X86_64, "connect", &[3, BASE, 0xffff_ffff_0000_0010]);
    let address = (BASE, Ok(vec![7; 16]));
    assert_eq!(enter(Capture::Everything, &connect, &mut space), [address]);
}

#[test]
fn structures_have_the_size_of_their_abi() {
    let mut space = Flat(vec![1; 256]);
    for (abi, size) in [(Abi::X86_64, 144), (Abi::I386, 64)] {
        let row = call(abi, "fstat", &[3, BASE]);
        let piece = (BASE, Ok(vec![1; size]));
        assert_eq!(exit(&row, 0, &mut space), [piece]);
    }
}

#[test]
fn what_a_call_overwrites_is_read_twice() {
    let mut space = Flat(vec![2; 64]);
    let poll = call(Abi::X86_64, "poll", &[BASE, 2, 0]);
    let both = [(BASE, Ok(vec![2; 16]))];
    assert_eq!(enter(Capture::Lost, &poll, &mut space), both);
    assert_eq!(exit(&poll, 1, &mut space), both);
}

#[test]
fn memory_that_is_not_there_is_said() {
    let mut space = Flat(vec![3; 4096 + 10]);
    let missing = call(Abi::X86_64, "openat", &[0, 0x1234, 0]);
    let fault = [(0x1234, Err(14))];
    assert_eq!(enter(Capture::Everything, &missing, &mut space), fault);
    // The page that ends the memory is there, the next is not.
    let edge = BASE + 4096 - 20;
    space.0.truncate(4096);
    let write = call(Abi::X86_64, "write", &[1, edge, 50]);
    let expected = [(edge, Ok(vec![3; 20])), (edge + 20, Err(14))];
    assert_eq!(enter(Capture::Everything, &write, &mut space), expected);
    let null = call(Abi::X86_64, "write", &[1, 0, 50]);
    assert_eq!(enter(Capture::Everything, &null, &mut space), []);
    let wild = call(Abi::X86_64, "write", &[1, u64::MAX, u64::MAX]);
    assert_eq!(
        enter(Capture::Everything, &wild, &mut space),
        [(u64::MAX, Err(14))]
    );
}

#[test]
fn endless_arrays_and_unknown_calls_end() {
    let mut space = Flat(BASE.to_le_bytes().repeat(STRINGS * 2));
    let exec = call(Abi::X86_64, "execve", &[0, BASE, 0]);
    let read = enter(Capture::Lost, &exec, &mut space);
    assert_eq!(read.len(), 1 + STRINGS);
    let unknown = Call { number: -1, ..exec };
    assert_eq!(enter(Capture::Everything, &unknown, &mut space), []);
}
