//! A root file system for tests that run something: Debian's busybox-static and its command names.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// The statically linked busybox that the Debian package `busybox-static` installs.
pub const BUSYBOX: &str = "/bin/busybox";

/// Lays out a tree at `root` in which shell commands run: `/bin/busybox`, a link for each of its commands, a few users.
pub fn lay_out_busybox(root: &Path) {
    for directory in ["bin", "etc", "tmp"] {
        fs::create_dir_all(root.join(directory)).expect("a directory");
    }
    fs::copy(BUSYBOX, root.join("bin/busybox")).expect("install busybox-static");
    let list = Command::new(BUSYBOX).arg("--list").output().expect("busybox lists its commands");
    for name in String::from_utf8_lossy(&list.stdout).lines().filter(|&name| name != "busybox") {
        symlink("busybox", root.join("bin").join(name)).expect("a link");
    }
    fs::write(root.join("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nweb:x:33:34::/srv/web:/bin/sh\n")
        .expect("users");
    fs::write(root.join("etc/group"), "root:x:0:\nwheel:x:10:root\nweb:x:34:\nlog:x:40:web\n").expect("groups");
}
