//! A sink that prints system calls, one line each: values of `print(args)` in, lines as strace's or JSON objects out.

use std::io::{self, BufWriter, Write};
use trapline_lang::types::Clock;
use trapline_runtime::output::{Loss, LossKind, Message, Sink, TextKind, json_value};
use trapline_runtime::symbol::Resolver;
use trapline_runtime::value::{Call, Value};

/// What stands in front of a call or behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Column {
    /// The time of day at which it ended.
    Time,
    /// The process.
    Pid,
    /// The thread.
    Tid,
    /// The thread's name.
    Comm,
    /// How long it took, in seconds, behind it.
    Latency,
}

/// How calls print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As strace prints them. With no column for it, the process is named once there are several.
    Strace,
    /// As in a log: program and process first.
    Log,
    /// JSON objects.
    Json,
}

/// Prints calls.
pub(super) struct Lines {
    writer: BufWriter<Box<dyn Write>>,
    form: Form,
    columns: Vec<Column>,
    clock: Resolver,
    /// The process of the first call.
    first: Option<u32>,
    /// There were calls of others, too.
    several: bool,
}

impl Lines {
    /// The columns are only for [`Form::Strace`]; the clock is that of when it happened.
    pub(super) fn new(
        writer: Box<dyn Write>,
        form: Form,
        columns: &[Column],
        clock: Resolver,
    ) -> Self {
        Self {
            writer: BufWriter::new(writer),
            form,
            columns: columns.to_vec(),
            clock,
            first: None,
            several: false,
        }
    }

    fn call(&mut self, call: &Call) -> io::Result<()> {
        if self.form == Form::Log {
            return writeln!(self.writer, "{}[{}] {}", call.comm, call.process, call.line);
        }
        self.several |= *self.first.get_or_insert(call.process) != call.process;
        if self.several
            && !self.columns.contains(&Column::Pid)
            && !self.columns.contains(&Column::Tid)
        {
            write!(self.writer, "[pid {:>5}] ", call.thread)?;
        }
        for column in &self.columns {
            match column {
                Column::Time => {
                    let time = self.clock.wall_time(Clock::Monotonic, call.time);
                    let text = time.format_with_fractions("%H:%M:%S.%f");
                    write!(self.writer, "{} ", text.unwrap_or_default())?;
                }
                Column::Pid => write!(self.writer, "{:<7} ", call.process)?,
                Column::Tid => write!(self.writer, "{:<7} ", call.thread)?,
                Column::Comm => write!(self.writer, "{:<15} ", call.comm)?,
                Column::Latency => {}
            }
        }
        write!(self.writer, "{}", call.line)?;
        if self.columns.contains(&Column::Latency) {
            match call.latency {
                Some(latency) => write!(self.writer, " <{:.6}>", latency as f64 / 1e9)?,
                None => write!(self.writer, " <?>")?,
            }
        }
        writeln!(self.writer)
    }
}

impl Sink for Lines {
    fn text(&mut self, _kind: TextKind, text: &[u8]) -> io::Result<()> {
        self.writer.write_all(text)
    }

    fn value(&mut self, value: &Value) -> io::Result<()> {
        match value {
            Value::Call(call) if self.form != Form::Json => self.call(call),
            value => {
                json_value(&mut self.writer, value)?;
                writeln!(self.writer)
            }
        }
    }

    fn message(&mut self, message: &Message<'_>, diagnostics: &mut dyn Write) -> io::Result<()> {
        diagnostics.write_all(message.text)
    }

    fn loss(&mut self, loss: &Loss, diagnostics: &mut dyn Write) -> io::Result<()> {
        // A call without a latency says so itself.
        if loss.kind == LossKind::Latencies {
            return Ok(());
        }
        writeln!(diagnostics, "{loss}")
    }

    fn flush_lines(&mut self) -> io::Result<()> {
        self.writer.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::rc::Rc;

    #[derive(Clone, Default)]
    struct Shared(Rc<RefCell<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn printed(form: Form, columns: &[Column]) -> String {
        let out = Shared::default();
        let mut lines = Lines::new(Box::new(out.clone()), form, columns, Resolver::new());
        for process in [7, 8] {
            let call = Call {
                line: "close(3) = 0".into(),
                syscall: "close".into(),
                abi: "x86_64",
                process,
                thread: process,
                comm: "cat".into(),
                arguments: Vec::new(),
                result: Some(0),
                error: None,
                latency: Some(1500),
                time: 0,
            };
            lines.value(&Value::Call(Box::new(call))).expect("written");
        }
        lines.flush().expect("written");
        let bytes = out.0.borrow().clone();
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn the_process_is_named_once_there_are_several() {
        let plain = printed(Form::Strace, &[]);
        assert_eq!(plain, "close(3) = 0\n[pid     8] close(3) = 0\n");
        let columns = printed(Form::Strace, &[Column::Pid, Column::Comm, Column::Latency]);
        let last = "8       cat             close(3) = 0 <0.000002>";
        assert_eq!(columns.lines().last(), Some(last));
        let log = printed(Form::Log, &[]);
        assert_eq!(log, "cat[7] close(3) = 0\ncat[8] close(3) = 0\n");
        let json = printed(Form::Json, &[]);
        assert!(json.starts_with("{\"syscall\": \"close\", "), "{json}");
    }
}
