//! How the program looks and speaks.

use bevy::prelude::*;

use super::{Mode, PanelId};
use crate::state::{Revisions, Settings};

pub fn change(world: &mut World, change: impl FnOnce(&mut Settings)) {
    let mut settings = world.resource_mut::<Settings>();
    let mut new = settings.clone();
    change(&mut new);
    settings.set_if_neq(new);
}

pub fn set_mode(world: &mut World, mode: Mode) {
    change(world, |settings| settings.mode = mode);
    world.resource_mut::<Revisions>().styles += 1;
}

pub fn toggle_panel(world: &mut World, panel: PanelId) {
    change(world, |settings| {
        if let Some(index) = settings.closed_panels.iter().position(|&closed| closed == panel) {
            settings.closed_panels.remove(index);
        } else {
            settings.closed_panels.push(panel);
        }
    });
}
