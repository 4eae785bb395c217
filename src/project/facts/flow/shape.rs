//! What library calls make of paths and URLs, in tables of canonical paths.

use super::mask::{Form, Mask};
use crate::project::{
    Language,
    facts::Sink,
    program::{At, Program},
    syntax::{Call, Expression, Kind},
};

/// What a call makes of its input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape<'a> {
    /// What it is made of; other parts are not of interest, or joined to it.
    pub(super) input: &'a Expression,
    pub(super) made: Made,
}

/// What is made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Made {
    /// The same, as another type or in another case.
    Same,
    /// The same file in another form.
    File(Form),
    /// Parts joined to a path in this form; whether a later part can replace the earlier ones.
    Joined(Form, bool),
    /// The folder of a path.
    Folder,
    /// The path relative to a folder.
    Relative,
    /// The same URL, parsed.
    Parsed,
    /// The host of a URL.
    Host,
    /// The scheme of a URL.
    Scheme,
    /// Something harmless for these sinks.
    Clean(Mask),
}

/// Percent-encoded: one part of a URL, one name of a file.
const ENCODED: Mask = Mask::FILE.with(Mask::ADDRESS).with(Mask::of(Sink::Url));
const NORMAL: Form = Form::NORMAL;
/// As it was written.
const RAW: Form = Form::NORMAL.without(Form::NORMAL);
const REAL: Form = Form::NORMAL.with(Form::REAL);

/// Functions by canonical path, and the position of what they work on.
const FUNCTIONS: &[(&str, usize, Made)] = &[
    ("path.resolve", 0, Made::Joined(NORMAL, true)),
    ("path.normalize", 0, Made::File(NORMAL)),
    ("path.join", 0, Made::Joined(NORMAL, false)),
    ("path.dirname", 0, Made::Folder),
    ("path.relative", 1, Made::Relative),
    ("path.basename", 0, Made::Clean(Mask::FILE)),
    ("path.extname", 0, Made::Clean(Mask::FILE)),
    ("fs.realpath", 0, Made::File(REAL)),
    ("fs.realpathSync", 0, Made::File(REAL)),
    ("fs.realpathSync.native", 0, Made::File(REAL)),
    ("fs.promises.realpath", 0, Made::File(REAL)),
    ("fs/promises.realpath", 0, Made::File(REAL)),
    ("fs-extra.realpath", 0, Made::File(REAL)),
    ("fs-extra.realpathSync", 0, Made::File(REAL)),
    ("sanitize-filename", 0, Made::Clean(Mask::FILE)),
    ("slugify", 0, Made::Clean(Mask::FILE.with(Mask::SHELL).with(Mask::ARGUMENT))),
    ("encodeURIComponent", 0, Made::Clean(ENCODED)),
    ("url.fileURLToPath", 0, Made::Same),
    ("fileURLToPath", 0, Made::Same),
    ("os.path.abspath", 0, Made::File(NORMAL)),
    ("os.path.normpath", 0, Made::File(NORMAL)),
    ("os.path.normcase", 0, Made::Same),
    ("os.path.expanduser", 0, Made::Same),
    ("os.path.realpath", 0, Made::File(REAL)),
    ("os.path.join", 0, Made::Joined(RAW, true)),
    ("os.path.dirname", 0, Made::Folder),
    ("os.path.basename", 0, Made::Clean(Mask::FILE)),
    ("os.path.relpath", 0, Made::Relative),
    ("os.fspath", 0, Made::Same),
    ("pathlib.Path", 0, Made::Same),
    ("pathlib.PurePath", 0, Made::Same),
    ("anyio.Path", 0, Made::Same),
    ("werkzeug.utils.secure_filename", 0, Made::Clean(Mask::FILE)),
    ("werkzeug.secure_filename", 0, Made::Clean(Mask::FILE)),
    ("werkzeug.utils.safe_join", 1, Made::Clean(Mask::FILE)),
    ("werkzeug.security.safe_join", 1, Made::Clean(Mask::FILE)),
    ("flask.safe_join", 1, Made::Clean(Mask::FILE)),
    ("pathvalidate.sanitize_filename", 0, Made::Clean(Mask::FILE)),
    ("urllib.parse.urlencode", 0, Made::Clean(ENCODED)),
    ("urllib.parse.quote_plus", 0, Made::Clean(ENCODED)),
    ("querystring.stringify", 0, Made::Clean(ENCODED)),
    ("qs.stringify", 0, Made::Clean(ENCODED)),
    ("URLSearchParams", 0, Made::Clean(ENCODED)),
    ("url.URLSearchParams", 0, Made::Clean(ENCODED)),
    ("path/filepath.Clean", 0, Made::File(NORMAL)),
    ("path/filepath.Abs", 0, Made::File(NORMAL)),
    ("path/filepath.FromSlash", 0, Made::Same),
    ("path/filepath.ToSlash", 0, Made::Same),
    ("path/filepath.Join", 0, Made::Joined(NORMAL, false)),
    ("path/filepath.EvalSymlinks", 0, Made::File(REAL)),
    ("path/filepath.Dir", 0, Made::Folder),
    ("path/filepath.Base", 0, Made::Clean(Mask::FILE)),
    ("path/filepath.Rel", 1, Made::Relative),
    ("path/filepath.Localize", 0, Made::Clean(Mask::PATH)),
    ("path.Clean", 0, Made::File(NORMAL)),
    ("path.Join", 0, Made::Joined(NORMAL, false)),
    ("path.Base", 0, Made::Clean(Mask::FILE)),
    ("path.Dir", 0, Made::Folder),
    ("github.com/cyphar/filepath-securejoin.SecureJoin", 1, Made::Clean(Mask::FILE)),
    ("net/url.PathEscape", 0, Made::Clean(ENCODED)),
    ("net/url.QueryEscape", 0, Made::Clean(ENCODED)),
    ("net/url.Parse", 0, Made::Parsed),
    ("net/url.ParseRequestURI", 0, Made::Parsed),
    ("std.fs.canonicalize", 0, Made::File(REAL)),
    ("tokio.fs.canonicalize", 0, Made::File(REAL)),
    ("dunce.canonicalize", 0, Made::File(REAL)),
    ("soft_canonicalize.soft_canonicalize", 0, Made::File(REAL)),
    ("path_clean.clean", 0, Made::File(NORMAL)),
    ("std.path.PathBuf.from", 0, Made::Same),
    ("std.path.Path.new", 0, Made::Same),
    ("urlencoding.encode", 0, Made::Clean(ENCODED)),
    ("percent_encoding.utf8_percent_encode", 0, Made::Clean(ENCODED)),
    ("safe_join", 1, Made::Clean(Mask::FILE)),
    ("URL", 0, Made::Parsed),
    ("url.URL", 0, Made::Parsed),
    ("url.parse", 0, Made::Parsed),
    ("url.Url.parse", 0, Made::Parsed),
    ("reqwest.Url.parse", 0, Made::Parsed),
    ("urllib.parse.urlparse", 0, Made::Parsed),
    ("urllib.parse.urlsplit", 0, Made::Parsed),
    ("yarl.URL", 0, Made::Parsed),
    ("httpx.URL", 0, Made::Parsed),
    ("String", 0, Made::Same),
    ("str", 0, Made::Same),
];

/// Methods, by language where the word means something else elsewhere; what they are called on is the input.
const METHODS: &[(&str, Option<Language>, Made)] = &[
    ("toLowerCase", None, Made::Same),
    ("toUpperCase", None, Made::Same),
    ("toString", None, Made::Same),
    ("lower", None, Made::Same),
    ("casefold", None, Made::Same),
    ("to_lowercase", None, Made::Same),
    ("trim", None, Made::Same),
    ("strip", None, Made::Same),
    ("to_string", None, Made::Same),
    ("to_owned", None, Made::Same),
    ("to_path_buf", None, Made::Same),
    ("to_string_lossy", None, Made::Same),
    ("to_str", None, Made::Same),
    ("as_str", None, Made::Same),
    ("as_path", None, Made::Same),
    ("as_ref", None, Made::Same),
    ("as_posix", None, Made::Same),
    ("expanduser", Some(Language::Python), Made::Same),
    ("clone", None, Made::Same),
    ("unwrap", None, Made::Same),
    ("into_owned", None, Made::Same),
    ("map_err", Some(Language::Rust), Made::Same),
    ("ok_or", Some(Language::Rust), Made::Same),
    ("ok_or_else", Some(Language::Rust), Made::Same),
    ("context", Some(Language::Rust), Made::Same),
    ("with_context", Some(Language::Rust), Made::Same),
    ("wrap_err", Some(Language::Rust), Made::Same),
    ("expect", Some(Language::Rust), Made::Same),
    ("unwrap_or", Some(Language::Rust), Made::Same),
    ("unwrap_or_default", Some(Language::Rust), Made::Same),
    ("unwrap_or_else", Some(Language::Rust), Made::Same),
    ("String", Some(Language::Go), Made::Same),
    ("resolve", Some(Language::Python), Made::File(REAL)),
    ("canonicalize", Some(Language::Rust), Made::File(REAL)),
    ("canonicalize_utf8", Some(Language::Rust), Made::File(REAL)),
    ("absolutize", Some(Language::Rust), Made::File(NORMAL)),
    ("clean", Some(Language::Rust), Made::File(NORMAL)),
    ("normalize", Some(Language::Rust), Made::File(NORMAL)),
    ("joinpath", Some(Language::Python), Made::Joined(RAW, true)),
    ("join", Some(Language::Rust), Made::Joined(RAW, true)),
    ("parent", Some(Language::Rust), Made::Folder),
    ("file_name", Some(Language::Rust), Made::Clean(Mask::FILE)),
    ("file_stem", Some(Language::Rust), Made::Clean(Mask::FILE)),
    ("enclosed_name", Some(Language::Rust), Made::Clean(Mask::FILE)),
    ("mangled_name", Some(Language::Rust), Made::Clean(Mask::FILE)),
    ("sanitized_name", Some(Language::Rust), Made::Clean(Mask::FILE)),
    ("hostname", None, Made::Host),
    ("Hostname", None, Made::Host),
    ("host_str", None, Made::Host),
    ("host", None, Made::Host),
    ("domain", None, Made::Host),
    ("scheme", None, Made::Scheme),
];

/// The program's text of the canonical path, without the names that module systems put between.
pub(super) fn canonical(symbol: &str) -> String {
    symbol.replace(".default", "").replace(".posix.", ".").replace(".win32.", ".")
}

/// What a call makes of a path or URL.
pub(super) fn of_call<'a>(program: &Program<'a>, at: At, call: &'a Call) -> Option<Shape<'a>> {
    let symbol = program.symbol(at, &call.function).map(|symbol| canonical(&symbol)).unwrap_or_default();
    if let Some((_, position, made)) = FUNCTIONS.iter().find(|(path, ..)| *path == symbol) {
        let input = call.positional(*position).or_else(|| call.positional(0))?;
        // One part is no join: what is resolved is the part itself.
        let single = call.arguments.len() == 1 && !matches!(input.kind, Kind::Spread(_));
        let made = match made {
            Made::Joined(form, _) if single => Made::File(*form),
            Made::Same | Made::Parsed if symbol.ends_with("Path") && !single => Made::Joined(Form::default(), true),
            made => *made,
        };
        return Some(Shape { input, made });
    }
    if symbol == "urllib.parse.quote" {
        let safe = call.keyword("safe").or_else(|| call.positional(1)).and_then(|safe| program.text(at, safe));
        let whole = safe.as_deref() == Some("");
        return Some(Shape { input: call.positional(0)?, made: Made::Clean(if whole { ENCODED } else { Mask::NONE }) });
    }
    let Kind::Member(object, method) = &call.function.kind else { return None };
    let language = program.unit(at).language;
    let fits = |of: &Option<Language>| of.is_none_or(|of| of == language);
    let (.., made) = METHODS.iter().find(|(word, of, _)| *word == method.value && fits(of))?;
    let path = symbol.strip_suffix(&format!(".{}", method.value));
    let is_module = path.is_some_and(|path| matches!(path, "path" | "os.path" | "path/filepath"));
    // Rust's `join` of a list puts texts together.
    let texts = method.value == "join" && call.positional(0).and_then(Expression::text).is_some_and(|t| t.len() < 3);
    let takes = matches!(made, Made::Same | Made::Joined(..));
    (!is_module && !texts && (takes || call.arguments.iter().all(|argument| argument.name.is_some())))
        .then_some(Shape { input: object, made: *made })
}

/// What a member is of a path or URL.
pub(super) fn of_member(name: &str) -> Option<Made> {
    Some(match name {
        "hostname" | "host" | "netloc" | "origin" | "Host" => Made::Host,
        "protocol" | "scheme" | "Scheme" => Made::Scheme,
        "href" => Made::Same,
        _ => return None,
    })
}
