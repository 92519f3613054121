//! Dockerfiles that nobody would write, for properties: pieces of the language put together at random.

use proptest::prelude::*;

const WORDS: &[&str] = &[
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
    "from",
    "Onbuild",
    "RNU",
    "a",
    "b.c",
    "x=y",
    "k v",
    "AS",
    "as",
    "NONE",
    "stage",
    "1st",
    "/",
    "$x",
    "${x}",
    "${x:-y}",
    "${x:=y}",
    "${x/a/b}",
    "${",
    "--",
    "--x",
    "--from=a",
    "--link",
    "--link=",
    "--chown=\"a b\"",
    "--mount=type=cache,target=/x",
    "--network=x",
    "--interval=3s",
    "--retries=-1",
];

const MARKS: &[&str] = &[
    "\"",
    "'",
    "=",
    "[",
    "]",
    "{",
    "}",
    ",",
    "\"a\"",
    "[\"a\", \"b\"]",
    "[1]",
    "[\"\\u00e9\\ud800\"]",
    "[1e999]",
    "<",
    "<<",
    "<<EOF",
    "<<-EOF",
    "<<\"EOF\"",
    "<<'E F'",
    "3<<X",
    "<< EOF",
    "<<$X",
    "\\",
    "`",
    "\\\"",
    "#",
    "$",
];

const BREAKS: &[&str] = &[
    "\n",
    "\n",
    "\n",
    "\r\n",
    "\r",
    " ",
    " ",
    "\t",
    "\u{b}",
    "\\\n",
    "\\ \t\n",
    "`\n",
    "\\\\\n",
    "# note\n",
    "\n\n",
    "\nEOF\n",
    "\n\tEOF\n",
    "\nX\n",
    "\nE F\n",
    "# rplan ignore=a\n",
    "# hadolint ignore=DL1\n",
];

const HEADS: &[&str] = &[
    "",
    "",
    "\u{feff}",
    "# escape=`\n",
    "# escape = \\ \n",
    "#escape=x\n",
    "# check=skip=all\n# escape=`\n",
    "# syntax=a\n# syntax=b\n",
    "#!/bin/x\n# syntax=a\n",
    "//syntax=a\n",
];

const STRANGE: &[&[u8]] = &[
    b"\xff",
    b"\xc3",
    b"\xe2\x80",
    b"\xa0",
    b"\x85",
    b"\0",
    b"\x1a",
    "é".as_bytes(),
    "\u{a0}".as_bytes(),
    "\u{2003}".as_bytes(),
    "😀".as_bytes(),
    "\u{212a}".as_bytes(),
    "\u{feff}".as_bytes(),
];

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    proptest::sample::select(texts).prop_map(|text| text.as_bytes().to_vec())
}

/// The bytes of a hostile Dockerfile.
pub fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => one_of(WORDS),
        4 => one_of(MARKS),
        8 => one_of(BREAKS),
        1 => proptest::sample::select(STRANGE).prop_map(<[u8]>::to_vec),
    ];
    (one_of(HEADS), proptest::collection::vec((piece, any::<bool>()), 0..60)).prop_map(|(head, pieces)| {
        pieces.into_iter().fold(head, |mut bytes, (piece, spaced)| {
            bytes.extend(piece);
            bytes.extend(spaced.then_some(b' '));
            bytes
        })
    })
}
