//! The program: window, scene, panels, commands and jobs around `layers` and `scenarios`.

pub mod commands;
pub mod ui;
