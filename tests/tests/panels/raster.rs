//! Paints an egui frame on the processor, so that panels can be looked at without a graphics adapter.

use app::ui::egui::{
    ClippedPrimitive, Color32, ColorImage, ImageData, Mesh, Pos2, Rect, TextureId, TexturesDelta,
    epaint::Primitive, epaint::Vertex,
};
use std::collections::BTreeMap;

/// Keeps the textures between frames and paints frames of one size.
#[derive(Default)]
pub struct Raster {
    textures: BTreeMap<u64, ColorImage>,
}

fn key(id: TextureId) -> u64 {
    match id {
        TextureId::Managed(id) => id << 1,
        TextureId::User(id) => (id << 1) | 1,
    }
}

impl Raster {
    /// Takes in what the frame says about textures; needed for every pass, also those that are not painted.
    pub fn update(&mut self, textures: &mut TexturesDelta) {
        for (id, delta) in
            textures.set.iter().flat_map(|(id, deltas)| deltas.iter().map(move |delta| (id, delta)))
        {
            let ImageData::Color(image) = &delta.image;
            match delta.pos {
                None => {
                    self.textures.insert(key(*id), image.as_ref().clone());
                }
                Some([left, top]) => {
                    let Some(texture) = self.textures.get_mut(&key(*id)) else { continue };
                    let width = texture.size[0];
                    for y in 0..image.size[1] {
                        for x in 0..image.size[0] {
                            texture.pixels[(top + y) * width + left + x] =
                                image.pixels[y * image.size[0] + x];
                        }
                    }
                }
            }
        }
        textures.clear();
    }

    /// Paints primitives over an opaque ground; `scale` is pixels per point.
    pub fn paint(
        &self,
        primitives: &[ClippedPrimitive],
        size: [usize; 2],
        scale: f32,
        ground: Color32,
    ) -> image::RgbaImage {
        let mut canvas = Canvas { size, pixels: vec![ground; size[0] * size[1]] };
        for primitive in primitives {
            if let Primitive::Mesh(mesh) = &primitive.primitive
                && let Some(texture) = self.textures.get(&key(mesh.texture_id))
            {
                canvas.mesh(mesh, texture, primitive.clip_rect * scale, scale);
            }
        }
        let bytes = canvas.pixels.iter().flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b(), 255]).collect();
        image::RgbaImage::from_raw(size[0] as u32, size[1] as u32, bytes).expect("the size fits the bytes")
    }
}

struct Canvas {
    size: [usize; 2],
    pixels: Vec<Color32>,
}

impl Canvas {
    fn mesh(&mut self, mesh: &Mesh, texture: &ColorImage, clip: Rect, scale: f32) {
        for corners in mesh.indices.chunks_exact(3) {
            let corner = |index: usize| mesh.vertices[corners[index] as usize];
            self.triangle([corner(0), corner(1), corner(2)], texture, clip, scale);
        }
    }

    fn triangle(&mut self, mut corners: [Vertex; 3], texture: &ColorImage, clip: Rect, scale: f32) {
        for corner in &mut corners {
            corner.pos = Pos2::new(corner.pos.x * scale, corner.pos.y * scale);
        }
        let area = edge(corners[0].pos, corners[1].pos, corners[2].pos);
        if area == 0.0 || !area.is_finite() {
            return;
        }
        if area < 0.0 {
            corners.swap(1, 2);
        }
        let area = area.abs();
        let [a, b, c] = corners;
        let bounds = Rect::from_points(&[a.pos, b.pos, c.pos]).intersect(clip);
        let from_x = bounds.left().floor().max(0.0) as usize;
        let from_y = bounds.top().floor().max(0.0) as usize;
        let until_x = (bounds.right().ceil().max(0.0) as usize).min(self.size[0]);
        let until_y = (bounds.bottom().ceil().max(0.0) as usize).min(self.size[1]);
        for y in from_y..until_y {
            for x in from_x..until_x {
                let at = Pos2::new(x as f32 + 0.5, y as f32 + 0.5);
                if !clip.contains(at) {
                    continue;
                }
                let weights = [edge(b.pos, c.pos, at), edge(c.pos, a.pos, at), edge(a.pos, b.pos, at)];
                let edges = [(b.pos, c.pos), (c.pos, a.pos), (a.pos, b.pos)];
                let inside = weights
                    .iter()
                    .zip(edges)
                    .all(|(&weight, (from, to))| weight > 0.0 || (weight == 0.0 && is_top_left(from, to)));
                if !inside {
                    continue;
                }
                let weights = weights.map(|weight| weight / area);
                let blend = |values: [f32; 3]| -> f32 {
                    values.iter().zip(weights).map(|(value, weight)| value * weight).sum()
                };
                let uv = Pos2::new(blend([a.uv.x, b.uv.x, c.uv.x]), blend([a.uv.y, b.uv.y, c.uv.y]));
                let texel = sample(texture, uv);
                let mut source = [0.0; 4];
                for (channel, value) in source.iter_mut().enumerate() {
                    let vertex = [a, b, c].map(|corner| f32::from(corner.color.to_array()[channel]));
                    *value = blend(vertex) * texel[channel] / 255.0;
                }
                let pixel = &mut self.pixels[y * self.size[0] + x];
                let under = pixel.to_array();
                let keep = 1.0 - source[3] / 255.0;
                let mix = |channel: usize| {
                    (source[channel] + f32::from(under[channel]) * keep).round().clamp(0.0, 255.0) as u8
                };
                *pixel = Color32::from_rgb(mix(0), mix(1), mix(2));
            }
        }
    }
}

fn edge(from: Pos2, to: Pos2, at: Pos2) -> f32 {
    (to.x - from.x) * (at.y - from.y) - (to.y - from.y) * (at.x - from.x)
}

/// Pixels on a shared edge belong to one triangle only.
fn is_top_left(from: Pos2, to: Pos2) -> bool {
    (from.y == to.y && to.x > from.x) || to.y < from.y
}

/// Bilinear, premultiplied, 0 to 255.
fn sample(texture: &ColorImage, uv: Pos2) -> [f32; 4] {
    let [width, height] = texture.size;
    let x = (uv.x * width as f32 - 0.5).clamp(0.0, (width - 1) as f32);
    let y = (uv.y * height as f32 - 0.5).clamp(0.0, (height - 1) as f32);
    let (left, top) = (x.floor() as usize, y.floor() as usize);
    let (right, bottom) = ((left + 1).min(width - 1), (top + 1).min(height - 1));
    let (share_x, share_y) = (x.fract(), y.fract());
    let texel = |x: usize, y: usize| texture.pixels[y * width + x].to_array().map(f32::from);
    let [one, two, three, four] =
        [texel(left, top), texel(right, top), texel(left, bottom), texel(right, bottom)];
    std::array::from_fn(|channel| {
        let upper = one[channel] + (two[channel] - one[channel]) * share_x;
        let lower = three[channel] + (four[channel] - three[channel]) * share_x;
        upper + (lower - upper) * share_y
    })
}
