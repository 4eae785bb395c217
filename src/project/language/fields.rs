//! Children of a node by the names of their fields, which tree-sitter looks for among all of a grammar's each time.

use std::{
    cell::RefCell,
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use tree_sitter::{Language, Node};

/// The fields of one grammar that were asked for, by where their names stand in this program.
type Known = HashMap<(*const u8, usize), u16, BuildHasherDefault<Addresses>>;

thread_local! {
    static GRAMMARS: RefCell<Vec<(Language, Known)>> = const { RefCell::new(Vec::new()) };
}

/// What every node has.
pub(super) trait Fields: Sized {
    /// The child in a field; `name` is the grammar's.
    fn field(&self, name: &'static str) -> Option<Self>;
}

impl Fields for Node<'_> {
    fn field(&self, name: &'static str) -> Option<Self> {
        let id = GRAMMARS.with_borrow_mut(|grammars| {
            let language = self.language();
            let index = grammars.iter().position(|(grammar, _)| *grammar == *language).unwrap_or_else(|| {
                grammars.push((language.clone(), Known::default()));
                grammars.len() - 1
            });
            let known = grammars[index].1.entry((name.as_ptr(), name.len()));
            *known.or_insert_with(|| language.field_id_for_name(name).map_or(0, std::num::NonZero::get))
        });
        // No field has the number zero.
        if id == 0 { None } else { self.child_by_field_id(id) }
    }
}

/// Addresses differ in their lower bits; nobody outside chooses them.
#[derive(Default)]
struct Addresses(u64);

impl Hasher for Addresses {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_usize(usize::from(*byte)));
    }

    fn write_usize(&mut self, value: usize) {
        self.0 = (self.0.rotate_left(5) ^ value as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}
