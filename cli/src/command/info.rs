//! `--info`: what this kernel offers, one feature a line.
