//! Embeds what the command carries: templates and the sources of the runtime crates.

fn main() {
    println!("cargo::rerun-if-changed=templates");
}
