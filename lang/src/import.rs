//! Imports: a script and a [`Loader`] in, one tree and one text with all files in it out.
//!
//! `import "path";` puts the items of another script in its place, and the declarations of a C header
//! before those of the script. Each file is taken once. Where a path leads is the loader's affair.

use crate::ast::{CItem, Item, Script};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::kind::{AnalysisKind, Kind};
use crate::parse::{self, Parsed};
use crate::source::{Source, Span};
use std::collections::HashSet;

/// Most files that a script can import.
const MAX_FILES: usize = 1024;

/// Finds and reads what scripts import.
pub trait Loader {
    /// What tells the file behind a name that messages use from all others.
    fn identity(&self, name: &str) -> String;

    /// The files that a path in the file `importer` means: one, or those of a folder, in their order.
    ///
    /// # Errors
    /// Why there is none that can be used, as the end of a sentence.
    fn load(&self, importer: &str, path: &str) -> Result<Vec<ImportedFile>, String>;
}

/// A file that a script imports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedFile {
    /// How messages call it; [`Loader::identity`] knows it by this name.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// A loader for where there are no files: every import fails.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl Loader for NoFiles {
    fn identity(&self, name: &str) -> String {
        name.to_owned()
    }

    fn load(&self, _importer: &str, _path: &str) -> Result<Vec<ImportedFile>, String> {
        Err("there are no files here".to_owned())
    }
}

/// Reads a script and all that it imports; their texts are added to `source`. `headers` are imported first.
pub fn parse(source: &mut Source, headers: &[String], loader: &dyn Loader) -> Parsed {
    let mut parsed = parse::parse(source);
    let mut importer = Importer {
        seen: HashSet::from([loader.identity(source.name())]),
        source,
        loader,
        diagnostics: Vec::new(),
        c_items: Vec::new(),
    };
    let name = importer.source.name().to_owned();
    let mut items = Vec::new();
    for header in headers {
        items.extend(importer.import(&name, header, Span::NOWHERE));
    }
    items.extend(importer.items(&name, std::mem::take(&mut parsed.script.items)));
    importer.c_items.append(&mut parsed.script.c_items);
    parsed.script.items = items;
    parsed.script.c_items = importer.c_items;
    parsed.script.incomplete |= !importer.diagnostics.is_empty();
    parsed.diagnostics.append(&mut importer.diagnostics);
    parsed
}

struct Importer<'a> {
    source: &'a mut Source,
    loader: &'a dyn Loader,
    /// Identities of the files that have been taken.
    seen: HashSet<String>,
    diagnostics: Vec<Diagnostic>,
    /// Of all files, those of imported ones before those of their importers.
    c_items: Vec<CItem>,
}

impl Importer<'_> {
    /// The items of a file with those that it imports in the place of the imports.
    fn items(&mut self, file: &str, items: Vec<Item>) -> Vec<Item> {
        let mut merged = Vec::new();
        for item in items {
            match item {
                Item::Import(import) => {
                    merged.extend(self.import(file, &import.path, import.span));
                }
                other => merged.push(other),
            }
        }
        merged
    }

    fn import(&mut self, importer: &str, path: &str, span: Span) -> Vec<Item> {
        let files = match self.loader.load(importer, path) {
            Ok(files) => files,
            Err(reason) => {
                let path = path.to_owned();
                return self.refuse(AnalysisKind::Import { path, reason }.into(), span);
            }
        };
        let mut items = Vec::new();
        for file in files {
            if !self.seen.insert(self.loader.identity(&file.name)) {
                continue;
            }
            if self.seen.len() > MAX_FILES {
                let reason = format!("a script can import at most {MAX_FILES} files");
                let path = path.to_owned();
                return self.refuse(AnalysisKind::Import { path, reason }.into(), span);
            }
            items.extend(self.file(&file, span));
        }
        items
    }

    fn file(&mut self, file: &ImportedFile, span: Span) -> Vec<Item> {
        if file.name.ends_with(".c") {
            let what = format!("importing C functions ({})", file.name);
            return self.refuse(Kind::NotSupported { what }, span);
        }
        let start = self.source.append(file.name.as_str(), &file.text);
        if file.name.ends_with(".h") {
            self.c_items.push(CItem {
                text: file.text.clone(),
                span: Span::new(start, start + file.text.len()),
            });
            return Vec::new();
        }
        let Script { c_items, items, .. } = {
            let parsed = parse::parse_behind(&file.text, start);
            self.diagnostics.extend(parsed.diagnostics);
            parsed.script
        };
        let items = self.items(&file.name, items);
        self.c_items.extend(c_items);
        items
    }

    fn refuse(&mut self, kind: Kind, span: Span) -> Vec<Item> {
        self.diagnostics.push(Diagnostic::error(kind, span));
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    struct Memory(BTreeMap<&'static str, &'static str>);

    impl Loader for Memory {
        fn identity(&self, name: &str) -> String {
            name.to_owned()
        }

        fn load(&self, _importer: &str, path: &str) -> Result<Vec<ImportedFile>, String> {
            let files: Vec<_> = self
                .0
                .iter()
                .filter(|(name, _)| **name == path || name.starts_with(&format!("{path}/")))
                .map(|(name, text)| ImportedFile {
                    name: (*name).to_owned(),
                    text: (*text).to_owned(),
                })
                .collect();
            if files.is_empty() {
                return Err("no such file".to_owned());
            }
            Ok(files)
        }
    }

    fn read(text: &str) -> (Source, Parsed) {
        let files = Memory(BTreeMap::from([
            (
                "a.bt",
                "#!/usr/bin/trapline\nimport \"b.bt\";\nmacro a() { 1 }",
            ),
            ("b.bt", "import \"a.bt\"; import \"main\";\nmacro b() { 2 }"),
            ("main", ""),
            ("lib/x.bt", "END { oops; }"),
            ("lib/y.h", "struct y { int z; };"),
            ("bad.bt", "END {\n  print(;\n}"),
            ("f.bpf.c", "int f(void) { return 1; }"),
        ]));
        let mut source = Source::new("main", text);
        let parsed = parse(&mut source, &[], &files);
        (source, parsed)
    }

    #[test]
    fn files_are_taken_once_and_keep_their_places() {
        let (source, parsed) = read("import \"a.bt\"; import \"lib\"; BEGIN { }");
        assert_eq!(parsed.diagnostics, []);
        let places: Vec<String> = parsed
            .script
            .items
            .iter()
            .map(|item| {
                let span = match item {
                    Item::Macro(found) => found.name.span,
                    Item::Probe(probe) => probe.span,
                    other => panic!("{other:?}"),
                };
                let position = source.position(span.start);
                format!(
                    "{}:{position} {}",
                    source.name_at(span.start),
                    source.slice(span)
                )
            })
            .collect();
        assert_eq!(
            places,
            [
                "b.bt:2:7 b",
                "a.bt:3:7 a",
                "lib/x.bt:1:1 END { oops; }",
                "main:1:30 BEGIN { }"
            ]
        );
        assert_eq!(parsed.script.c_items.len(), 1);
    }

    #[test]
    fn what_is_wrong_is_said_of_the_file_it_is_in() {
        let (source, parsed) =
            read("import \"bad.bt\"; import \"f.bpf.c\"; import \"none\"; END { }");
        let places: Vec<String> = parsed
            .diagnostics
            .iter()
            .map(|diagnostic| {
                let start = diagnostic.span.start;
                format!("{}:{}", source.name_at(start), source.position(start))
            })
            .collect();
        assert_eq!(places, ["bad.bt:2:8", "main:1:18", "main:1:36"]);
    }
}
