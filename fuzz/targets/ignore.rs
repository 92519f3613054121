//! Any bytes are an ignore file, or an error says why not; the ways of asking it agree.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rplan::model::ignore::IgnoreFile;
use rplan::text::SourceFile;

fuzz_target!(|input: (&[u8], Vec<&str>)| {
    let (bytes, names) = input;
    let Ok(ignore) = IgnoreFile::parse(&SourceFile::new(".dockerignore", bytes)) else { return };
    let mut path = String::new();
    let mut verdicts = ignore.at_root();
    let mut skipped = false;
    for name in names.into_iter().filter(|name| !name.is_empty() && !name.contains('/')).take(8) {
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(name);
        verdicts = ignore.below(&verdicts, &path);
        assert_eq!(verdicts.is_excluded(), ignore.excludes(&path));
        assert!(!skipped || ignore.excludes(&path));
        skipped |= !ignore.may_include_below(&path);
    }
});
