//! Several commands of a RUN on one line. The fix gives each a line of its own: a builder takes continuations out before a
//! shell sees the text, so the shell reads what it read before.

use super::{Check, Cx, Out};
use crate::model::shell::{Connector, SimpleCommand};
use crate::model::{Command, Instruction, Operation};
use crate::text::{Edit, Span};

pub(super) struct ChainOnOneLine;

impl Check for ChainOnOneLine {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Run(run) = &instruction.operation else { return };
        let Command::Shell { body, .. } = &run.command else { return };
        let most = usize::try_from(out.number("most")).unwrap_or_default();
        let commands: Vec<&SimpleCommand> = body.commands().iter().filter(|command| command.depth == 0).collect();
        let line = |offset: usize| cx.source().line_of(offset);
        let joints: Vec<Joint<'_>> = commands
            .windows(2)
            .filter(|pair| line(pair[0].span.end) == line(pair[1].span.start))
            .filter_map(|pair| Joint::of(pair[0], pair[1], cx))
            .collect();
        let on_a_line = joints.chunk_by(|a, b| line(a.gap.end) == line(b.gap.start)).map(<[Joint<'_>]>::len).max();
        let Some(crowd) = on_a_line.map(|joints| joints + 1).filter(|crowd| *crowd > most) else { return };
        out.find(instruction.keyword_span, format!("{crowd} commands stand on one line"))
            .help("give each command a line of its own")
            .fix("break the line before each command", || {
                let mended: Option<Vec<Edit>> = joints.iter().map(|joint| joint.broken(cx)).collect();
                mended.filter(|_| cx.source().is_utf8(instruction.span))
            });
    }
}

/// What stands between two commands of one line.
struct Joint<'a> {
    gap: Span,
    operator: &'a str,
    has_blanks: bool,
}

impl<'a> Joint<'a> {
    fn of(above: &SimpleCommand, below: &SimpleCommand, cx: &Cx<'a>) -> Option<Self> {
        let wanted = match below.joined_by {
            Connector::And => "&&",
            Connector::Or => "||",
            Connector::Sequence => ";",
            Connector::First | Connector::Pipe | Connector::Background => return None,
        };
        let gap = Span::new(above.span.end, below.span.start);
        let text = cx.text(gap);
        let operator = text.trim_matches([' ', '\t']);
        let has_blanks = text.ends_with([' ', '\t']) && (wanted == ";" || text.starts_with([' ', '\t']));
        (operator == wanted).then_some(Self { gap, operator, has_blanks })
    }

    /// The same over two lines; none where the words would move apart that the shell sees side by side.
    fn broken(&self, cx: &Cx<'_>) -> Option<Edit> {
        let (escape, end) = (cx.tree().directives.escape, cx.line_end());
        let text = match self.operator {
            ";" => format!("{} {escape}{end}    ", cx.text(self.gap).trim_end_matches([' ', '\t'])),
            operator => format!(" {escape}{end}    {operator} "),
        };
        self.has_blanks.then(|| Edit::replace(self.gap, text))
    }
}
