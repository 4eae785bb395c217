//! Projects of .NET: `*.csproj`, `Directory.Packages.props`.

use crate::{finding::Place, project::File};

use super::{Dependency, Ecosystem, Manifest, Purpose, Source, xml};

pub(super) fn project(file: &File) -> Manifest {
    let mut manifest = Manifest::new(&file.path, Ecosystem::NuGet);
    let document = match xml::parse(file.text.trim_start_matches('\u{feff}')) {
        Ok(document) => document,
        Err(error) => return Manifest { error: Some(error), ..manifest },
    };
    // The mark at the beginning is not part of what is parsed.
    let shift = file.text.len() - file.text.trim_start_matches('\u{feff}').len();
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    manifest.is_package = name.ends_with("proj");
    let mut is_test = false;
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let text = node.text().unwrap_or_default().trim();
        match node.tag_name().name() {
            "PackageId" | "AssemblyName" => manifest.name = Some(text.to_owned()),
            "OutputType" => manifest.is_application = text.eq_ignore_ascii_case("exe"),
            "IsTestProject" => is_test |= text.eq_ignore_ascii_case("true"),
            "IsPackable" => manifest.private |= text.eq_ignore_ascii_case("false"),
            "ProjectReference" => {
                let Some(path) = node.attribute("Include") else { continue };
                let range = node.range();
                manifest.dependencies.push(Dependency {
                    name: path.replace('\\', "/"),
                    source: Source::Local,
                    purpose: Purpose::Runtime,
                    place: Place::new(&file.path, range.start + shift, range.end + shift),
                });
            }
            "PackageReference" | "PackageVersion" | "GlobalPackageReference" => {
                let Some(package) = node.attribute("Include").or(node.attribute("Update")) else { continue };
                let version = ["VersionOverride", "Version"]
                    .into_iter()
                    .find_map(|key| node.attribute(key).map(str::to_owned).or_else(|| xml::text(node, key)));
                // `$(Name)` is decided by another file.
                let version = version.filter(|version| !version.contains("$(")).unwrap_or_default();
                is_test |= package == "Microsoft.NET.Test.Sdk" && manifest.is_package;
                let private = node.attribute("PrivateAssets").is_some_and(|assets| assets.eq_ignore_ascii_case("all"));
                let is_managed = node.tag_name().name() == "PackageVersion";
                let range = node.range();
                manifest.dependencies.push(Dependency {
                    name: package.to_owned(),
                    source: Source::Registry(version),
                    purpose: match (is_managed, private) {
                        (true, _) => Purpose::Managed,
                        (false, true) => Purpose::Development,
                        (false, false) => Purpose::Runtime,
                    },
                    place: Place::new(&file.path, range.start + shift, range.end + shift),
                });
            }
            _ => {}
        }
    }
    if is_test {
        manifest.private = true;
        manifest.dependencies.iter_mut().for_each(|dependency| dependency.purpose = Purpose::Development);
    }
    manifest
}
