//! The panels, by label and role, without a window and without the Bevy world.

mod behaviour;
mod pictures;
mod raster;
mod sample;
