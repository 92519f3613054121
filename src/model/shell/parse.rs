//! From text to a script, guarded: too deep nesting is refused before a recursive parser sees it.

use std::thread;

use crate::model::shell::brush::Brush;
use crate::model::shell::{Interpreter, Script, ShellBody, SimpleCommand};
use crate::syntax::{Heredoc, JoinedText};

/// Nesting that any thread's stack can take.
const SHALLOW: usize = 24;

/// Nesting that nobody writes by hand; a recursive parser might run out of any stack beyond it.
const DEEPEST: usize = 200;

/// The stack for what lies between the two.
const LARGE_STACK: usize = 256 << 20;

/// A parser of shell text: the seam behind which a crate stands.
pub(super) trait ShellParser: Sync {
    /// The script, or why it cannot be parsed.
    fn script(&self, text: &JoinedText) -> Result<Script, String>;
}

/// The text as `interpreter` would read it.
pub fn parse(text: &JoinedText, interpreter: &Interpreter) -> ShellBody {
    let opaque = |reason: String| ShellBody::Opaque { reason, span: text.span() };
    if let Interpreter::Other(name) = interpreter {
        return opaque(format!("{name} is not a POSIX shell"));
    }
    let parsed = match nesting(text.as_str()) {
        depth if depth > DEEPEST => Err(format!("it nests more than {DEEPEST} levels deep")),
        depth if depth > SHALLOW => with_large_stack(text),
        _ => Brush.script(text),
    };
    match parsed {
        Ok(script) if script.commands.iter().any(is_for_windows) => opaque("it is for a shell of Windows".to_owned()),
        Ok(script) => ShellBody::Script(script),
        Err(reason) => opaque(reason),
    }
}

/// Whether the command calls a shell that is on no other system: then what surrounds it is not for sh either.
fn is_for_windows(command: &SimpleCommand) -> bool {
    matches!(command.name(), Some("powershell" | "powershell.exe" | "cmd.exe"))
}

/// The body of a RUN that is nothing but a heredoc; its first line may name an interpreter.
pub fn parse_heredoc(text: &JoinedText, heredoc: &Heredoc, interpreter: &Interpreter) -> ShellBody {
    let named = Interpreter::of_shebang(&heredoc.content);
    parse(text, named.as_ref().unwrap_or(interpreter))
}

/// A line that feeds heredocs to its commands: the shell reads line and bodies, the commands are those of the line.
pub fn parse_with_heredocs(line: &JoinedText, heredocs: &[Heredoc], interpreter: &Interpreter) -> ShellBody {
    let mut text = line.clone();
    let mut end = line.span().end;
    for heredoc in heredocs {
        text.push("\n", end);
        text.push(&heredoc.content, heredoc.body.start);
        text.push(&heredoc.name, heredoc.terminator.start);
        end = heredoc.terminator.end;
    }
    text.push("\n", end);
    parse(&text, interpreter)
}

fn with_large_stack(text: &JoinedText) -> Result<Script, String> {
    thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(LARGE_STACK).spawn_scoped(scope, || Brush.script(text));
        match worker {
            Ok(worker) => worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(error) => Err(format!("no thread could be started to parse it: {error}")),
        }
    })
}

/// An upper bound of how deep the text nests, quotes not looked at.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'{' | b'[' => depth += 1,
            b')' | b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    let (mut compounds, mut prefixes, mut most_prefixes) = (0, 0, 0);
    for word in text.split(|c: char| c.is_whitespace() || c == ';') {
        match word {
            "if" | "while" | "until" | "for" | "case" | "select" => compounds += 1,
            // Each of these may stand before another of its kind.
            "!" | "coproc" | "time" => {
                prefixes += 1;
                most_prefixes = most_prefixes.max(prefixes);
                continue;
            }
            _ => {}
        }
        prefixes = 0;
    }
    deepest + compounds + most_prefixes + text.matches('`').count() / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::shell::Connector;

    fn script(text: &str) -> Script {
        match parse(&JoinedText::contiguous(text, 0), &Interpreter::Posix) {
            ShellBody::Script(script) => script,
            ShellBody::Opaque { reason, .. } => panic!("{text:?} is opaque: {reason}"),
        }
    }

    fn shown(text: &str) -> Vec<String> {
        let show = |command: &SimpleCommand| {
            let words: Vec<&str> = command.words.iter().map(|word| &text[word.span.range()]).collect();
            format!("{:?} {} {}", command.joined_by, command.depth, words.join("|"))
        };
        script(text).commands.iter().map(show).collect()
    }

    #[test]
    fn commands_keep_their_order_and_their_places() {
        assert_eq!(shown("a -x 'b c' && d || e; f"), ["First 0 a|-x|'b c'", "And 0 d", "Or 0 e", "Sequence 0 f"]);
        assert_eq!(shown("é é | b"), ["First 0 é|é", "Pipe 0 b"]);
        assert_eq!(shown("if a; then b; fi"), ["First 1 a", "Sequence 1 b"]);
    }

    #[test]
    fn texts_for_windows_are_not_read_as_if_they_were_sh() {
        for text in ["powershell.exe -Command $a = 1; wget b", "mkdir a && powershell -File b.ps1"] {
            let body = parse(&JoinedText::contiguous(text, 0), &Interpreter::Posix);
            assert!(body.script().is_none(), "{text}");
        }
    }

    #[test]
    fn substituted_commands_are_found_with_their_places() {
        assert_eq!(shown("a $(b c) && d"), ["First 0 a|$(b c)", "First 1 b|c", "And 0 d"]);
    }

    #[test]
    fn flat_texts_are_told_from_others() {
        assert!(script("a && b; c").is_flat);
        assert!(script("a | b; ! c").is_plain && !script("(a)").is_plain && !script("a &").is_plain);
        for text in ["a | b", "(a)", "if a; then b; fi", "a &", "for x in 1; do a; done"] {
            assert!(!script(text).is_flat, "{text}");
        }
        assert_eq!(script("a | b | c").pipelines.len(), 1);
        let decide = |text: &str| script(text).pipelines.iter().map(|one| one.decides).collect::<Vec<_>>();
        assert_eq!(decide("a | b && c | d || e | f"), [false, false, true]);
        assert_eq!(decide("if a | b; then c | d; fi; ! e | f"), [false, true, false]);
        assert_eq!(decide("x=$(a | b); echo $(a | b); x=$(a | b) c"), [true, false, false]);
    }

    #[test]
    fn a_continuation_does_not_shift_a_command() {
        assert_eq!(shown("a && \\\n  b x"), ["First 0 a", "And 0 b|x"]);
    }

    #[test]
    fn commands_of_every_construct_are_found() {
        assert_eq!(
            shown("for x in $(a); do b; done; case $(c) in d) e;; esac; [[ $(f) ]]; g <(h) >$(i); j $((1 + 2))"),
            [
                "First 2 a",
                "First 1 b",
                "First 2 c",
                "Sequence 1 e",
                "First 1 f",
                "Sequence 0 g|<(h)",
                "First 1 h",
                "First 1 i",
                "Sequence 0 j|$((1 + 2))"
            ]
        );
        assert!(script("while a; do b; done").commands.iter().all(|command| command.conditional));
    }

    #[test]
    fn redirections_have_their_places() {
        let text = "2>&1 a >> x <<<y |& b 3<>z; { c; } > d";
        let script = script(text);
        let redirects = script.commands.iter().flat_map(|command| &command.redirects).chain(&script.compound_redirects);
        let places: Vec<&str> = redirects.map(|redirect| &text[redirect.span.range()]).collect();
        assert_eq!(places, ["2>&1", ">> x", "<<<y", "|&", "3<>z", "> d"]);
        let spans: Vec<&str> = script.commands.iter().map(|command| &text[command.span.range()]).collect();
        assert_eq!(spans, ["2>&1 a >> x <<<y |&", "b 3<>z", "c"]);
    }

    #[test]
    fn assignments_and_redirections_are_no_words() {
        let script = script("X=1 a > out 2>&1 < in");
        let command = &script.commands[0];
        assert_eq!(command.assignments[0].0.value, "X");
        assert_eq!(command.words.len(), 1);
        let operators: Vec<&str> = command.redirects.iter().map(|redirect| redirect.operator.as_str()).collect();
        assert_eq!(operators, [">", "2>&", "<"]);
        assert_eq!(command.joined_by, Connector::First);
    }

    #[test]
    fn shallow_nesting_needs_no_large_stack() {
        let nestings = [("{ ", "; }"), ("a $(", ")"), ("if a; then ", "; fi"), ("f() { ", "; }"), ("! ", "")];
        for (open, close) in nestings {
            let nested = |depth| format!("{}a{}", open.repeat(depth), close.repeat(depth));
            let text = (1..=SHALLOW).map(nested).take_while(|text| nesting(text) <= SHALLOW).last().expect("one level");
            let parsing = thread::Builder::new().stack_size(1 << 20).spawn(move || script(&text).commands.len());
            assert!(parsing.expect("a thread").join().expect("room on the stack") > 0, "{open}");
        }
    }

    #[test]
    fn constructs_that_only_bash_has_are_told() {
        let text = "[[ a ]]; ((b)); for ((i=0; i<3; i++)); do c; done; function d { e; }; f() { g; }; h <(i); j=(k l); l $([[ m ]])";
        let found = script(text).extensions;
        let places: Vec<&str> = found.iter().map(|one| &text[one.span.range()]).collect();
        assert_eq!(
            places,
            ["[[ a ]]", "((b))", "for ((i=0; i<3; i++)); do c; done", "function d", "<(i)", "j=(k l)", "[[ m ]]"]
        );
    }

    #[test]
    fn what_cannot_be_parsed_is_opaque() {
        // The last three are what the parser gets wrong.
        for text in ["if a; then", "a )", "\"open", "( ( a))", "$(<<  a ", "a <<E | b \"$(c d)\"\nx\nE\n"] {
            assert!(parse(&JoinedText::contiguous(text, 0), &Interpreter::Posix).script().is_none(), "{text}");
        }
        let deep = format!("{}a{}", "(".repeat(5000), ")".repeat(5000));
        assert!(parse(&JoinedText::contiguous(deep, 0), &Interpreter::Posix).script().is_none());
        for prefix in ["! ", "coproc ", "[[ ! ", "if a; then "] {
            let deep = format!("{}a", prefix.repeat(5000));
            assert!(parse(&JoinedText::contiguous(deep, 0), &Interpreter::Posix).script().is_none(), "{prefix}");
        }
        let bearable = format!("{}a{}", "{ ".repeat(100), "; }".repeat(100));
        assert_eq!(script(&bearable).commands[0].depth, 100);
    }
}
