//! One argument or entry less.

use super::Source;
use crate::{
    finding::{Edit, Place},
    project::syntax::{Call, Entry, Import, Record, Span},
};

impl Source<'_> {
    /// Takes away the argument or the entry that stands at a place: its value, its key, or both.
    pub(crate) fn without(&self, place: &Place) -> Option<Vec<Edit>> {
        let wanted = Span::new(place.start, place.end);
        let mut found = None;
        self.module.expressions(&mut |_, expression| {
            let items = match (expression.call(), expression.record()) {
                (Some(call), _) => arguments(self, call),
                (_, Some(record)) => entries(record),
                _ => return,
            };
            let index = items.iter().position(|&(key, value)| {
                let both = key.map(|key| Span::new(key.start, value.end));
                [key, both, Some(value)].contains(&Some(wanted))
            });
            if let Some(index) = index.filter(|_| found.is_none()) {
                found = Some((expression.span, items, index));
            }
        });
        let (whole, items, index) = found?;
        let start = |&(key, value): &(Option<Span>, Span)| key.map_or(value.start, |key| key.start.min(value.start));
        let from = start(&items[index]);
        let span = match (items.get(index + 1), index.checked_sub(1).map(|before| &items[before])) {
            (Some(next), _) => Span::new(from, start(next)),
            (None, Some((_, before))) => {
                let end = self.significant(items[index].1.end, whole.end - 1)?;
                // A comma behind the last item stays: that before it goes.
                let end = end - usize::from(self.text.as_bytes().get(end - 1) == Some(&b','));
                let before = self.text.get(before.end..from)?;
                let comma = before.find(',')?;
                Span::new(from - before.len() + comma, end)
            }
            (None, None) => {
                let end = self.significant(items[index].1.end, whole.end - 1)?;
                let before = self.text.get(..from)?.trim_end();
                before.ends_with(['(', '{']).then_some(())?;
                let after = self.text.get(end..whole.end - 1)?;
                Span::new(before.len(), end + after.len() - after.trim_start().len())
            }
        };
        let comment = self.module.comments.iter().any(|comment| comment.start < span.end && span.start < comment.end);
        (!comment && !self.is_explained(from, span.end)).then(|| vec![self.replace(span, "")])
    }

    /// Takes a method without arguments out of a chain of calls; `name` is its name.
    pub(super) fn without_call(&self, name: Span) -> Option<Vec<Edit>> {
        let before = self.text.get(..name.start)?.strip_suffix('.')?.trim_end();
        let end = name.end + self.text.get(name.end..)?.starts_with("()").then_some("()".len())?;
        let span = Span::new(before.len(), end);
        let comment = self.module.comments.iter().any(|comment| comment.end == span.start);
        (!comment && !self.is_explained(name.start - 1, end)).then(|| vec![self.replace(span, "")])
    }

    /// Whether something that has a line of its own has a comment in it, too: that would come to stand beside another.
    fn is_explained(&self, start: usize, end: usize) -> bool {
        let own = self.text.get(self.line_start(start)..start).is_none_or(|before| before.trim().is_empty());
        let line = super::line_end(self.text, end);
        own && self.module.comments.iter().any(|comment| (end..line).contains(&comment.start))
    }

    /// Whether an import is used by nothing but what stands at a place, as far as words tell.
    pub(super) fn is_last_use(&self, import: &Import, gone: Span) -> bool {
        let word = |at: usize| {
            let part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$';
            let (before, after) = (&self.text[..at], &self.text[at + import.local.len()..]);
            !before.ends_with(part) && !after.starts_with(part)
        };
        let uses = self.text.match_indices(import.local.as_str()).map(|(at, _)| at).filter(|&at| word(at));
        let imports =
            |at: usize| self.module.imports.iter().any(|import| (import.span.start..import.span.end).contains(&at));
        let mut inside = false;
        for at in uses.filter(|&at| !imports(at)) {
            if !(gone.start..gone.end).contains(&at) {
                return false;
            }
            inside = true;
        }
        inside
    }
}

fn arguments(source: &Source<'_>, call: &Call) -> Vec<(Option<Span>, Span)> {
    call.arguments.iter().map(|argument| (source.keyword_span(argument), argument.value.span)).collect()
}

fn entries(record: &Record) -> Vec<(Option<Span>, Span)> {
    let item = |entry: &Entry| match entry {
        Entry::Field(key, value) => (Some(key.span), Span::new(value.span.start, value.span.end.max(key.span.end))),
        Entry::Computed(key, value) => (Some(key.span), value.span),
        Entry::Spread(value) => (None, value.span),
    };
    record.entries.iter().map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    #[track_caller]
    fn check(path: &str, text: &str, expected: Option<&str>) {
        let text = format!("import mcp\n{text}");
        let start = text.find("gone").expect("something is to go");
        let project = Project::from_files([(path.to_owned(), text.clone())]);
        let source = Source::of(&project, &Place::top(path)).expect("it parses");
        let result = source.without(&Place::new(path, start, start + 4)).map(|edits| {
            let mut result = text.clone();
            edits.iter().for_each(|it| result.replace_range(it.place.start..it.place.end, &it.replacement));
            result["import mcp\n".len()..].to_owned()
        });
        assert_eq!(result.as_deref(), expected);
    }

    #[test]
    fn what_stands_around_an_item_closes_up() {
        check("a.py", "f(a, gone, b)\n", Some("f(a, b)\n"));
        check("a.py", "f(a, gone)\n", Some("f(a)\n"));
        check("a.py", "f(gone)\n", Some("f()\n"));
        check("a.py", "f(\n    x=gone,\n)\n", Some("f()\n"));
        check("a.py", "f(a, x=gone, )\n", Some("f(a, )\n"));
        check("a.py", "f(\n    a,\n    gone=1,\n    b,\n)\n", Some("f(\n    a,\n    b,\n)\n"));
        check("a.py", "f(\n    a,\n    x=gone,\n    b,\n)\n", Some("f(\n    a,\n    b,\n)\n"));
        check("a.py", "f(\n    a,\n    x=gone,\n)\n", Some("f(\n    a,\n)\n"));
        check("a.py", "f(a, # why\n  gone)\n", None);
        check("a.py", "f(\n    a,\n    gone, # why\n)\n", None);
        check("a.py", "f(a, gone) # why\n", Some("f(a) # why\n"));
        check("a.py", "f({'a': 1, 'b': gone})\n", Some("f({'a': 1})\n"));
    }
}
