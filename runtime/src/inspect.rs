//! Visits all strings of a value as serde would write it, and measures its JSON, without writing anything.

use std::{borrow::Cow, fmt, io};

use serde::{
    Serialize,
    ser::{self, Serializer},
};
use serde_json::Value;

use crate::clean::{Place, Rules, is_opaque};

/// What an inspection says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Found {
    /// Bytes of compact JSON. Too small where `too_big`: the inspection stopped.
    pub size: usize,
    /// More bytes than allowed.
    pub too_big: bool,
    /// There is something to take out.
    pub dirty: bool,
}

/// A serializer that keeps nothing.
pub(crate) struct Inspector<'a> {
    rules: &'a Rules,
    place: Place,
    most: usize,
    size: usize,
    dirty: bool,
    /// Name of the member whose value comes next, where the value depends on it.
    member: Option<Cow<'static, str>>,
}

impl<'a> Inspector<'a> {
    pub(crate) fn new(rules: &'a Rules, place: Place, most: usize) -> Self {
        Self { rules, place, most, size: 0, dirty: false, member: None }
    }

    /// Inspects one value.
    pub(crate) fn run(mut self, value: &impl Serialize) -> Found {
        // A value that cannot be serialised cannot be sent either; it counts as dirty so that nobody sends it unseen.
        let unreadable = value.serialize(&mut self).is_err();
        Found { size: self.size, too_big: self.most < self.size, dirty: self.dirty || unreadable }
    }

    fn add(&mut self, bytes: usize) -> Result<(), Stop> {
        self.size = self.size.saturating_add(bytes);
        if self.most < self.size { Err(Stop) } else { Ok(()) }
    }

    fn text(&mut self, text: &str) -> Result<(), Stop> {
        self.add(2 + text.len() + text.bytes().map(escape_cost).sum::<usize>())?;
        if !self.dirty && matches!(self.rules.clean_text(text), Cow::Owned(_)) {
            self.dirty = true;
        }
        Ok(())
    }

    /// The value of a named member.
    fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Stop> {
        let (place, dirty) = (self.place, self.dirty);
        self.place = place.of_member(name);
        if self.place == Place::Data && !self.dirty {
            self.member = Some(Cow::Owned(name.to_owned()));
        }
        let done = value.serialize(&mut *self);
        self.member = None;
        self.place = place;
        if is_opaque(name) {
            self.dirty = dirty;
        }
        done
    }

    /// Called by every value: whether its name alone forbids it.
    fn value(&mut self, text: Option<&str>) {
        if let Some(name) = self.member.take()
            && self.rules.forbids_member(&name, text)
        {
            self.dirty = true;
        }
    }

    fn open(&mut self) -> Result<Members<'_, 'a>, Stop> {
        self.value(None);
        self.add(2)?;
        Ok(Members { inspector: self, first: true, key: None })
    }
}

/// Bytes that JSON adds to this one.
fn escape_cost(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 1,
        0x00..=0x1f => 5,
        _ => 0,
    }
}

/// The value is too big, or cannot be serialised.
#[derive(Debug)]
pub(crate) struct Stop;

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value is too big or has no JSON")
    }
}

impl std::error::Error for Stop {}

impl ser::Error for Stop {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// The members or items of one object or array.
pub(crate) struct Members<'i, 'a> {
    inspector: &'i mut Inspector<'a>,
    first: bool,
    key: Option<String>,
}

impl Members<'_, '_> {
    fn separate(&mut self) -> Result<(), Stop> {
        let comma = usize::from(!std::mem::take(&mut self.first));
        self.inspector.add(comma)
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        self.separate()?;
        value.serialize(&mut *self.inspector)
    }

    /// A member whose name came with the value.
    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Stop> {
        self.separate()?;
        self.inspector.text(name)?;
        self.inspector.add(1)?;
        self.inspector.member(name, value)
    }

    /// A member whose name is part of a program: no secret, and no character that JSON escapes.
    fn fixed_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Stop> {
        self.separate()?;
        self.inspector.add(name.len() + 3)?;
        self.inspector.member(name, value)
    }
}

macro_rules! numbers {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, number: $type) -> Result<(), Stop> {
            self.value(None);
            let mut length = Counter(0);
            serde_json::to_writer(&mut length, &number).map_err(|_| Stop)?;
            self.add(length.0)
        })*
    };
}

impl<'i, 'a> Serializer for &'i mut Inspector<'a> {
    type Ok = ();
    type Error = Stop;
    type SerializeSeq = Members<'i, 'a>;
    type SerializeTuple = Members<'i, 'a>;
    type SerializeTupleStruct = Members<'i, 'a>;
    type SerializeTupleVariant = Members<'i, 'a>;
    type SerializeMap = Members<'i, 'a>;
    type SerializeStruct = Members<'i, 'a>;
    type SerializeStructVariant = Members<'i, 'a>;

    numbers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_f32: f32, serialize_f64: f64
    );

    fn serialize_bool(self, value: bool) -> Result<(), Stop> {
        self.value(None);
        self.add(if value { 4 } else { 5 })
    }

    fn serialize_char(self, value: char) -> Result<(), Stop> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), Stop> {
        self.value(Some(text));
        self.text(text)
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Stop> {
        self.value(None);
        self.add(2 + 4 * bytes.len())
    }

    fn serialize_none(self) -> Result<(), Stop> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Stop> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Stop> {
        // A configured field without a value has nothing to hide.
        self.member = None;
        self.add(4)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Stop> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Stop> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Stop> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Stop> {
        self.open()?.fixed_field(variant, value)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Members<'i, 'a>, Stop> {
        self.open()
    }

    fn serialize_tuple(self, _: usize) -> Result<Members<'i, 'a>, Stop> {
        self.open()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Members<'i, 'a>, Stop> {
        self.open()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members<'i, 'a>, Stop> {
        let members = self.open()?;
        members.inspector.text(variant)?;
        members.inspector.add(3)?;
        Ok(members)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'i, 'a>, Stop> {
        self.open()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'i, 'a>, Stop> {
        self.open()
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Members<'i, 'a>, Stop> {
        self.serialize_tuple_variant(name, index, variant, length)
    }
}

macro_rules! items {
    ($($trait:ident::$method:ident),*) => {
        $(impl ser::$trait for Members<'_, '_> {
            type Ok = ();
            type Error = Stop;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
                self.item(value)
            }

            fn end(self) -> Result<(), Stop> {
                Ok(())
            }
        })*
    };
}

items!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

macro_rules! fields {
    ($($trait:ident),*) => {
        $(impl ser::$trait for Members<'_, '_> {
            type Ok = ();
            type Error = Stop;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Stop> {
                self.fixed_field(name, value)
            }

            fn end(self) -> Result<(), Stop> {
                Ok(())
            }
        })*
    };
}

fields!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Members<'_, '_> {
    type Ok = ();
    type Error = Stop;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Stop> {
        self.key = Some(key_text(key)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        let key = self.key.take().unwrap_or_default();
        self.field(&key, value)
    }

    fn end(self) -> Result<(), Stop> {
        Ok(())
    }
}

/// The text of a map's key.
fn key_text<T: Serialize + ?Sized>(key: &T) -> Result<String, Stop> {
    match key.serialize(serde_json::value::Serializer) {
        Ok(Value::String(text)) => Ok(text),
        Ok(other) => Ok(other.to_string()),
        Err(_) => Err(Stop),
    }
}

/// Counts what is written.
struct Counter(usize);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
