//! The model's types as bytes. What comes back is checked: positions point at something, ends rise, rows agree. So a
//! damaged file or a lying reader process gives an error, never a panic later.

use bytemuck::Pod;
use rayon::prelude::*;

use super::{
    Decoder, Encoder, Stored, StoredError,
    codec::{decode_pod, encode_pod},
};
use crate::{
    crs::Epsg,
    model::{
        AttributeTable, CityObjectType, Datastream, Feature, FeatureHeights, FeatureLayer, FeatureRole,
        GeometryKind, Layer, LayerData, Link, LinkClass, Lod, MeshFeature, MeshModel, MeshPart, Modes, Node,
        PointChunk, PointCloud, Provenance, SensorLayer, StreetNetwork, SurfaceType, Terrain, Thing,
        Timetable, TurnRestriction,
        attributes::{Column, ColumnValues, Packed, PackedTexts},
        observation::SensorCard,
        transit::{Route, Service, Stop, StopTime, Trip},
    },
    readers::{Fault, Severity},
    stored_enum, stored_struct,
};

stored_struct!(Lod { major, minor, is_refined });
stored_struct!(Provenance { source, licence, date, checksum });
stored_enum!(Severity { Info = 0, Warning = 1, Error = 2 });
stored_enum!(GeometryKind {
    MultiPoint = 0,
    MultiLineString = 1,
    MultiSurface = 2,
    CompositeSurface = 3,
    Solid = 4,
    MultiSolid = 5,
    CompositeSolid = 6,
    GeometryInstance = 7,
});
stored_enum!(SurfaceType {
    Unknown = 0,
    Roof = 1,
    Wall = 2,
    Ground = 3,
    OuterFloor = 4,
    OuterCeiling = 5,
    Closure = 6,
    Door = 7,
    Window = 8,
    WaterSurface = 9,
    TrafficArea = 10,
    AuxiliaryTrafficArea = 11,
});
stored_enum!(FeatureRole {
    Surfaces = 0,
    Trees = 1,
    Zones = 2,
    Rail = 3,
    PointsOfInterest = 4,
    Generic = 5,
});

impl Stored for CityObjectType {
    fn encode(&self, encoder: &mut Encoder) {
        self.name().to_owned().encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        String::decode(decoder).map(|name| Self::from_name(&name))
    }
}

impl Stored for Epsg {
    fn encode(&self, encoder: &mut Encoder) {
        self.0.encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        u32::decode(decoder).map(Self)
    }
}

impl Stored for Modes {
    fn encode(&self, encoder: &mut Encoder) {
        self.0.encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        u8::decode(decoder).map(Self)
    }
}

impl Stored for LinkClass {
    fn encode(&self, encoder: &mut Encoder) {
        let number = Self::ALL.iter().position(|(class, _)| class == self).unwrap_or(0);
        encoder.bytes.push(number as u8);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let number = u8::decode(decoder)?;
        let class = Self::ALL.get(usize::from(number)).map(|(class, _)| *class);
        class.ok_or_else(|| decoder.unexpected("a link class", number))
    }
}

/// Codes of faults are words of this program; those that come from outside are kept once each, and only so many.
fn known_code(code: String) -> &'static str {
    use std::{collections::BTreeSet, sync::Mutex};
    const MOST: usize = 4096;
    static CODES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut codes = CODES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(known) = codes.get(code.as_str()) {
        return known;
    }
    if codes.len() >= MOST || code.len() > 64 {
        return "other";
    }
    let kept: &'static str = Box::leak(code.into_boxed_str());
    codes.insert(kept);
    kept
}

impl Stored for Fault {
    fn encode(&self, encoder: &mut Encoder) {
        self.severity.encode(encoder);
        self.code.to_owned().encode(encoder);
        self.location.encode(encoder);
        self.message.encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        Ok(Self {
            severity: Severity::decode(decoder)?,
            code: known_code(String::decode(decoder)?),
            location: String::decode(decoder)?,
            message: String::decode(decoder)?,
        })
    }
}

impl<T: Pod + Default> Stored for Packed<T> {
    fn encode(&self, encoder: &mut Encoder) {
        let (present, has_all_rows, values) = self.parts();
        has_all_rows.encode(encoder);
        for count in [present.len(), values.len()] {
            count.encode(encoder);
        }
        encode_pod(present, encoder);
        encode_pod(values, encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let has_all_rows = bool::decode(decoder)?;
        let words = decoder.count(size_of::<u64>(), "presence bits")?;
        let count = decoder.count(size_of::<T>(), "values")?;
        let (present, values) = (decode_pod(decoder, words)?, decode_pod(decoder, count)?);
        Self::from_parts(present, has_all_rows, values)
            .ok_or_else(|| decoder.unexpected("a bit for each value", "others"))
    }
}

impl Stored for PackedTexts {
    fn encode(&self, encoder: &mut Encoder) {
        let (codes, bytes, ends) = self.parts();
        codes.encode(encoder);
        bytes.len().encode(encoder);
        encoder.bytes.extend_from_slice(bytes.as_bytes());
        ends.len().encode(encoder);
        encode_pod(ends, encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let codes = Packed::decode(decoder)?;
        let bytes = String::decode(decoder)?;
        let count = decoder.count(size_of::<u64>(), "ends of texts")?;
        let ends = decode_pod(decoder, count)?;
        Self::from_parts(codes, bytes, ends)
            .ok_or_else(|| decoder.unexpected("texts that rows point at", "others"))
    }
}

impl Stored for ColumnValues {
    fn encode(&self, encoder: &mut Encoder) {
        match self {
            Self::Empty => encoder.bytes.push(0),
            Self::Bool(values) => {
                encoder.bytes.push(1);
                values.map(u8::from).encode(encoder);
            }
            Self::Integer(values) => {
                encoder.bytes.push(2);
                values.encode(encoder);
            }
            Self::Real(values) => {
                encoder.bytes.push(3);
                values.encode(encoder);
            }
            Self::Text(values) => {
                encoder.bytes.push(4);
                values.encode(encoder);
            }
        }
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        Ok(match u8::decode(decoder)? {
            0 => Self::Empty,
            1 => Self::Bool(Packed::<u8>::decode(decoder)?.map(|value| value != 0)),
            2 => Self::Integer(Stored::decode(decoder)?),
            3 => Self::Real(Stored::decode(decoder)?),
            4 => Self::Text(Stored::decode(decoder)?),
            other => return Err(decoder.unexpected("a column type", other)),
        })
    }
}

stored_struct!(Column { name, unit, values });

impl Stored for AttributeTable {
    fn encode(&self, encoder: &mut Encoder) {
        self.rows.encode(encoder);
        encode_blocks(&self.columns, 1, encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let rows = usize::decode(decoder)?;
        let columns: Vec<Column> = decode_blocks(decoder)?;
        let by_name = columns.iter().enumerate().map(|(index, c)| (c.name.clone(), index)).collect();
        Ok(Self { columns, by_name, rows })
    }
}

/// Values in blocks that know their length, so that they can be taken back by several threads.
pub(super) fn encode_blocks<T: Stored>(values: &[T], block: usize, encoder: &mut Encoder) {
    values.len().div_ceil(block).encode(encoder);
    for part in values.chunks(block) {
        let mut inner = Encoder::default();
        part.len().encode(&mut inner);
        T::encode_slice(part, &mut inner);
        inner.bytes.encode(encoder);
        encoder.rest();
    }
}

pub(super) fn decode_blocks<T: Stored + Send>(decoder: &mut Decoder) -> Result<Vec<T>, StoredError> {
    let count = decoder.count(8, "blocks")?;
    let mut blocks = Vec::with_capacity(count);
    for _ in 0..count {
        let length = decoder.count(1, "block")?;
        blocks.push(decoder.take(length, "block")?);
    }
    let parts: Result<Vec<Vec<T>>, StoredError> = blocks
        .into_par_iter()
        .map(|block| {
            let mut inner = Decoder::new(block);
            let count = inner.count(T::MIN_SIZE, "block")?;
            T::decode_vec(&mut inner, count)
        })
        .collect();
    let mut parts = parts?.into_iter();
    let mut all = parts.next().unwrap_or_default();
    all.reserve(parts.as_slice().iter().map(Vec::len).sum());
    parts.for_each(|part| all.extend(part));
    Ok(all)
}

stored_struct!(Feature { id, geometry });

impl Stored for FeatureLayer {
    fn encode(&self, encoder: &mut Encoder) {
        const BLOCK: usize = 4096;
        let Self { name, role, features, attributes, heights } = self;
        name.encode(encoder);
        role.encode(encoder);
        encode_blocks(features, BLOCK, encoder);
        attributes.encode(encoder);
        let heights: Vec<Option<Vec<f64>>> =
            heights.rows().iter().map(|row| row.as_ref().map(|row| row.to_vec())).collect();
        encode_blocks(&heights, BLOCK, encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        Ok(Self {
            name: Stored::decode(decoder)?,
            role: Stored::decode(decoder)?,
            features: decode_blocks(decoder)?,
            attributes: Stored::decode(decoder)?,
            heights: FeatureHeights::from_rows(
                decode_blocks::<Option<Vec<f64>>>(decoder)?
                    .into_iter()
                    .map(|row| row.map(Vec::into_boxed_slice))
                    .collect(),
            ),
        })
    }
}

stored_struct!(Node { id, position, has_signals });
stored_struct!(Link {
    id,
    way_id,
    name,
    class,
    from,
    to,
    geometry,
    length_m,
    lanes_forward,
    lanes_backward,
    width_m,
    speed_limit_mps,
    has_stated_speed,
    forward,
    backward,
    is_bridge,
    is_tunnel,
    has_cycle_track,
});

stored_struct!(TurnRestriction { id, from, node, via, to, is_only, modes });

impl Stored for StreetNetwork {
    fn encode(&self, encoder: &mut Encoder) {
        let Self { nodes, links, turn_restrictions } = self;
        nodes.encode(encoder);
        links.encode(encoder);
        turn_restrictions.encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let nodes: Vec<Node> = Stored::decode(decoder)?;
        let links: Vec<Link> = Stored::decode(decoder)?;
        let turn_restrictions: Vec<TurnRestriction> = Stored::decode(decoder)?;
        let count = nodes.len();
        let is_sound = links.iter().all(|link| {
            (link.from as usize) < count && (link.to as usize) < count && link.geometry.len() >= 2
        }) && turn_restrictions.iter().all(|turn| {
            let mut links_of_turn = turn.via.iter().chain([&turn.from, &turn.to]);
            (turn.node as usize) < count && links_of_turn.all(|&link| (link as usize) < links.len())
        });
        if is_sound {
            Ok(Self { nodes, links, turn_restrictions })
        } else {
            Err(decoder.unexpected("links between nodes", "others"))
        }
    }
}

stored_struct!(Stop { id, name, position, parent, is_station });
stored_struct!(Route { id, agency, short_name, long_name, route_type });
stored_struct!(StopTime { stop, arrival_secs, departure_secs });
stored_struct!(Trip { id, route, service, headsign, direction, shape, first_call, call_count, frequencies });
stored_struct!(Service { id, weekdays, start_date, end_date, added_dates, removed_dates });

impl Stored for Timetable {
    fn encode(&self, encoder: &mut Encoder) {
        let Self { timezone, stops, routes, trips, stop_times, services, shapes } = self;
        timezone.encode(encoder);
        stops.encode(encoder);
        routes.encode(encoder);
        trips.encode(encoder);
        stop_times.encode(encoder);
        services.encode(encoder);
        shapes.encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let table = Self {
            timezone: Stored::decode(decoder)?,
            stops: Stored::decode(decoder)?,
            routes: Stored::decode(decoder)?,
            trips: Stored::decode(decoder)?,
            stop_times: Stored::decode(decoder)?,
            services: Stored::decode(decoder)?,
            shapes: Stored::decode(decoder)?,
        };
        let stops = table.stops.len();
        let is_sound = table.stops.iter().all(|stop| stop.parent.is_none_or(|p| (p as usize) < stops))
            && table.stop_times.iter().all(|call| (call.stop as usize) < stops)
            && table.trips.iter().all(|trip| {
                (trip.route as usize) < table.routes.len()
                    && (trip.service as usize) < table.services.len()
                    && trip.first_call as usize + trip.call_count as usize <= table.stop_times.len()
            });
        if is_sound { Ok(table) } else { Err(decoder.unexpected("calls at stops that exist", "others")) }
    }
}

stored_struct!(SensorCard { owner, purpose, contact, processes_personal_data });
stored_struct!(Thing { id, name, description, position, card });
stored_struct!(Datastream { id, thing, name, observed_property, unit, times, values });

impl Stored for SensorLayer {
    fn encode(&self, encoder: &mut Encoder) {
        let Self { things, datastreams } = self;
        things.encode(encoder);
        datastreams.encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let things: Vec<Thing> = Stored::decode(decoder)?;
        let datastreams: Vec<Datastream> = Stored::decode(decoder)?;
        let is_sound = datastreams.iter().all(|stream| {
            (stream.thing as usize) < things.len() && stream.times.len() == stream.values.len()
        });
        if is_sound {
            Ok(Self { things, datastreams })
        } else {
            Err(decoder.unexpected("datastreams of things that exist", "others"))
        }
    }
}

impl Stored for Terrain {
    fn encode(&self, encoder: &mut Encoder) {
        let Self { origin, cell_m, width, height, heights } = self;
        origin.encode(encoder);
        cell_m.encode(encoder);
        width.encode(encoder);
        height.encode(encoder);
        heights.encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let terrain = Self {
            origin: Stored::decode(decoder)?,
            cell_m: Stored::decode(decoder)?,
            width: Stored::decode(decoder)?,
            height: Stored::decode(decoder)?,
            heights: Stored::decode(decoder)?,
        };
        if terrain.width.checked_mul(terrain.height) == Some(terrain.heights.len()) {
            Ok(terrain)
        } else {
            Err(decoder.unexpected("a height for every cell", terrain.heights.len()))
        }
    }
}

stored_struct!(MeshFeature { id });

impl Stored for MeshPart {
    fn encode(&self, encoder: &mut Encoder) {
        let Self { name, origin, positions, indices, features, colors, color, level, geometric_error_m } =
            self;
        name.encode(encoder);
        origin.encode(encoder);
        positions.encode(encoder);
        indices.encode(encoder);
        features.encode(encoder);
        colors.encode(encoder);
        color.encode(encoder);
        level.encode(encoder);
        geometric_error_m.encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let part = Self {
            name: Stored::decode(decoder)?,
            origin: Stored::decode(decoder)?,
            positions: Stored::decode(decoder)?,
            indices: Stored::decode(decoder)?,
            features: Stored::decode(decoder)?,
            colors: Stored::decode(decoder)?,
            color: Stored::decode(decoder)?,
            level: Stored::decode(decoder)?,
            geometric_error_m: Stored::decode(decoder)?,
        };
        let count = part.positions.len();
        let is_sound = part.indices.iter().all(|&index| (index as usize) < count)
            && part.features.len() == count
            && (part.colors.is_empty() || part.colors.len() == count);
        if is_sound { Ok(part) } else { Err(decoder.unexpected("triangles of points that exist", "others")) }
    }
}

stored_struct!(MeshModel { parts, features, attributes });

impl Stored for PointChunk {
    fn encode(&self, encoder: &mut Encoder) {
        let Self { origin, positions, classes, intensities, colors, level } = self;
        origin.encode(encoder);
        positions.encode(encoder);
        classes.encode(encoder);
        intensities.encode(encoder);
        colors.encode(encoder);
        level.encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let chunk = Self {
            origin: Stored::decode(decoder)?,
            positions: Stored::decode(decoder)?,
            classes: Stored::decode(decoder)?,
            intensities: Stored::decode(decoder)?,
            colors: Stored::decode(decoder)?,
            level: Stored::decode(decoder)?,
        };
        let fits = |length: usize| length == 0 || length == chunk.positions.len();
        if chunk.classes.len() == chunk.positions.len()
            && fits(chunk.intensities.len())
            && fits(chunk.colors.len())
        {
            Ok(chunk)
        } else {
            Err(decoder.unexpected("one value a point", "others"))
        }
    }
}

stored_struct!(PointCloud { chunks, class_counts, source_points });

impl Stored for LayerData {
    fn encode(&self, encoder: &mut Encoder) {
        match self {
            Self::City(data) => {
                encoder.bytes.push(0);
                data.encode(encoder);
            }
            Self::Features(data) => {
                encoder.bytes.push(1);
                data.encode(encoder);
            }
            Self::Streets(data) => {
                encoder.bytes.push(2);
                data.encode(encoder);
            }
            Self::Transit(data) => {
                encoder.bytes.push(3);
                data.encode(encoder);
            }
            Self::Sensors(data) => {
                encoder.bytes.push(4);
                data.encode(encoder);
            }
            Self::Terrain(data) => {
                encoder.bytes.push(5);
                data.encode(encoder);
            }
            Self::Meshes(data) => {
                encoder.bytes.push(6);
                data.encode(encoder);
            }
            Self::Points(data) => {
                encoder.bytes.push(7);
                data.encode(encoder);
            }
        }
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        Ok(match u8::decode(decoder)? {
            0 => Self::City(Stored::decode(decoder)?),
            1 => Self::Features(Stored::decode(decoder)?),
            2 => Self::Streets(Stored::decode(decoder)?),
            3 => Self::Transit(Stored::decode(decoder)?),
            4 => Self::Sensors(Stored::decode(decoder)?),
            5 => Self::Terrain(Stored::decode(decoder)?),
            6 => Self::Meshes(Stored::decode(decoder)?),
            7 => Self::Points(Stored::decode(decoder)?),
            other => return Err(decoder.unexpected("a kind of layer", other)),
        })
    }
}

stored_struct!(Layer { id, title, data, provenance, faults });
