//! What a terminal shows of what was written to it.

/// The lines of a terminal of so many columns, those that have scrolled away included: of everything that was drawn in
/// place only the last drawing is there. Knows the sequences that rplan writes, and no others.
pub fn screen(written: &str, columns: usize) -> Vec<String> {
    let mut screen = Screen { lines: vec![Vec::new()], row: 0, column: 0, columns };
    let mut rest = written.chars();
    while let Some(next) = rest.next() {
        match next {
            '\n' => screen.feed(),
            '\r' => screen.column = 0,
            '\u{1b}' => {
                assert_eq!(rest.next(), Some('['), "rplan writes no other sequences");
                let mut sequence = String::new();
                while !sequence.ends_with(|c: char| c.is_ascii_alphabetic()) {
                    sequence.push(rest.next().expect("sequences end"));
                }
                screen.obey(&sequence);
            }
            other => screen.put(other),
        }
    }
    screen.lines.into_iter().map(|line| line.into_iter().collect::<String>().trim_end().to_owned()).collect()
}

struct Screen {
    lines: Vec<Vec<char>>,
    row: usize,
    column: usize,
    columns: usize,
}

impl Screen {
    fn feed(&mut self) {
        (self.row, self.column) = (self.row + 1, 0);
        if self.row == self.lines.len() {
            self.lines.push(Vec::new());
        }
    }

    fn put(&mut self, character: char) {
        if self.column == self.columns {
            self.feed();
        }
        let line = &mut self.lines[self.row];
        line.resize(line.len().max(self.column + 1), ' ');
        line[self.column] = character;
        self.column += 1;
    }

    fn obey(&mut self, sequence: &str) {
        let (arguments, kind) = sequence.split_at(sequence.len() - 1);
        match kind {
            "A" => {
                let count: usize = arguments.parse().expect("a number of rows");
                self.row = self.row.checked_sub(count).expect("nothing is above the first line");
            }
            "K" => self.lines[self.row].truncate(self.column),
            "J" => {
                self.lines[self.row].truncate(self.column);
                self.lines.truncate(self.row + 1);
            }
            "m" => {}
            other => panic!("an unexpected sequence {arguments}{other}"),
        }
    }
}
