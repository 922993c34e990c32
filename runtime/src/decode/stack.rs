//! Call stacks and user symbols: ids and addresses in, functions and files out.

use super::Decoder;
use crate::symbol::UserPlace;
use crate::value::{Frame, Stack, Value};
use trapline_lang::types::{AddressSpace, StackMode, StackType};

impl Decoder<'_> {
    /// The stack with an id; `process` is whose it is, for user stacks.
    pub(super) fn stack(&mut self, stack: StackType, id: u64, process: u32) -> Value {
        let mut addresses = if id == 0 {
            Vec::new()
        } else {
            self.maps.stack(id)
        };
        addresses.truncate(stack.limit as usize);
        let frames = match (stack.mode, stack.space) {
            (StackMode::Raw, _) | (StackMode::BuildId, AddressSpace::Kernel) => {
                addresses.into_iter().map(bare_frame).collect()
            }
            (_, AddressSpace::Kernel) => addresses
                .into_iter()
                .map(|address| self.kernel_frame(address))
                .collect(),
            (_, AddressSpace::User) => self.user_frames(process, &addresses),
        };
        Value::Stack(Stack {
            space: stack.space,
            mode: stack.mode,
            frames,
        })
    }

    /// The function that an address of a process lies in.
    pub(super) fn user_symbol(&mut self, address: u64, process: u32) -> Value {
        let mut places = self.resolver.user_places(process, &[address]);
        let function = places.pop().and_then(|place| place.function);
        Value::Name {
            text: function.map_or_else(|| self::address(address), |function| function.name),
            number: address,
        }
    }

    fn kernel_frame(&mut self, address: u64) -> Frame {
        let symbol = self.resolver.kernel_symbol(address);
        Frame {
            symbol: symbol.map(|symbol| format!("{}+{}", symbol.name, symbol.offset)),
            ..bare_frame(address)
        }
    }

    fn user_frames(&mut self, process: u32, addresses: &[u64]) -> Vec<Frame> {
        let places = self.resolver.user_places(process, addresses);
        let frame = |(address, UserPlace { function, file }): (&u64, UserPlace)| Frame {
            address: *address,
            symbol: function.map(|function| format!("{}+{}", function.name, function.offset)),
            file,
        };
        addresses.iter().zip(places).map(frame).collect()
    }
}

fn bare_frame(address: u64) -> Frame {
    Frame {
        address,
        symbol: None,
        file: None,
    }
}

/// An address that has no name. As in bpftrace, none at all is 0 without a prefix.
pub(super) fn address(address: u64) -> String {
    match address {
        0 => "0".to_owned(),
        address => format!("{address:#x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::testing::{Maps, manifest, resolver};
    use crate::symbol::Resolver;
    use trapline_lang::types::Type;

    fn decode(ty: &Type, words: [u64; 2], resolver: &mut Resolver) -> Value {
        let mut maps = Maps::default();
        maps.stacks.insert(9, vec![0x10, 0x20, function() + 2]);
        let bytes = words.map(u64::to_le_bytes).concat();
        Decoder::new(&manifest(), resolver, &mut maps).value(ty, &bytes)
    }

    /// A function of this process.
    fn function() -> u64 {
        libc::getppid as *const () as u64
    }

    fn stack(space: AddressSpace, mode: StackMode, limit: u32) -> Type {
        Type::Stack(StackType { space, mode, limit })
    }

    fn frames(value: Value) -> Vec<Frame> {
        match value {
            Value::Stack(stack) => stack.frames,
            other => panic!("no stack: {other:?}"),
        }
    }

    #[test]
    fn kernel_stacks_are_looked_up_and_cut() {
        let ty = stack(AddressSpace::Kernel, StackMode::Bpftrace, 2);
        let found = frames(decode(&ty, [9, 0], &mut resolver()));
        assert_eq!(found, [bare_frame(0x10), bare_frame(0x20)]);
        assert_eq!(frames(decode(&ty, [0, 0], &mut resolver())), []);
    }

    #[test]
    fn user_stacks_have_the_symbols_of_their_process() {
        let ty = stack(AddressSpace::User, StackMode::Perf, 127);
        let pid = std::process::id().into();
        let found = frames(decode(&ty, [9, pid], &mut Resolver::new()));
        assert_eq!(found[..2], [bare_frame(0x10), bare_frame(0x20)]);
        assert_eq!(found[2].symbol.as_deref(), Some("getppid+2"));
        assert!(found[2].file.is_some());

        let raw = stack(AddressSpace::User, StackMode::Raw, 127);
        let found = frames(decode(&raw, [9, pid], &mut Resolver::new()));
        assert_eq!(found[2], bare_frame(function() + 2));
    }

    #[test]
    fn user_symbols_have_no_offset() {
        let text =
            |address, pid| match decode(&Type::UserSymbol, [address, pid], &mut Resolver::new()) {
                Value::Name { text, number } => {
                    assert_eq!(number, address);
                    text
                }
                other => panic!("{other:?}"),
            };
        assert_eq!(text(function() + 2, std::process::id().into()), "getppid");
        assert_eq!(text(0x1234, 0), "0x1234");
        assert_eq!(text(0, 0), "0");
    }
}
