//! Running programs of another processor: whether this machine can, which it does through `binfmt_misc`.
//!
//! Copying files and setting a config needs no program, so an image of any platform can be made of these anywhere.

use std::fs;
use std::path::Path;

use super::error::Error;
use super::prepare::platform;
use crate::oci::Platform;
use crate::plan::{Operation, Planned, Step};

/// Where the kernel tells which interpreters it has been given.
const INTERPRETERS: &str = "/proc/sys/fs/binfmt_misc";

/// The first step of `planned` that runs a program which cannot run here.
pub(super) fn check(planned: &Planned) -> Result<(), Error> {
    let host = Platform::host();
    for step in planned.steps.iter().filter(|step| matches!(step.operation, Operation::Run(_))) {
        let Some(wanted) = platform_of(planned, step) else { continue };
        if !runs_natively(&host, &wanted) && !has_interpreter(Path::new(INTERPRETERS), &wanted.architecture) {
            let step = format!("{} {}", step.name, step.text);
            return Err(Error::Foreign { step, wanted: wanted.to_string(), host: host.to_string() });
        }
    }
    Ok(())
}

/// The platform of what a step runs on: that of its stage's base image.
fn platform_of(planned: &Planned, step: &Step) -> Option<Platform> {
    let base = planned.base_step(planned.stage(step.stage)?);
    match base.map(|base| &planned.step(base).operation) {
        Some(Operation::Base(base)) => Some(platform(&base.platform)),
        _ => Some(platform(&planned.platform)),
    }
}

/// Whether a processor runs the programs of another without help.
fn runs_natively(host: &Platform, wanted: &Platform) -> bool {
    let older = [("amd64", "386"), ("arm64", "arm")];
    host.architecture == wanted.architecture || older.contains(&(&host.architecture, &wanted.architecture))
}

/// Whether the kernel has an interpreter for programs of `architecture` that works in every root.
fn has_interpreter(directory: &Path, architecture: &str) -> bool {
    let Some(header) = header(architecture) else { return false };
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter_map(|entry| fs::read_to_string(entry.path()).ok()).any(|entry| interprets(&entry, &header))
}

/// Whether an entry is enabled, opened beforehand (flag F: the root of a step does not have it) and for this header.
fn interprets(entry: &str, header: &[u8]) -> bool {
    let field = |name: &str| entry.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let is_ready = entry.lines().next() == Some("enabled") && field("flags:").is_some_and(|flags| flags.contains('F'));
    let (Some(magic), mask) = (field("magic ").and_then(bytes), field("mask ").and_then(bytes)) else { return false };
    let mask = mask.unwrap_or_else(|| vec![0xff; magic.len()]);
    is_ready
        && magic.len() <= header.len()
        && magic.iter().zip(header).zip(&mask).all(|((magic, byte), mask)| magic & mask == byte & mask)
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let pairs = hex.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// How a program of an architecture begins: the header of an ELF file, as far as it tells.
fn header(architecture: &str) -> Option<[u8; 20]> {
    const LITTLE: u8 = 1;
    const BIG: u8 = 2;
    let (class, order, machine) = match architecture {
        "386" => (1, LITTLE, 3_u16),
        "amd64" => (2, LITTLE, 62),
        "arm" => (1, LITTLE, 40),
        "arm64" => (2, LITTLE, 183),
        "ppc64le" => (2, LITTLE, 21),
        "s390x" => (2, BIG, 22),
        "riscv64" => (2, LITTLE, 243),
        "mips64le" => (2, LITTLE, 8),
        "loong64" => (2, LITTLE, 258),
        _ => return None,
    };
    let mut header = [0; 20];
    header[..7].copy_from_slice(&[0x7f, b'E', b'L', b'F', class, order, 1]);
    let number = |number: u16| if order == BIG { number.to_be_bytes() } else { number.to_le_bytes() };
    header[16..18].copy_from_slice(&number(2));
    header[18..].copy_from_slice(&number(machine));
    Some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QEMU_ARM64: &str = "enabled\ninterpreter /usr/bin/qemu-aarch64-static\nflags: OCF\noffset 0\n\
        magic 7f454c460201010000000000000000000200b700\nmask ffffffffffffff00fffffffffffffffffeffffff\n";

    #[test]
    fn an_interpreter_is_known_by_the_header_it_is_for() {
        let arm64 = header("arm64").expect("a known processor");
        assert!(interprets(QEMU_ARM64, &arm64));
        assert!(!interprets(QEMU_ARM64, &header("s390x").expect("a known processor")));
        assert!(!interprets(&QEMU_ARM64.replace("enabled", "disabled"), &arm64));
        assert!(
            !interprets(&QEMU_ARM64.replace("OCF", "OC"), &arm64),
            "it would be looked for in the root of the step"
        );
        assert!(!interprets("enabled\ninterpreter /x\nflags: F\nextension .x\n", &arm64));
    }

    #[test]
    fn a_directory_of_interpreters_is_read() {
        let place = tempfile::tempdir().expect("a directory");
        assert!(!has_interpreter(place.path(), "arm64"));
        std::fs::write(place.path().join("status"), "enabled\n").expect("a file");
        std::fs::write(place.path().join("qemu-aarch64"), QEMU_ARM64).expect("a file");
        assert!(has_interpreter(place.path(), "arm64") && !has_interpreter(place.path(), "riscv64"));
        assert!(!has_interpreter(&place.path().join("gone"), "arm64"));
    }
}
