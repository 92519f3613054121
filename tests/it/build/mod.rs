//! Builds from end to end: what runs, what is kept, and what comes out.

mod cache;
