//! A sink that keeps maps, for commands that make something of their own of them.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use trapline_runtime::output::{Loss, LossKind, Message, Sink, render_value};
use trapline_runtime::value::{MapSnapshot, Value};

/// The maps that a script printed, shared with the sink.
#[derive(Clone, Debug, Default)]
pub(crate) struct Maps(Rc<RefCell<Vec<MapSnapshot>>>);

impl Maps {
    /// The entries of a map (`@name`); none if it was not printed.
    pub(crate) fn entries(&self, name: &str) -> Vec<(Vec<Value>, Value)> {
        let maps = self.0.borrow();
        let named = maps.iter().filter(|map| map.name == name);
        named.flat_map(|map| map.entries.clone()).collect()
    }

    /// The sink that fills it.
    pub(crate) fn sink(&self) -> Box<dyn Sink> {
        Box::new(Collector(self.clone()))
    }
}

/// A value as text.
pub(crate) fn text(value: &Value) -> String {
    let mut text = Vec::new();
    render_value(&mut text, value);
    String::from_utf8_lossy(&text).into_owned()
}

struct Collector(Maps);

impl Sink for Collector {
    fn map(&mut self, map: &MapSnapshot) -> io::Result<()> {
        self.0.0.borrow_mut().push(map.clone());
        Ok(())
    }

    fn message(&mut self, message: &Message<'_>, diagnostics: &mut dyn Write) -> io::Result<()> {
        diagnostics.write_all(message.text)
    }

    fn loss(&mut self, loss: &Loss, diagnostics: &mut dyn Write) -> io::Result<()> {
        // Calls that never return have none, and that is no loss.
        if loss.kind == LossKind::Latencies {
            return Ok(());
        }
        writeln!(diagnostics, "{loss}")
    }

    fn flush_lines(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
