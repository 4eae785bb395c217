//! The keys that are accepted: read from a file, asked at every call.

use std::{collections::BTreeMap, fmt, path::Path, time::SystemTime};

use toml::de::DeValue;

use super::{ID_LENGTH, Key, KeyRecord, file, is_id, time};
use crate::{
    Identity,
    environment::Environment,
    model::Auth,
    problem::{PolicyError, Problem},
    read::{Field, Reader, Section},
    values,
};

/// Most keys of one name that are good at once: the old one and the new one.
const MOST_VALID: usize = 2;

/// The keys that a server accepts, by id and version.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyStore {
    records: BTreeMap<(String, u32), KeyRecord>,
}

/// Why a key was not rotated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum NotRotated {
    /// There is no key of that name.
    Unknown,
    /// Two keys of that name are good already.
    Busy,
}

/// Why a presented key was refused. The holder of a key that is merely expired is told so; all others learn nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// Not a key that `mcpsec key new` made: wrong shape or checksum.
    Malformed,
    /// A well-formed key that is not in the store, or no longer.
    Unknown,
    /// The right key, after its time.
    Expired {
        /// Its id, for the audit record.
        id: String,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed | Self::Unknown => "the key is not known",
            Self::Expired { .. } => "the key has expired",
        })
    }
}

impl std::error::Error for Refusal {}

impl KeyStore {
    /// The keys that `auth` names: those of its key file and those of the environment. Where both have an id, the file
    /// wins: it knows scopes and expiry.
    ///
    /// # Errors
    ///
    /// When the file is missing, unreadable, writable by others, or not a key file.
    pub fn for_auth(auth: &Auth) -> Result<Self, PolicyError> {
        let mut store = match &auth.api_keys {
            Some(path) => Self::open(path)?,
            None => Self::default(),
        };
        for record in &auth.environment_keys {
            if store.versions(&record.id).next().is_none() {
                store.insert(record.clone());
            }
        }
        Ok(store)
    }

    /// Reads the key file at `path`.
    ///
    /// # Errors
    ///
    /// When the file is missing, unreadable, writable by its group or by others, or not a key file.
    pub fn open(path: &Path) -> Result<Self, PolicyError> {
        let shown = path.display().to_string();
        let text = file::read(path).map_err(|error| {
            let help = error.help().map(str::to_owned).into_iter().collect();
            let problem = Problem { file: shown.clone(), place: None, message: error.to_string(), help };
            PolicyError::of(vec![problem]).expect("one problem")
        })?;
        Self::parse(&text, &shown)
    }

    /// Reads the text of a key file; `file_name` is for messages.
    ///
    /// # Errors
    ///
    /// Everything that is wrong: no TOML, unknown fields, malformed ids, hashes or dates, an id that comes twice.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, PolicyError> {
        let environment = Environment::default();
        let mut reader = Reader::new(file_name, text, &environment, Path::new(""));
        let mut store = Self::default();
        if let Some(table) = reader.parse() {
            let mut root = Section::root(table.get_ref());
            let keys = root.get("keys");
            let entries =
                keys.and_then(|keys| values::items(&mut reader, &keys, "a list of [[keys]]")).unwrap_or_default();
            for entry in entries {
                let span = entry.span.clone();
                if let Some(record) = record(&mut reader, entry)
                    && let Some(before) = store.insert(record)
                {
                    let version = before.version;
                    let message = format!("the id `{}`, version {version}, is used by another key above", before.id);
                    reader.problem(span, message);
                }
            }
            root.finish(&mut reader);
            reader.report_unknown();
        }
        PolicyError::of(reader.into_problems()).map_or(Ok(store), Err)
    }

    /// Who holds the presented key. Takes as long for a wrong key as for a right one.
    ///
    /// # Errors
    ///
    /// When nobody does, or no longer.
    pub fn verify(&self, presented: &str, now: SystemTime) -> Result<Identity, Refusal> {
        let key = Key::parse(presented).map_err(|_| Refusal::Malformed)?;
        // Hashed whether or not there is such an id, so that the time does not tell which ids exist.
        let sha256 = key.sha256();
        let mut versions = self.versions(key.id());
        let record = versions.find(|record| record.is(&sha256)).ok_or(Refusal::Unknown)?;
        if record.expired(now) {
            return Err(Refusal::Expired { id: record.id.clone() });
        }
        Ok(record.identity())
    }

    /// The keys of one name, in order of version.
    pub fn versions(&self, id: &str) -> impl Iterator<Item = &KeyRecord> {
        self.records.range((id.to_owned(), 0)..=(id.to_owned(), u32::MAX)).map(|(_, record)| record)
    }

    /// Takes in `key` as the next version of its id, with the scopes and the name of the last one. Versions before it
    /// end at `until`, or when they were to end before that; those that have ended are taken out. Gives back the version.
    ///
    /// # Errors
    ///
    /// When there is no key of that name, and when two of them are good already.
    pub fn rotate(
        &mut self,
        key: &Key,
        now: SystemTime,
        until: SystemTime,
        expires: Option<SystemTime>,
    ) -> Result<u32, NotRotated> {
        let id = key.id();
        let last = self.versions(id).last().cloned().ok_or(NotRotated::Unknown)?;
        let version = last.version.checked_add(1).ok_or(NotRotated::Busy)?;
        if MOST_VALID <= self.versions(id).filter(|record| !record.expired(now)).count() {
            return Err(NotRotated::Busy);
        }
        self.records.retain(|(other, _), record| other != id || !record.expired(now));
        for record in self.records.values_mut().filter(|record| record.id == id) {
            record.expires = Some(record.expires.map_or(until, |expires| expires.min(until)));
        }
        let new = KeyRecord { version, sha256: key.sha256(), expires, created: Some(now), ..last };
        self.insert(new);
        Ok(version)
    }

    /// The keys, in order of id and version.
    pub fn records(&self) -> impl Iterator<Item = &KeyRecord> {
        self.records.values()
    }

    /// Adds a key; one with the same id and version is replaced and given back.
    pub fn insert(&mut self, record: KeyRecord) -> Option<KeyRecord> {
        self.records.insert((record.id.clone(), record.version), record)
    }

    /// Takes all versions of a key out: from now on they are refused. Says how many there were.
    pub fn remove(&mut self, id: &str) -> usize {
        let before = self.records.len();
        self.records.retain(|(other, _), _| other != id);
        before - self.records.len()
    }

    /// The text of a key file with these keys.
    pub fn to_toml(&self) -> String {
        let mut text = String::from(
            "# Written by `mcpsec key`; comments are not kept. These are hashes: the keys themselves are nowhere.\n",
        );
        for record in self.records.values() {
            text.push_str(&entry(record));
        }
        text
    }
}

fn entry(record: &KeyRecord) -> String {
    let hash: String = record.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let scopes: Vec<String> = record.scopes.iter().map(|scope| quoted(scope)).collect();
    let mut text = format!("\n[[keys]]\nid = \"{}\"\n", record.id);
    if let Some(name) = &record.name {
        text.push_str(&format!("name = {}\n", quoted(name)));
    }
    if record.version != 1 {
        text.push_str(&format!("version = {}\n", record.version));
    }
    text.push_str(&format!("sha256 = \"{hash}\"\nscopes = [{}]\n", scopes.join(", ")));
    if let Some(expires) = record.expires {
        text.push_str(&format!("expires = {}\n", time::show(expires)));
    }
    if let Some(created) = record.created {
        text.push_str(&format!("created = {}\n", time::show(created)));
    }
    text
}

fn record(reader: &mut Reader<'_>, entry: Field<'_>) -> Option<KeyRecord> {
    let span = entry.span.clone();
    let mut section = Section::of(reader, "keys", Some(entry));
    let id = section.get("id");
    let sha256 = section.get("sha256");
    for (key, field) in [("id", &id), ("sha256", &sha256)] {
        if field.is_none() {
            reader.problem(span.clone(), format!("a key has no `{key}`"));
        }
    }
    let id = id.and_then(|field| checked_id(reader, &field));
    let sha256 = sha256.and_then(|field| hash(reader, &field));
    let scopes =
        section.get("scopes").map_or(Some(Vec::new()), |field| values::checked_texts(reader, &field, check_scope));
    let mut version = 1;
    section.set(reader, "version", &mut version, values::count(1..=u32::MAX as usize));
    let mut expires = None;
    section.set(reader, "expires", &mut expires, |reader, field| moment(reader, field).map(Some));
    let mut created = None;
    section.set(reader, "created", &mut created, |reader, field| moment(reader, field).map(Some));
    let mut name = None;
    section.set(reader, "name", &mut name, |reader, field| values::text(reader, field).map(Some));
    section.finish(reader);
    let version = u32::try_from(version).ok()?;
    Some(KeyRecord { id: id?, version, sha256: sha256?, scopes: scopes?.into_iter().collect(), expires, name, created })
}

fn checked_id(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<String> {
    let id = values::text(reader, field)?;
    let valid = is_id(&id);
    if !valid {
        field.impossible(reader, format!("an id has {ID_LENGTH} small letters and digits"));
    }
    valid.then_some(id)
}

fn hash(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<[u8; 32]> {
    let text = values::text(reader, field)?;
    let mut hash = [0; 32];
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    match digits.filter(|digits| digits.len() == 64) {
        Some(digits) => {
            for (byte, pair) in hash.iter_mut().zip(digits.chunks(2)) {
                *byte = pair[0] * 16 + pair[1];
            }
            Some(hash)
        }
        None => {
            field.impossible(reader, "a SHA-256 has 64 hexadecimal digits; `mcpsec key new` writes it");
            None
        }
    }
}

/// Whether `scope` can be written in a token, a challenge and a rule: RFC 6749's characters, without quotes.
///
/// # Errors
///
/// Says what a scope is.
pub fn check_scope(scope: &str) -> Result<(), String> {
    let valid = !scope.is_empty()
        && scope.len() <= 128
        && scope.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b'*'));
    if valid { Ok(()) } else { Err("a scope is a word of ASCII letters, digits and signs such as `:`".to_owned()) }
}

fn moment(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<SystemTime> {
    let moment = match field.value {
        DeValue::Datetime(datetime) => time::moment(datetime),
        DeValue::String(text) => time::parse(text),
        _ => None,
    };
    if moment.is_none() {
        field.impossible(reader, "expected a date such as 2027-03-31 or 2027-03-31T12:00:00Z");
    }
    moment
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{KeyStore, NotRotated, Refusal};
    use crate::keys::{Key, KeyRecord};

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn store(expires: Option<SystemTime>) -> (Key, KeyStore) {
        let key = Key::generate().expect("randomness");
        let mut record = KeyRecord::of(&key);
        record.scopes = ["read".to_owned(), "write:all".to_owned()].into();
        record.expires = expires;
        record.name = Some("the \"dashboard\"".to_owned());
        record.created = Some(NOW);
        let mut store = KeyStore::default();
        store.insert(record);
        (key, store)
    }

    #[test]
    fn a_key_proves_its_holder_until_it_expires() {
        let expires = NOW + Duration::from_secs(10);
        let (key, store) = store(Some(expires));
        let identity = store.verify(key.expose(), expires - Duration::from_nanos(1)).expect("valid");
        assert_eq!(identity.subject, format!("key:{}", key.id()));
        assert!(identity.scopes.contains("read"));
        assert_eq!(store.verify(key.expose(), expires), Err(Refusal::Expired { id: key.id().to_owned() }));
    }

    #[test]
    fn a_rotated_key_keeps_its_name_and_the_old_one_is_good_for_a_stated_time() {
        let (old, mut store) = store(Some(NOW + Duration::from_secs(500)));
        let new = Key::generate_for(old.id()).expect("randomness");
        let (now, until) = (NOW + Duration::from_secs(100), NOW + Duration::from_secs(200));
        let stranger = Key::generate().expect("randomness");
        assert_eq!(store.rotate(&stranger, now, until, None).err(), Some(NotRotated::Unknown));
        store.rotate(&new, now, until, None).expect("rotated");
        for (key, version) in [(&old, "v1"), (&new, "v2")] {
            let identity = store.verify(key.expose(), until - Duration::from_nanos(1)).expect("both are good");
            assert_eq!(identity.subject, format!("key:{}", old.id()));
            assert_eq!((identity.credential.as_deref(), identity.scopes.len()), (Some(version), 2));
        }
        assert_eq!(KeyStore::parse(&store.to_toml(), "k").expect("valid"), store);
        assert_eq!(store.rotate(&new, now, until, None).err(), Some(NotRotated::Busy));
        assert_eq!(store.verify(old.expose(), until), Err(Refusal::Expired { id: old.id().to_owned() }));
        let third = Key::generate_for(old.id()).expect("randomness");
        store.rotate(&third, until, until + Duration::from_secs(1), None).expect("the first has ended");
        assert_eq!(store.versions(old.id()).map(|record| record.version).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(store.verify(old.expose(), until), Err(Refusal::Unknown));
        assert_eq!(store.remove(old.id()), 2);
        assert_eq!(store.verify(third.expose(), until), Err(Refusal::Unknown));
        // A time that ends sooner than the overlap stays.
        let (old, mut store) = self::store(Some(NOW + Duration::from_secs(150)));
        let new = Key::generate_for(old.id()).expect("randomness");
        store.rotate(&new, now, until, None).expect("rotated");
        assert!(store.verify(old.expose(), NOW + Duration::from_secs(150)).is_err());
    }

    #[test]
    fn nobody_elses_key_is_accepted() {
        let (key, mut store) = store(None);
        let other = Key::generate().expect("randomness");
        assert_eq!(store.verify(other.expose(), NOW), Err(Refusal::Unknown));
        assert_eq!(store.verify("ops-readonly", NOW), Err(Refusal::Malformed));
        assert_eq!(store.verify("", NOW), Err(Refusal::Malformed));
        // The same id with another secret.
        let mut record = KeyRecord::of(&other);
        record.id = key.id().to_owned();
        store.insert(record);
        assert_eq!(store.verify(key.expose(), NOW), Err(Refusal::Unknown));
        store.remove(key.id());
        assert_eq!(store.verify(key.expose(), NOW), Err(Refusal::Unknown));
    }

    #[test]
    fn what_is_written_can_be_read_again_and_holds_no_key() {
        let (key, store) = store(Some(NOW + Duration::from_secs(86_400)));
        let text = store.to_toml();
        assert!(!text.contains(key.expose()));
        assert_eq!(KeyStore::parse(&text, "keys.toml").expect("valid"), store);
        assert_eq!(KeyStore::parse("", "keys.toml").expect("no keys are no error"), KeyStore::default());
    }

    #[test]
    fn a_broken_key_file_is_refused_with_its_line() {
        let hash = "0123456789abcdef".repeat(4);
        let good = format!("[[keys]]\nid = \"abcdefgh\"\nsha256 = \"{hash}\"\n");
        assert!(KeyStore::parse(&good, "k").is_ok());
        for (text, line, message) in [
            ("[[keys]]\nid = 1\n".to_owned(), 1, "a key has no `sha256`"),
            (format!("{good}scope = [\"a\"]\n"), 4, "unknown key `scope` in [keys]; did you mean `scopes`?"),
            (good.replace("0123456789abcdef", "zz23456789abcdef"), 3, "64 hexadecimal digits"),
            (good.replace("abcdefgh", "ABC"), 2, "an id has 8"),
            (format!("{good}expires = 12\n"), 4, "expected a date"),
            (format!("{good}expires = 2027-01-01T00:00:00\n"), 4, "expected a date"),
            (format!("{good}scopes = [\"a b\"]\n"), 4, "a scope is a word"),
            (format!("{good}{good}"), 4, "used by another key"),
            ("keys = 3".to_owned(), 1, "a list of [[keys]]"),
            ("[[key]]\nid = 'a'\n".to_owned(), 1, "did you mean `keys`"),
            ("[[keys]\n".to_owned(), 1, "not TOML"),
        ] {
            let error = KeyStore::parse(&text, "k").expect_err(&text);
            let found = error.problems().iter().any(|problem| {
                problem.message.contains(message) && problem.place.as_ref().is_some_and(|place| place.line == line)
            });
            assert!(found, "{text}\n{error}");
        }
    }
}
