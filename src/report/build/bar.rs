//! Bars: how much of something has arrived.

use crate::report::count::size;
use crate::report::style::Style;

/// How many columns a bar has.
const WIDTH: u64 = 20;

/// `12.4 MB of 31.0 MB  ████████░░░░░░░░░░░░`: the figures first, which matter more where it is narrow.
pub(super) fn bar(done: u64, total: u64, style: Style) -> String {
    let done = done.min(total);
    let filled = (WIDTH * done).checked_div(total).unwrap_or_default();
    let part = |count: u64, sign: &str| sign.repeat(usize::try_from(count).unwrap_or_default());
    let drawn = part(filled, style.pick("█", "#")) + &part(WIDTH - filled, style.pick("░", "."));
    format!("{} of {}  {drawn}", size(done), size(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_never_longer_than_itself() {
        assert_eq!(bar(0, 0, Style::PLAIN), "0 B of 0 B  ....................");
        assert_eq!(bar(500, 1_000, Style::PLAIN), "500 B of 1.0 kB  ##########..........");
        assert_eq!(bar(3_000, 1_000, Style::PLAIN), "1.0 kB of 1.0 kB  ####################");
        let unicode = Style { unicode: true, ..Style::PLAIN };
        assert_eq!(bar(1, 4, unicode), "1 B of 4 B  █████░░░░░░░░░░░░░░░");
    }
}
