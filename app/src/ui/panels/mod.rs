//! One file per panel and per bar. Each reads only its view and pushes commands.

pub mod help;
pub mod indicators;
pub mod inspector;
pub mod layers;
pub mod legend;
pub mod map_labels;
pub mod measures;
pub mod messages;
pub mod present;
pub mod scenario;
pub mod search;
pub mod status;
pub mod stop;
pub mod time_bar;
pub mod top_bar;
pub mod view_controls;
pub mod welcome;
