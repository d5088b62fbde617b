//! Open files out.
