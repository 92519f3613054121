//! Every integration test of rplan: one binary, one module per area.

mod support;
