//! Functions as text, with the names of what they call and point to.

use super::module::Module;
use crate::bpf::helper_name::helper_name;
use crate::namespace::{self, EngineCall, Intrinsic};
use cranelift_codegen::ir::{ExternalName, Function, GlobalValueData, UserExternalName};
use std::fmt::Write;

/// Prints a function; comments above it say what its symbols and functions are.
pub(crate) fn print(function: &Function, module: &Module<'_>) -> String {
    let mut text = String::new();
    let external = |name: &ExternalName| match name {
        ExternalName::User(reference) => Some(&function.params.user_named_funcs()[*reference]),
        _ => None,
    };
    for (value, data) in function.global_values.iter() {
        if let GlobalValueData::Symbol { name, offset, .. } = data
            && let Some(name) = external(name)
        {
            let _ = writeln!(text, "; {value} = {}{offset}", describe(name, module));
        }
    }
    for (reference, data) in function.dfg.ext_funcs.iter() {
        if let Some(name) = external(&data.name) {
            let _ = writeln!(text, "; {reference} = {}", describe(name, module));
        }
    }
    let _ = write!(text, "{function}");
    text
}

fn describe(name: &UserExternalName, module: &Module<'_>) -> String {
    let index = name.index as usize;
    let known = match name.namespace {
        namespace::HELPER => helper_name(name.index as i32).map(str::to_owned),
        namespace::MAP => module.kernel_maps.get(index).map(|map| map.name.clone()),
        namespace::DATA => Some(".rodata".into()),
        namespace::SUBPROGRAM => module
            .subprograms
            .get(index)
            .map(|subprogram| subprogram.name.clone()),
        namespace::INTRINSIC => Intrinsic::from_index(name.index)
            .map(|intrinsic| format!("{intrinsic:?}").to_lowercase()),
        namespace::ENGINE => {
            EngineCall::from_index(name.index).map(|call| format!("{call:?}").to_lowercase())
        }
        _ => None,
    };
    known.unwrap_or_else(|| name.to_string())
}
