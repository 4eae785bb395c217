//! Code that is run, templates that are compiled, objects that are built from bytes.

use super::{Row, Takes};
use crate::project::{
    facts::Sink,
    program::{At, Program},
    syntax::{Call, Kind},
};

const FIRST: Takes = Takes::Argument(0, &["source", "code", "expression", "template"]);

pub(super) const ROWS: &[Row] = &[
    Row {
        sink: Sink::Code,
        takes: FIRST,
        calls: &[
            "eval",
            "vm.runInNewContext",
            "vm.runInContext",
            "vm.runInThisContext",
            "vm.Script",
            "vm.compileFunction",
            "vm2.VM().run",
            "vm2.NodeVM().run",
            "exec",
            "compile",
            "builtins.eval",
            "builtins.exec",
            "builtins.compile",
            "__import__",
            "importlib.import_module",
            "runpy.run_path",
            "code.InteractiveInterpreter().runsource",
            "numexpr.evaluate",
            "rhai.Engine.new().eval",
            "rhai.Engine.new().eval_expression",
            "rhai.Engine.new().run",
            "rhai.Engine().eval",
            "mlua.Lua.new().load",
            "mlua.Lua().load",
            "github.com/dop251/goja.New().RunString",
            "github.com/robertkrimen/otto.New().Run",
            "github.com/traefik/yaegi/interp.New().Eval",
        ],
    },
    Row { sink: Sink::Code, takes: Takes::Last, calls: &["Function"] },
    Row { sink: Sink::Code, takes: FIRST, calls: &["import", "require"] },
    Row {
        sink: Sink::Template,
        takes: FIRST,
        calls: &[
            "jinja2.Template",
            "jinja2.Environment().from_string",
            "flask.render_template_string",
            "mako.template.Template",
            "django.template.Template",
            "tornado.template.Template",
            "handlebars.compile",
            "ejs.render",
            "ejs.compile",
            "pug.render",
            "pug.compile",
            "nunjucks.renderString",
            "nunjucks.compile",
            "lodash.template",
            "mustache.render",
            "dot.template",
            "tera.Tera.one_off",
            "text/template.New().Parse",
            "html/template.New().Parse",
        ],
    },
    Row {
        sink: Sink::Template,
        takes: Takes::Argument(1, &[]),
        calls: &["tera.Tera.default().add_raw_template", "minijinja.Environment.new().render_str"],
    },
    Row {
        sink: Sink::Deserialize,
        takes: Takes::Argument(0, &["data", "s", "stream", "filename", "f"]),
        calls: &[
            "pickle.loads",
            "pickle.load",
            "cPickle.loads",
            "_pickle.loads",
            "dill.loads",
            "dill.load",
            "cloudpickle.loads",
            "joblib.load",
            "jsonpickle.decode",
            "marshal.loads",
            "torch.load",
            "yaml.load",
            "yaml.load_all",
            "yaml.unsafe_load",
            "yaml.unsafe_load_all",
            "ruamel.yaml.load",
            "pandas.read_pickle",
            "numpy.load",
            "node-serialize.unserialize",
            "js-yaml.load",
            "js-yaml.loadAll",
        ],
    },
];

/// Whether a call builds plain data only: a safe loader, weights alone, a version without code.
pub(super) fn is_safe_loader<'a>(program: &Program<'a>, at: At, call: &'a Call, symbol: &str) -> bool {
    let says = |keyword: &str, on: bool| {
        let value = call.keyword(keyword).map(|value| program.value(at, value).1);
        value.is_some_and(|value| matches!(value.kind, Kind::Boolean(is) if is == on))
    };
    match symbol {
        "yaml.load" | "yaml.load_all" | "ruamel.yaml.load" => {
            let loader = call.keyword("Loader").or_else(|| call.positional(1));
            loader.is_some_and(|loader| {
                let name = program.source(at.file, loader.span);
                ["Safe", "Base", "Full"].iter().any(|safe| name.contains(safe))
            })
        }
        // Since version 2.6 only weights are read unless one asks for more.
        "torch.load" => {
            says("weights_only", true) || (!says("weights_only", false) && at_least(program, at, ("torch", 2, 6)))
        }
        "numpy.load" => !says("allow_pickle", true),
        // Since version 4 the usual schema makes no functions.
        "js-yaml.load" | "js-yaml.loadAll" => at_least(program, at, ("js-yaml", 4, 0)),
        _ => false,
    }
}

/// Whether a package is at least this version; where none is known, it is today's.
fn at_least(program: &Program<'_>, at: At, (package, major, minor): (&str, u32, u32)) -> bool {
    let Some(version) = program.version(program.unit(at).path, package) else { return true };
    let mut parts = version.trim_start_matches(['^', '~', '=', '>', 'v', ' ']).split('.');
    let mut number = || parts.next().and_then(|part| part.parse::<u32>().ok()).unwrap_or_default();
    (number(), number()) >= (major, minor)
}
