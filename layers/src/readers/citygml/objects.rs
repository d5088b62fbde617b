//! CityGML elements → CityObjects with attributes, and what geometry each of them has.

use super::{
    Parser,
    geometry::{Inherited, NodeId},
    schema::{self, LodProperty},
    surfaces::NO_SURFACE,
    xml::Ns,
};
use crate::{
    model::{CityObject, CityObjectType, Lod, SurfaceType, Value},
    readers::{ReadError, city_layer::CellBudget},
};

/// One geometry property.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// `None` until the object's own level is known (relief).
    pub lod: Option<Lod>,
    pub node: NodeId,
    pub surface: SurfaceType,
    /// The bounding surface that it belongs to, see [`super::surfaces`].
    pub semantic: u32,
}

/// A template to be put at a place.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    pub lod: Option<Lod>,
    pub template: NodeId,
    /// Row-major 4 × 4.
    pub matrix: [f64; 16],
    /// The reference point, in the file's CRS and order.
    pub anchor: u32,
}

/// Geometry of one object before it is joined.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// Geometry of the object itself.
    pub own: Vec<Part>,
    /// Geometry of its bounding surfaces and openings.
    pub bounding: Vec<Part>,
    pub instances: Vec<Instance>,
}

const IDENTITY: [f64; 16] = [1., 0., 0., 0., 0., 1., 0., 0., 0., 0., 1., 0., 0., 0., 0., 1.];

impl Parser<'_> {
    /// The children of `CityModel`.
    pub fn city_model(&mut self) -> Result<(), ReadError> {
        while self.xml.enter()? {
            match (self.xml.element.ns, self.xml.element.name.as_str()) {
                (Ns::Gml, "boundedBy") => self.envelope()?,
                (Ns::City, "appearanceMember" | "appearance") => self.appearance()?,
                (Ns::City | Ns::Gml, "cityObjectMember" | "featureMember" | "featureMembers") => {
                    while self.xml.enter()? {
                        self.member()?;
                        self.store.end_feature();
                    }
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    fn member(&mut self) -> Result<(), ReadError> {
        match schema::object_type(&self.xml.element.name) {
            Some(object_type) if self.xml.element.ns == Ns::City => {
                self.features += 1;
                self.object(object_type, None).map(drop)
            }
            _ => {
                if self.xml.element.ns == Ns::City {
                    let message =
                        format!("there is no reading of a {}; it is left out", self.xml.element.name);
                    self.warn("object-type", message);
                }
                self.xml.skip()
            }
        }
    }

    /// An envelope only tells the CRS and the dimension.
    fn envelope(&mut self) -> Result<(), ReadError> {
        while self.xml.enter()? {
            self.dimension = self.xml.element.dimension.or(self.dimension);
            self.is_in_the_crs()?;
            self.xml.skip()?;
        }
        Ok(())
    }

    /// The open CityObject element, to its end. Returns its row.
    fn object(&mut self, object_type: CityObjectType, parent: Option<u32>) -> Result<u32, ReadError> {
        let row = self.objects.len() as u32;
        let id = self.unique_id(&object_type);
        let own_surface = schema::own_surface_type(&object_type);
        let mut object = CityObject::new(id, object_type);
        object.parents.extend(parent);
        self.objects.push(object);
        self.parts.push(Parts::default());
        if let Some(parent) = parent.and_then(|parent| self.objects.get_mut(parent as usize)) {
            parent.children.push(row);
        }
        self.open.push(row);
        while self.xml.enter()? {
            self.property(row, own_surface)?;
        }
        self.open.pop();
        Ok(row)
    }

    fn unique_id(&mut self, object_type: &CityObjectType) -> String {
        let row = self.objects.len();
        let mut id = std::mem::take(&mut self.xml.element.id);
        if id.is_empty() {
            id = format!("{object_type}-{row}");
            self.xml.context.report.warn(
                "id-missing",
                &id,
                "the object has no gml:id; it is counted instead",
            );
        }
        if self.rows.contains_key(id.as_str()) {
            let (first, mut number) = (id, 2_usize);
            // Far beyond the doubles that real files have, the row makes the name unique at once.
            while number < 100 && self.rows.contains_key(format!("{first}-{number}").as_str()) {
                number += 1;
            }
            id = if number < 100 {
                format!("{first}-{number}")
            } else {
                format!("{first}-{number}-row-{row}")
            };
            self.xml.context.report.error(
                "duplicate-id",
                &first,
                format!("an object with this gml:id was read before; this one is kept as \"{id}\""),
            );
        }
        self.rows.insert(id.as_str().into(), row as u32);
        id
    }

    fn property(&mut self, row: u32, own_surface: SurfaceType) -> Result<(), ReadError> {
        match self.xml.element.ns {
            Ns::Gml => match self.xml.element.name.as_str() {
                name @ ("name" | "description") => {
                    let name = if name == "name" { "name" } else { "description" };
                    let text = self.xml.text()?;
                    self.set(row, name, None, Value::Text(text));
                    Ok(())
                }
                "boundedBy" => self.envelope(),
                _ => self.xml.skip(),
            },
            Ns::City => self.city_property(row, own_surface),
            // Application domain extensions, such as i-UR.
            Ns::Address | Ns::Other => self.xml.skip(),
        }
    }

    fn city_property(&mut self, row: u32, own_surface: SurfaceType) -> Result<(), ReadError> {
        match schema::lod_property(&self.xml.element.name) {
            Some(LodProperty::TerrainIntersection) => return self.xml.skip(),
            Some(LodProperty::Geometry(lod, surface)) => {
                let surface = if surface == SurfaceType::Unknown { own_surface } else { surface };
                return self.lod_geometry(row, Some(lod), surface, NO_SURFACE);
            }
            None => {}
        }
        if let Some(kind) = schema::generic_kind(&self.xml.element.name) {
            return self.generic_attribute(row, kind, "", 0);
        }
        match self.xml.element.name.as_str() {
            "genericAttributeSet" => self.attribute_set(row, "", 0),
            "genericAttribute" => self.generic_property(row, "", 0),
            // Relief: the level stands in an element of its own, the surface in another.
            "tin" | "reliefPoints" | "ridgeOrValleyLines" | "breaklines" => {
                self.lod_geometry(row, None, own_surface, NO_SURFACE)
            }
            "lod" => {
                let text = self.xml.text()?;
                match text.parse() {
                    Ok(lod) => self.levels.push((row, lod)),
                    Err(error) => self.warn("lod", format!("{error}; the geometry is kept without a LoD")),
                }
                Ok(())
            }
            "address" | "xalAddress" => self.address(row, ""),
            "appearance" | "appearanceMember" => self.appearance(),
            "externalReference" | "generalizesTo" | "pointCloud" | "spaceType" | "relativeToTerrain"
            | "relativeToWater" | "dynamizer" => self.xml.skip(),
            _ => self.open_property(row),
        }
    }

    /// A property whose content decides: CityObjects, bounding surfaces, a reference to an object, or a plain value.
    fn open_property(&mut self, row: u32) -> Result<(), ReadError> {
        let name = std::mem::take(&mut self.xml.element.name);
        let uom = std::mem::take(&mut self.xml.element.uom);
        if let Some(target) = self.xml.element.href.strip_prefix('#') {
            self.relations.push((row, target.into()));
        }
        let mut text = String::new();
        let mut has_children = false;
        while self.xml.enter_with_text(&mut text)? {
            has_children = true;
            if self.xml.element.ns != Ns::City {
                self.xml.skip()?;
            } else if let Some(object_type) = schema::object_type(&self.xml.element.name) {
                self.object(object_type, Some(row))?;
            } else if let Some(surface) = schema::surface_type(&self.xml.element.name) {
                self.bounding_surface(row, surface)?;
            } else if name == "height" && self.xml.element.name == "Height" {
                self.height(row)?;
            } else {
                self.xml.skip()?;
            }
        }
        let text = text.trim();
        if !has_children && !text.is_empty() {
            let value = schema::thematic_value(&name, text, !uom.is_empty());
            let unit = schema::unit(&uom).filter(|_| !matches!(value, Value::Text(_)));
            self.set(row, &name, unit, value);
        }
        Ok(())
    }

    /// `con:Height` of CityGML 3.0: its value becomes "height".
    fn height(&mut self, row: u32) -> Result<(), ReadError> {
        while self.xml.enter()? {
            if self.xml.element.name == "value" {
                let uom = std::mem::take(&mut self.xml.element.uom);
                let text = self.xml.text()?;
                self.set(row, "height", schema::unit(&uom), schema::thematic_value("height", &text, true));
            } else {
                self.xml.skip()?;
            }
        }
        Ok(())
    }

    /// The geometries and implicit geometries of the open property; those of a bounding surface have its number.
    pub(super) fn lod_geometry(
        &mut self,
        row: u32,
        lod: Option<Lod>,
        surface: SurfaceType,
        semantic: u32,
    ) -> Result<(), ReadError> {
        let inherited = Inherited { dimension: self.dimension, surface, semantic, is_local: false };
        let mut nodes: Vec<NodeId> = Vec::new();
        if !self.xml.element.href.is_empty() {
            nodes.push(self.store.push_reference(&self.xml.element.href));
        }
        while self.xml.enter()? {
            match self.xml.element.ns {
                Ns::Gml => nodes.extend(self.geometry(inherited)?),
                Ns::City if self.xml.element.name == "ImplicitGeometry" => {
                    self.implicit_geometry(row, lod, inherited)?;
                }
                _ => self.xml.skip()?,
            }
        }
        if let Some(parts) = self.parts.get_mut(row as usize) {
            let list = if semantic == NO_SURFACE { &mut parts.own } else { &mut parts.bounding };
            list.extend(nodes.into_iter().map(|node| Part { lod, node, surface, semantic }));
        }
        Ok(())
    }

    /// The open `ImplicitGeometry`: a template, a matrix and a place.
    fn implicit_geometry(
        &mut self,
        row: u32,
        lod: Option<Lod>,
        inherited: Inherited,
    ) -> Result<(), ReadError> {
        let mut matrix = IDENTITY;
        let mut templates = Vec::new();
        let mut anchor = None;
        let mut library = None;
        while self.xml.enter()? {
            match self.xml.element.name.as_str() {
                "transformationMatrix" => {
                    let mut numbers = Vec::new();
                    self.xml.numbers(&mut numbers)?;
                    match <[f64; 16]>::try_from(numbers) {
                        Ok(numbers) => matrix = numbers,
                        Err(numbers) => {
                            let message =
                                format!("expected a matrix of 16 numbers, found {}; left out", numbers.len());
                            self.error("geometry-instance", message);
                        }
                    }
                }
                "relativeGMLGeometry" | "relativeGeometry" => {
                    templates = self.geometries(Inherited { is_local: true, ..inherited })?;
                }
                "referencePoint" => {
                    anchor = self.points(inherited)?.first().copied();
                }
                "libraryObject" => library = Some(self.xml.text()?),
                _ => self.xml.skip()?,
            }
        }
        if templates.is_empty() {
            let where_it_is =
                library.map_or_else(|| "is missing".to_owned(), |file| format!("stands in \"{file}\""));
            self.warn(
                "library-object",
                format!("the shape {where_it_is}, outside this file; it is left out"),
            );
        } else if let Some(anchor) = anchor {
            self.store.vertices.push(anchor);
            let anchor = (self.store.vertices.len() - 1) as u32;
            if let Some(parts) = self.parts.get_mut(row as usize) {
                let instances =
                    templates.into_iter().map(|template| Instance { lod, template, matrix, anchor });
                parts.instances.extend(instances);
            }
        } else {
            self.error("geometry-instance", "expected a reference point, found none; the shape is left out");
        }
        Ok(())
    }

    /// The open `genericAttributeSet` (2.0): its name is put before those inside.
    fn attribute_set(&mut self, row: u32, above: &str, depth: usize) -> Result<(), ReadError> {
        let prefix = format!("{above}{}/", self.xml.element.label);
        while self.xml.enter()? {
            match schema::generic_kind(&self.xml.element.name) {
                Some(kind) => self.generic_attribute(row, kind, &prefix, depth)?,
                None if self.xml.element.name == "genericAttributeSet" && depth < 8 => {
                    self.attribute_set(row, &prefix, depth + 1)?;
                }
                None => self.xml.skip()?,
            }
        }
        Ok(())
    }

    /// The open `genericAttribute` property (3.0).
    fn generic_property(&mut self, row: u32, prefix: &str, depth: usize) -> Result<(), ReadError> {
        while self.xml.enter()? {
            match schema::generic_kind(&self.xml.element.name) {
                Some(kind) => self.generic_attribute(row, kind, prefix, depth)?,
                None if self.xml.element.name == "GenericAttributeSet" && depth < 8 => {
                    let mut inner = prefix.to_owned();
                    while self.xml.enter()? {
                        match self.xml.element.name.as_str() {
                            "name" => inner = format!("{prefix}{}/", self.xml.text()?),
                            "genericAttribute" => self.generic_property(row, &inner, depth + 1)?,
                            _ => self.xml.skip()?,
                        }
                    }
                }
                None => self.xml.skip()?,
            }
        }
        Ok(())
    }

    /// The open generic attribute of either version.
    fn generic_attribute(
        &mut self,
        row: u32,
        kind: &str,
        prefix: &str,
        _depth: usize,
    ) -> Result<(), ReadError> {
        match self.read_generic(kind)? {
            Some((name, unit, value)) => self.set(row, &format!("{prefix}{name}"), unit.as_deref(), value),
            None => self.warn("attribute", "a generic attribute without a name or a value is left out"),
        }
        Ok(())
    }

    /// Name, unit and value of the open generic attribute.
    pub(super) fn read_generic(
        &mut self,
        kind: &str,
    ) -> Result<Option<(String, Option<String>, Value)>, ReadError> {
        let mut name = std::mem::take(&mut self.xml.element.label);
        let mut value = None;
        let mut uom = String::new();
        while self.xml.enter()? {
            match self.xml.element.name.as_str() {
                "value" => {
                    uom = std::mem::take(&mut self.xml.element.uom);
                    value = Some(self.xml.text()?);
                }
                "name" => name = self.xml.text()?,
                _ => self.xml.skip()?,
            }
        }
        let Some(text) = value.filter(|_| !name.is_empty()) else { return Ok(None) };
        let value = schema::generic_value(kind, &text);
        let unit = schema::unit(&uom).filter(|_| !matches!(value, Value::Text(_))).map(str::to_owned);
        Ok(Some((name, unit, value)))
    }

    /// xAL 2 and 3: the parts of an address that the model has words for.
    fn address(&mut self, row: u32, above: &str) -> Result<(), ReadError> {
        let mut text = String::new();
        let element = std::mem::take(&mut self.xml.element.name);
        while self.xml.enter_with_text(&mut text)? {
            self.address(row, &element)?;
        }
        let column = match (element.as_str(), above) {
            ("CountryName", _) | ("NameElement", "Country") => "country",
            ("LocalityName", _) | ("NameElement", "Locality") => "locality",
            ("ThoroughfareName", _) | ("NameElement", "Thoroughfare") => "street",
            ("ThoroughfareNumber", _) | ("Number", "Thoroughfare") => "house_number",
            ("PostalCodeNumber", _) | ("Identifier", "PostCode") => "postal_code",
            _ => return Ok(()),
        };
        let text = text.trim();
        if !text.is_empty() {
            self.set(row, column, None, Value::Text(text.to_owned()));
        }
        Ok(())
    }

    /// Sets an attribute; several values under one name are joined as text. A column has one unit, so a value in
    /// another unit gets a column of its own.
    fn set(&mut self, row: u32, name: &str, unit: Option<&str>, value: Value) {
        const MAX_COLUMNS: usize = 4096;
        const MAX_JOINED: usize = 4096;
        let table = &mut self.attributes;
        let known_unit = table.column(name).and_then(|column| column.unit.clone());
        let name = match (known_unit, unit) {
            (Some(known), Some(unit)) if known != unit => format!("{name} ({unit})"),
            _ => name.to_owned(),
        };
        if table.columns().len() >= MAX_COLUMNS && table.column(&name).is_none() {
            self.warn("attribute", format!("more than {MAX_COLUMNS} attribute names; the rest is left out"));
            return;
        }
        let value = match table.get(row as usize, &name) {
            Value::Null => value,
            earlier if earlier.as_str().is_some_and(|text| text.len() > MAX_JOINED) => return,
            earlier => Value::Text(format!("{}; {}", earlier.to_text(), value.to_text())),
        };
        let column = table.ensure_column(&name, unit);
        if self.cells.allows(column, row as usize, &value) {
            table.set_at(row as usize, column, value);
        } else {
            self.error("attribute", CellBudget::MESSAGE);
        }
    }
}
