//! Lines of the prompt that are not script: `:list`, `:fields`, `:help`, `:quit`.

/// A line that begins with a colon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// `:list PATTERN`
    List(Option<String>),
    /// `:fields PROBE`
    Fields(String),
    /// `:help NAME`
    Help(Option<String>),
    /// `:quit`
    Quit,
}

/// A row of the table of commands.
pub(crate) struct CommandInfo {
    /// With its colon.
    pub(crate) name: &'static str,
    /// What stands after it.
    pub(crate) argument: &'static str,
    /// One line.
    pub(crate) help: &'static str,
}

/// All commands.
pub(crate) const COMMANDS: &[CommandInfo] = &[
    CommandInfo {
        name: ":list",
        argument: "[PATTERN]",
        help: "lists probes",
    },
    CommandInfo {
        name: ":fields",
        argument: "PROBE",
        help: "lists the arguments of a probe",
    },
    CommandInfo {
        name: ":help",
        argument: "[NAME]",
        help: "explains a function, a builtin or a probe type",
    },
    CommandInfo {
        name: ":quit",
        argument: "",
        help: "leaves (so does Ctrl-D)",
    },
];

impl Command {
    /// Reads a line that begins with a colon; a command may be shortened as far as it is unique.
    ///
    /// # Errors
    /// If there is no such command, or its argument is missing; the message says so.
    pub(crate) fn read(line: &str) -> Result<Self, String> {
        let (word, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let argument = Some(argument.trim().to_string()).filter(|argument| !argument.is_empty());
        let mut rows = COMMANDS
            .iter()
            .filter(|row| row.name.starts_with(word) && word.len() > 1);
        let (Some(row), None) = (rows.next(), rows.next()) else {
            let names: Vec<&str> = COMMANDS.iter().map(|row| row.name).collect();
            return Err(format!(
                "no such command: {word} (there are {})",
                names.join(", ")
            ));
        };
        match (row.name, argument) {
            (":list", pattern) => Ok(Self::List(pattern)),
            (":fields", Some(probe)) => Ok(Self::Fields(probe)),
            (":fields", None) => Err("which probe? `:fields tracepoint:sched:sched_switch`".into()),
            (":help", name) => Ok(Self::Help(name)),
            _ => Ok(Self::Quit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_may_be_shortened() {
        assert_eq!(
            Command::read(":l t:*"),
            Ok(Command::List(Some("t:*".into())))
        );
        assert_eq!(Command::read(":quit"), Ok(Command::Quit));
        assert_eq!(
            Command::read(":help  hist "),
            Ok(Command::Help(Some("hist".into())))
        );
        assert!(Command::read(":fields").is_err());
        assert!(
            Command::read(":x")
                .expect_err("no command")
                .contains(":list")
        );
        assert!(Command::read(":").is_err());
    }
}
