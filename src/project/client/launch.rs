//! How a program is started: through which shells and runners, in which container. Judgements on words; nothing runs.

use super::entry::{ServerEntry, Word};
use crate::project::runner;
pub use crate::project::runner::base_name;

/// Shells that take a command line, by their base name.
const SHELLS: &[&str] = &["sh", "bash", "zsh", "dash", "ksh", "fish", "cmd", "powershell", "pwsh"];

/// Options after which a shell's command line stands, in lowercase.
const SHELL_OPTIONS: &[&str] = &["-c", "-lc", "-ic", "-ec", "-cl", "-lic", "/c", "/k", "-command", "/command"];

/// A container that is started.
#[derive(Clone, Debug, Default)]
pub struct ContainerRun {
    /// Options with their values, long names without dashes: `volume`, `network`, `privileged`.
    pub options: Vec<(String, Word)>,
    /// The image.
    pub image: Option<Word>,
    /// What is run in it.
    pub arguments: Vec<Word>,
}

impl ServerEntry {
    /// Program and arguments, without the shells that only pass them on.
    pub fn launch(&self) -> Vec<Word> {
        let mut words: Vec<Word> = self.command.iter().chain(&self.arguments).cloned().collect();
        // Some write the whole line into the command.
        let line = |word: &Word| word.text.contains(' ') && !word.text.contains(['/', '\\']);
        if words.len() == 1 || words.first().is_some_and(line) {
            words = words.iter().take(1).flat_map(split).chain(words.iter().skip(1).cloned()).collect();
        }
        let program = words.first().map(|word| base_name(&word.text)).unwrap_or_default();
        let passes = words.get(1).is_some_and(|word| SHELL_OPTIONS.contains(&word.text.to_ascii_lowercase().as_str()));
        if passes && SHELLS.contains(&program.as_str()) {
            words = words.iter().skip(2).flat_map(split).collect();
        } else if program == "env" {
            let is_option = |word: &Word| word.text.contains('=') || word.text.starts_with('-');
            words = words.into_iter().skip(1).skip_while(is_option).collect();
        }
        words
    }

    /// The container that it starts, if it starts one.
    pub fn container(&self) -> Option<ContainerRun> {
        let words = self.launch();
        let program = base_name(&words.first()?.text);
        if !matches!(program.as_str(), "docker" | "podman" | "nerdctl") {
            return None;
        }
        let at = words.iter().position(|word| word.text == "run")?;
        Some(ContainerRun::of(&words[at + 1..]))
    }
}

impl ContainerRun {
    /// Reads what follows `docker run`.
    pub fn of(words: &[Word]) -> Self {
        let mut run = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let text = word.text.as_str();
            if !text.starts_with('-') {
                run.image = Some(word.clone());
                break;
            }
            let switch = runner::SWITCHES.contains(&text)
                || !text.starts_with("--") && text[1..].chars().all(|letter| "itdqP".contains(letter));
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None if !text.starts_with("--") && text.len() > 2 && !switch && text.is_char_boundary(2) => {
                    (&text[..2], Some(text[2..].to_owned()))
                }
                None => (text, None),
            };
            let name = long_name(name);
            let value = match value {
                Some(value) => Some(Word { text: value, place: word.place.clone() }),
                None if switch => Some(Word { text: "true".to_owned(), place: word.place.clone() }),
                None => words.next().cloned(),
            };
            run.options.extend(value.map(|value| (name, value)));
        }
        run.arguments = words.cloned().collect();
        run
    }

    /// The values of an option.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &Word> {
        self.options.iter().filter(move |(option, _)| option == name).map(|(_, value)| value)
    }

    /// The folders and files of the machine that are mounted, each with the word that says so.
    pub fn mounts(&self) -> Vec<(String, &Word)> {
        let volumes = self.values("volume").map(|word| (mount_source(&word.text).to_owned(), word));
        let mounts = self.values("mount").filter_map(|word| {
            let source = word.text.split(',').filter_map(|pair| pair.split_once('='));
            let source = source.filter(|(key, _)| matches!(*key, "source" | "src")).map(|(_, path)| path).next()?;
            Some((source.to_owned(), word))
        });
        volumes.chain(mounts).collect()
    }
}

/// The folder of the machine in `/a:/b:ro`; that of Windows has a colon of its own.
pub fn mount_source(volume: &str) -> &str {
    let from = if volume.as_bytes().get(1) == Some(&b':') && volume.as_bytes().get(2) == Some(&b'\\') { 2 } else { 0 };
    // `${HOME:-x}` and `${env:HOME}` hold colons, too.
    let mut depth = 0_usize;
    for (index, letter) in volume.char_indices().skip_while(|(index, _)| *index < from) {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => return &volume[..index],
            _ => {}
        }
    }
    volume
}

/// What a path of the machine opens up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reach {
    /// Everything.
    Root,
    /// All that a person has.
    Home,
    /// What the operating system is made of.
    System,
    /// Keys of a person.
    Keys,
    /// The engine that runs containers: everything, as its administrator.
    Engine,
}

impl Reach {
    /// What it is, in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Root => "the whole file system",
            Self::Home => "a whole home folder",
            Self::System => "a folder of the operating system",
            Self::Keys => "a folder with keys",
            Self::Engine => "the socket of the container engine",
        }
    }
}

/// What `path` opens up, where that is more than a folder of its own.
pub fn reach(path: &str) -> Option<Reach> {
    let plain = path.replace('\\', "/");
    let lower = plain.to_ascii_lowercase();
    if ["docker.sock", "podman.sock", "containerd.sock", "crio.sock", "pipe/docker_engine"]
        .iter()
        .any(|end| lower.ends_with(end))
    {
        return Some(Reach::Engine);
    }
    if plain.starts_with('/') && plain.trim_matches('/').is_empty() {
        return Some(Reach::Root);
    }
    let trimmed = lower.trim_end_matches('/');
    let drive = trimmed.len() == 2 && trimmed.ends_with(':');
    if drive || matches!(trimmed, "/mnt/c" | "/c") {
        return Some(Reach::Root);
    }
    let homes = [
        "~",
        "$home",
        "${home}",
        "${env:home}",
        "${userhome}",
        "%userprofile%",
        "${env:userprofile}",
        "$env:userprofile",
    ];
    if homes.contains(&trimmed) {
        return Some(Reach::Home);
    }
    let tail = trimmed.get(1..).filter(|_| trimmed.get(1..2) == Some(":")).map_or(trimmed, |tail| &tail[1..]);
    let parts: Vec<&str> = tail.split('/').filter(|part| !part.is_empty()).collect();
    if parts.iter().any(|part| matches!(*part, ".ssh" | ".gnupg" | ".aws" | ".kube" | "keychains")) {
        return Some(Reach::Keys);
    }
    match parts.as_slice() {
        ["root" | "home" | "users"] | ["home" | "users", _] if tail.starts_with('/') => Some(Reach::Home),
        ["etc" | "var" | "usr" | "bin" | "sbin" | "lib" | "boot" | "proc" | "sys" | "dev" | "system" | "library"]
        | ["private", "etc" | "var"]
        | ["windows" | "programdata"]
        | ["windows", "system32"]
            if tail.starts_with('/') =>
        {
            Some(Reach::System)
        }
        _ => None,
    }
}

fn split(word: &Word) -> Vec<Word> {
    word.text.split_whitespace().map(|part| Word { text: part.to_owned(), place: word.place.clone() }).collect()
}

fn long_name(option: &str) -> String {
    let name = match option {
        "-v" => "volume",
        "-e" => "env",
        "-p" => "publish",
        "-u" => "user",
        "--net" => "network",
        other => other.trim_start_matches('-'),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Place;

    #[test]
    fn options_of_a_container_are_read_in_every_spelling() {
        let words =
            ["-it", "-v/a:/b", "--net=host", "-v", "C:\\x:/y", "--mount", "type=bind,src=/z,dst=/q", "img", "-v"];
        let words = words.map(|text| Word { text: text.to_owned(), place: Place::top("a") });
        let run = ContainerRun::of(&words);
        assert_eq!(run.image.as_ref().map(|word| word.text.as_str()), Some("img"));
        assert_eq!(run.arguments.len(), 1);
        assert_eq!(run.values("network").map(|word| word.text.as_str()).collect::<Vec<_>>(), ["host"]);
        let sources: Vec<String> = run.mounts().into_iter().map(|(source, _)| source).collect();
        assert_eq!(sources, ["/a", "C:\\x", "/z"]);
        assert_eq!(mount_source("${env:HOME}:/x"), "${env:HOME}");
    }

    #[test]
    fn a_path_opens_up_what_it_says() {
        for (path, expected) in [
            ("/", Some(Reach::Root)),
            ("C:\\", Some(Reach::Root)),
            ("~", Some(Reach::Home)),
            ("${HOME}/", Some(Reach::Home)),
            ("/Users/me", Some(Reach::Home)),
            ("C:\\Users\\me", Some(Reach::Home)),
            ("/Users/me/Desktop", None),
            ("/etc", Some(Reach::System)),
            ("/etc/localtime", None),
            ("etc", None),
            ("users", None),
            ("~/.ssh", Some(Reach::Keys)),
            ("/var/run/docker.sock", Some(Reach::Engine)),
            ("${workspaceFolder}", None),
            (".", None),
            ("", None),
        ] {
            assert_eq!(reach(path), expected, "{path}");
        }
    }
}
