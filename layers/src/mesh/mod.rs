//! Plain vertex buffers per tile, without engine types.
