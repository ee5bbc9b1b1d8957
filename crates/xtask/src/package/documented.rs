//! What `docs/operator.md` says of a release is what a release is: its lines are run as they stand there, on files that are
//! named and listed as packaging does it, and it names each file.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::{Command, Output};

use super::platform::{Gets, Platform};
use super::{Released, list, name, version};
use crate::shell::{BASH, root};

fn page() -> String {
    std::fs::read_to_string(root().unwrap().join("docs/operator.md")).unwrap()
}

/// The shell block below a heading.
fn block(heading: &str) -> String {
    let page = page();
    let section = page.split("\n### ").find(|section| section.starts_with(heading)).unwrap();
    section.split("```sh\n").nth(1).unwrap().split("```").next().unwrap().to_owned()
}

/// A release that holds these files, in a folder of its own; and the page's lines, which fetch from there.
fn release(folder: &Path, files: &[Released]) -> String {
    let version = version(&root().unwrap()).unwrap();
    let tag = folder.join(format!("v{version}"));
    std::fs::create_dir(&tag).unwrap();
    for file in files {
        std::fs::write(tag.join(&file.name), &file.bytes).unwrap();
    }
    std::fs::write(tag.join("SHA256SUMS"), list(files)).unwrap();
    let block = block("From a release, on Linux");
    assert!(block.contains(&format!("\nversion={version}\n")), "the page names the version of Cargo.toml");
    let there = "releases=https://github.com/OWNER/heartbeat-dns/releases/download\n";
    assert!(block.starts_with(there), "{block}");
    block.replacen(there, &format!("releases=file://{}\n", folder.display()), 1)
}

/// Runs the lines on a machine of that architecture, in a folder and at a home of their own.
fn installed(lines: &str, home: &Path, architecture: &str) -> Output {
    let uname = format!("uname() {{ echo {architecture}; }}\n");
    let mut bash = Command::new(BASH);
    bash.args(["--norc", "-c", &format!("{uname}{lines}")]).current_dir(home).env("HOME", home);
    bash.output().unwrap()
}

#[test]
fn the_lines_install_the_file_of_the_machine_and_no_other() {
    let version = version(&root().unwrap()).unwrap();
    let linux: Vec<_> = Platform::ALL.into_iter().filter(Platform::is_linux).collect();
    let file = |platform: &Platform| Released::new(name(&version, platform), platform.target.into());
    let mut files: Vec<_> = linux.iter().map(file).collect();
    // Its name begins like the program's.
    files.push(Released::new(format!("{}.zip", files[0].name), b"zip".to_vec()));
    let folder = tempfile::tempdir().unwrap();
    let lines = release(folder.path(), &files);
    for platform in linux {
        let home = tempfile::tempdir().unwrap();
        let architecture = platform.name.strip_prefix("linux-").unwrap();
        let done = installed(&lines, home.path(), architecture);
        assert!(done.status.success(), "{done:?}");
        let program = home.path().join(".local/bin/heartbeat-dns");
        assert_eq!(std::fs::read_to_string(&program).unwrap(), platform.target);
        assert!(Command::new("test").arg("-x").arg(&program).status().unwrap().success());
    }
}

#[test]
fn a_file_that_is_not_the_release_is_not_installed() {
    let version = version(&root().unwrap()).unwrap();
    let name = name(&version, &Platform::FUNCTIONS);
    let listed = Released::new(name.clone(), b"released".to_vec());
    let changed = |bytes: &[u8], list_it: bool| {
        let (folder, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let lines = release(folder.path(), std::slice::from_ref(&listed));
        let tag = folder.path().join(format!("v{version}"));
        std::fs::write(tag.join(&name), bytes).unwrap();
        if !list_it {
            std::fs::write(tag.join("SHA256SUMS"), "").unwrap();
        }
        let done = installed(&lines, home.path(), "x86_64");
        (done.status.success(), home.path().join(".local/bin/heartbeat-dns").exists())
    };
    assert_eq!(changed(b"released", true), (true, true));
    assert_eq!(changed(b"replaced", true), (false, false));
    assert_eq!(changed(b"released", false), (false, false), "a file that nobody listed");
}

#[test]
fn the_page_names_every_file_of_a_laptop() {
    let page = page();
    for platform in Platform::ALL.iter().filter(|platform| platform.gets == Gets::CommandLine) {
        let file = format!("`{}.zip`", name("VERSION", platform));
        assert!(page.contains(&file), "{file}");
    }
}

/// A `buildah` that keeps what is put in place of the first stage, and knows a digest.
const BUILDAH: &str = "#!/bin/sh
echo \"$1 $2\" >> \"$KEPT/calls\"
while [ $# -gt 0 ]; do
    case $1 in
        build=*) cp -R \"${1#build=}/.\" \"$KEPT\" ;;
        --digestfile) printf sha256:0123 > \"$2\" ;;
    esac
    shift
done
";

#[test]
fn the_image_is_made_of_the_files_that_were_packaged() {
    let root = root().unwrap();
    let version = version(&root).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for place in ["dist", "kept", "bin"] {
        std::fs::create_dir(folder.path().join(place)).unwrap();
    }
    for platform in Platform::ALL.iter().filter(|platform| platform.is_linux()) {
        std::fs::write(folder.path().join("dist").join(name(&version, platform)), platform.target).unwrap();
    }
    let buildah = folder.path().join("bin/buildah");
    std::fs::write(&buildah, BUILDAH).unwrap();
    super::binary::make_executable(&buildah).unwrap();
    let path = format!("{}:{}", folder.path().join("bin").display(), std::env::var("PATH").unwrap());
    let mut script = Command::new(root.join("infra/release/image.sh"));
    script.arg(folder.path().join("dist")).arg("docker://registry.example.com/heartbeat-dns:1");
    script.env("PATH", path).env("KEPT", folder.path().join("kept")).env("CERTIFICATES", &buildah);
    let done = script.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stdout), "sha256:0123\n", "{done:?}");
    let kept = |file: &str| std::fs::read_to_string(folder.path().join("kept").join(file)).unwrap();
    assert_eq!(kept("calls"), "build --manifest\nmanifest push\nmanifest rm\n");
    // The names by which the Containerfile takes them: the architectures as images call them.
    assert_eq!(kept("heartbeat-dns-amd64"), "x86_64-unknown-linux-gnu");
    assert_eq!(kept("heartbeat-dns-arm64"), "aarch64-unknown-linux-gnu");
    let containerfile = std::fs::read_to_string(root.join("Containerfile")).unwrap();
    assert!(containerfile.contains("/heartbeat-dns-$TARGETARCH /heartbeat-dns\n"), "{containerfile}");
}

/// Both workflows package what there is to package, and the release all of it.
#[test]
fn the_workflows_name_every_target() {
    for file in ["ci.yml", "release.yml"] {
        let text = std::fs::read_to_string(root().unwrap().join(".github/workflows").join(file)).unwrap();
        for line in text.lines().filter_map(|line| line.split_once("target: ")) {
            let target = line.1.trim_end_matches(" }");
            assert!(target.starts_with("${{") || Platform::of(target).is_ok(), "{file}: {target}");
        }
        if file == "release.yml" {
            let missing = Platform::ALL.iter().find(|platform| !text.contains(platform.target));
            assert_eq!(missing, None);
        }
    }
}
