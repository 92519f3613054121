//! What the shell parser must not be given: it would take longer than anyone waits.
//!
//! Looks at the parser's own tokens, so that quotes, comments and substitutions are what they are to it. Does not know
//! what the tokens mean together. Invariant: what passes is parsed in bounded time.

use brush_parser::Token;

/// Levels of parentheses, `case` and brackets that are bearable; each doubles the time of the parser.
const DEEPEST_BACKTRACKING: usize = 12;

/// Why the parser must not see these tokens.
pub(super) fn refuse(tokens: &[Token]) -> Result<(), String> {
    if backtracking_depth(tokens) > DEEPEST_BACKTRACKING {
        return Err("it nests too deep in parentheses and case".to_owned());
    }
    if tokens.iter().any(|token| brackets_left_open(token.to_str()) > DEEPEST_BACKTRACKING) {
        return Err("it leaves too many brackets open in a word".to_owned());
    }
    Ok(())
}

/// What is open at a place and makes the parser read the rest of it twice.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Parenthesis,
    Case,
}

/// The most levels open at once. A `case` counts wherever the word stands, `esac` only where it can end one, and `)`
/// behind a pattern ends nothing: in doubt the depth is too large, never too small.
fn backtracking_depth(tokens: &[Token]) -> usize {
    let mut open = Vec::new();
    let mut deepest = 0;
    let mut begins_command = true;
    for token in tokens {
        match token {
            Token::Operator(operator, _) if operator == "(" => open.push(Open::Parenthesis),
            Token::Operator(operator, _) if operator == ")" => {
                open.pop_if(|open| *open == Open::Parenthesis);
            }
            Token::Word(word, _) if word == "case" => open.push(Open::Case),
            Token::Word(word, _) if word == "esac" && begins_command => {
                open.pop_if(|open| *open == Open::Case);
            }
            _ => {}
        }
        begins_command = matches!(token, Token::Operator(..));
        deepest = deepest.max(open.len());
    }
    deepest
}

/// The most brackets open at once in a word: the parser tries each as the index of an array, and once more as text.
fn brackets_left_open(word: &str) -> usize {
    let (mut open, mut most, mut is_escaped) = (0usize, 0, false);
    for byte in word.bytes() {
        match byte {
            b'[' => open += 1,
            b']' if !is_escaped => open = open.saturating_sub(1),
            _ => {}
        }
        is_escaped = byte == b'\\' && !is_escaped;
        most = most.max(open);
    }
    most
}
