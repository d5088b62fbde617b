//! The colours of the paper model by role, derived from the theme's palette.

use layers::mesh::Role;

use crate::{commands::ThemeKind, palette::palette};

/// sRGB colours that the material needs; `lit[role]` faces the sun, `shade[role]` does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenePalette {
    pub lit: [[u8; 3]; Role::COUNT],
    pub shade: [[u8; 3]; Role::COUNT],
    pub background: [u8; 3],
    pub selected: [u8; 3],
    pub hovered: [u8; 3],
}

impl ScenePalette {
    pub fn new(theme: ThemeKind) -> Self {
        let p = palette(theme);
        let rgb = |colour: bevy_egui::egui::Color32| [colour.r(), colour.g(), colour.b()];
        let is_dark = theme == ThemeKind::Dark;
        // Shaded ground is cooler than lit ground, as paper under a bright sky is.
        let shadow = |colour: [u8; 3]| {
            let factors = if is_dark { [0.70, 0.73, 0.76] } else { [0.755, 0.785, 0.815] };
            std::array::from_fn(|c| (f32::from(colour[c]) * factors[c]).round() as u8)
        };
        let toward = |a: [u8; 3], b: [u8; 3], part: f32| -> [u8; 3] {
            std::array::from_fn(|c| {
                (f32::from(a[c]) + (f32::from(b[c]) - f32::from(a[c])) * part).round() as u8
            })
        };
        let (ground, street, green, water) = (rgb(p.ground), rgb(p.street), rgb(p.green), rgb(p.water));
        let (tree, wall, roof) = (rgb(p.tree), rgb(p.wall_lit), rgb(p.roof_lit));
        let line = rgb(p.line);
        let lit_of = |role: Role| -> [u8; 3] {
            match role {
                Role::Ground => ground,
                Role::Wall => wall,
                Role::Roof => roof,
                Role::Water => water,
                Role::Green => green,
                Role::Forest => toward(green, tree, 0.35),
                Role::Street | Role::Difference => street,
                Role::Footway => toward(ground, street, 0.55),
                Role::Cycleway => toward(street, [0xE2, 0xB8, 0xA4], if is_dark { 0.12 } else { 0.38 }),
                Role::Square => toward(street, wall, 0.7),
                Role::Quay => toward(ground, line, 0.75),
                Role::Parking => toward(street, line, 0.7),
                Role::Sport => toward(green, tree, 0.18),
                Role::Farmland => toward(ground, green, 0.4),
                Role::Rail => toward(line, roof, 0.45),
                Role::TreeCrown => tree,
                Role::TreeTrunk => toward(roof, [0x8A, 0x7A, 0x66], 0.5),
                Role::Bridge => toward(wall, line, 0.4),
                Role::Marking => toward(rgb(p.wall_shade), rgb(p.text_muted), 0.34),
                Role::Lawn => toward(ground, green, 0.6),
                Role::Generic => toward(ground, line, 0.5),
                Role::StopMarker => rgb(p.brand),
                Role::SensorMarker => rgb(p.sensor),
                Role::PlayGround => toward(green, [0xE8, 0xD9, 0xB0], if is_dark { 0.1 } else { 0.5 }),
            }
        };
        let shade_of = |role: Role| -> [u8; 3] {
            match role {
                Role::Wall => toward(rgb(p.wall_shade), shadow(rgb(p.wall_shade)), 0.62),
                Role::Roof => toward(rgb(p.roof_shade), shadow(rgb(p.roof_shade)), 0.55),
                // Data keeps its colour in the shade of a house.
                Role::Difference => toward(street, shadow(street), 0.35),
                Role::TreeCrown => toward(tree, shadow(tree), 0.8),
                other => shadow(lit_of(other)),
            }
        };
        let role = |number: usize| ALL_ROLES[number];
        Self {
            lit: std::array::from_fn(|number| lit_of(role(number))),
            shade: std::array::from_fn(|number| shade_of(role(number))),
            background: rgb(p.background),
            selected: rgb(p.selected),
            hovered: toward(rgb(p.selected), wall, 0.7),
        }
    }
}

/// Every role at the place of its number.
const ALL_ROLES: [Role; Role::COUNT] = [
    Role::Ground,
    Role::Wall,
    Role::Roof,
    Role::Water,
    Role::Green,
    Role::Forest,
    Role::Street,
    Role::Footway,
    Role::Cycleway,
    Role::Square,
    Role::Quay,
    Role::Parking,
    Role::Sport,
    Role::Farmland,
    Role::Rail,
    Role::TreeCrown,
    Role::TreeTrunk,
    Role::Bridge,
    Role::Marking,
    Role::Generic,
    Role::Difference,
    Role::StopMarker,
    Role::SensorMarker,
    Role::PlayGround,
    Role::Lawn,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_stands_at_its_number_and_is_darker_in_the_shade() {
        for (number, role) in ALL_ROLES.iter().enumerate() {
            assert_eq!(*role as usize, number);
        }
        for theme in [ThemeKind::Light, ThemeKind::Dark] {
            let palette = ScenePalette::new(theme);
            for role in ALL_ROLES {
                let sum = |c: [u8; 3]| c.iter().map(|&v| u32::from(v)).sum::<u32>();
                let number = role as usize;
                assert!(sum(palette.shade[number]) <= sum(palette.lit[number]), "{role:?}");
            }
        }
    }
}
