//! Names of CityGML 2.0 and 3.0 and what they are in the model, which has the words of CityJSON.

use crate::model::{CityObjectType, Lod, SurfaceType, Value};

/// The object type of an element; `None` for elements that are no CityObjects.
///
/// CityJSON has no sections and traffic spaces. They are kept as objects of their own name, so that a click finds the
/// lane with its function and not the whole road; so are `TrafficArea`s.
pub(super) fn object_type(name: &str) -> Option<CityObjectType> {
    let name = match name {
        "Building"
        | "BuildingPart"
        | "BuildingInstallation"
        | "BuildingConstructiveElement"
        | "BuildingFurniture"
        | "BuildingRoom"
        | "BuildingUnit"
        | "Bridge"
        | "BridgePart"
        | "BridgeInstallation"
        | "BridgeConstructiveElement"
        | "BridgeRoom"
        | "BridgeFurniture"
        | "Tunnel"
        | "TunnelPart"
        | "TunnelInstallation"
        | "TunnelConstructiveElement"
        | "TunnelFurniture"
        | "OtherConstruction"
        | "Road"
        | "Railway"
        | "Waterway"
        | "Track"
        | "TransportationComplex"
        | "Section"
        | "Intersection"
        | "TrafficSpace"
        | "AuxiliaryTrafficSpace"
        | "ClearanceSpace"
        | "TrafficArea"
        | "AuxiliaryTrafficArea"
        | "Marking"
        | "Hole"
        | "WaterBody"
        | "PlantCover"
        | "SolitaryVegetationObject"
        | "LandUse"
        | "CityFurniture"
        | "ReliefFeature"
        | "TINRelief"
        | "MassPointRelief"
        | "BreaklineRelief"
        | "RasterRelief"
        | "CityObjectGroup"
        | "GenericCityObject" => name,
        "IntBuildingInstallation" => "BuildingInstallation",
        "Room" => "BuildingRoom",
        "Storey" => "BuildingStorey",
        "IntBridgeInstallation" => "BridgeInstallation",
        "BridgeConstructionElement" => "BridgeConstructiveElement",
        "IntTunnelInstallation" => "TunnelInstallation",
        "HollowSpace" => "TunnelHollowSpace",
        "Square" => "TransportSquare",
        "GenericOccupiedSpace"
        | "GenericUnoccupiedSpace"
        | "GenericLogicalSpace"
        | "GenericThematicSurface" => "GenericCityObject",
        _ => return None,
    };
    Some(CityObjectType::from_name(name))
}

/// The semantic type of a bounding surface or opening; `None` for elements that are none.
pub(super) fn surface_type(name: &str) -> Option<SurfaceType> {
    Some(match name {
        "DoorSurface" => SurfaceType::Door,
        "WindowSurface" => SurfaceType::Window,
        "Door" | "Window" => SurfaceType::from_name(name),
        name if name.ends_with("Surface") => SurfaceType::from_name(name),
        _ => return None,
    })
}

/// What the surfaces of an object are when they stand in no bounding surface.
pub(super) fn own_surface_type(object_type: &CityObjectType) -> SurfaceType {
    match object_type.name() {
        "TrafficArea" | "TrafficSpace" => SurfaceType::TrafficArea,
        "AuxiliaryTrafficArea" | "AuxiliaryTrafficSpace" => SurfaceType::AuxiliaryTrafficArea,
        _ => SurfaceType::Unknown,
    }
}

/// What a `lod…` property holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LodProperty {
    /// Geometry whose surfaces are of this type unless they are semantic themselves.
    Geometry(Lod, SurfaceType),
    /// Where an object meets the terrain; CityJSON has no such thing.
    TerrainIntersection,
}

pub(super) fn lod_property(name: &str) -> Option<LodProperty> {
    let rest = name.strip_prefix("lod")?;
    let digit = rest.bytes().next().filter(|digit| (b'0'..=b'4').contains(digit))?;
    let lod = Lod { major: digit - b'0', minor: 0, is_refined: false };
    let what = rest.get(1..)?;
    Some(match what {
        "FootPrint" => LodProperty::Geometry(lod, SurfaceType::Ground),
        "RoofEdge" => LodProperty::Geometry(lod, SurfaceType::Roof),
        "TerrainIntersection" | "TerrainIntersectionCurve" => LodProperty::TerrainIntersection,
        _ => LodProperty::Geometry(lod, SurfaceType::Unknown),
    })
}

/// A thematic attribute as the schema types it; what does not fit its type stays text.
pub(super) fn thematic_value(name: &str, text: &str, has_unit: bool) -> Value {
    let integer = || text.parse::<i64>().ok().map(Value::Integer);
    let real = || text.parse::<f64>().ok().filter(|value| value.is_finite()).map(Value::Real);
    let typed = match name {
        "storeysAboveGround" | "storeysBelowGround" | "yearOfConstruction" | "yearOfDemolition" => integer(),
        "measuredHeight" | "averageHeight" | "height" | "trunkDiameter" | "crownDiameter"
        | "rootBallDiameter" => real(),
        _ if has_unit => real(),
        _ => None,
    };
    typed.unwrap_or_else(|| Value::Text(text.to_owned()))
}

/// A generic attribute by the kind in its element's name ("int", "double", …); what does not fit stays text.
pub(super) fn generic_value(kind: &str, text: &str) -> Value {
    let real = || text.parse::<f64>().ok().filter(|value| value.is_finite()).map(Value::Real);
    let typed = match kind {
        "int" => text.parse().ok().map(Value::Integer),
        "double" | "measure" => real(),
        _ => None,
    };
    typed.unwrap_or_else(|| Value::Text(text.to_owned()))
}

/// "int" of `intAttribute` (2.0) and `IntAttribute` (3.0), and so on; `None` for other elements.
pub(super) fn generic_kind(name: &str) -> Option<&'static str> {
    Some(match name {
        "stringAttribute" | "StringAttribute" => "string",
        "intAttribute" | "IntAttribute" => "int",
        "doubleAttribute" | "DoubleAttribute" => "double",
        "dateAttribute" | "DateAttribute" => "date",
        "uriAttribute" | "UriAttribute" => "uri",
        "measureAttribute" | "MeasureAttribute" => "measure",
        "codeAttribute" | "CodeAttribute" => "code",
        _ => return None,
    })
}

/// A unit without the decoration of `uom`: "m" of "m", "#m", "urn:adv:uom:m" and ".../uom/m"; `None` when empty.
pub(super) fn unit(uom: &str) -> Option<&str> {
    uom.trim().rsplit(['#', ':', '/']).next().filter(|unit| !unit.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_tell_their_level_and_values_their_type() {
        let level = |name: &str| match lod_property(name) {
            Some(LodProperty::Geometry(lod, surface)) => Some((lod.to_string(), surface)),
            _ => None,
        };
        assert_eq!(level("lod2Solid"), Some(("2".to_owned(), SurfaceType::Unknown)));
        assert_eq!(level("lod0RoofEdge"), Some(("0".to_owned(), SurfaceType::Roof)));
        assert_eq!(lod_property("lod1TerrainIntersection"), Some(LodProperty::TerrainIntersection));
        for name in ["lod", "lod9Solid", "lodé", "solid"] {
            assert_eq!(lod_property(name), None, "{name}");
        }
        assert_eq!(thematic_value("function", "0010", false), Value::Text("0010".into()), "codes stay text");
        assert_eq!(thematic_value("yearOfConstruction", "1904", false), Value::Integer(1904));
        assert_eq!(thematic_value("yearOfConstruction", "about 1904", false).as_str(), Some("about 1904"));
        assert_eq!(thematic_value("measuredHeight", "NaN", true).as_str(), Some("NaN"));
        assert_eq!(generic_value("int", "12"), Value::Integer(12));
        assert_eq!(unit("urn:adv:uom:m"), Some("m"));
    }
}
