//! What every adapter has to survive, for their tests: sources cut anywhere, garbage, and nesting without end.

use crate::project::syntax::Module;

type Lower = fn(&str) -> Module;

/// A worker's stack, which is smaller than that of a main thread.
const STACK: usize = 2 << 20;

/// Lowers both parts of a text that is cut, at every place where it can be.
pub(super) fn cut_anywhere(lower: Lower, sample: &str) {
    for cut in (0..=sample.len()).filter(|&cut| sample.is_char_boundary(cut)) {
        lower(&sample[..cut]);
        lower(&sample[cut..]);
    }
}

/// Lowers texts of random signs, the same in every run.
pub(super) fn garbage(lower: Lower, signs: &str) {
    let alphabet: Vec<char> = signs.chars().chain("()[]{}:,.'\"\\\n\t é\u{0}\u{202e}".chars()).collect();
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    for _ in 0..200 {
        let sign = |_| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            alphabet[usize::try_from(seed % 64).expect("a small number") % alphabet.len()]
        };
        lower(&(0..200).map(sign).collect::<String>());
    }
}

/// Nests each pair of brackets around `core` and has the result put into a program by `frame`: neither may the stack
/// overflow nor the depth go unsaid.
pub(super) fn nested(lower: Lower, pairs: &[(&str, &str)], times: usize, frame: impl Fn(&str) -> String) {
    for (open, close) in pairs {
        let source = frame(&format!("{}1{}", open.repeat(times), close.repeat(times)));
        let module = on_a_small_stack(move || lower(&source));
        assert!(module.too_deep || !module.errors.is_empty(), "{open}");
    }
}

/// Runs something where an overflow would show.
pub(super) fn on_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let worker = std::thread::Builder::new().stack_size(STACK).spawn(work);
    worker.expect("a thread").join().expect("no overflow and no panic")
}
