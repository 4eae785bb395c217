//! One more argument, one more entry.

use super::Source;
use crate::{
    finding::Edit,
    project::syntax::{Argument, Call, Entry, Expression, Kind, Record, Span},
};

impl Source<'_> {
    /// Adds an argument behind the last one. `whole` is the call's span. Further lines of the argument are written as if
    /// it began at the margin.
    pub(crate) fn argument(&self, whole: Span, call: &Call, argument: &str) -> Option<Vec<Edit>> {
        if !self.source(whole).ends_with(')') {
            return None;
        }
        let Some(last) = call.arguments.last() else {
            let inside = self.text.get(call.function.span.end..whole.end - 1)?;
            let open = call.function.span.end + inside.rfind('(')? + 1;
            let empty = self.text.get(open..whole.end - 1)?.trim().is_empty();
            let argument = argument.replace('\n', &format!("\n{}", self.indentation(whole.start)));
            return empty.then(|| vec![self.replace(Span::new(open, whole.end - 1), argument)]);
        };
        // A generator without parentheses can only be alone.
        let bare = call.arguments.len() == 1 && matches!(last.value.kind, Kind::Other(_));
        if bare && self.source(last.value.span).contains(" for ") {
            return None;
        }
        let value = last.value.span;
        let start = self.keyword_span(last).map_or(value.start, |key| key.start);
        self.append(Span::new(start, value.end), whole.end - 1, &[argument])
    }

    /// The keyword of an argument.
    pub(super) fn keyword_span(&self, argument: &Argument) -> Option<Span> {
        let name = argument.name.as_deref()?;
        let before = self.text.get(..argument.value.span.start)?.trim_end().strip_suffix('=')?.trim_end();
        before.ends_with(name).then(|| Span::new(before.len() - name.len(), before.len()))
    }

    /// Adds an entry behind the last one of a record literal in braces.
    pub(crate) fn entry(&self, whole: Span, record: &Record, entry: &str) -> Option<Vec<Edit>> {
        self.entries(whole, record, &[entry])
    }

    /// Adds entries behind the last one of a record literal in braces.
    pub(super) fn entries(&self, whole: Span, record: &Record, entries: &[&str]) -> Option<Vec<Edit>> {
        if !self.source(whole).ends_with('}') {
            return None;
        }
        let last = match record.entries.last() {
            Some(Entry::Field(key, value)) => Span::new(key.span.start, value.span.end.max(key.span.end)),
            Some(Entry::Computed(key, value)) => Span::new(key.span.start, value.span.end),
            Some(Entry::Spread(value)) => value.span,
            None => {
                let open = whole.start + self.source(whole).find('{')? + 1;
                let empty = self.text.get(open..whole.end - 1)?.trim().is_empty();
                return empty
                    .then(|| vec![self.replace(Span::new(open, whole.end - 1), format!(" {} ", entries.join(", ")))]);
            }
        };
        self.append(last, whole.end - 1, entries)
    }

    /// Adds an entry to the record that an expression is.
    pub(crate) fn entry_of(&self, expression: &Expression, entry: &str) -> Option<Vec<Edit>> {
        self.entry(expression.span, expression.record()?, entry)
    }

    /// Adds items between the last one and the closing bracket at `close`: on lines of their own where the last has one.
    fn append(&self, last: Span, close: usize, items: &[&str]) -> Option<Vec<Edit>> {
        let end = self.significant(last.end, close)?;
        let comma = self.text.as_bytes().get(end.checked_sub(1)?) == Some(&b',');
        let rest = self.text.get(end..close)?;
        let own = self.text.get(self.line_start(last.start)..last.start)?.trim().is_empty();
        let margin = format!("\n{}", self.indentation(last.start));
        if !own || !rest.contains('\n') {
            let item = items.join(", ").replace('\n', &margin);
            let item = if comma { format!(" {item}") } else { format!(", {item}") };
            return Some(vec![self.insert(end, item)]);
        }
        let line: String = items.iter().map(|item| format!("{margin}{},", item.replace('\n', &margin))).collect();
        // A comment behind the last item stays there, unless it goes on in the next line.
        let tail = &rest[..rest.find('\n').unwrap_or(rest.len())];
        let tail = tail.strip_suffix('\r').unwrap_or(tail);
        if tail.trim().is_empty() || self.comments(end).any(|comment| self.source(comment).contains('\n')) {
            let comma = if comma { "" } else { "," };
            return Some(vec![self.insert(end, format!("{comma}{line}"))]);
        }
        let line = self.insert(end + tail.len(), line);
        Some(if comma { vec![line] } else { vec![self.insert(end, ","), line] })
    }

    /// The end of the last byte before `close` that is neither white space nor comment, from `start` on.
    pub(super) fn significant(&self, start: usize, close: usize) -> Option<usize> {
        let (mut at, mut end) = (start, start);
        while at < close {
            if let Some(comment) = self.comments(at).next().filter(|comment| comment.start == at) {
                at = comment.end;
                continue;
            }
            let letter = self.text.get(at..)?.chars().next()?;
            at += letter.len_utf8();
            if !letter.is_whitespace() {
                end = at;
            }
        }
        (at == close).then_some(end)
    }

    /// The comments from a byte on.
    fn comments(&self, from: usize) -> impl Iterator<Item = Span> {
        let comments = &self.module.comments;
        comments[comments.partition_point(|comment| comment.start < from)..].iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{finding::Place, project::Project};

    /// The first call of `f`, with one more argument.
    #[track_caller]
    fn check(path: &str, text: &str, expected: &str) {
        add(path, text, "x=1", expected);
    }

    #[track_caller]
    fn add(path: &str, text: &str, argument: &str, expected: &str) {
        let project = Project::from_files([(path.to_owned(), format!("import mcp\n{text}"))]);
        let source = Source::of(&project, &Place::top(path)).expect("it parses");
        let mut found = None;
        source.module.expressions(&mut |_, expression| {
            if let Some(call) = expression.call().filter(|call| call.written() == "f") {
                found = Some((expression.span, call.clone()));
            }
        });
        let (span, call) = found.expect("f is called");
        let edits = source.argument(span, &call, argument).expect("it can be edited");
        let edits: BTreeMap<usize, String> = edits.into_iter().map(|it| (it.place.start, it.replacement)).collect();
        let mut result = source.text.to_owned();
        for (start, replacement) in edits.into_iter().rev() {
            result.insert_str(start, &replacement);
        }
        assert_eq!(result.strip_prefix("import mcp\n"), Some(expected));
    }

    #[test]
    fn an_argument_is_added_in_the_manner_of_those_before() {
        check("a.py", "f(a)\n", "f(a, x=1)\n");
        check("a.py", "f()\n", "f(x=1)\n");
        check("a.py", "f((a), )\n", "f((a), x=1 )\n");
        check("a.py", "f(\n    a,\n    b,\n)\n", "f(\n    a,\n    b,\n    x=1,\n)\n");
        check("a.py", "f(\n    a  # why\n)\n", "f(\n    a,  # why\n    x=1,\n)\n");
        check("a.py", "f(\n    a, # )\n)\n", "f(\n    a, # )\n    x=1,\n)\n");
        check("a.py", "f(\n    a,\n    y=2\n)\n", "f(\n    a,\n    y=2,\n    x=1,\n)\n");
        check("a.py", "f(a,\n  b)\n", "f(a,\n  b, x=1)\n");
        check("a.py", "f(\n    g(\n        a,\n    )\n)\n", "f(\n    g(\n        a,\n    ),\n    x=1,\n)\n");
    }

    #[test]
    fn an_argument_of_several_lines_stands_where_it_begins() {
        let several = "x=g(\n    1,\n)";
        add("a.py", "f(a)\n", several, "f(a, x=g(\n    1,\n))\n");
        add("a.py", "if a:\n    f()\n", several, "if a:\n    f(x=g(\n        1,\n    ))\n");
        add("a.py", "f(\n    a,\n)\n", several, "f(\n    a,\n    x=g(\n        1,\n    ),\n)\n");
    }
}
