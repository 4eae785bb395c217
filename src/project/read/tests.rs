//! Hostile trees: whatever lies in a folder, reading it ends, and what was left out is said.

use std::{fs, path::Path};

use tempfile::TempDir;

use crate::project::{Options, Project, ReadError, Reason, Role};

struct Tree(TempDir);

impl Tree {
    fn new() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("it lies in the folder")).expect("a folder");
        fs::write(path, text).expect("a file");
        self
    }

    /// A repository as `git init` leaves it, with an index that holds `paths`.
    fn init(&self, paths: &[&str]) -> &Self {
        self.write(".git/HEAD", "ref: refs/heads/main\n").write(".git/index", index(paths))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    #[track_caller]
    fn read(&self) -> Project {
        Project::read(self.path(), &Options::default()).expect("the folder is there")
    }
}

/// An index of version 2, as git writes it, without the checksum that may be left out.
fn index(paths: &[&str]) -> Vec<u8> {
    let mut paths = paths.to_vec();
    paths.sort_unstable();
    let mut bytes = b"DIRC\0\0\0\x02".to_vec();
    bytes.extend(u32::try_from(paths.len()).expect("few").to_be_bytes());
    for path in paths {
        let start = bytes.len();
        bytes.extend([0; 24]);
        bytes.extend(0o100_644_u32.to_be_bytes());
        bytes.extend([0; 12]);
        bytes.extend([1; 20]);
        bytes.extend(u16::try_from(path.len()).expect("short").to_be_bytes());
        bytes.extend(path.as_bytes());
        let length = bytes.len() - start;
        bytes.extend(vec![0; 8 - length % 8]);
    }
    bytes.extend([0; 20]);
    bytes
}

#[track_caller]
fn skipped(project: &Project, path: &str) -> (Reason, bool) {
    let found = project.skipped.iter().find(|skipped| skipped.path == path);
    let found = found.unwrap_or_else(|| panic!("`{path}` is not in {:?}", project.skipped));
    (found.reason, found.incomplete)
}

#[test]
fn a_missing_folder_and_a_file_are_errors_and_no_clean_result() {
    let tree = Tree::new();
    tree.write("a.ts", "");
    let read = |path: &str| Project::read(&tree.path().join(path), &Options::default());
    assert!(matches!(read("no/such"), Err(ReadError::Missing(_))));
    assert!(matches!(read("a.ts"), Err(ReadError::NotADirectory(_))));
}

#[test]
fn hidden_files_are_read_and_the_repository_itself_is_not() {
    let tree = Tree::new();
    tree.init(&[]).write(".mcp.json", "{}").write(".github/workflows/ci.yml", "on: push\n").write(".env", "A=1\n");
    let project = tree.read();
    for path in [".mcp.json", ".github/workflows/ci.yml", ".env"] {
        assert!(project.file(path).is_some(), "{path}");
    }
    assert!(project.files.iter().all(|file| !file.path.starts_with(".git/")));
}

#[test]
fn what_git_tracks_is_read_even_where_it_is_ignored_and_the_rest_is_not() {
    let tree = Tree::new();
    tree.init(&[".env", "src/a.ts"]).write(".gitignore", ".env*\n/src\n");
    tree.write(".env", "A=1\n").write(".env.local", "B=2\n").write("src/a.ts", "").write("src/b.ts", "");
    let project = tree.read();
    assert_eq!(project.file(".env").and_then(|file| file.tracked), Some(true));
    assert_eq!(project.file("src/a.ts").and_then(|file| file.tracked), Some(true));
    assert_eq!(project.file(".gitignore").and_then(|file| file.tracked), Some(false));
    assert!(project.file(".env.local").is_none());
    assert!(project.file("src/b.ts").is_none());
    assert!(project.git.ignored(".env.production"));
}

#[test]
fn rules_and_files_above_count_up_to_the_repository_and_no_further() {
    let outer = Tree::new();
    outer.write("LICENSE", "MIT\n").write(".gitignore", "*.ts\n");
    outer.write("repo/.git/HEAD", "ref: x\n").write("repo/.gitignore", ".env\n").write("repo/.github/SECURITY.md", "");
    outer
        .write("repo/packages/.gitignore", "!.env.local\n")
        .write("repo/package.json", "{\"workspaces\": [\"packages/*\"]}");
    outer.write("repo/package-lock.json", "{\"packages\": {\"node_modules/a\": {\"version\": \"1.2.3\"}}}");
    outer.write("repo/packages/one/src/index.ts", "").write("repo/packages/one/package.json", "{}");
    let root = outer.path().join("repo/packages/one");
    let project = Project::read(&root, &Options::default()).expect("the folder is there");
    assert_eq!(project.git.prefix, "packages/one");
    assert!(project.git.ignored(".env"));
    assert!(project.file("src/index.ts").is_some(), "rules outside of the repository do not count");
    assert!(project.above.names.contains(&"../../.github/SECURITY.md".to_owned()));
    assert!(!project.above.names.iter().any(|name| name.ends_with("LICENSE")));
    assert_eq!(project.dependency_version("a").as_deref(), Some("1.2.3"));
}

#[test]
fn a_work_tree_elsewhere_is_followed_to_its_index() {
    let tree = Tree::new();
    tree.write("main/.git/worktrees/w/HEAD", "ref: x\n").write("main/.git/worktrees/w/commondir", "../..\n");
    tree.write("main/.git/worktrees/w/index", index(&["a.ts"])).write("main/.git/info/exclude", "*.log\n");
    tree.write("w/.git", "gitdir: ../main/.git/worktrees/w\n").write("w/a.ts", "").write("w/b.ts", "");
    let project = Project::read(&tree.path().join("w"), &Options::default()).expect("the folder is there");
    assert_eq!(project.git.tracks("a.ts"), Some(true));
    assert_eq!(project.git.tracks("b.ts"), Some(false));
    assert!(project.git.ignored("x.log"));
}

#[test]
fn a_damaged_index_leaves_the_result_incomplete_and_the_files_read() {
    for bytes in [
        &b"DIRC"[..],
        b"",
        b"DIRC\0\0\0\x02\xff\xff\xff\xff",
        &[0xff; 4096],
        b"DIRC\0\0\0\x04\0\0\0\x01aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ] {
        let tree = Tree::new();
        tree.write(".git/HEAD", "ref: x\n").write(".git/index", bytes).write("a.ts", "");
        let project = tree.read();
        assert_eq!(skipped(&project, ".git/index"), (Reason::Unreadable, true), "{bytes:?}");
        assert_eq!(project.file("a.ts").map(|file| file.tracked), Some(None));
    }
}

#[test]
fn an_index_that_points_out_of_the_project_brings_nothing_in() {
    let outer = Tree::new();
    outer.write("secret.ts", "const a = 1;\n");
    outer.write("repo/.git/HEAD", "ref: x\n").write("repo/.git/index", index(&["../secret.ts", "a.ts"]));
    let project = Project::read(&outer.path().join("repo"), &Options::default()).expect("the folder is there");
    assert!(project.files.is_empty(), "{:?}", project.files.iter().map(|file| &file.path).collect::<Vec<_>>());
}

#[test]
fn vendored_generated_and_excluded_files_are_listed_and_not_judged() {
    let tree = Tree::new();
    tree.write("node_modules/a/index.js", "x").write("vendor/b/c.go", "package c").write("Cargo.toml", "");
    tree.write("target/debug/a.rs", "fn a() {}").write("api.pb.go", "package a").write("src/index.ts", "export {};\n");
    tree.write("dist/index.js", "x").write("src/made.ts", "// Code generated by a tool. DO NOT EDIT.\n");
    tree.write("mcpsec.toml", "version = 1\n[doctor]\nexclude = [\"legacy/**\", \"old\"]\n");
    tree.write("legacy/a.ts", "").write("old/b.ts", "");
    let project = tree.read();
    for path in ["node_modules", "vendor", "target", "api.pb.go", "src/made.ts", "dist/index.js"] {
        assert_eq!(skipped(&project, path), (Reason::Foreign, false), "{path}");
    }
    assert_eq!(skipped(&project, "old"), (Reason::Excluded, false));
    assert_eq!(skipped(&project, "legacy/a.ts"), (Reason::Excluded, false));
    assert_eq!(
        project.file("src/made.ts").map(|file| (file.role, file.module.is_some())),
        Some((Role::Foreign, false))
    );
}

#[test]
fn where_the_build_output_is_all_there_is_it_is_the_product() {
    let tree = Tree::new();
    tree.write("dist/index.js", "export {};\n").write("package.json", "{}");
    assert_eq!(tree.read().file("dist/index.js").map(|file| file.role), Some(Role::Product));
}

#[test]
fn bytes_of_any_kind_are_survived_and_named() {
    let tree = Tree::new();
    tree.write("logo.png", [0x89, 0x50, 0, 1])
        .write("data", [0xff; 300])
        .write("noise.ts", [0xfe_u8, 1, 2, 3].repeat(99));
    tree.write("latin.ts", b"// caf\xe9\nconst a = 1;\n").write("wide.ts", b"\xff\xfea\0=\x001\0");
    tree.write("zero.ts", "const a = 1;\0\n").write("long.js", vec![b'a'; 50 * 1024 * 1024]);
    tree.write("big.txt", vec![b'a'; 2 * 1024 * 1024]).write("package-lock.json", vec![b' '; 9 * 1024 * 1024]);
    tree.write("made.ts", format!("// AUTO-GENERATED by build.ts\n{}", "let a = 1;\n".repeat(200_000)));
    tree.write("deep.json", "[".repeat(500_000)).write("deep.ts", "(".repeat(500_000));
    let project = tree.read();
    assert_eq!(skipped(&project, "logo.png"), (Reason::Binary, false));
    assert_eq!(skipped(&project, "data"), (Reason::Binary, false));
    assert_eq!(skipped(&project, "noise.ts"), (Reason::Binary, true));
    assert_eq!(skipped(&project, "latin.ts"), (Reason::Encoding, false));
    assert_eq!(skipped(&project, "long.js"), (Reason::TooLarge, true));
    assert_eq!(skipped(&project, "made.ts"), (Reason::Foreign, false));
    assert_eq!(skipped(&project, "big.txt"), (Reason::TooLarge, false));
    assert_eq!(skipped(&project, "package-lock.json"), (Reason::TooLarge, true));
    assert_eq!(project.file("wide.ts").map(|file| file.text.as_str()), Some("a=1"));
    assert!(project.file("zero.ts").is_some_and(|file| file.module.is_some()));
}

#[cfg(unix)]
mod unix {
    use std::{
        ffi::OsStr,
        os::unix::{ffi::OsStrExt, fs::PermissionsExt, fs::symlink},
    };

    use super::*;

    #[test]
    fn links_are_never_followed_and_loops_end() {
        let outer = Tree::new();
        outer.write("secret/.env", "A=1\n").write("repo/src/a.ts", "");
        let repo = outer.path().join("repo");
        symlink("../secret", repo.join("out")).expect("a link");
        symlink("..", repo.join("src/up")).expect("a link");
        symlink("loop", repo.join("loop")).expect("a link");
        symlink("src", repo.join("again")).expect("a link");
        symlink("nowhere", repo.join("dangling")).expect("a link");
        let project = Project::read(&repo, &Options::default()).expect("the folder is there");
        assert_eq!(project.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["src/a.ts"]);
        for path in ["out", "src/up", "loop", "dangling"] {
            // What leads to the project itself is within it.
            if path != "src/up" {
                assert_eq!(skipped(&project, path), (Reason::Link, false), "{path}");
            }
        }
    }

    #[test]
    fn a_hostile_index_cannot_lead_through_a_link() {
        let outer = Tree::new();
        outer
            .write("secret/a.ts", "")
            .write("repo/.git/HEAD", "ref: x\n")
            .write("repo/.git/index", index(&["out/a.ts"]));
        let repo = outer.path().join("repo");
        symlink("../secret", repo.join("out")).expect("a link");
        assert!(Project::read(&repo, &Options::default()).expect("the folder is there").files.is_empty());
    }

    #[test]
    fn what_cannot_be_read_leaves_the_result_incomplete() {
        let tree = Tree::new();
        tree.write("closed/a.ts", "").write("b.ts", "");
        let closed = |path: &str, mode: u32| {
            fs::set_permissions(tree.path().join(path), fs::Permissions::from_mode(mode)).expect("it is ours");
        };
        closed("closed", 0);
        closed("b.ts", 0);
        // Root reads everything: then there is nothing to see.
        let is_root = fs::read_dir(tree.path().join("closed")).is_ok();
        let project = tree.read();
        closed("closed", 0o755);
        if !is_root {
            assert_eq!(skipped(&project, "closed"), (Reason::Unreadable, true));
            assert_eq!(skipped(&project, "b.ts"), (Reason::Unreadable, true));
        }
    }

    #[test]
    fn ten_thousand_links_are_followed_nowhere() {
        let outer = Tree::new();
        outer.write("secret/.env", "A=1\n").write("repo/src/a.ts", "");
        let repo = outer.path().join("repo");
        for number in 0..10_000 {
            let target = match number % 4 {
                0 => "../../secret".to_owned(),
                1 => "..".to_owned(),
                // A chain that ends where it began.
                2 => format!("link{}", (number + 4) % 10_000),
                _ => "../src/a.ts".to_owned(),
            };
            let folder = repo.join(if number % 2 == 0 { "farm" } else { "src" });
            fs::create_dir_all(&folder).expect("a folder");
            symlink(target, folder.join(format!("link{number}"))).expect("a link");
        }
        let project = Project::read(&repo, &Options::default()).expect("the folder is there");
        assert_eq!(project.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["src/a.ts"]);
        assert!(project.skipped.iter().all(|skipped| skipped.reason == Reason::Link && !skipped.incomplete));
    }

    fn pipes(tree: &Tree, paths: &[&str]) {
        let made = std::process::Command::new("mkfifo").args(paths).current_dir(tree.path()).status();
        assert!(made.is_ok_and(|status| status.success()), "{paths:?} cannot be made");
    }

    /// Opening a pipe waits for somebody to write into it, and reading a device may never end.
    #[test]
    fn what_is_no_file_is_not_opened() {
        let tree = Tree::new();
        tree.write("src/a.ts", "").write("docs/b.py", "");
        pipes(&tree, &["package.json", "src/pipe.ts", "mcpsec.toml", ".env", "Cargo.lock"]);
        std::os::unix::net::UnixListener::bind(tree.path().join("src/socket.ts")).expect("a socket");
        symlink("/dev/zero", tree.path().join("src/zero.ts")).expect("a link");
        let project = tree.read();
        let paths: Vec<&str> = project.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["docs/b.py", "src/a.ts"]);
        for path in ["package.json", "src/pipe.ts", "src/socket.ts", ".env", "Cargo.lock"] {
            assert_eq!(skipped(&project, path), (Reason::Binary, false), "{path}");
        }
    }

    #[test]
    fn rules_of_git_that_are_no_files_are_not_opened() {
        for path in [".gitignore", ".git/info/exclude", ".git/index", ".git/commondir", "../.gitignore"] {
            let outer = Tree::new();
            outer.write("repo/.git/HEAD", "ref: x\n").write("repo/.git/info/x", "").write("repo/a.ts", "");
            pipes(&outer, &[&format!("repo/{path}")]);
            let project = Project::read(&outer.path().join("repo"), &Options::default()).expect("the folder is there");
            assert!(project.file("a.ts").is_some(), "{path}");
        }
    }

    #[test]
    fn a_folder_whose_rules_cannot_be_read_is_left_out_and_named() {
        let tree = Tree::new();
        tree.init(&[]).write("a.ts", "").write("deep/b.ts", "").write("linked/c.ts", "").write("fine/d.ts", "");
        tree.write("rules", "x\n");
        pipes(&tree, &["deep/.gitignore"]);
        symlink("/dev/zero", tree.path().join("linked/.gitignore")).expect("a link");
        symlink("../rules", tree.path().join("fine/.gitignore")).expect("a link");
        tree.write("nested/e.ts", "").write("nested/.gitignore", "{a,".repeat(100_000));
        let project = tree.read();
        let paths: Vec<&str> = project.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["a.ts", "fine/d.ts", "rules"]);
        for path in ["deep/.gitignore", "linked/.gitignore", "nested/.gitignore"] {
            assert_eq!(skipped(&project, path), (Reason::Unreadable, true), "{path}");
        }
    }

    #[test]
    fn names_that_are_no_text_are_survived() {
        let tree = Tree::new();
        tree.write("a.ts", "");
        // Some file systems refuse such names.
        if fs::write(tree.path().join(OsStr::from_bytes(b"\xff\xfe.ts")), "const a = 1;\n").is_ok() {
            let project = tree.read();
            assert_eq!(project.files.len() + project.skipped.len(), 2);
        }
    }

    #[test]
    fn folders_nested_deeper_than_a_path_may_be_long_are_survived() {
        let tree = Tree::new();
        let mut folder = tree.path().to_owned();
        for _ in 0..300 {
            folder.push("0123456789");
            if fs::create_dir(&folder).is_err() {
                break;
            }
        }
        assert!(tree.read().files.is_empty());
    }
}

#[cfg(unix)]
#[test]
fn who_may_write_a_file_is_read_with_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let tree = Tree::new();
    tree.write("mcp-docker-registry.json", "{}").write("a.json", "{}");
    let path = tree.path().join("mcp-docker-registry.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o646)).expect("its mode can be set");
    let project = tree.read();
    assert_eq!(project.file("mcp-docker-registry.json").and_then(|file| file.mode), Some(0o646));
    assert!(project.file("a.json").is_some_and(|file| file.mode.is_some()));
}
