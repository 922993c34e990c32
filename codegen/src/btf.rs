//! BTF: the type information that describes maps, functions and lines.
