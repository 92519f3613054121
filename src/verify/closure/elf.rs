//! What a program or library needs to be loaded: its interpreter and the libraries that it names.

use object::read::elf::{ElfFile, FileHeader, ProgramHeader};
use object::{Endianness, elf};

/// What an ELF file asks its system for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Needs {
    /// The program that loads it.
    pub(super) interpreter: Option<String>,
    /// Libraries, by the name they are looked for under.
    pub(super) libraries: Vec<String>,
}

/// What the file needs; none where it is no ELF file or a broken one.
pub(super) fn needs(bytes: &[u8]) -> Option<Needs> {
    if bytes.get(4).copied() == Some(elf::ELFCLASS32.0) {
        of_class::<elf::FileHeader32<Endianness>>(bytes)
    } else {
        of_class::<elf::FileHeader64<Endianness>>(bytes)
    }
}

fn of_class<H: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> Option<Needs> {
    let file = ElfFile::<H>::parse(bytes).ok()?;
    let endian = file.endian();
    let mut needs = Needs::default();
    for header in file.elf_program_headers() {
        if let Ok(Some(interpreter)) = header.interpreter(endian, bytes) {
            needs.interpreter = Some(text(interpreter));
        }
    }
    let table = file.elf_section_table().dynamic_table(endian, bytes).ok()?;
    let names = table.iter().filter(|entry| entry.tag == elf::DT_NEEDED);
    needs.libraries.extend(names.filter_map(|entry| table.string(entry).ok()).map(text));
    Some(needs)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_tells_its_interpreter_and_its_libraries() {
        let own = std::env::current_exe().expect("the program of the test");
        let needs = needs(&std::fs::read(own).expect("it can be read")).expect("it is a program");
        assert!(needs.interpreter.is_some_and(|path| path.contains("ld-")));
        assert!(needs.libraries.iter().any(|name| name.starts_with("libc.")), "{:?}", needs.libraries);
    }

    #[test]
    fn anything_else_needs_nothing() {
        for bytes in
            [&b""[..], b"#!/bin/sh\n", b"\x7fELF", b"\x7fELF\x02\x01\x01", &[0x7f, b'E', b'L', b'F', 1, 1, 1, 0]]
        {
            assert_eq!(needs(bytes), None);
        }
    }
}
