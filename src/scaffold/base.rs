//! `.mcpsec/` of a new project: where it comes from, and the files as they were generated, the base of a later merge.

use std::{
    collections::BTreeMap,
    io::{self, Read as _, Write as _},
};

use flate2::{Compression, GzBuilder, read::GzDecoder};
use serde::{Deserialize, Serialize};

use super::{
    answers::Answers,
    render::Rendered,
    source::RuntimeSource,
    template::{Answer, Template},
};
use crate::embedded::RUNTIME_DIGEST;

/// Where the record of a project's origin is.
pub const ORIGIN: &str = ".mcpsec/project.toml";

/// Where the files as generated are: JSON from path to text, compressed with gzip.
pub const BASE: &str = ".mcpsec/base.json.gz";

/// No base is larger: protects whoever unpacks one from a small file that unpacks to a huge one.
const MAX_BASE_BYTES: u64 = 16 * 1024 * 1024;

/// What made a project.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Version of this file's form.
    pub version: u32,
    /// Version of the command.
    pub mcpsec: String,
    /// Id of the template.
    pub template: String,
    /// Version of the template.
    pub template_version: String,
    /// Source of the runtime, as `--runtime` takes it. The folder of `path:` is left out: it means something on one machine.
    pub runtime: String,
    /// Fingerprint of an unchanged `vendor/`, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor_sha256: Option<String>,
    /// The answers.
    pub answers: BTreeMap<String, Answer>,
}

/// The two files of `.mcpsec/` for a project with these `files`.
pub fn record(
    template: &Template,
    answers: &Answers,
    source: &RuntimeSource,
    files: &[Rendered],
) -> io::Result<[Rendered; 2]> {
    let vendored = *source == RuntimeSource::Vendor;
    let origin = Origin {
        version: 1,
        mcpsec: env!("CARGO_PKG_VERSION").to_owned(),
        template: template.manifest.id.clone(),
        template_version: template.manifest.version.clone(),
        runtime: if let RuntimeSource::Path(_) = source { "path".to_owned() } else { source.to_string() },
        vendor_sha256: vendored.then(|| RUNTIME_DIGEST.to_owned()),
        answers: answers.all().clone(),
    };
    let text = toml::to_string(&origin).map_err(io::Error::other)?;
    let text = format!("# Written by `mcpsec new`: what this project was made from. Do not edit.\n{text}");
    Ok([
        Rendered { path: BASE.to_owned(), bytes: pack(files)? },
        Rendered { path: ORIGIN.to_owned(), bytes: text.into_bytes() },
    ])
}

/// The same files give the same bytes: no time and no file name in the header.
fn pack(files: &[Rendered]) -> io::Result<Vec<u8>> {
    let texts: BTreeMap<&str, &str> =
        files.iter().filter_map(|it| Some((it.path.as_str(), str::from_utf8(&it.bytes).ok()?))).collect();
    let mut packer = GzBuilder::new().write(Vec::new(), Compression::best());
    packer.write_all(&serde_json::to_vec(&texts)?)?;
    packer.finish()
}

/// The files as generated, by path, from the bytes of [`BASE`].
pub fn unpack(bytes: &[u8]) -> io::Result<BTreeMap<String, String>> {
    let mut text = Vec::new();
    let mut unpacker = GzDecoder::new(bytes).take(MAX_BASE_BYTES);
    unpacker.read_to_end(&mut text)?;
    if unpacker.limit() == 0 {
        return Err(io::Error::other(format!("the base is larger than {MAX_BASE_BYTES} bytes")));
    }
    Ok(serde_json::from_slice(&text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_unpacks_to_what_was_packed_and_is_the_same_each_time() {
        let files = [Rendered { path: "a/b.toml".to_owned(), bytes: b"x = 1\n".to_vec() }];
        let packed = pack(&files).expect("memory does not fail");
        assert_eq!(packed, pack(&files).expect("memory does not fail"));
        let unpacked = unpack(&packed).expect("it was packed");
        assert_eq!(unpacked, BTreeMap::from([("a/b.toml".to_owned(), "x = 1\n".to_owned())]));
    }

    #[test]
    fn a_base_that_unpacks_to_too_much_is_refused() {
        let mut packer = GzBuilder::new().write(Vec::new(), Compression::best());
        packer.write_all(&vec![b' '; usize::try_from(MAX_BASE_BYTES).expect("it is small")]).expect("memory");
        let bomb = packer.finish().expect("memory");
        assert!(bomb.len() < 100_000);
        assert!(unpack(&bomb).expect_err("it is too large").to_string().contains("larger"));
    }
}
