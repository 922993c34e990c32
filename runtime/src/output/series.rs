//! Time series as text: a row for each interval, with a star between the lowest and the highest value.

use crate::value::TimeSeries;
use std::io::Write;

/// Characters between the two ends.
const WIDTH: usize = 52;

/// Writes the scale, then a row for each interval, each with its line break.
pub(super) fn rows(out: &mut Vec<u8>, series: &TimeSeries) {
    let values = || series.points.iter().filter_map(|point| point.value);
    let (Some(low), Some(high)) = (values().min(), values().max()) else {
        return;
    };
    // Writing to memory does not fail.
    let low_text = low.to_string();
    let room = WIDTH.saturating_sub(low_text.len());
    let _ = writeln!(out, "{:<13}{low_text}{high:>room$}", "");
    let _ = writeln!(
        out,
        "{:<13}|{:_<inner$}|",
        "hh:mm:ss.ms",
        "",
        inner = WIDTH - 2
    );
    for point in &series.points {
        // Microseconds to milliseconds.
        let time = point.time.get(..12).unwrap_or(&point.time);
        let mut line = [b' '; WIDTH];
        (line[0], line[WIDTH - 1]) = (b'|', b'|');
        let mut number = String::new();
        if let Some(value) = point.value {
            line[place(value, low, high)] = b'*';
            number = format!(" {value}");
        }
        let line = String::from_utf8_lossy(&line);
        let _ = writeln!(out, "{time:<13}{line}{number}");
    }
}

/// Where a value stands between the ends.
fn place(value: i128, low: i128, high: i128) -> usize {
    let (above, range) = (value - low, high - low);
    (above * (WIDTH as i128 - 1))
        .checked_div(range)
        .unwrap_or(0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Point;

    #[test]
    fn rows_show_where_values_lie() {
        let point = |time: &str, value| Point {
            start: 0,
            time: time.into(),
            value,
        };
        let series = TimeSeries {
            points: vec![
                point("10:00:00.500000", Some(-1)),
                point("10:00:01.500000", None),
                point("10:00:02.500000", Some(9)),
            ],
        };
        let mut out = Vec::new();
        rows(&mut out, &series);
        let blank = " ".repeat(50);
        let expected = format!(
            "             -1{:>50}\nhh:mm:ss.ms  |{}|\n10:00:00.500 *{blank}| -1\n10:00:01.500 |{blank}|\n10:00:02.500 |{blank}* 9\n",
            9,
            "_".repeat(50),
        );
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }
}
