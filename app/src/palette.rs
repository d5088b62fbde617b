//! Colours by role, shared by the scene and the panels.

pub use crate::ui::theme::{Palette, difference_colour, palette};
