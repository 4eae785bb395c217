//! Schemas as lists of parameters: zod shapes, JSON Schema as a record, classes and structs, parameters of functions.

use super::{FieldType, Input, InputField, Said, Shape, types};
use crate::project::{
    program::{At, Program},
    syntax::{Entry, Expression, Field, Kind, Pattern, Record, Type},
};

/// Nesting of schemas that is followed.
const MAX_NESTING: usize = 6;

/// Keys of JSON Schema whose content may or may not apply.
const UNCERTAIN: &[&str] = &["oneOf", "anyOf", "allOf", "not", "items", "prefixItems", "if", "then", "else", "$defs"];

/// Adds what a shape says.
pub(in super::super) fn read<'a>(program: &Program<'a>, shape: &Shape<'a>, input: &mut Input) {
    let mut reader = Reader { program, input, uncertain: false };
    match shape {
        Shape::Written(at, expression) => reader.schema(*at, expression, MAX_NESTING),
        Shape::Class(file, class) => reader.class(*file, *class, MAX_NESTING),
        Shape::Parameters(at) => reader.parameters(*at),
        Shape::Read(read) => {
            reader.input.fields.extend(read.fields.clone());
            reader.input.remote.extend(read.remote.clone());
            reader.input.complete &= read.complete;
        }
        Shape::Unknown => reader.input.complete = false,
    }
}

struct Reader<'r, 'a> {
    program: &'r Program<'a>,
    input: &'r mut Input,
    uncertain: bool,
}

impl<'a> Reader<'_, 'a> {
    fn schema(&mut self, at: At, expression: &'a Expression, steps: usize) {
        let Some(steps) = steps.checked_sub(1) else { return };
        let (at, value) = self.settle(at, expression);
        match &value.kind {
            Kind::Record(record) if is_json_schema(record) => self.json(at, record, steps),
            Kind::Record(record) => self.shape(at, record, steps),
            Kind::Call(call) => {
                let Kind::Member(object, method) = &call.function.kind else {
                    return self.by_class(at, value, steps);
                };
                match method.value.as_str() {
                    "object" | "strictObject" | "looseObject" => {
                        if let Some(shape) = call.positional(0) {
                            self.schema(at, shape, steps);
                        }
                    }
                    "extend" | "merge" | "and" | "safeExtend" => {
                        self.schema(at, object, steps);
                        call.positional(0).into_iter().for_each(|more| self.schema(at, more, steps));
                    }
                    "strict" | "passthrough" | "describe" | "refine" | "superRefine" | "optional" | "default"
                    | "partial" | "transform" | "strip" | "catchall" | "meta" | "nullable" | "loose" => {
                        self.schema(at, object, steps);
                    }
                    "model_json_schema" | "schema" | "shape" => self.schema(at, object, steps),
                    _ => self.by_class(at, value, steps),
                }
            }
            Kind::Member(object, name) if matches!(name.value.as_str(), "shape" | "model_json_schema") => {
                self.schema(at, object, steps);
            }
            Kind::Name(_) | Kind::Member(..) => match self.program.thing(at, value) {
                Some(crate::project::program::Thing::Class(file, class)) => self.class(file, class, steps),
                _ => self.input.complete = false,
            },
            Kind::Null => {}
            _ => self.input.complete = false,
        }
    }

    /// What a name stands for, a call of a library included.
    fn settle(&self, at: At, expression: &'a Expression) -> (At, &'a Expression) {
        let (owner, value) = self.program.value(at, expression);
        match value.kind {
            Kind::Name(_) | Kind::Member(..) => self.program.origin(owner, value),
            _ => (owner, value),
        }
    }

    /// `zodToJsonSchema(X)`, `schema_for_type::<T>()`, `z.toJSONSchema(X)`: what is handed over or named as a type.
    fn by_class(&mut self, at: At, value: &'a Expression, steps: usize) {
        let Some(call) = value.call() else { return };
        let typed = call.types.iter().find_map(|inner| self.program.class_of(at, inner));
        let word = super::typescript::written(call).to_lowercase();
        match (typed, call.positional(0)) {
            (Some((file, class)), _) => self.class(file, class, steps),
            (None, Some(inner)) if word.contains("schema") || word == "parse" => self.schema(at, inner, steps),
            _ => self.input.complete = false,
        }
    }

    /// `{ type: "object", properties: {..} }` in any language.
    fn json(&mut self, at: At, record: &'a Record, steps: usize) {
        self.references(at, record);
        let properties = ["properties", "Properties"].iter().find_map(|key| record.get(key));
        if let Some(properties) = properties {
            let (at, value) = self.program.value(at, properties);
            match value.record() {
                Some(properties) => {
                    for entry in &properties.entries {
                        self.property(at, entry, steps);
                    }
                }
                None => self.input.complete = false,
            }
        }
        let outer = self.uncertain;
        self.uncertain = true;
        for inner in UNCERTAIN.iter().filter_map(|key| record.get(key)) {
            let (at, value) = self.program.value(at, inner);
            match &value.kind {
                Kind::List(items) => items.iter().for_each(|item| self.schema(at, item, steps)),
                Kind::Record(inner) if is_json_schema(inner) => self.json(at, inner, steps),
                _ => {}
            }
        }
        self.uncertain = outer;
    }

    fn property(&mut self, at: At, entry: &'a Entry, steps: usize) {
        match entry {
            Entry::Field(key, value) => {
                let (owner, inner) = self.settle(at, value);
                let Some(record) = inner.record() else {
                    self.field(at, key, FieldType::Unknown);
                    return;
                };
                let get = |names: [&str; 2]| names.iter().find_map(|name| record.get(name));
                let word = get(["type", "Type"]).and_then(|word| self.program.text(owner, word)).unwrap_or_default();
                let listed = get(["enum", "Enum"]).is_some() || record.get("const").is_some();
                let kind = if listed { FieldType::Choice } else { types::of_word(&word) };
                let description = get(["description", "Description"]).and_then(|text| self.said(owner, text));
                let header = record
                    .get("x-mcp-header")
                    .and_then(|text| self.said(owner, text))
                    .or_else(|| header(self.program, owner, inner));
                let secret = get(["format", "Format"]).and_then(|word| self.program.text(owner, word));
                let field = self.field(at, key, kind);
                (field.description, field.header) = (description, header);
                field.secret_format = secret.as_deref() == Some("password");
                self.json(owner, record, steps.saturating_sub(1).min(steps));
            }
            Entry::Spread(inner) => match self.program.value(at, inner) {
                (at, Expression { kind: Kind::Record(record), .. }) => {
                    record.entries.iter().for_each(|entry| self.property(at, entry, steps.saturating_sub(1)));
                }
                _ => self.input.complete = false,
            },
            Entry::Computed(..) => self.input.complete = false,
        }
    }

    /// `{ city: z.string().describe("..") }`
    fn shape(&mut self, at: At, record: &'a Record, steps: usize) {
        for entry in &record.entries {
            match entry {
                Entry::Field(key, value) => self.validator(at, key, value, steps),
                Entry::Spread(inner) => self.schema(at, inner, steps),
                Entry::Computed(..) => self.input.complete = false,
            }
        }
    }

    fn validator(&mut self, at: At, key: &'a crate::project::syntax::Text, value: &'a Expression, steps: usize) {
        let (owner, value) = self.settle(at, value);
        let mut kind = FieldType::Unknown;
        let mut description = None;
        let mut inner = None;
        let mut next = Some(value);
        // From the last method of the chain to its beginning; the beginning says what it is.
        while let Some(call) = next.and_then(Expression::call) {
            let Kind::Member(object, method) = &call.function.kind else { break };
            match method.value.as_str() {
                "describe" => description = description.or(call.positional(0)),
                "meta" | "openapi" => {
                    let meta = call.positional(0).and_then(Expression::record);
                    description = description.or_else(|| meta.and_then(|meta| meta.get("description")));
                }
                "object" | "strictObject" | "looseObject" => inner = call.positional(0),
                _ => {}
            }
            let word = types::of_word(&method.value);
            let is_root = object.call().is_none();
            if word != FieldType::Unknown && (is_root || method.value == "int") && kind != FieldType::Integer {
                kind = word;
            }
            next = Some(object);
        }
        let description = description.and_then(|text| self.said(owner, text));
        let header = header(self.program, owner, value);
        let field = self.field(at, key, kind);
        (field.description, field.header) = (description, header);
        if let Some(inner) = inner {
            self.schema(owner, inner, steps);
        }
    }

    fn class(&mut self, file: usize, class: usize, steps: usize) {
        let Some(steps) = steps.checked_sub(1) else { return };
        let definition = &self.program.units()[file].module.classes[class];
        let at = At { file, function: 0 };
        for base in &definition.bases {
            if let Some((file, class)) = self.program.class_of(at, base) {
                self.class(file, class, steps);
            }
        }
        for field in &definition.fields {
            self.class_field(at, field);
        }
    }

    fn class_field(&mut self, at: At, field: &'a Field) {
        let Some(name) = public_name(field) else { return };
        let default = field.value.as_ref();
        let given = default.and_then(|value| self.described(at, value)).or_else(|| self.attribute(at, field));
        let documented = field.documentation.as_ref();
        let documented =
            || documented.map(|text| Said { text: text.value.clone(), place: self.program.place(at.file, text.span) });
        let description = given.or_else(documented);
        let kind = field.annotation.as_ref().map_or(FieldType::Unknown, |a| types::of_annotation(self.program, at, a));
        let secret = field.annotation.as_ref().is_some_and(|annotation| annotation.text.contains("SecretStr"));
        let parts = field.attributes.iter().chain(default);
        let header = parts.into_iter().find_map(|part| header(self.program, at, part));
        self.input.fields.push(InputField {
            name,
            place: self.program.place(at.file, field.span),
            description,
            kind,
            header,
            uncertain: self.uncertain,
            secret_format: secret,
            decides: false,
        });
    }

    /// `#[schemars(description = "..")]`, `jsonschema:".."`
    fn attribute(&self, at: At, field: &'a Field) -> Option<Said> {
        field.attributes.iter().find_map(|attribute| match &attribute.kind {
            Kind::Call(call) => self.said(at, call.keyword("description")?),
            Kind::Text(tag) => {
                let text = tag_value(tag, "jsonschema_description").or_else(|| tag_value(tag, "jsonschema"))?;
                let text = text.split("description=").last().unwrap_or(&text).to_owned();
                Some(Said { text, place: self.program.place(at.file, attribute.span) })
            }
            _ => None,
        })
    }

    fn parameters(&mut self, at: At) {
        let function = self.program.function_at(at);
        for (position, parameter) in function.parameters.iter().enumerate() {
            let Pattern::Name(name, span) = &parameter.pattern else { continue };
            let receiver = position == 0 && function.class.is_some();
            let typed = parameter.annotation.as_ref();
            let given = typed.is_some_and(|annotation| annotation.name.ends_with("Context"));
            let depends = parameter.default.as_ref().and_then(Expression::call).is_some_and(|call| {
                matches!(call.function.name(), Some("Depends" | "CurrentContext" | "Header" | "CurrentHeaders"))
            });
            if receiver || given || depends || matches!(name.as_str(), "self" | "cls" | "ctx" | "context") {
                continue;
            }
            let default = parameter.default.as_ref();
            let annotated = typed.and_then(annotated);
            let said = default.and_then(|value| self.described(at, value));
            let place = self.program.place(at.file, *span);
            let description = said.or_else(|| annotated.map(|text| Said { text, place: place.clone() }));
            self.input.fields.push(InputField {
                name: name.clone(),
                place,
                description,
                kind: typed.map_or(FieldType::Unknown, |a| types::of_annotation(self.program, at, a)),
                header: default.and_then(|value| header(self.program, at, value)),
                uncertain: false,
                secret_format: typed.is_some_and(|annotation| annotation.text.contains("SecretStr")),
                decides: false,
            });
        }
    }

    /// `Field(description="..")`
    fn described(&self, at: At, value: &'a Expression) -> Option<Said> {
        let call = value.call()?;
        self.said(at, call.keyword("description")?)
    }

    fn said(&self, at: At, text: &'a Expression) -> Option<Said> {
        Some(Said { text: self.program.text(at, text)?, place: self.program.place(at.file, text.span) })
    }

    fn field(&mut self, at: At, key: &crate::project::syntax::Text, kind: FieldType) -> &mut InputField {
        let place = self.program.place(at.file, key.span);
        self.input.fields.push(InputField {
            name: key.value.clone(),
            place,
            description: None,
            kind,
            header: None,
            uncertain: self.uncertain,
            secret_format: false,
            decides: false,
        });
        self.input.fields.last_mut().expect("a field was pushed just now")
    }

    /// `$ref` with an address.
    fn references(&mut self, at: At, record: &'a Record) {
        for key in ["$ref", "$dynamicRef", "Ref"] {
            let said = record.get(key).and_then(|value| self.said(at, value));
            let remote = said.filter(|said| said.text.starts_with("http://") || said.text.starts_with("https://"));
            self.input.remote.extend(remote);
        }
    }
}

/// A record that is a schema, not a shape of named validators.
fn is_json_schema(record: &Record) -> bool {
    let text = |key: &str| record.get(key).is_some_and(|value| !matches!(value.kind, Kind::Call(_) | Kind::Record(_)));
    let nested = ["properties", "Properties", "$ref", "oneOf", "anyOf", "allOf", "$schema", "additionalProperties"];
    text("type") || text("Type") || nested.iter().any(|key| record.get(key).is_some())
}

/// `x-mcp-header`, wherever a field's definition carries it: `.meta({..})`, `json_schema_extra={..}`, `extend(..)`.
fn header<'a>(program: &Program<'a>, at: At, value: &'a Expression) -> Option<Said> {
    let mut found = None;
    value.walk(&mut |part| {
        let given = match &part.kind {
            Kind::Record(record) => record.get("x-mcp-header"),
            Kind::Assign(key, given) if key.text() == Some("x-mcp-header") => Some(&**given),
            _ => None,
        };
        if let Some(given) = given
            && let Some(text) = program.text(at, given)
        {
            found = Some(Said { text, place: program.place(at.file, given.span) });
        }
    });
    found
}

/// The name under which a field is sent: Go's tags, Rust's `rename`; nothing for fields that are not.
fn public_name(field: &Field) -> Option<String> {
    for attribute in &field.attributes {
        match &attribute.kind {
            Kind::Text(tag) => {
                let name = tag_value(tag, "json").unwrap_or_default();
                let name = name.split(',').next().unwrap_or_default().to_owned();
                return match name.as_str() {
                    "-" => None,
                    "" => Some(field.name.clone()),
                    _ => Some(name),
                };
            }
            Kind::Call(call) => {
                if let Some(name) = call.keyword("rename").and_then(Expression::text) {
                    return Some(name.to_owned());
                }
            }
            _ => {}
        }
    }
    let hidden = field.name.starts_with('_') || matches!(field.name.as_str(), "model_config" | "Config");
    (!hidden).then(|| field.name.clone())
}

/// The value of one key of a Go tag: `json:"a" jsonschema:"b"`.
fn tag_value(tag: &str, key: &str) -> Option<String> {
    let start = tag.find(&format!("{key}:\""))? + key.len() + 2;
    let rest = tag.get(start..)?;
    rest.find('"').map(|end| rest[..end].to_owned())
}

/// The text in `Annotated[str, "what it is"]` and `Annotated[str, Field(description="what it is")]`.
fn annotated(annotation: &Type) -> Option<String> {
    if !annotation.text.starts_with("Annotated[") {
        return None;
    }
    let after = match annotation.text.find("description=") {
        Some(start) => &annotation.text[start + "description=".len()..],
        None => annotation.text.split_once(',')?.1,
    };
    let after = after.trim_start();
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let rest = &after[1..];
    rest.find(quote).map(|end| rest[..end].to_owned())
}
