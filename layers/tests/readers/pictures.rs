//! Pictures on surfaces: a CityGML file and the CityJSON that says the same give the same model, and what is written of
//! either can be read back.

use layers::{
    cutout::export::{ExportFormat, export},
    model::{CityModel, SurfaceLooks},
};

use crate::support::{Scratch, city, read_ok, shared};

/// A roof with a hole and two walls; two themes, one of which has the material too. `{appearance}` is that of 2.0 or 3.0.
fn gml(version: &str, appearance: &str) -> String {
    let ring = |id: &str, text: &str| {
        format!("<gml:LinearRing gml:id=\"{id}\"><gml:posList>{text}</gml:posList></gml:LinearRing>")
    };
    let polygon = |id: &str, outer: &str, inner: &str| {
        let inner = if inner.is_empty() {
            String::new()
        } else {
            format!("<gml:interior>{}</gml:interior>", ring(&format!("{id}-i"), inner))
        };
        format!(
            "<gml:surfaceMember><gml:Polygon gml:id=\"{id}\"><gml:exterior>{}</gml:exterior>{inner}</gml:Polygon></gml:surfaceMember>",
            ring(&format!("{id}-o"), outer)
        )
    };
    let faces = [
        polygon(
            "roof",
            "85000 446000 6 85010 446000 6 85010 446000 6 85010 446008 6 85000 446008 6 85000 446000 6",
            "85002 446002 6 85002 446004 6 85004 446004 6 85002 446002 6",
        ),
        polygon("wall", "85000 446000 0 85010 446000 0 85010 446000 6 85000 446000 6 85000 446000 0", ""),
        polygon("back", "85010 446008 0 85000 446008 0 85000 446008 6 85010 446008 6 85010 446008 0", ""),
    ]
    .concat();
    let gml = if version == "2.0" { "http://www.opengis.net/gml" } else { "http://www.opengis.net/gml/3.2" };
    format!(
        "<CityModel xmlns=\"http://www.opengis.net/citygml/{version}\" xmlns:bldg=\"http://www.opengis.net/citygml/building/{version}\" xmlns:app=\"http://www.opengis.net/citygml/appearance/{version}\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" xmlns:gml=\"{gml}\"><gml:boundedBy><gml:Envelope srsName=\"EPSG:7415\"><gml:lowerCorner>85000 446000 0</gml:lowerCorner><gml:upperCorner>85010 446008 6</gml:upperCorner></gml:Envelope></gml:boundedBy><cityObjectMember><bldg:Building gml:id=\"huis\"><bldg:lod2MultiSurface><gml:MultiSurface>{faces}</gml:MultiSurface></bldg:lod2MultiSurface></bldg:Building></cityObjectMember>{appearance}</CityModel>"
    )
}

const ROOF: &str = "0 0 1 0 1 0 1 0.8 0 0.8 0 0";
const HOLE: &str = "0.2 0.2 0.2 0.4 0.4 0.4 0.2 0.2";
const WALL: &str = "0.5 0 1 0 1 0.5 0.5 0.5 0.5 0";

fn appearance_2() -> String {
    format!(
        "<app:appearanceMember><app:Appearance><app:theme>foto</app:theme>\
         <app:surfaceDataMember><app:ParameterizedTexture><app:imageURI>fotos/huis.jpg</app:imageURI><app:mimeType>image/jpeg</app:mimeType><app:wrapMode>wrap</app:wrapMode>\
         <app:target uri=\"#roof\"><app:TexCoordList gml:id=\"list\"><app:textureCoordinates ring=\"#roof-o\">{ROOF}</app:textureCoordinates><app:textureCoordinates ring=\"#roof-i\">{HOLE}</app:textureCoordinates></app:TexCoordList></app:target>\
         <app:target uri=\"#wall\"><app:TexCoordList><app:textureCoordinates ring=\"#wall-o\">{WALL}</app:textureCoordinates></app:TexCoordList></app:target>\
         </app:ParameterizedTexture></app:surfaceDataMember>\
         <app:surfaceDataMember><app:X3DMaterial><gml:name>verf</gml:name><app:diffuseColor>0.5 0.25 0</app:diffuseColor><app:shininess>0.2</app:shininess><app:target>#back</app:target></app:X3DMaterial></app:surfaceDataMember>\
         </app:Appearance></app:appearanceMember>\
         <app:appearanceMember><app:Appearance><app:theme>winter</app:theme>\
         <app:surfaceDataMember><app:ParameterizedTexture><app:imageURI>fotos/winter.png</app:imageURI>\
         <app:target uri=\"#roof\" xlink:href=\"#list\"/>\
         </app:ParameterizedTexture></app:surfaceDataMember></app:Appearance></app:appearanceMember>"
    )
}

fn appearance_3() -> String {
    let association = |target: &str, lists: &str| {
        format!(
            "<app:textureParameterization><app:TextureAssociation><app:target>#{target}</app:target><app:textureParameterization>{lists}</app:textureParameterization></app:TextureAssociation></app:textureParameterization>"
        )
    };
    let list = |id: &str, rings: &[(&str, &str)]| {
        let rings: Vec<String> = rings
            .iter()
            .map(|(ring, text)| {
                format!("<app:textureCoordinates>{text}</app:textureCoordinates><app:ring>#{ring}</app:ring>")
            })
            .collect();
        format!("<app:TexCoordList gml:id=\"{id}\">{}</app:TexCoordList>", rings.concat())
    };
    let winter = "<app:textureParameterization><app:TextureAssociation><app:target>#roof</app:target><app:textureParameterization xlink:href=\"#list\"/></app:TextureAssociation></app:textureParameterization>";
    format!(
        "<appearanceMember><app:Appearance><app:theme>foto</app:theme>\
         <app:surfaceData><app:ParameterizedTexture><app:imageURI>fotos/huis.jpg</app:imageURI><app:mimeType>image/jpeg</app:mimeType><app:wrapMode>wrap</app:wrapMode>{}{}</app:ParameterizedTexture></app:surfaceData>\
         <app:surfaceData><app:X3DMaterial><gml:name>verf</gml:name><app:diffuseColor>0.5 0.25 0</app:diffuseColor><app:shininess>0.2</app:shininess><app:target>#back</app:target></app:X3DMaterial></app:surfaceData>\
         </app:Appearance></appearanceMember>\
         <appearanceMember><app:Appearance><app:theme>winter</app:theme>\
         <app:surfaceData><app:ParameterizedTexture><app:imageURI>fotos/winter.png</app:imageURI>{winter}</app:ParameterizedTexture></app:surfaceData></app:Appearance></appearanceMember>",
        association("roof", &list("list", &[("roof-o", ROOF), ("roof-i", HOLE)])),
        association("wall", &list("list-2", &[("wall-o", WALL)])),
    )
}

/// The same in CityJSON. The corner that the roof has twice is there once.
fn twin() -> String {
    serde_json::json!({
        "type": "CityJSON", "version": "2.0",
        "transform": {"scale": [1.0, 1.0, 1.0], "translate": [0.0, 0.0, 0.0]},
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/7415"},
        "appearance": {
            "textures": [
                {"type": "JPG", "image": "fotos/huis.jpg", "wrapMode": "wrap"},
                {"type": "PNG", "image": "fotos/winter.png"}
            ],
            "materials": [{"name": "verf", "diffuseColor": [0.5, 0.25, 0.0], "shininess": 0.2}],
            "vertices-texture": [
                [0.0, 0.0], [1.0, 0.0], [1.0, 0.8], [0.0, 0.8], [0.2, 0.2], [0.2, 0.4], [0.4, 0.4],
                [0.5, 0.0], [1.0, 0.5], [0.5, 0.5]
            ]
        },
        "CityObjects": {"huis": {"type": "Building", "geometry": [{
            "type": "MultiSurface", "lod": "2",
            "boundaries": [[[0, 1, 2, 3], [4, 5, 6]], [[7, 8, 1, 0]], [[9, 10, 3, 2]]],
            "texture": {
                "foto": {"values": [[[0, 0, 1, 2, 3], [0, 4, 5, 6]], [[0, 7, 1, 8, 9]], [[null]]]},
                "winter": {"values": [[[1, 0, 1, 2, 3], [1, 4, 5, 6]], [[null]], [[null]]]}
            },
            "material": {"foto": {"values": [null, null, 0]}}
        }]}},
        "vertices": [
            [85000, 446000, 6], [85010, 446000, 6], [85010, 446008, 6], [85000, 446008, 6],
            [85002, 446002, 6], [85002, 446004, 6], [85004, 446004, 6],
            [85000, 446000, 0], [85010, 446000, 0], [85010, 446008, 0], [85000, 446008, 0]
        ]
    })
    .to_string()
}

/// All that is said of looks, with places and corners as coordinates: their numbers may differ.
fn said(model: &CityModel) -> Vec<String> {
    let looks_said = |looks: &SurfaceLooks, indices: &[u32]| {
        let places: Vec<String> = looks
            .places
            .iter()
            .zip(indices)
            .map(|(&place, &corner)| {
                let place = model.appearance.texture_places.get(place as usize);
                format!("{:?} {place:?}", model.vertices.at(corner))
            })
            .collect();
        format!("{:?} {:?} {:?} {places:#?}", looks.themes, looks.materials, looks.textures)
    };
    let mut said = vec![format!(
        "{:#?} {:?} {:?}",
        model.appearance.materials, model.appearance.textures, model.appearance.texture_extras
    )];
    for geometry in model.objects.iter().flat_map(|object| &object.geometries) {
        let Some(looks) = &geometry.looks else { continue };
        said.push(looks_said(looks, &geometry.indices));
        said.extend(looks.others.iter().map(|other| looks_said(other, &geometry.indices)));
    }
    said
}

#[test]
fn citygml_and_cityjson_with_the_same_pictures_are_the_same_model() {
    let twin = read_ok(&Scratch::new("twin.city.json", twin().as_bytes()).0);
    assert_eq!(twin.inspection.faults, []);
    let expected = said(city(&twin));
    assert_eq!(expected.len(), 3, "the pictures by kind, and two themes");
    assert!(expected[1].contains("Some([0.5, 0.0])") && expected[2].contains("winter"), "{expected:#?}");
    for (version, appearance) in [("2.0", appearance_2()), ("3.0", appearance_3())] {
        let file = Scratch::new("foto.gml", gml(version, &appearance).as_bytes());
        let outcome = read_ok(&file.0);
        assert_eq!(outcome.inspection.faults, [], "{version}");
        assert_eq!(said(city(&outcome)), expected, "{version}");
        // What is written of it is the same again.
        let written = Scratch::new("written.city.json", b"");
        export(&[&outcome.layers[0]], outcome.crs, ExportFormat::CityJson, &written.0).unwrap();
        assert_eq!(said(city(&read_ok(&written.0))), expected, "{version}, written");
    }
}

#[test]
fn what_is_lost_of_pictures_is_told() {
    let appearance = "<app:appearanceMember><app:Appearance><app:theme>foto</app:theme>\
        <app:surfaceDataMember><app:GeoreferencedTexture><app:imageURI>a.tif</app:imageURI></app:GeoreferencedTexture></app:surfaceDataMember>\
        <app:surfaceDataMember><app:ParameterizedTexture><app:imageURI>b.jpg</app:imageURI>\
        <app:target uri=\"#roof\"><app:TexCoordGen><app:worldToTexture>1 0 0 0 0 1 0 0 0 0 0 1</app:worldToTexture></app:TexCoordGen></app:target>\
        <app:target uri=\"#wall\"><app:TexCoordList><app:textureCoordinates ring=\"#wall-o\">0 0 1 1</app:textureCoordinates></app:TexCoordList></app:target>\
        <app:target uri=\"#back\"><app:TexCoordList><app:textureCoordinates ring=\"#nergens\">0 0 1 1 0 1 0 0</app:textureCoordinates></app:TexCoordList></app:target>\
        </app:ParameterizedTexture></app:surfaceDataMember>\
        <app:surfaceDataMember><app:X3DMaterial><app:isFront>false</app:isFront><app:target>#roof</app:target></app:X3DMaterial></app:surfaceDataMember>\
        </app:Appearance></app:appearanceMember>";
    let outcome = read_ok(&Scratch::new("verlies.gml", gml("2.0", appearance).as_bytes()).0);
    let told: Vec<&str> = outcome.inspection.faults.iter().map(|fault| fault.message.as_str()).collect();
    for word in ["TexCoordGen", "GeoreferencedTexture", "back sides", "number of places", "does not have"] {
        assert_eq!(told.iter().filter(|message| message.contains(word)).count(), 1, "{word}: {told:#?}");
    }
    let looks = city(&outcome).objects[0].geometries[0].looks.as_ref().unwrap();
    assert_eq!(looks.textures, [0, 0, 0], "the picture is named all the same");
    assert!(looks.places.is_empty() && looks.materials.is_empty());
}

/// Figures of the real file taken by counting `textureCoordinates` and `target` elements.
#[test]
fn the_real_pictures_of_a_city_have_all_their_places() {
    let Some(path) = shared("3d-city/plateau_yokosuka_bldg_citygml2/52397519_bldg_6697_op.gml") else {
        return;
    };
    let text = std::fs::read_to_string(&path).unwrap();
    let rings = text.matches("<app:textureCoordinates").count();
    assert!(rings > 300, "{rings}");
    let outcome = read_ok(&path);
    let model = city(&outcome);
    let mut placed = 0;
    for geometry in model.objects.iter().flat_map(|object| &object.geometries) {
        let Some(looks) = geometry.looks.as_ref().filter(|looks| !looks.places.is_empty()) else { continue };
        assert_eq!(looks.places.len(), geometry.indices.len());
        let mut start = 0;
        for &end in &geometry.ring_ends {
            let ring = &looks.places[start..end as usize];
            placed += usize::from(ring.iter().all(|&place| place != SurfaceLooks::NO_PLACE));
            start = end as usize;
        }
    }
    assert_eq!(placed, rings);
}
