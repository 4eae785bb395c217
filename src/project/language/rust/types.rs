//! Types.

use tree_sitter::Node;

use super::{Lowering, parts};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::Type;

impl Lowering<'_> {
    /// A type as written; references, `dyn` and `impl` are looked through for its name.
    pub(super) fn type_of(&mut self, node: Node<'_>) -> Type {
        let text = self.source(node).to_owned();
        let (name, arguments) = self.deeper(|l| l.shape(node)).unwrap_or_default();
        Type { text, name, arguments, span: self.span(node) }
    }

    fn shape(&mut self, node: Node<'_>) -> (String, Vec<Type>) {
        let through = |l: &mut Self, field: &'static str| {
            let inner = node.field(field).map(|inner| l.type_of(inner)).unwrap_or_default();
            (inner.name, inner.arguments)
        };
        match node.kind() {
            "reference_type" | "pointer_type" => through(self, "type"),
            "dynamic_type" | "abstract_type" => through(self, "trait"),
            "bounded_type" | "removed_trait_bound" => {
                let inner = parts(node).first().map(|inner| self.type_of(*inner)).unwrap_or_default();
                (inner.name, inner.arguments)
            }
            "generic_type" => {
                let name = node.field("type").map_or("", |name| self.source(name));
                let arguments = node.field("type_arguments").map(|a| self.types(a)).unwrap_or_default();
                (name.split_whitespace().collect(), arguments)
            }
            "tuple_type" | "array_type" => (String::new(), self.types(node)),
            "function_type" | "unit_type" | "never_type" => Default::default(),
            _ => (self.source(node).split_whitespace().collect(), Vec::new()),
        }
    }

    /// The types among the children.
    pub(super) fn types(&mut self, node: Node<'_>) -> Vec<Type> {
        let types = parts(node).into_iter().filter(|part| {
            part.kind().ends_with("type") || matches!(part.kind(), "type_identifier" | "scoped_type_identifier")
        });
        types.map(|part| self.type_of(part)).collect()
    }
}
