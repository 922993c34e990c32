//! `@m[k] = count()` and its kin.

use super::super::join::Given;
use super::super::tree;
use super::Lowerer;
use super::value::{integer, is_literal};
use crate::diagnostic::kind::AnalysisKind;
use crate::function::Function;
use crate::hir::{MapId, StmtKind};
use crate::source::Span;
use crate::types::{Aggregation, Reduce, Type};

/// Most buckets of a linear histogram.
const MAX_LHIST_BUCKETS: i128 = 1000;
/// Most intervals of a time series: the kernel has at most 32 KiB for what a CPU keeps of a key.
const MAX_INTERVALS: i128 = 1000;

impl Lowerer<'_> {
    pub(super) fn aggregate(
        &mut self,
        map: MapId,
        key: Option<&[tree::Expr]>,
        function: Function,
        args: &[tree::Expr],
        place: Span,
    ) -> Option<StmtKind> {
        self.table.assign_map(map);
        let key = self.key(map, key, place);
        let value = match args.first() {
            None => None,
            Some(arg) => {
                let value = self.value(arg)?;
                if integer(&value.ty).is_none() {
                    return self.wrong_argument(function, 0, "an integer", &value.ty, value.span);
                }
                Some(value)
            }
        };
        let literal = value.as_ref().is_some_and(is_literal);
        let value = match value {
            None => None,
            Some(value) => Some(self.widened(value)?),
        };
        let signed = value
            .as_ref()
            .and_then(|value| integer(&value.ty))
            .is_some_and(|int| int.signed);
        let aggregation = self.aggregation(function, args, signed)?;
        let given = Given {
            ty: Type::Aggregation(aggregation),
            literal,
        };
        if let Err(conflict) = self.table.observe_value(map, given, place) {
            self.map_conflict(conflict, map, vec![Type::Aggregation(aggregation)], place);
            return None;
        }
        Some(StmtKind::Aggregate {
            map,
            key: key?,
            value,
        })
    }

    fn aggregation(
        &mut self,
        function: Function,
        args: &[tree::Expr],
        signed: bool,
    ) -> Option<Aggregation> {
        Some(match function {
            Function::Count => Aggregation::Count,
            Function::Sum => Aggregation::Sum { signed },
            Function::Min => Aggregation::Min { signed },
            Function::Max => Aggregation::Max { signed },
            Function::Avg => Aggregation::Avg { signed },
            Function::Stats => Aggregation::Stats { signed },
            Function::Hist => {
                let bits = args.get(1).and_then(constant).unwrap_or(0);
                if !(0..=5).contains(&bits) {
                    let span = args[1].span;
                    return self.range("hist", "bits", bits, "from 0 to 5", span);
                }
                Aggregation::Hist {
                    sub_bits: bits as u8,
                }
            }
            Function::Lhist => self.lhist(args)?,
            Function::TimeSeries => self.time_series(args, signed)?,
            // No other function is an aggregation that works.
            _ => return None,
        })
    }

    fn lhist(&mut self, args: &[tree::Expr]) -> Option<Aggregation> {
        let [_, min, max, step] = args else {
            return None;
        };
        let (min_span, max_span, step_span) = (min.span, max.span, step.span);
        let (min, max, step) = (constant(min)?, constant(max)?, constant(step)?);
        if i64::try_from(min).is_err() {
            return self.range("lhist", "min", min, "an int64", min_span);
        }
        if i64::try_from(max).is_err() || max <= min {
            return self.range("lhist", "max", max, "larger than min", max_span);
        }
        if i64::try_from(max - min).is_err() {
            return self.range("lhist", "max", max, "less than 2^63 above min", max_span);
        }
        if step <= 0 {
            return self.range("lhist", "step", step, ">= 1", step_span);
        }
        if (max - min) / step > MAX_LHIST_BUCKETS {
            let least = format!("large enough for at most {MAX_LHIST_BUCKETS} buckets");
            return self.range("lhist", "step", step, &least, step_span);
        }
        Some(Aggregation::Lhist {
            min: min as i64,
            max: max as i64,
            step: step.min(i128::from(i64::MAX)) as i64,
        })
    }

    fn time_series(&mut self, args: &[tree::Expr], signed: bool) -> Option<Aggregation> {
        let (interval_tree, count_tree) = (args.get(1)?, args.get(2)?);
        let (interval, count) = (constant(interval_tree)?, constant(count_tree)?);
        if interval < 1 {
            let span = interval_tree.span;
            return self.range("tseries", "interval", interval, ">= 1", span);
        }
        if !(1..=MAX_INTERVALS).contains(&count) {
            let range = format!("from 1 to {MAX_INTERVALS}");
            return self.range("tseries", "count", count, &range, count_tree.span);
        }
        let reduce = match args.get(3) {
            None => Reduce::Last,
            Some(how) => match self.literal_string(args, 3)?.as_str() {
                "sum" => Reduce::Sum,
                "min" => Reduce::Min,
                "max" => Reduce::Max,
                "avg" => Reduce::Avg,
                other => {
                    let kind = AnalysisKind::ArgumentRange {
                        function: "tseries",
                        what: "reduction",
                        found: other.to_owned(),
                        range: "sum, min, max or avg".into(),
                    };
                    return self.error(kind, how.span);
                }
            },
        };
        Some(Aggregation::TimeSeries {
            signed,
            interval: u64::try_from(interval).unwrap_or(u64::MAX),
            count: count as u32,
            reduce,
        })
    }

    pub(super) fn range<T>(
        &mut self,
        function: &'static str,
        what: &'static str,
        found: i128,
        range: &str,
        span: Span,
    ) -> Option<T> {
        let kind = AnalysisKind::ArgumentRange {
            function,
            what,
            found: found.to_string(),
            range: range.to_owned(),
        };
        self.error(kind, span)
    }
}

/// The value of an argument that was checked to be a literal.
pub(super) fn constant(tree: &tree::Expr) -> Option<i128> {
    match tree.kind {
        tree::ExprKind::Int(value) => Some(value),
        _ => None,
    }
}
