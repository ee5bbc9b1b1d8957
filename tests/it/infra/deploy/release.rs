//! The zip that is deployed: fetched, checked and looked into before anything is made.

use std::path::Path;

use super::{ANSWERS, Desk, words};

/// A desk with something else where the release should be, and what `RELEASES` says then.
fn with_another_zip() -> (Desk, String) {
    let desk = Desk::new();
    let pin = crate::infra::read("infra/release/pin.env");
    let version = pin.lines().find_map(|line| line.strip_prefix("VERSION=")).unwrap();
    std::fs::create_dir(desk.file(&format!("v{version}"))).unwrap();
    desk.put(&format!("v{version}/heartbeat-dns-{version}-linux-x86_64.zip"), "something else");
    let releases = format!("file://{}", desk.folder.path().display());
    (desk, releases)
}

#[test]
fn a_zip_that_is_not_the_release_is_not_deployed() {
    let (desk, releases) = with_another_zip();
    let dist = desk.file("dist").to_str().unwrap().to_owned();
    let done =
        desk.script("deploy.sh", &[&ANSWERS[..], &[("RELEASES", &releases), ("DIST", &dist)]].concat());
    assert_eq!(done.status.code(), Some(1), "{}", words(&done));
    assert!(words(&done).contains("it is not what was released, and is not deployed"), "{}", words(&done));
    assert_eq!(desk.log(), Vec::<String>::new(), "it was looked at before anything else");
    assert_eq!(std::fs::read_dir(&dist).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn a_checksum_is_made_with_what_is_there() {
    let (desk, releases) = with_another_zip();
    let dist = desk.file("dist").to_str().unwrap().to_owned();
    // A machine with few tools: no sha256sum.
    std::fs::create_dir(desk.file("bin")).unwrap();
    for tool in ["sh", "cat", "cp", "cut", "dirname", "git", "mkdir", "mktemp", "mv", "rm", "sed", "tr"] {
        let found = std::env::var("PATH").unwrap();
        let found = found.split(':').map(|folder| Path::new(folder).join(tool)).find(|file| file.is_file());
        std::os::unix::fs::symlink(found.unwrap(), desk.file("bin").join(tool)).unwrap();
    }
    for tool in ["az", "curl"] {
        std::fs::copy(desk.file(tool), desk.file("bin").join(tool)).unwrap();
    }
    let path = desk.file("bin").to_str().unwrap().to_owned();
    let variables = [("RELEASES", releases.as_str()), ("DIST", &dist), ("PATH", &path)];
    let done = desk.script("deploy.sh", &[&ANSWERS[..], &variables].concat());
    assert_eq!(done.status.code(), Some(2), "{}", words(&done));
    assert!(words(&done).contains("shasum is needed and not there"), "{}", words(&done));
    // The tool of macOS, which is asked for the same sum.
    desk.program("bin/shasum", "#!/bin/sh\n[ \"$1$2\" = -a256 ] && echo \"0123 $3\"\n");
    let done = desk.script("deploy.sh", &[&ANSWERS[..], &variables].concat());
    assert!(words(&done).contains("has SHA-256 0123, "), "{}", words(&done));
    std::fs::remove_file(desk.file("bin/curl")).unwrap();
    let done = desk.script("deploy.sh", &[&ANSWERS[..], &variables].concat());
    assert!(words(&done).contains("curl is needed and not there"), "{}", words(&done));
    std::fs::remove_file(desk.file("bin/az")).unwrap();
    let done = desk.script("deploy.sh", &[&ANSWERS[..], &variables].concat());
    for tool in ["az", "curl"] {
        let told = format!("{tool} is needed and not there");
        assert!(words(&done).contains(&told), "all that is missing at once: {}", words(&done));
    }
    assert_eq!(desk.made(), Vec::<String>::new());
}

#[test]
fn a_zip_is_looked_into_before_anything_is_made() {
    let desk = Desk::new();
    desk.put("broken.zip", "host.json\n");
    for (zip, code) in [("missing.zip", "there is no file"), ("broken.zip", "heartbeat-dns cannot be read")] {
        let done = desk.script("deploy.sh", &[&ANSWERS[..], &[("RELEASE_ZIP", zip)]].concat());
        assert_eq!(done.status.code(), Some(2), "{zip}");
        assert!(words(&done).contains(code), "{zip}: {}", words(&done));
    }
    assert_eq!(desk.made(), Vec::<String>::new());
}

#[test]
fn where_releases_are_follows_from_the_clone() {
    for (origin, expected) in [
        ("", "Set RELEASES=https://"),
        ("file:///srv/heartbeat-dns.git", "Set RELEASES=https://"),
        ("https://git.example.com/a/b.git", "cannot fetch https://git.example.com/a/b/releases/download/v"),
        ("git@git.example.com:a/b.git", "cannot fetch https://git.example.com/a/b/releases/download/v"),
    ] {
        let desk = Desk::new();
        desk.program("git", &format!("#!/bin/sh\necho '{origin}'\n"));
        let dist = desk.file("dist").to_str().unwrap().to_owned();
        let done = desk.script("deploy.sh", &[&ANSWERS[..], &[("DIST", &dist)]].concat());
        assert!(!done.status.success() && words(&done).contains(expected), "{origin}: {}", words(&done));
        assert_eq!(desk.log(), Vec::<String>::new(), "{origin}");
    }
}
