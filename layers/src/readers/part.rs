//! Handing over a city while the rest of it is read.

use std::collections::HashMap;

use super::{
    ReadContext, ReadError, Report, Source, city_layer::drop_bad_surfaces, layer_id, placement::Placement,
};
use crate::{
    crs::Epsg,
    model::{CityModel, CityObject, LayerData, Vertices},
};

/// A piece of a layer that can be drawn before the layer is complete. The whole layer still comes at the end.
#[derive(Clone, Debug)]
pub struct LayerPart {
    /// Id that the layer will have.
    pub layer_id: String,
    /// 0 for the first part.
    pub number: usize,
    /// A model of its own: its own vertices, whole features with their parts.
    pub data: LayerData,
    /// The CRS of the part, and of the layer later.
    pub crs: Epsg,
}

/// Takes parts as they come; says whether more are wanted.
pub type TakePart = Box<dyn FnMut(LayerPart) -> bool + Send + Sync>;

/// Objects of a part, about: 5,000 buildings of 3DBAG with their parts, 40 MB of text.
pub(super) const PART_OBJECTS: usize = 10_000;
/// Objects of the first part, so that there is something to look at soon.
const FIRST_OBJECTS: usize = 4_000;
/// Objects that may wait for a relative further on in the file.
const MAX_WAITING: usize = 200_000;

/// Relations of one object as its file tells them: row, names of parents, names of children.
pub(super) type Relation = (u32, Vec<String>, Vec<String>);

/// Cuts a growing model into parts of whole families.
#[derive(Default)]
pub(super) struct Parts {
    /// Rows below this were handed over or wait.
    offered: usize,
    /// Rows whose relatives had not come when their part was made.
    waiting: Vec<u32>,
    number: usize,
    /// Decided with the first part and then kept for the whole layer.
    pub placement: Option<Placement>,
}

impl Parts {
    pub fn is_due(&self, model: &CityModel) -> bool {
        let wanted = if self.number == 0 { FIRST_OBJECTS } else { PART_OBJECTS };
        model.objects.len() >= self.offered + wanted
    }

    /// Hands over what is complete of the rows that came since the last time; everything when `is_last`.
    ///
    /// `relations` are in the order of their rows and `ids` the rows by id. `decide` makes the placement from the
    /// coordinates of the first part.
    pub fn hand_over(
        &mut self,
        source: &Source,
        model: &CityModel,
        relations: &[Relation],
        ids: &HashMap<Box<str>, u32>,
        is_last: bool,
        context: &mut ReadContext,
        decide: impl FnOnce(&CityModel, &mut ReadContext) -> Result<Placement, ReadError>,
    ) -> Result<(), ReadError> {
        // A preview may have offered more than the full pass has read so far; it is asked only when it has more.
        let end = model.objects.len().max(self.offered);
        let candidates: Vec<u32> = self.waiting.drain(..).chain(self.offered as u32..end as u32).collect();
        self.offered = end;
        let (rows, waiting) = split_families(&candidates, relations, ids, is_last);
        self.waiting = waiting;
        if rows.is_empty() {
            return Ok(());
        }
        let mut piece = cut_out(model, &rows, relations, ids);
        if self.placement.is_none() {
            self.placement = Some(decide(&piece, context)?);
        }
        let Some(placement) = &self.placement else { return Ok(()) };
        placement.apply_to(&mut piece.vertices);
        // The faults are told with the whole layer.
        drop_bad_surfaces(&mut piece, &mut Report::default());
        let part = LayerPart {
            layer_id: layer_id(source),
            number: self.number,
            data: LayerData::City(piece.into()),
            crs: placement.target,
        };
        self.number += 1;
        if let Some(take) = context.on_part.as_mut()
            && !take(part)
        {
            context.on_part = None;
        }
        context.check_cancelled()
    }
}

fn relation(relations: &[Relation], row: u32) -> Option<&Relation> {
    let position = relations.binary_search_by_key(&row, |relation| relation.0).ok()?;
    relations.get(position)
}

fn relatives(relation: &Relation) -> impl Iterator<Item = &String> {
    relation.1.iter().chain(&relation.2)
}

/// Rows whose whole family is there, and rows that wait for a relative. Both sorted.
fn split_families(
    candidates: &[u32],
    relations: &[Relation],
    ids: &HashMap<Box<str>, u32>,
    is_last: bool,
) -> (Vec<u32>, Vec<u32>) {
    if is_last || candidates.len() > MAX_WAITING {
        return (candidates.to_vec(), Vec::new());
    }
    // Families by union of rows; a family waits when one of its members names somebody unknown.
    let positions: HashMap<u32, usize> = candidates.iter().enumerate().map(|(at, &row)| (row, at)).collect();
    let mut leader: Vec<usize> = (0..candidates.len()).collect();
    fn find(leader: &mut [usize], mut at: usize) -> usize {
        while let Some(&above) = leader.get(at).filter(|&&above| above != at) {
            let higher = leader.get(above).copied().unwrap_or(above);
            if let Some(slot) = leader.get_mut(at) {
                *slot = higher;
            }
            at = above;
        }
        at
    }
    let mut is_waiting = vec![false; candidates.len()];
    for (at, &row) in candidates.iter().enumerate() {
        for name in relation(relations, row).into_iter().flat_map(relatives) {
            match ids.get(name.as_str()) {
                None => {
                    if let Some(slot) = is_waiting.get_mut(at) {
                        *slot = true;
                    }
                }
                Some(other) => {
                    if let Some(&other) = positions.get(other) {
                        let (a, b) = (find(&mut leader, at), find(&mut leader, other));
                        if let Some(slot) = leader.get_mut(a) {
                            *slot = b;
                        }
                    }
                }
            }
        }
    }
    let mut waits = vec![false; candidates.len()];
    for at in 0..candidates.len() {
        let head = find(&mut leader, at);
        if is_waiting.get(at) == Some(&true)
            && let Some(slot) = waits.get_mut(head)
        {
            *slot = true;
        }
    }
    let (mut ready, mut waiting) = (Vec::new(), Vec::new());
    for (at, &row) in candidates.iter().enumerate() {
        let head = find(&mut leader, at);
        if waits.get(head) == Some(&true) { waiting.push(row) } else { ready.push(row) }
    }
    ready.sort_unstable();
    (ready, waiting)
}

/// A model of some rows with vertices of its own. Relations to rows outside are left out.
fn cut_out(
    model: &CityModel,
    rows: &[u32],
    relations: &[Relation],
    ids: &HashMap<Box<str>, u32>,
) -> CityModel {
    let mut piece = CityModel { appearance: model.appearance.clone(), ..CityModel::default() };
    let positions: HashMap<u32, u32> = rows.iter().enumerate().map(|(at, &row)| (row, at as u32)).collect();
    let mut moved = Moved::new(model, rows);
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for (at, &row) in rows.iter().enumerate() {
        let Some(object) = model.objects.get(row as usize) else { continue };
        let mut copy = CityObject::new(object.id.clone(), object.object_type.clone());
        copy.geometries.clone_from(&object.geometries);
        for index in copy.geometries.iter_mut().flat_map(|geometry| &mut geometry.indices) {
            *index = moved.place(*index, model, &mut piece.vertices);
        }
        piece.objects.push(copy);
        let Some((_, parents, children)) = relation(relations, row) else { continue };
        let here = |name: &String| ids.get(name.as_str()).and_then(|row| positions.get(row)).copied();
        pairs.extend(parents.iter().filter_map(here).map(|parent| (parent, at as u32)));
        pairs.extend(children.iter().filter_map(here).map(|child| (at as u32, child)));
    }
    pairs.sort_unstable();
    pairs.dedup();
    for (parent, child) in pairs {
        // A piece is only looked at: one parent an object keeps it free of circles.
        if parent < child || piece.objects.get(child as usize).is_some_and(|object| object.parents.is_empty())
        {
            let is_free =
                piece.objects.get(parent as usize).is_some_and(|object| !object.parents.contains(&child));
            if parent != child && is_free {
                if let Some(object) = piece.objects.get_mut(parent as usize) {
                    object.children.push(child);
                }
                if let Some(object) = piece.objects.get_mut(child as usize) {
                    object.parents.push(parent);
                }
            }
        }
    }
    for column in model.attributes.columns() {
        let position = piece.attributes.ensure_column(&column.name, column.unit.as_deref());
        for (at, &row) in rows.iter().enumerate() {
            piece.attributes.set_at(at, position, column.get(row as usize));
        }
    }
    piece.attributes.grow(piece.objects.len());
    piece
}

/// New numbers of vertices: a list where the old ones lie close together, as features have theirs, else a map.
enum Moved {
    Dense { first: u32, numbers: Vec<u32> },
    Sparse(HashMap<u32, u32>),
}

impl Moved {
    fn new(model: &CityModel, rows: &[u32]) -> Self {
        let objects = rows.iter().filter_map(|&row| model.objects.get(row as usize));
        let mut range: Option<(u32, u32)> = None;
        let mut count = 0_usize;
        for geometry in objects.flat_map(|object| &object.geometries) {
            count += geometry.indices.len();
            for &index in &geometry.indices {
                range = Some(range.map_or((index, index), |(low, high)| (low.min(index), high.max(index))));
            }
        }
        match range {
            Some((low, high)) if ((high - low) as usize) < 4 * count + 1024 => {
                Self::Dense { first: low, numbers: vec![u32::MAX; (high - low) as usize + 1] }
            }
            _ => Self::Sparse(HashMap::new()),
        }
    }

    fn place(&mut self, index: u32, model: &CityModel, vertices: &mut Vertices) -> u32 {
        let mut add = || vertices.push(model.vertices.get(index as usize).unwrap_or([f64::NAN; 3]));
        match self {
            Self::Dense { first, numbers } => match numbers.get_mut((index - *first) as usize) {
                Some(number) => {
                    if *number == u32::MAX {
                        *number = add();
                    }
                    *number
                }
                None => add(),
            },
            Self::Sparse(numbers) => *numbers.entry(index).or_insert_with(add),
        }
    }
}
