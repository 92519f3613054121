//! Moments as people write them.

/// `2026-01-02 14:02 UTC`.
pub(super) fn written(seconds: i64) -> String {
    match jiff::Timestamp::from_second(seconds) {
        Ok(time) => {
            let time = jiff::tz::Offset::UTC.to_datetime(time);
            format!("{} {:02}:{:02} UTC", time.date(), time.hour(), time.minute())
        }
        Err(_) => format!("at {seconds}"),
    }
}
