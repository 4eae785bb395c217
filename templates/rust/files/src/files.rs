//! The resources: text files below one folder, the `data` of `[paths]` in `mcpsec.toml`.
//!
//! The folder is opened once, with `cap-std`: everything is looked up relative to it, and a name with `..`, an absolute
//! name or a link that leads out of it fails, whatever is done to the files in the meantime. A file is read in ranges of
//! at most [`MAX_RANGE`] bytes, and listed in pages of [`PAGE`].

use std::{
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
    sync::Arc,
};

use cap_std::{ambient_authority, fs::Dir};
use mcpsec_runtime::policy::Policy;
use rmcp::{
    ErrorData,
    model::{
        ListResourceTemplatesResult, ListResourcesResult, MetaObject, ReadResourceResult, Resource,
        ResourceContents, ResourceTemplate,
    },
};

/// Name of the folder in `[paths]`.
const ROOT: &str = "data";

/// What every address starts with.
const SCHEME: &str = "file:///data/";

/// Most bytes of one answer.
const MAX_RANGE: u64 = 64 * 1024;

/// Resources on one page.
const PAGE: usize = 100;

/// Most files that are listed at all, and deepest folder.
const MAX_FILES: usize = 10_000;
const MAX_DEPTH: usize = 8;

/// A folder of text files.
#[derive(Clone)]
pub struct Files {
    root: Arc<Dir>,
}

/// Part of a file.
#[derive(Debug, PartialEq)]
struct Range {
    path: String,
    offset: u64,
    length: u64,
}

impl Files {
    /// Opens the folder that the policy names.
    pub fn from_policy(policy: &Policy) -> Result<Self, String> {
        let folder =
            policy.paths.roots.get(ROOT).ok_or(format!("`[paths]` of the policy has no `{ROOT}`"))?;
        Self::open(folder).map_err(|error| format!("cannot open `{}`: {error}", folder.display()))
    }

    fn open(folder: &Path) -> io::Result<Self> {
        Ok(Self { root: Arc::new(Dir::open_ambient_dir(folder, ambient_authority())?) })
    }

    /// One page of the files, sorted by path. The cursor is the last path of the page before.
    pub async fn list(&self, cursor: Option<String>) -> Result<ListResourcesResult, ErrorData> {
        if cursor.as_ref().is_some_and(|it| it.len() > 4096) {
            return Err(ErrorData::invalid_params("the cursor is not one of ours", None));
        }
        let paths = self.blocking(|root| Ok(paths(root))).await?;
        let start = cursor.map_or(0, |last| paths.partition_point(|(path, _)| *path <= last));
        let page = &paths[start..paths.len().min(start + PAGE)];
        let resources = page.iter().map(|(path, size)| {
            Resource::new(format!("{SCHEME}{}", encode(path)), path.clone())
                .with_mime_type("text/plain")
                .with_size(*size)
        });
        let mut result = ListResourcesResult::with_all_items(resources.collect());
        if start + page.len() < paths.len() {
            result.next_cursor = page.last().map(|(path, _)| path.clone());
        }
        Ok(result)
    }

    /// How an address is made.
    pub fn templates() -> ListResourceTemplatesResult {
        let template = ResourceTemplate::new(format!("{SCHEME}{{+path}}{{?offset,length}}"), "file")
            .with_description("A text file, or `length` bytes of it from the byte `offset` on")
            .with_mime_type("text/plain");
        ListResourceTemplatesResult::with_all_items(vec![template])
    }

    /// A range of a file. Its `_meta` says where the range starts, how large the file is, and where to read on.
    pub async fn read(&self, uri: String) -> Result<ReadResourceResult, ErrorData> {
        let range = parse(&uri).ok_or_else(|| not_found(&uri))?;
        let (path, offset) = (range.path.clone(), range.offset);
        let (bytes, size) =
            self.blocking(move |root| read(root, &range)).await.map_err(|_| not_found(&uri))?;
        let (text, used) = whole_characters(&bytes).ok_or_else(|| not_found(&uri))?;
        let mut meta = serde_json::Map::new();
        meta.insert("offset".to_owned(), offset.into());
        meta.insert("size".to_owned(), size.into());
        let next = offset + used as u64;
        if next < size {
            meta.insert("next".to_owned(), format!("{SCHEME}{}?offset={next}", encode(&path)).into());
        }
        let contents = ResourceContents::text(text, uri).with_meta(MetaObject(meta));
        Ok(ReadResourceResult::new(vec![contents]))
    }

    /// Files are read on a thread that may wait for a disk.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Dir) -> io::Result<T> + Send + 'static,
    ) -> Result<T, ErrorData> {
        let root = Arc::clone(&self.root);
        let done = tokio::task::spawn_blocking(move || work(&root)).await;
        let failed = |_| ErrorData::internal_error("the files cannot be read", None);
        done.map_err(|_| ErrorData::internal_error("the files cannot be read", None))?.map_err(failed)
    }
}

/// What cannot be read does not exist: an answer must not tell what is outside.
fn not_found(uri: &str) -> ErrorData {
    let shown: String = uri.chars().take(200).collect();
    ErrorData::resource_not_found(format!("there is no text file `{shown}`"), None)
}

/// All files with their sizes, sorted by path. Links are left out: what they point to is listed in its own place.
fn paths(root: &Dir) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    let mut folders = vec![(String::new(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let Ok(entries) = root.read_dir(if folder.is_empty() { "." } else { folder.as_str() }) else {
            continue;
        };
        for entry in entries.flatten() {
            let (Ok(name), Ok(metadata)) = (entry.file_name().into_string(), entry.metadata()) else {
                continue;
            };
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            if metadata.is_dir() && depth < MAX_DEPTH {
                folders.push((path, depth + 1));
            } else if metadata.is_file() && found.len() < MAX_FILES {
                found.push((path, metadata.len()));
            }
        }
    }
    found.sort();
    found
}

/// The bytes of a range, and the size of the whole file.
fn read(root: &Dir, range: &Range) -> io::Result<(Vec<u8>, u64)> {
    // Looked at first: opening a pipe would wait for somebody to write into it.
    if !root.metadata(&range.path)?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut file = root.open(&range.path)?;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(range.offset))?;
    let mut bytes = Vec::new();
    file.take(range.length).read_to_end(&mut bytes)?;
    Ok((bytes, size))
}

/// The text of `bytes`, without a character that the end of the range has cut, and the number of bytes in it.
fn whole_characters(bytes: &[u8]) -> Option<(String, usize)> {
    match str::from_utf8(bytes) {
        Ok(text) => Some((text.to_owned(), bytes.len())),
        Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => {
            let whole = &bytes[..error.valid_up_to()];
            Some((String::from_utf8_lossy(whole).into_owned(), whole.len()))
        }
        Err(_) => None,
    }
}

/// The range that an address means.
fn parse(uri: &str) -> Option<Range> {
    let rest = uri.strip_prefix(SCHEME)?;
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut range = Range { path: decode(path)?, offset: 0, length: MAX_RANGE };
    for pair in query.split('&').filter(|it| !it.is_empty()) {
        match pair.split_once('=')? {
            ("offset", value) => range.offset = value.parse().ok()?,
            ("length", value) => range.length = value.parse::<u64>().ok()?.min(MAX_RANGE),
            _ => return None,
        }
    }
    Some(range)
}

fn encode(path: &str) -> String {
    let mut encoded = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn decode(path: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn folder() -> (tempfile::TempDir, Files) {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("data/deep")).expect("made");
        fs::write(folder.path().join("secret.txt"), "outside").expect("written");
        fs::write(folder.path().join("data/a b.txt"), "grüße").expect("written");
        fs::write(folder.path().join("data/deep/c.txt"), "c").expect("written");
        let files = Files::open(&folder.path().join("data")).expect("it is there");
        (folder, files)
    }

    async fn text(files: &Files, path: &str) -> Option<String> {
        let result = files.read(format!("{SCHEME}{path}")).await.ok()?;
        match result.contents.into_iter().next()? {
            ResourceContents::TextResourceContents { text, .. } => Some(text),
            _ => None,
        }
    }

    #[tokio::test]
    async fn nothing_outside_of_the_folder_can_be_read() {
        let (folder, files) = folder();
        let outside = folder.path().join("secret.txt");
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&outside, folder.path().join("data/link.txt")).expect("made");
            std::os::unix::fs::symlink("..", folder.path().join("data/up")).expect("made");
        }
        let absolute = outside.to_string_lossy().into_owned();
        for path in [
            "../secret.txt",
            "%2e%2e/secret.txt",
            "deep/../../secret.txt",
            "link.txt",
            "up/secret.txt",
            &absolute,
        ] {
            assert_eq!(text(&files, path).await, None, "{path}");
        }
        for path in ["", ".", "deep", "nobody.txt", "a%zz", "a%00b", "a b.txt?offset=x", "a b.txt?x=1"] {
            assert_eq!(text(&files, path).await, None, "{path}");
        }
    }

    #[tokio::test]
    async fn a_range_ends_between_characters_and_says_where_to_read_on() {
        let (_folder, files) = folder();
        assert_eq!(text(&files, "a%20b.txt").await.as_deref(), Some("grüße"));
        assert_eq!(text(&files, "a%20b.txt?offset=2&length=3").await.as_deref(), Some("ü"));
        let result = files.read(format!("{SCHEME}a%20b.txt?length=3")).await.expect("it is there");
        let meta = serde_json::to_value(&result.contents[0]).expect("it is JSON")["_meta"].clone();
        assert_eq!(meta["next"], "file:///data/a%20b.txt?offset=2");
        assert_eq!(meta["size"], 7);
    }

    #[tokio::test]
    async fn pages_follow_each_other_without_gap_or_overlap() {
        let (folder, files) = folder();
        for number in 0..2 * PAGE {
            fs::write(folder.path().join(format!("data/deep/{number:03}.txt")), "").expect("written");
        }
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let page = files.list(cursor).await.expect("it can be listed");
            assert!(page.resources.len() <= PAGE);
            seen.extend(page.resources.into_iter().map(|it| it.uri));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 2 * PAGE + 2);
        assert!(seen.is_sorted());
        assert!(files.list(Some("x".repeat(5000))).await.is_err());
    }
}
