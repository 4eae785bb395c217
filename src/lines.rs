//! Lines and columns of byte offsets.

/// A position as people count: from one, columns in characters.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Position {
    /// From one.
    pub line: usize,
    /// From one, in characters.
    pub column: usize,
}

/// A text with its line starts.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Finds the lines of a text.
    pub fn new(text: &'a str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(index, _)| index + 1);
        Self { text, starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// How many lines there are; a text that ends with a line break ends with an empty line.
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// The number of the line in which a byte lies, from one.
    pub fn number(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset.min(self.text.len()))
    }

    /// The position of a byte. What lies behind the end is the end.
    pub fn position(&self, offset: usize) -> Position {
        let offset = floor(self.text, offset);
        let line = self.number(offset);
        Position { line, column: self.text[self.starts[line - 1]..offset].chars().count() + 1 }
    }

    /// The bytes of a line without its line break; empty where there is no such line.
    pub fn range(&self, line: usize) -> std::ops::Range<usize> {
        let Some(start) = line.checked_sub(1).and_then(|index| self.starts.get(index)).copied() else {
            return self.text.len()..self.text.len();
        };
        let end = self.starts.get(line).map_or(self.text.len(), |next| next - 1);
        let end = if self.text[start..end].ends_with('\r') { end - 1 } else { end };
        start..end
    }

    /// A line without its line break.
    pub fn line(&self, line: usize) -> &'a str {
        &self.text[self.range(line)]
    }
}

/// The character boundary at or before `offset`.
pub fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_start_at_one() {
        let lines = Lines::new("é=1\r\nb\n");
        assert_eq!(lines.position(0), Position { line: 1, column: 1 });
        assert_eq!(lines.position(2), Position { line: 1, column: 2 });
        assert_eq!(lines.position(1), Position { line: 1, column: 1 }, "the middle of a character is its start");
        assert_eq!(lines.position(6), Position { line: 2, column: 1 });
        assert_eq!(lines.position(99), Position { line: 3, column: 1 });
        assert_eq!((lines.line(1), lines.line(2), lines.line(3), lines.line(9)), ("é=1", "b", "", ""));
    }
}
