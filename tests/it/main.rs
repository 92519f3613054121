//! Every integration test of rplan: one binary, one module per area.

#[cfg(all(feature = "exec", target_os = "linux"))]
mod sandbox;
mod support;
