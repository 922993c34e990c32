//! Rows of histograms: `[1K, 2K)               3 |@@@@@@@@@@          |`.

use crate::value::{Bucket, Histogram, Scale};
use std::io::Write;

/// Characters of the longest bar.
const BAR: usize = 52;
/// Unit signs by power of 1024.
const UNITS: [&str; 7] = ["", "K", "M", "G", "T", "P", "E"];

/// Writes one row for each bucket, each with its line break.
pub(super) fn rows(out: &mut Vec<u8>, histogram: &Histogram) {
    let most = histogram
        .buckets
        .iter()
        .map(|bucket| bucket.count)
        .max()
        .unwrap_or(0);
    for bucket in &histogram.buckets {
        let range = range(bucket, histogram.scale);
        let bar = "@".repeat(bar_width(bucket.count, most));
        // Writing to memory does not fail.
        let _ = writeln!(out, "{range:<16}{:>8} |{bar:<BAR$}|", bucket.count);
    }
}

/// Single precision, and in this order, so that bars are cut off at the same character as bpftrace's.
fn bar_width(count: u64, most: u64) -> usize {
    (count as f32 / most as f32 * BAR as f32) as usize
}

fn range(bucket: &Bucket, scale: Scale) -> String {
    match (bucket.low, bucket.high) {
        (Some(low), Some(high)) if low + 1 == high => format!("[{}]", label(low, scale)),
        (Some(low), Some(high)) => format!("[{}, {})", label(low, scale), label(high, scale)),
        (None, Some(high)) => format!("(..., {})", label(high, scale)),
        (Some(low), None) => format!("[{}, ...)", label(low, scale)),
        (None, None) => "(..., ...)".to_owned(),
    }
}

/// A bound, with the unit that leaves it a whole number.
fn label(bound: i128, scale: Scale) -> String {
    let decade = match scale {
        Scale::Log2 { sub_bits } => {
            let power = bound.checked_ilog2().unwrap_or(0);
            power.saturating_sub(u32::from(sub_bits)) as usize / 10
        }
        Scale::Linear { step } if step % 1024 != 0 || bound == 0 => 0,
        Scale::Linear { .. } if bound % (1 << 20) == 0 => 2,
        Scale::Linear { .. } if bound % (1 << 10) == 0 => 1,
        Scale::Linear { .. } => 0,
    };
    let decade = decade.min(UNITS.len() - 1);
    format!("{}{}", bound >> (10 * decade), UNITS[decade])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(low: impl Into<Option<i128>>, high: impl Into<Option<i128>>, count: u64) -> Bucket {
        Bucket {
            low: low.into(),
            high: high.into(),
            count,
        }
    }

    #[test]
    fn rows_have_bpftraces_form() {
        let scale = Scale::Log2 { sub_bits: 0 };
        let histogram = Histogram {
            scale,
            buckets: vec![
                bucket(None, 0, 1),
                bucket(0, 1, 0),
                bucket(1, 2, 2),
                bucket(2, 4, 3),
                bucket(512, 1024, 6),
                bucket(1024, 2048, 123_456),
            ],
        };
        let mut out = Vec::new();
        rows(&mut out, &histogram);
        let expected = "\
(..., 0)               1 |                                                    |
[0]                    0 |                                                    |
[1]                    2 |                                                    |
[2, 4)                 3 |                                                    |
[512, 1K)              6 |                                                    |
[1K, 2K)          123456 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn bars_are_cut_off() {
        let widths = [(1, 3), (2, 3), (3, 3), (1, 53), (1, 52)].map(|(n, max)| bar_width(n, max));
        assert_eq!(widths, [17, 34, 52, 0, 1]);
        assert_eq!(bar_width(0, 0), 0);
    }

    #[test]
    fn labels_use_units_where_they_are_exact() {
        let log2 = Scale::Log2 { sub_bits: 0 };
        let fine = Scale::Log2 { sub_bits: 2 };
        let kilo = Scale::Linear { step: 1024 };
        let plain = Scale::Linear { step: 1000 };
        for (bound, scale, expected) in [
            (512, log2, "512"),
            (1 << 20, log2, "1M"),
            (1 << 63, log2, "8E"),
            (1 << 64, log2, "16E"),
            (1280, fine, "1280"),
            (5 << 10, fine, "5K"),
            (0, kilo, "0"),
            (2048, kilo, "2K"),
            (-1024, kilo, "-1K"),
            (3 << 20, kilo, "3M"),
            (2048, plain, "2048"),
        ] {
            assert_eq!(label(bound, scale), expected);
        }
    }

    #[test]
    fn a_bucket_of_one_value_prints_as_that_value() {
        let scale = Scale::Linear { step: 1 };
        assert_eq!(range(&bucket(3, 4, 1), scale), "[3]");
        assert_eq!(range(&bucket(3, None, 1), scale), "[3, ...)");
    }
}
