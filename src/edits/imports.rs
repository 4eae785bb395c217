//! One more import, where people would put it.

use super::{Source, line_end};
use crate::{
    finding::Edit,
    project::syntax::{Import, Span},
};

impl Source<'_> {
    /// Makes Python's `name.` mean the module `name`, in the whole file.
    pub(crate) fn python_import(&self, name: &str) -> Option<Vec<Edit>> {
        let top = |import: &&Import| self.line_start(import.span.start) == import.span.start;
        let imports: Vec<&Import> = self.module.imports.iter().filter(top).collect();
        if let Some(bound) = self.module.imports.iter().find(|import| import.local == name) {
            let right = bound.module == name && bound.name.is_none() && top(&bound);
            return right.then(Vec::new);
        }
        if self.assigns(name) {
            return None;
        }
        let plain = |import: &&&Import| self.source(import.span) == format!("import {}", import.module);
        let before = imports.iter().filter(plain).take_while(|import| import.module.as_str() < name).last();
        if let Some(before) = before.filter(|import| self.is_alone(import.span)) {
            return Some(vec![self.insert(line_end(self.text, before.span.end), format!("import {name}\n"))]);
        }
        // An import that is the first statement; only this one has to be before all others.
        let first = imports.iter().find(|import| import.module != "__future__")?;
        let space = if self.source(first.span).starts_with("from ") { "\n" } else { "" };
        Some(vec![self.insert(first.span.start, format!("import {name}\n{space}"))])
    }

    /// Makes a package of Go's library usable, and says under which name.
    pub(crate) fn go_import(&self, package: &str) -> Option<(String, Vec<Edit>)> {
        let name = package.rsplit('/').next().unwrap_or(package);
        let usable = |import: &&Import| !matches!(import.local.as_str(), "" | "*");
        if let Some(import) = self.module.imports.iter().filter(usable).find(|import| import.module == package) {
            return Some((import.local.clone(), Vec::new()));
        }
        if self.module.imports.iter().any(|import| import.local == name) || self.assigns(name) {
            return None;
        }
        let first = self.module.imports.first()?;
        let line = |import: &Import| self.text.get(self.line_start(import.span.start)..import.span.start);
        if line(first)?.trim() == "import" {
            let (span, indented) = (first.span, self.source(first.span));
            let both = if first.module.as_str() < package {
                format!("(\n\t{indented}\n\t\"{package}\"\n)")
            } else {
                format!("(\n\t\"{package}\"\n\t{indented}\n)")
            };
            return Some((name.to_owned(), vec![self.replace(span, both)]));
        }
        // Within parentheses, a line each; the library's packages come first and in order.
        let library = |import: &&Import| !import.module.split('/').next().unwrap_or_default().contains('.');
        let own = |import: &&Import| line(import).is_some_and(|before| before.trim().is_empty());
        let known: Vec<&Import> = self.module.imports.iter().filter(library).filter(own).collect();
        let edit = match known.iter().take_while(|import| import.module.as_str() < package).last() {
            Some(before) if self.is_alone(before.span) => {
                let indentation = self.indentation(before.span.start);
                self.insert(line_end(self.text, before.span.end), format!("{indentation}\"{package}\"\n"))
            }
            Some(_) => return None,
            None => {
                let next = known.first().copied().or_else(|| Some(first).filter(own))?;
                let start = self.line_start(next.span.start);
                let space = if known.is_empty() { "\n" } else { "" };
                let indentation = self.indentation(next.span.start);
                self.insert(start, format!("{indentation}\"{package}\"\n{space}"))
            }
        };
        Some((name.to_owned(), vec![edit]))
    }

    /// Whether nothing but a comment stands behind a span in its line.
    fn is_alone(&self, span: Span) -> bool {
        let rest = self.text.get(span.end..line_end(self.text, span.end)).unwrap_or_default().trim();
        rest.is_empty() || rest.starts_with('#') || rest.starts_with("//")
    }

    /// Whether a name is given another meaning somewhere, as far as words tell.
    fn assigns(&self, name: &str) -> bool {
        let mut words = self.text.match_indices(name);
        words.any(|(at, _)| {
            let before = self.text[..at].chars().next_back();
            let whole =
                !before.is_some_and(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '"' | '\''));
            let after = self.text[at + name.len()..].trim_start_matches([' ', '\t']);
            let bound = after.starts_with('=') && !after.starts_with("==") || after.starts_with(":=");
            whole && (bound || after.starts_with(',') || after.starts_with(')') || after.starts_with(':'))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finding::Place, project::Project};

    #[track_caller]
    fn check(path: &str, text: &str, name: &str, expected: Option<&str>) {
        let project = Project::from_files([(path.to_owned(), text.to_owned())]);
        let source = Source::of(&project, &Place::top(path)).expect("it parses");
        let edits = match path {
            "a.go" => source.go_import(name).map(|(_, edits)| edits),
            _ => source.python_import(name),
        };
        let result = edits.map(|edits| {
            let mut result = text.to_owned();
            edits.iter().for_each(|it| result.replace_range(it.place.start..it.place.end, &it.replacement));
            result
        });
        assert_eq!(result.as_deref(), expected);
    }

    #[test]
    fn a_module_of_python_is_imported_once_and_in_order() {
        check("a.py", "import os\nimport mcp\n", "sys", Some("import os\nimport mcp\nimport sys\n"));
        check("a.py", "import sys\nimport mcp\n", "sys", Some("import sys\nimport mcp\n"));
        let future = "\"\"\"A.\"\"\"\nfrom __future__ import annotations\n\n";
        check(
            "a.py",
            &format!("{future}from mcp import x\n"),
            "sys",
            Some(&format!("{future}import sys\n\nfrom mcp import x\n")),
        );
        check("a.py", "import mcp\n\ndef f():\n    import sys\n", "sys", None);
        check("a.py", "import mcp\nfrom x import sys\n", "sys", None);
        check("a.py", "import mcp\ndef f(a, sys):\n    pass\n", "sys", None);
    }

    #[test]
    fn a_package_of_go_is_imported_once_and_in_order() {
        let go = |imports: &str| format!("package main\n\n{imports}\n\nfunc main() {{ mcp.A() }}\n");
        let both = go("import (\n\t\"fmt\"\n\t\"os\"\n)");
        check(
            "a.go",
            &go("import \"fmt\"\nimport \"x.y/mcp\""),
            "os",
            Some(&go("import (\n\t\"fmt\"\n\t\"os\"\n)\nimport \"x.y/mcp\"")),
        );
        check("a.go", &both, "os", Some(&both));
        check(
            "a.go",
            &go("import (\n\t\"fmt\"\n\n\t\"x.y/mcp\"\n)"),
            "os",
            Some(&go("import (\n\t\"fmt\"\n\t\"os\"\n\n\t\"x.y/mcp\"\n)")),
        );
        check("a.go", &go("import (\n\t\"x.y/mcp\"\n)"), "os", Some(&go("import (\n\t\"os\"\n\n\t\"x.y/mcp\"\n)")));
    }
}
