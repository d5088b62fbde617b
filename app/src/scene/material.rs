//! The one material of the city: a palette by role, and one small buffer with a colour and flags for each feature.

use bevy::{
    asset::{load_internal_asset, uuid_handle},
    mesh::{MeshVertexAttribute, MeshVertexBufferLayoutRef},
    pbr::{MaterialPipeline, MaterialPipelineKey},
    prelude::*,
    render::{
        render_resource::{
            AsBindGroup, RenderPipelineDescriptor, ShaderType, SpecializedMeshPipelineError, VertexFormat,
        },
        storage::ShaderBuffer,
    },
    shader::ShaderRef,
};
use layers::mesh::Role;

use super::palette::ScenePalette;

/// Feature number of the vertex, an index into the feature buffer.
pub const ATTRIBUTE_FEATURE: MeshVertexAttribute =
    MeshVertexAttribute::new("City_Feature", 7_415_001, VertexFormat::Uint32);
/// Role in the low byte, sky openness in the next.
pub const ATTRIBUTE_SHADE: MeshVertexAttribute =
    MeshVertexAttribute::new("City_Shade", 7_415_002, VertexFormat::Uint32);

const SHADER: Handle<Shader> = uuid_handle!("5b7f0a52-6f0e-4a35-9d6a-3c1b8e7a7415");

/// What a feature looks like now: the GPU's view of visibility, highlight and data colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeatureStyle {
    /// `[r, g, b, a]` sRGB; alpha 0 keeps the role's colour, between mixes.
    pub colour: [u8; 4],
    pub flags: u32,
}

impl FeatureStyle {
    pub const HIDDEN: u32 = 1;
    pub const SELECTED: u32 = 2;
    pub const HOVERED: u32 = 4;

    fn bytes(self) -> [u8; 8] {
        let mut bytes = [0; 8];
        bytes[..4].copy_from_slice(&self.colour);
        bytes[4..].copy_from_slice(&self.flags.to_le_bytes());
        bytes
    }
}

/// The bytes of the feature buffer: 8 a feature, padded to `capacity` features so that updates reuse the GPU buffer.
pub fn feature_bytes(styles: &[FeatureStyle], capacity: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(capacity.max(styles.len()) * 8);
    for style in styles {
        bytes.extend_from_slice(&style.bytes());
    }
    bytes.resize(capacity.max(styles.len()) * 8, 0);
    bytes
}

#[derive(Clone, Debug, ShaderType)]
pub struct CityUniform {
    pub lit: [Vec4; Role::COUNT],
    pub shade: [Vec4; Role::COUNT],
    pub background: Vec4,
    pub selected: Vec4,
    pub hovered: Vec4,
    /// Direction to the sun in scene axes; w is 1 when shadow maps are drawn.
    pub sun: Vec4,
    /// Opacity, fog start and end (metres), lift (metres).
    pub view_settings: Vec4,
}

impl CityUniform {
    pub fn new(
        palette: &ScenePalette,
        sun: Vec3,
        has_shadows: bool,
        fog: (f32, f32),
        opacity: f32,
        lift_m: f32,
    ) -> Self {
        let linear = |c: [u8; 3]| {
            let colour = Color::srgb_u8(c[0], c[1], c[2]).to_linear();
            Vec4::new(colour.red, colour.green, colour.blue, 1.0)
        };
        Self {
            lit: std::array::from_fn(|role| linear(palette.lit[role])),
            shade: std::array::from_fn(|role| linear(palette.shade[role])),
            background: linear(palette.background),
            selected: linear(palette.selected),
            hovered: linear(palette.hovered),
            sun: sun.normalize().extend(if has_shadows { 1.0 } else { 0.0 }),
            view_settings: Vec4::new(opacity, fog.0, fog.1, lift_m),
        }
    }
}

#[derive(Asset, TypePath, AsBindGroup, Clone, Debug)]
pub struct CityMaterial {
    #[uniform(0)]
    pub uniform: CityUniform,
    #[storage(1, read_only)]
    pub features: Handle<ShaderBuffer>,
}

impl Material for CityMaterial {
    fn vertex_shader() -> ShaderRef {
        SHADER.into()
    }

    fn fragment_shader() -> ShaderRef {
        SHADER.into()
    }

    fn alpha_mode(&self) -> AlphaMode {
        if self.uniform.view_settings.x < 0.995 { AlphaMode::Blend } else { AlphaMode::Opaque }
    }

    fn specialize(
        _pipeline: &MaterialPipeline,
        descriptor: &mut RenderPipelineDescriptor,
        layout: &MeshVertexBufferLayoutRef,
        _key: MaterialPipelineKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        // Depth and shadow passes draw with the engine's own vertex shader, which needs the position alone.
        let is_depth_only = descriptor.fragment.as_ref().is_none_or(|fragment| fragment.shader != SHADER);
        if !is_depth_only {
            let buffer = layout.0.get_layout(&[
                Mesh::ATTRIBUTE_POSITION.at_shader_location(0),
                Mesh::ATTRIBUTE_NORMAL.at_shader_location(1),
                ATTRIBUTE_FEATURE.at_shader_location(8),
                ATTRIBUTE_SHADE.at_shader_location(9),
            ])?;
            descriptor.vertex.buffers = vec![buffer];
            descriptor.vertex.shader_defs.push("CITY_SHADOWS".into());
            if let Some(fragment) = &mut descriptor.fragment {
                fragment.shader_defs.push("CITY_SHADOWS".into());
            }
        }
        // Files with walls that look inward are common; a hole in a house helps nobody.
        descriptor.primitive.cull_mode = None;
        Ok(())
    }
}

pub fn plugin(app: &mut App) {
    load_internal_asset!(app, SHADER, "../../../assets/shaders/city.wgsl", Shader::from_wgsl);
    app.add_plugins(MaterialPlugin::<CityMaterial>::default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feature_bytes_are_what_the_shader_unpacks() {
        let style = FeatureStyle { colour: [1, 2, 3, 4], flags: FeatureStyle::SELECTED };
        assert_eq!(feature_bytes(&[style], 2), [1, 2, 3, 4, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
}
