//! Scripts that are fenced in Markdown.

/// A fenced script.
pub(crate) struct Block {
    /// Where it starts.
    pub(crate) line: usize,
    /// Its text.
    pub(crate) text: String,
}

/// The blocks that are fenced as scripts.
pub(crate) fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = (1..).zip(markdown.lines());
    while let Some((line, text)) = lines.next() {
        if text.trim() == "```trapline" {
            let inside = lines.by_ref().map(|(_, text)| text);
            let text = inside.take_while(|text| text.trim() != "```");
            let text = text.collect::<Vec<_>>().join("\n");
            blocks.push(Block { line, text });
        }
    }
    blocks
}
