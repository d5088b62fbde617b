//! CityGML 2.0 and 3.0 (and 1.0, which is alike), plain or gzip, by one streaming pass.
//!
//! The pass ([`objects`], [`geometry`]) fills a store of objects and polygons; at the end ([`resolve`]) references by
//! `xlink:href` inside the file are followed and the semantics of bounding surfaces joined with the solids that use
//! them. References out of the file are never followed. The result is the same [`crate::model::CityModel`] that
//! CityJSON gives. Sources: OGC 12-019 (CityGML 2.0), OGC 20-010 and 21-006r2 (CityGML 3.0), GML 3.1.1 and 3.2.1.

mod appearance;
mod geometry;
mod objects;
mod resolve;
mod schema;
mod srs;
mod surfaces;
mod xml;

use std::collections::HashMap;

use appearance::Looks;
use geometry::Store;
use objects::Parts;
use resolve::Resolver;
use surfaces::Surfaces;
use xml::{Ns, Xml};

use super::{
    FormatReader, ReadContext, ReadError, ReadOutcome, Source,
    city_layer::{CellBudget, CityFile, drop_bad_surfaces},
    input::with_checksum,
    placement::{Placement, Unlabelled},
};
use crate::{
    crs::Epsg,
    model::{AttributeTable, Bounds3, CityModel, CityObject, Lod},
};

/// CityGML files.
#[derive(Debug)]
pub struct CityGmlReader;

impl FormatReader for CityGmlReader {
    fn id(&self) -> &'static str {
        "citygml"
    }

    fn title(&self) -> &'static str {
        "CityGML"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["gml", "citygml", "xml", "gml.gz", "citygml.gz", "xml.gz"]
    }

    /// The root element is a `CityModel` and its namespaces are CityGML's; other GML has other roots.
    fn sniff(&self, head: &[u8], _file_name: &str) -> bool {
        const CITY: &[u8] = b"http://www.opengis.net/citygml/";
        root_name(head) == Some(b"CityModel") && head.windows(CITY.len()).any(|window| window == CITY)
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let (result, checksum) = with_checksum(source, || Parser::read(source, context));
        result?.finish(source, checksum, context)
    }
}

/// The local name of the first element in `head`.
fn root_name(head: &[u8]) -> Option<&[u8]> {
    let mut rest = head;
    loop {
        let at = rest.iter().position(|&byte| byte == b'<')?;
        rest = rest.get(at + 1..)?;
        if let Some(comment) = rest.strip_prefix(b"!--") {
            let end = comment.windows(3).position(|window| window == b"-->")?;
            rest = comment.get(end..)?;
        } else if !matches!(rest.first(), Some(b'?' | b'!')) {
            let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/');
            let name = rest.get(..rest.iter().position(is_end)?)?;
            return name.rsplit(|&byte| byte == b':').next();
        }
    }
}

/// One pass over a file and what it has gathered.
struct Parser<'a> {
    source: &'a Source,
    xml: Xml<'a>,
    store: Store,
    objects: Vec<CityObject>,
    attributes: AttributeTable,
    cells: CellBudget,
    parts: Vec<Parts>,
    /// Rows by id.
    rows: HashMap<Box<str>, u32>,
    /// Rows whose objects are open, outermost first.
    open: Vec<u32>,
    /// References from an object to another one below it.
    relations: Vec<(u32, Box<str>)>,
    /// Levels that stand beside the geometry.
    levels: Vec<(u32, Lod)>,
    /// The first one of the file.
    stated: Option<Epsg>,
    /// Every `srsName` met, and whether it is the file's CRS.
    srs_names: Vec<(String, bool)>,
    dimension: Option<usize>,
    numbers: Vec<f64>,
    looks: Looks,
    surfaces: Surfaces,
    features: u64,
}

/// What a pass leaves when the file is closed.
struct Gathered {
    store: Store,
    objects: Vec<CityObject>,
    attributes: AttributeTable,
    parts: Vec<Parts>,
    looks: Looks,
    surfaces: Surfaces,
    stated: Option<Epsg>,
    version: String,
    features: u64,
}

impl<'a> Parser<'a> {
    fn read(source: &'a Source, context: &'a mut ReadContext) -> Result<Gathered, ReadError> {
        let mut parser = Parser {
            source,
            xml: Xml::open(source, context)?,
            store: Store::default(),
            objects: Vec::new(),
            attributes: AttributeTable::new(),
            cells: CellBudget::default(),
            parts: Vec::new(),
            rows: HashMap::new(),
            open: Vec::new(),
            relations: Vec::new(),
            levels: Vec::new(),
            stated: None,
            srs_names: Vec::new(),
            dimension: None,
            numbers: Vec::new(),
            looks: Looks::default(),
            surfaces: Surfaces::default(),
            features: 0,
        };
        let is_city = parser.xml.enter()?
            && parser.xml.element.ns == Ns::City
            && parser.xml.element.name == "CityModel";
        if !is_city {
            return Err(parser.xml.malformed("no CityModel element as the root"));
        }
        let version = parser.xml.version().to_owned();
        parser.city_model()?;
        parser.xml.finish()?;
        parser.relate();
        parser.set_levels();
        Ok(Gathered {
            store: parser.store,
            objects: parser.objects,
            attributes: parser.attributes,
            parts: parser.parts,
            looks: parser.looks,
            surfaces: parser.surfaces,
            stated: parser.stated,
            version,
            features: parser.features,
        })
    }

    /// Id of the innermost open object, for faults.
    fn location(&self) -> String {
        let row = self.open.last().and_then(|&row| self.objects.get(row as usize));
        row.map_or_else(|| format!("byte {}", self.xml.position()), |object| object.id.clone())
    }

    fn warn(&mut self, code: &'static str, message: impl Into<String>) {
        let location = self.location();
        self.xml.context.report.warn(code, location, message);
    }

    fn error(&mut self, code: &'static str, message: impl Into<String>) {
        let location = self.location();
        self.xml.context.report.error(code, location, message);
    }

    /// References between objects become parents and children, without circles: an object that has a parent already,
    /// or is above the other, is left where it is.
    fn relate(&mut self) {
        for (row, target) in std::mem::take(&mut self.relations) {
            // A reference to a geometry or an appearance is none between objects.
            let Some(&child) = self.rows.get(&target) else { continue };
            let mut above = Some(row);
            let mut steps = 0;
            while let Some(current) = above.filter(|&current| current != child && steps < 1024) {
                above = self.objects.get(current as usize).and_then(|object| object.parents.first().copied());
                steps += 1;
            }
            if above.is_some() {
                let id = self.objects.get(row as usize).map(|object| object.id.clone()).unwrap_or_default();
                self.xml.context.report.error(
                    "cyclic-parents",
                    id,
                    format!("\"{target}\" would be above and below it; the relation is left out"),
                );
                continue;
            }
            if let Some(object) =
                self.objects.get_mut(child as usize).filter(|object| object.parents.is_empty())
            {
                object.parents.push(row);
                if let Some(parent) = self.objects.get_mut(row as usize) {
                    parent.children.push(child);
                }
            }
        }
    }

    fn set_levels(&mut self) {
        for &(row, lod) in &self.levels {
            let Some(parts) = self.parts.get_mut(row as usize) else { continue };
            for part in parts.own.iter_mut().filter(|part| part.lod.is_none()) {
                part.lod = Some(lod);
            }
        }
    }
}

impl Gathered {
    fn finish(
        mut self,
        source: &Source,
        checksum: String,
        context: &mut ReadContext,
    ) -> Result<ReadOutcome, ReadError> {
        let mut resolver = Resolver::new(&mut self.store, &self.surfaces);
        resolver.paint(&mut self.looks, &mut context.report);
        resolver.join(&mut self.objects, &self.parts, context)?;
        let painted = resolver.into_painted();
        let in_file = Bounds3::from_points(
            self.store.vertices.iter().copied().filter(|point| point.iter().all(|value| value.abs() < 1e9)),
        );
        let mut vertices = std::mem::take(&mut self.store.vertices);
        let mut bounds = in_file;
        let assumed = self.stated.or(context.assumed_crs);
        if assumed.is_some_and(|epsg| srs::is_north_first(epsg, &in_file, context)) {
            for vertex in &mut vertices {
                vertex.swap(0, 1);
            }
            bounds.min.swap(0, 1);
            bounds.max.swap(0, 1);
        }
        let placement =
            Placement::decide(source, self.stated, &bounds, Unlabelled::MetricOrDegrees, context)?;
        placement.apply(&mut vertices);
        Resolver::new(&mut self.store, &self.surfaces).painted(painted).place_instances(
            &mut self.objects,
            &self.parts,
            &mut vertices,
            context,
        )?;
        self.attributes.grow(self.objects.len());
        let mut model = CityModel {
            vertices: vertices.into(),
            objects: self.objects,
            attributes: self.attributes,
            appearance: self.looks.appearance,
            ..CityModel::default()
        };
        drop_bad_surfaces(&mut model, &mut context.report);
        model.share_semantics();
        let file = CityFile {
            format: "citygml",
            version: Some(self.version),
            bounds,
            features: self.features,
            title: None,
            contact: None,
            licence: String::new(),
            date: String::new(),
            checksum,
        };
        Ok(file.into_outcome(source, model, &placement, context))
    }
}
