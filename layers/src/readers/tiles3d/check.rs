//! Rules for tileset.json (3D Tiles 1.0 and 1.1, section 6), each fault named by its place in the JSON.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::{
    metadata::{Findings, check_entity, check_schema},
    volume::{Volume, numbers},
};
use crate::readers::{
    Report, Severity,
    gltf::{matrix::Matrix, resources::has_extension},
};

/// Extensions of a tileset: those it declares, and those that stand in it.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    pub used: BTreeSet<String>,
    pub required: BTreeSet<String>,
    pub found: BTreeSet<String>,
}

pub(super) struct Checker<'a> {
    report: &'a mut Report,
    /// The file, for messages.
    name: &'a str,
    schema: Option<&'a Json>,
    groups: usize,
    pub extensions: Extensions,
    is_1_0: bool,
}

/// Checks a whole tileset; `schema` is its own or the one that it points to.
pub(super) fn check(json: &Json, schema: Option<&Json>, name: &str, report: &mut Report) -> Extensions {
    let groups = json.get("groups").and_then(Json::as_array).map_or(0, Vec::len);
    let is_1_0 =
        json.get("asset").and_then(|asset| asset.get("version")).and_then(Json::as_str) == Some("1.0");
    let mut checker = Checker { report, name, schema, groups, extensions: Extensions::default(), is_1_0 };
    checker.tileset(json);
    checker.extensions
}

impl Checker<'_> {
    fn add(&mut self, severity: Severity, code: &'static str, place: &str, message: impl Into<String>) {
        self.report.add(severity, code, format!("{}, {place}", self.name), message);
    }

    fn error(&mut self, place: &str, message: impl Into<String>) {
        self.add(Severity::Error, "tileset-invalid", place, message);
    }

    fn warn(&mut self, place: &str, message: impl Into<String>) {
        self.add(Severity::Warning, "tileset-unusual", place, message);
    }

    fn findings(&mut self, findings: Findings) {
        for (place, message) in findings {
            self.error(&place, message);
        }
    }

    fn wrong(&mut self, place: &str, expected: &str, found: Option<&Json>) {
        let found =
            found.map_or_else(|| "none".to_owned(), |json| json.to_string().chars().take(60).collect());
        self.error(place, format!("expected {expected}, found {found}"));
    }

    fn tileset(&mut self, json: &Json) {
        match json.get("asset") {
            Some(Json::Object(asset)) => {
                match asset.get("version") {
                    Some(Json::String(version)) if matches!(version.as_str(), "0.0" | "1.0" | "1.1") => {}
                    other => self.wrong("asset.version", "\"1.0\" or \"1.1\"", other),
                }
                if let Some(version) = asset.get("tilesetVersion").filter(|version| !version.is_string()) {
                    self.wrong("asset.tilesetVersion", "text", Some(version));
                }
            }
            other => self.wrong("asset", "an object", other),
        }
        self.geometric_error(json, "geometricError");
        self.common(json, "the tileset");
        self.declared_extensions(json);
        self.property_ranges(json);
        self.schema_and_groups(json);
        self.statistics(json);
        if let Some(metadata) = json.get("metadata") {
            let mut findings = Vec::new();
            check_entity(metadata, self.schema, "metadata", &mut findings);
            self.findings(findings);
        }
        match json.get("root") {
            Some(root @ Json::Object(_)) => {
                if root.get("refine").is_none() {
                    self.warn("root.refine", "expected \"ADD\" or \"REPLACE\", found none; REPLACE is taken");
                }
                self.tile(root, "root", None, None);
            }
            other => self.wrong("root", "an object", other),
        }
        self.check_extensions();
    }

    fn geometric_error(&mut self, json: &Json, place: &str) -> Option<f64> {
        let value = json.get("geometricError");
        let error = value.and_then(Json::as_f64).filter(|error| *error >= 0.0);
        if error.is_none() {
            self.wrong(place, "a number of 0 or more", value);
        }
        error
    }

    /// `extensions` and `extras`, which any object may have.
    fn common(&mut self, json: &Json, place: &str) {
        match json.get("extensions") {
            None => {}
            Some(Json::Object(extensions)) => {
                for (name, value) in extensions {
                    if value.is_object() {
                        self.extensions.found.insert(name.clone());
                    } else {
                        self.wrong(&format!("{place}.extensions.{name}"), "an object", Some(value));
                    }
                }
            }
            other => self.wrong(&format!("{place}.extensions"), "an object", other),
        }
        if let Some(extras) = json.get("extras").filter(|extras| !extras.is_object()) {
            let found: String = extras.to_string().chars().take(60).collect();
            self.warn(&format!("{place}.extras"), format!("expected an object, found {found}"));
        }
    }

    fn declared_extensions(&mut self, json: &Json) {
        for key in ["extensionsUsed", "extensionsRequired"] {
            match json.get(key) {
                None => {}
                Some(Json::Array(names)) if !names.is_empty() => {
                    for (number, name) in names.iter().enumerate() {
                        let place = format!("{key}[{number}]");
                        let Some(text) = name.as_str() else {
                            self.wrong(&place, "a name", Some(name));
                            continue;
                        };
                        let set = if key == "extensionsUsed" {
                            &mut self.extensions.used
                        } else {
                            &mut self.extensions.required
                        };
                        if !set.insert(text.to_owned()) {
                            self.error(&place, format!("expected each name once, found \"{text}\" again"));
                        }
                    }
                }
                other => self.wrong(key, "an array of one or more names", other),
            }
        }
    }

    fn check_extensions(&mut self) {
        let Extensions { used, required, found } = &self.extensions;
        let undeclared: Vec<String> = found.difference(used).cloned().collect();
        let unused: Vec<String> = used
            .difference(found)
            // These are "found" by the kind of the contents.
            .filter(|name| {
                !matches!(
                    name.as_str(),
                    "3DTILES_content_gltf" | "MAXAR_content_3tz" | "MAXAR_content_geojson"
                )
            })
            .cloned()
            .collect();
        let not_used: Vec<String> = required.difference(used).cloned().collect();
        let contents: Vec<String> = used
            .iter()
            .filter(|name| name.contains("_content_") && !required.contains(*name))
            .cloned()
            .collect();
        for name in undeclared {
            self.error(
                "extensionsUsed",
                format!("expected \"{name}\", which the tileset has, found it undeclared"),
            );
        }
        for name in unused {
            self.warn("extensionsUsed", format!("\"{name}\" is declared and not there"));
        }
        for name in not_used {
            self.error("extensionsRequired", format!("expected names that are also used, found \"{name}\""));
        }
        for name in contents {
            self.error(
                "extensionsRequired",
                format!("expected \"{name}\", without which contents cannot be read, found none"),
            );
        }
    }

    /// `properties` of 3D Tiles 1.0: smallest and largest value by name.
    fn property_ranges(&mut self, json: &Json) {
        match json.get("properties") {
            None => {}
            Some(Json::Object(properties)) => {
                for (name, range) in properties {
                    let place = format!("properties.{name}");
                    let end = |key: &str| range.get(key).and_then(Json::as_f64);
                    match (end("minimum"), end("maximum")) {
                        (Some(low), Some(high)) if low <= high => {}
                        (Some(low), Some(high)) => {
                            self.error(
                                &place,
                                format!("expected minimum up to maximum, found {low} and {high}"),
                            );
                        }
                        _ => self.wrong(&place, "the numbers minimum and maximum", Some(range)),
                    }
                }
            }
            other => self.wrong("properties", "an object", other),
        }
    }

    fn schema_and_groups(&mut self, json: &Json) {
        if let Some(uri) = json.get("schemaUri").filter(|uri| !uri.is_string()) {
            self.wrong("schemaUri", "text", Some(uri));
        }
        if json.get("schema").is_some() && json.get("schemaUri").is_some() {
            self.error("schema", "expected schema or schemaUri, found both");
        }
        let mut findings = Vec::new();
        if let Some(schema) = self.schema {
            check_schema(schema, &mut findings);
        }
        match json.get("groups") {
            None => {}
            Some(Json::Array(groups)) if !groups.is_empty() => {
                for (number, group) in groups.iter().enumerate() {
                    check_entity(group, self.schema, &format!("groups[{number}]"), &mut findings);
                }
            }
            other => self.wrong("groups", "an array of one or more groups", other),
        }
        self.findings(findings);
    }

    fn statistics(&mut self, json: &Json) {
        let Some(statistics) = json.get("statistics") else { return };
        let classes = match statistics.get("classes") {
            None => return,
            Some(Json::Object(classes)) => classes,
            other => return self.wrong("statistics.classes", "an object", other),
        };
        if classes.is_empty() {
            self.error("statistics.classes", "expected one class or more, found none");
        }
        for (name, value) in classes {
            let place = format!("statistics.classes.{name}");
            if !value.is_object() {
                self.wrong(&place, "an object", Some(value));
                continue;
            }
            let Some(schema) = self.schema else {
                self.error(&place, "expected a schema for the statistics, found none");
                continue;
            };
            let Some(class) = schema.get("classes").and_then(|classes| classes.get(name)) else {
                self.error(&place, format!("expected a class of the schema, found \"{name}\""));
                continue;
            };
            match value.get("properties") {
                None => {}
                Some(Json::Object(properties)) if !properties.is_empty() => {
                    let known =
                        class.get("properties").and_then(Json::as_object).cloned().unwrap_or_default();
                    for property in properties.keys().filter(|property| !known.contains_key(*property)) {
                        self.error(&place, format!("expected properties of the class, found \"{property}\""));
                    }
                }
                other => self.wrong(&format!("{place}.properties"), "one property or more", other),
            }
        }
    }

    fn volume(&mut self, json: &Json, place: &str) -> Option<Volume> {
        let Some(object) = json.as_object() else {
            self.wrong(place, "an object", Some(json));
            return None;
        };
        self.common(json, place);
        let is_good = |key: &str, value: &Json| match key {
            "box" => numbers::<12>(value).is_some(),
            "region" => numbers::<6>(value).is_some(),
            _ => numbers::<4>(value).is_some(),
        };
        let mut has_any = object.get("extensions").is_some();
        for (key, count) in [("box", 12), ("region", 6), ("sphere", 4)] {
            if let Some(value) = object.get(key) {
                has_any = true;
                if !is_good(key, value) {
                    self.wrong(&format!("{place}.{key}"), &format!("{count} numbers"), Some(value));
                }
            }
        }
        if !has_any {
            self.error(place, "expected a box, region or sphere, found none");
        }
        let volume = Volume::parse(json);
        if let Some(fault) = volume.and_then(|volume| volume.fault()) {
            self.error(place, fault);
        }
        volume
    }

    /// One tile and what is below it. `metadata_error` is the geometric error that the parent's metadata gives.
    fn tile(
        &mut self,
        json: &Json,
        place: &str,
        parent_error: Option<f64>,
        parent_metadata_error: Option<f64>,
    ) {
        if !json.is_object() {
            return self.wrong(place, "an object", Some(json));
        }
        self.common(json, place);
        let volume_place = format!("{place}.boundingVolume");
        if json.get("boundingVolume").is_none() {
            self.wrong(&volume_place, "an object", None);
        }
        let volume = json.get("boundingVolume").and_then(|volume| self.volume(volume, &volume_place));
        let error = self.geometric_error(json, &format!("{place}.geometricError"));
        if let (Some(error), Some(parent)) = (error, parent_error)
            && error > parent
        {
            let message = format!("expected at most the parent's {parent}, found {error}");
            self.error(&format!("{place}.geometricError"), message);
        }
        match json.get("refine") {
            None => {}
            Some(Json::String(refine)) if matches!(refine.as_str(), "ADD" | "REPLACE") => {}
            Some(Json::String(refine))
                if matches!(refine.to_ascii_uppercase().as_str(), "ADD" | "REPLACE") =>
            {
                self.warn(&format!("{place}.refine"), format!("expected capitals, found \"{refine}\""));
            }
            other => self.wrong(&format!("{place}.refine"), "\"ADD\" or \"REPLACE\"", other),
        }
        if let Some(transform) = json.get("transform") {
            let is_good =
                numbers::<16>(transform).is_some_and(|values| Matrix::from_slice(&values).is_some());
            if !is_good {
                self.wrong(
                    &format!("{place}.transform"),
                    "16 numbers of an affine matrix, column by column",
                    Some(transform),
                );
            }
        }
        let metadata_error = json.get("metadata").and_then(|metadata| {
            let mut findings = Vec::new();
            let error = check_entity(metadata, self.schema, &format!("{place}.metadata"), &mut findings);
            self.findings(findings);
            error
        });
        if let (Some(error), Some(parent)) = (metadata_error, parent_metadata_error)
            && error > parent
        {
            let message =
                format!("expected a geometric error of at most the parent's {parent}, found {error}");
            self.error(&format!("{place}.metadata"), message);
        }
        self.contents(json, place, volume.as_ref());
        if let Some(tiling) = json.get("implicitTiling") {
            self.implicit(tiling, json, place, volume.as_ref());
        }
        match json.get("children") {
            None => {}
            Some(Json::Array(children)) => {
                if children.is_empty() {
                    self.warn(
                        &format!("{place}.children"),
                        "expected one child or more, or none at all, found an empty array",
                    );
                }
                for (number, child) in children.iter().enumerate() {
                    self.tile(
                        child,
                        &format!("{place}.children[{number}]"),
                        error,
                        metadata_error.or(parent_metadata_error),
                    );
                }
            }
            other => self.wrong(&format!("{place}.children"), "an array", other),
        }
    }

    fn contents(&mut self, tile: &Json, place: &str, volume: Option<&Volume>) {
        if tile.get("content").is_some() && tile.get("contents").is_some() {
            self.error(place, "expected content or contents, found both");
        }
        if let Some(content) = tile.get("content") {
            self.content(content, &format!("{place}.content"), volume);
        }
        match tile.get("contents") {
            None => {}
            Some(Json::Array(contents)) if !contents.is_empty() => {
                for (number, content) in contents.iter().enumerate() {
                    self.content(content, &format!("{place}.contents[{number}]"), volume);
                }
            }
            other => self.wrong(&format!("{place}.contents"), "an array of one or more contents", other),
        }
    }

    fn content(&mut self, json: &Json, place: &str, tile_volume: Option<&Volume>) {
        if !json.is_object() {
            return self.wrong(place, "an object", Some(json));
        }
        self.common(json, place);
        match json.get("uri").or_else(|| json.get("url")) {
            Some(Json::String(uri)) => {
                if self.is_1_0
                    && (has_extension(uri, "gltf") || has_extension(uri, "glb"))
                    && !self.extensions.used.contains("3DTILES_content_gltf")
                {
                    self.warn(place, "expected \"3DTILES_content_gltf\" in extensionsUsed for glTF in 3D Tiles 1.0, found none");
                }
            }
            other => self.wrong(&format!("{place}.uri"), "text", other),
        }
        if let Some(bounds) = json.get("boundingVolume") {
            let inner = self.volume(bounds, &format!("{place}.boundingVolume"));
            if let (Some(inner), Some(outer)) = (inner, tile_volume)
                && outer.holds(&inner) == Some(false)
            {
                self.error(
                    &format!("{place}.boundingVolume"),
                    "expected a volume inside the tile's, found one that sticks out",
                );
            }
        }
        if let Some(group) = json.get("group") {
            let is_known = group.as_u64().is_some_and(|group| group < self.groups as u64);
            if !is_known {
                let expected = format!("the number of one of {} groups", self.groups);
                self.wrong(&format!("{place}.group"), &expected, Some(group));
            }
        }
        if let Some(metadata) = json.get("metadata") {
            let mut findings = Vec::new();
            check_entity(metadata, self.schema, &format!("{place}.metadata"), &mut findings);
            self.findings(findings);
        }
    }

    fn implicit(&mut self, json: &Json, tile: &Json, place: &str, volume: Option<&Volume>) {
        let inner = format!("{place}.implicitTiling");
        let Some(object) = json.as_object() else { return self.wrong(&inner, "an object", Some(json)) };
        let is_octree = object.get("subdivisionScheme").and_then(Json::as_str) == Some("OCTREE");
        match object.get("subdivisionScheme") {
            Some(Json::String(scheme)) if matches!(scheme.as_str(), "QUADTREE" | "OCTREE") => {}
            other => self.wrong(&format!("{inner}.subdivisionScheme"), "\"QUADTREE\" or \"OCTREE\"", other),
        }
        for key in ["subtreeLevels", "availableLevels"] {
            let value = object.get(key);
            if value.and_then(Json::as_u64).is_none_or(|levels| levels == 0 || levels > 60) {
                self.wrong(&format!("{inner}.{key}"), "a whole number from 1 to 60", value);
            }
        }
        match object.get("subtrees") {
            Some(Json::Object(subtrees)) => match subtrees.get("uri") {
                Some(Json::String(uri)) => self.template(uri, is_octree, &format!("{inner}.subtrees.uri")),
                other => self.wrong(&format!("{inner}.subtrees.uri"), "a template", other),
            },
            other => self.wrong(&format!("{inner}.subtrees"), "an object", other),
        }
        let none = Map::new();
        let tile_object = tile.as_object().unwrap_or(&none);
        for key in ["children", "metadata"] {
            if tile_object.contains_key(key) {
                self.error(
                    &format!("{place}.{key}"),
                    "expected nothing in the root of an implicit tree, found some",
                );
            }
        }
        let listed = tile.get("contents").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        for content in listed.iter().chain(tile.get("content")) {
            if content.get("boundingVolume").is_some() {
                self.error(
                    &format!("{place}.content.boundingVolume"),
                    "expected none in the root of an implicit tree, found one",
                );
            }
            if let Some(uri) = content.get("uri").and_then(Json::as_str) {
                self.template(uri, is_octree, &format!("{place}.content.uri"));
            }
        }
        if matches!(volume, Some(Volume::Sphere(_))) {
            self.error(
                &format!("{place}.boundingVolume"),
                "expected a box or region, which can be divided, found a sphere",
            );
        }
    }

    /// A URI template names its tile by level, x, y and, in an octree, z.
    fn template(&mut self, uri: &str, is_octree: bool, place: &str) {
        let mut names = BTreeSet::new();
        for part in uri.split('{').skip(1) {
            names.insert(part.split('}').next().unwrap_or_default());
        }
        let known: &[&str] = if is_octree { &["level", "x", "y", "z"] } else { &["level", "x", "y"] };
        for name in names.iter().filter(|name| !known.contains(name)) {
            self.error(place, format!("expected variables among {}, found {{{name}}}", known.join(", ")));
        }
        for name in known.iter().filter(|name| !names.contains(*name)) {
            self.error(place, format!("expected the variable {{{name}}}, found none"));
        }
    }
}
