// The paper-model look: every role has a lit and a shaded colour, a feature may override it, and that is all.
#import bevy_pbr::{
    mesh_view_bindings::view,
    shadows::fetch_directional_shadow,
    view_transformations::position_world_to_clip,
}
#ifdef CITY_SHADOWS
#import bevy_pbr::mesh_view_bindings::lights
#endif

struct CityUniform {
    lit: array<vec4<f32>, 25>,
    shade: array<vec4<f32>, 25>,
    background: vec4<f32>,
    selected: vec4<f32>,
    hovered: vec4<f32>,
    // xyz: direction to the sun; w: 1 when shadow maps are drawn.
    sun: vec4<f32>,
    // x: opacity, y: fog start, z: fog end (metres from the camera), w: height by which the layer is lifted.
    view_settings: vec4<f32>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> city: CityUniform;
// One entry a feature: colour override as rgba8 (0 alpha: none), and flags.
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var<storage, read> features: array<vec2<u32>>;

const FLAG_HIDDEN: u32 = 1u;
const FLAG_SELECTED: u32 = 2u;
const FLAG_HOVERED: u32 = 4u;
const ROLE_WALL: u32 = 1u;
const ROLE_ROOF: u32 = 2u;
const ROLE_EDGE: u32 = 18u;
const ROLE_DIFFERENCE: u32 = 20u;
// Pencil lines on the buildings end at this distance from the camera, metres.
const EDGE_END: f32 = 900.0;

struct CityVertex {
    @location(0) position: vec3<f32>,
    @location(1) normal: vec3<f32>,
    @location(8) feature: u32,
    @location(9) shade: u32,
}

struct CityFragment {
    @builtin(position) position: vec4<f32>,
    @location(0) world_position: vec4<f32>,
    @location(1) normal: vec3<f32>,
    @location(2) @interpolate(flat) role: u32,
    @location(3) @interpolate(flat) style: vec2<u32>,
    @location(4) sky: f32,
    // 0 to 1, different for each feature: no two sheets of paper are quite the same.
    @location(5) @interpolate(flat) tint: f32,
}

@vertex
fn vertex(in: CityVertex) -> CityFragment {
    var out: CityFragment;
    // Numbers beyond the list (the ground, pieces of a city that is still being read) have no style of their own.
    let known = arrayLength(&features);
    let style = select(vec2<u32>(0u, 0u), features[min(in.feature, known - 1u)], in.feature < known);
    let role = in.shade & 0xffu;
    out.world_position = vec4<f32>(in.position + vec3(0.0, city.view_settings.w, 0.0), 1.0);
    let to_camera = view.world_position - out.world_position.xyz;
    let camera_distance = length(to_camera);
    if role == ROLE_EDGE {
        // A line lies on two faces; a little nearer to the eye it wins from both.
        out.world_position += vec4(to_camera / camera_distance * (0.015 + 0.0012 * camera_distance), 0.0);
    }
    out.position = position_world_to_clip(out.world_position.xyz);
    let is_uncoloured_difference = role == ROLE_DIFFERENCE && (style.x >> 24u) == 0u;
    let is_far_edge = role == ROLE_EDGE && camera_distance > EDGE_END;
    if (style.y & FLAG_HIDDEN) != 0u || is_uncoloured_difference || is_far_edge {
        // All corners in one point: nothing is drawn.
        out.position = vec4<f32>(0.0, 0.0, -1.0, 1.0);
    }
    out.normal = in.normal;
    out.role = role;
    out.style = style;
    out.tint = f32((in.feature * 2654435761u) >> 16u & 0xffu) / 255.0;
    out.sky = f32((in.shade >> 8u) & 0xffu) / 255.0;
    return out;
}

fn srgb_to_linear(c: vec3<f32>) -> vec3<f32> {
    return select(pow((c + 0.055) / 1.055, vec3(2.4)), c / 12.92, c <= vec3(0.04045));
}

@fragment
fn fragment(in: CityFragment) -> @location(0) vec4<f32> {
    var lit = city.lit[in.role].rgb;
    var shade = city.shade[in.role].rgb;
    if in.role == ROLE_ROOF || in.role == ROLE_WALL {
        let strength = select(0.035, 0.085, in.role == ROLE_ROOF);
        let sheet = 1.0 + strength * (in.tint - 0.55) * vec3(0.9, 1.0, 1.15);
        lit *= sheet;
        shade *= sheet;
    }
    let override_colour = unpack4x8unorm(in.style.x);
    if override_colour.a > 0.0 {
        let colour = srgb_to_linear(override_colour.rgb);
        // A coloured feature keeps the relation between its lit and its shaded side.
        let relation = mix(vec3(1.0), shade / max(lit, vec3(0.001)), 0.85);
        lit = mix(lit, colour, override_colour.a);
        shade = mix(shade, colour * relation, override_colour.a);
    }
    if (in.style.y & FLAG_SELECTED) != 0u {
        shade = city.selected.rgb * (shade / max(lit, vec3(0.001)));
        lit = city.selected.rgb;
    } else if (in.style.y & FLAG_HOVERED) != 0u {
        lit = mix(lit, city.hovered.rgb, 0.5);
        shade = mix(shade, city.hovered.rgb * 0.85, 0.5);
    }

    let normal = normalize(in.normal);
    let sun = city.sun.xyz;
    let facing = dot(normal, sun);
    // Level ground in the sun shows exactly its lit colour.
    var light = clamp(facing / max(sun.y, 0.25), 0.0, 1.0);
#ifdef CITY_SHADOWS
    if light > 0.0 && city.sun.w > 0.5 && lights.n_directional_lights > 0u {
        let view_z = dot(vec4<f32>(
            view.view_from_world[0].z,
            view.view_from_world[1].z,
            view.view_from_world[2].z,
            view.view_from_world[3].z
        ), in.world_position);
        light *= fetch_directional_shadow(0u, in.world_position, normal, view_z, in.position.xy);
    }
#endif
    // Faces that look away from the sun still differ a little by direction, as under a bright sky.
    let bounce = 0.06 * clamp(-facing, 0.0, 1.0) + 0.05 * clamp(normal.y, 0.0, 1.0);
    var colour = mix(shade * (0.95 + bounce), lit, light);
    // What faces the sun squarely is a little brighter than level ground.
    colour *= 1.0 + 0.035 * clamp((facing - sun.y) / (1.0 - sun.y), 0.0, 1.0) * light;
    colour *= mix(0.70, 1.0, in.sky);

    let camera_distance = distance(view.world_position, in.world_position.xyz);
    if in.role == ROLE_EDGE {
        // Lines thin out by fading into the paper.
        let paper = mix(city.lit[ROLE_WALL].rgb, city.lit[ROLE_ROOF].rgb, 0.6);
        colour = mix(city.lit[ROLE_EDGE].rgb, paper, smoothstep(0.12 * EDGE_END, EDGE_END, camera_distance));
    }
    let fog = smoothstep(city.view_settings.y, city.view_settings.z, camera_distance);
    colour = mix(colour, city.background.rgb, fog);
    return vec4<f32>(colour, city.view_settings.x);
}
