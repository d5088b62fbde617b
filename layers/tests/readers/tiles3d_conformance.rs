//! The tilesets of the public validator (Cesium's 3d-tiles-validator): the file name says what is wrong with each. What
//! each must give is taken from that validator's own specification of its results.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use layers::readers::{
    self, FormatReader, ReadContext, ReadError, ReadOutcome, Severity, Source, tiles3d::TilesetReader,
};

use crate::support::shared;

/// Sound, although the name does not begin with "valid".
const SOUND: [&str; 15] = [
    "extensionNotNecessary_1_1_glTF.json",
    "externalTilesetExtensions/declaredInBothContainedInExternal/external.json",
    "externalTilesetExtensions/declaredInExternalContainedInExternal/external.json",
    "externalTilesetExtensions/declaredInTilesetContainedInTileset/external.json",
    "externalTilesetExtensions/declaredInTilesetContainedInTileset/tileset.json",
    "tileContentBoundingVolumeWithRotationTransform.json",
    "tileContentBoundingVolumeWithTransform.json",
    "tileTransformNonInvertible.json",
    "tilesetWithMultipleExternal.json",
    "tilesetWithMultipleExternalA.json",
    "tilesetWithMultipleExternalA0.json",
    "tilesetWithMultipleExternalA1.json",
    "tilesetWithMultipleExternalB.json",
    "tiles/3tz/simple.3tz",
    "tiles/i3dm/i3dmWithUri/tileset.json",
];

/// Named "valid…", with something invalid that the tileset points to.
const UNSOUND_INSIDE: [&str; 14] = [
    "validTilesetWith3tzWithError.json",
    "validTilesetWithExternalValidTilesetWithValidB3dmWithInvalidGlb.json",
    "validTilesetWithGlbWithErrors.json",
    "validTilesetWithGltfWithErrors.json",
    "validTilesetWithIB3dmWithInvalidAlignment.json",
    "validTilesetWithInvalid3tz.json",
    "validTilesetWithInvalidB3dm.json",
    "validTilesetWithInvalidB3dmWithGlbWithInfos.json",
    "validTilesetWithInvalidI3dm.json",
    "validTilesetWithInvalidPnts.json",
    "validTilesetWithInvalidSchemaFromUri.json",
    "validTilesetWithUnresolvableSchemaUri.json",
    "validTilesetWithValidB3dmWithInvalidGlb.json",
    // Sound by the validator; its schema lies in "../schemas", outside the opened file's folder, which is refused.
    "validTilesetWithValidSchemaFromUri.json",
];

/// Told as a warning, because everything can be read all the same.
const WARNED: [&str; 17] = [
    // A part that does not end at a multiple of 8 bytes. Exporters of Dutch data make such files.
    "validTilesetWithIB3dmWithInvalidAlignment.json",
    "validTilesetWithInvalidB3dmWithGlbWithInfos.json",
    "validTilesetWithInvalidI3dm.json",
    "validTilesetWithInvalidPnts.json",
    // No "refine" in a root: REPLACE is taken.
    "tileRefineMissingInRoot.json",
    "tileRefineMissingInRootOfExternal.json",
    "tileRefineMissingInRootOfExternalA.json",
    "tiles/3tz/withError.3tz",
    "validTilesetWith3tzWithError.json",
    // Of these the validator only warns too.
    "extensionNotDeclared_1_0_glTF.json",
    "extensionUsedButNotFound.json",
    "externalTilesetExtensions/declaredInBothContainedInExternal/tileset.json",
    "externalTilesetExtensions/declaredInBothContainedInTileset/external.json",
    "externalTilesetExtensions/declaredInBothContainedInTileset/tileset.json",
    "externalTilesetExtensions/declaredInExternalContainedInTileset/external.json",
    "extrasUnexpectedType.json",
    "tileRefineWrongCase.json",
];

/// As [`WARNED`]: kept apart because the two have nothing in common.
const WARNED_TOO: [&str; 2] = ["tileChildrenEmptyArray.json", "tilesetWithUnicodeBOM.json"];

/// Rules about things that are not read, each with the reason.
const NOT_READ: [&str; 4] = [
    // Semantics of a schema that only the validator's caller knows.
    "validTilesetWithCustomSemanticsWithInvalidType.json",
    // Unused objects in a glTF.
    "packages/tilesetPackageWithWarnings/tileset.json",
    "packages/tilesetPackageWithWarnings.3tz",
    "packages/tilesetPackageWithWarnings.3dtiles",
];

fn tilesets(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            tilesets(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| ["json", "3tz", "3dtiles"].iter().any(|known| extension == *known))
        {
            found.push(path);
        }
    }
}

/// With the reader itself where the name or the damage hides what the file is.
fn read(path: &Path) -> Result<ReadOutcome, ReadError> {
    let source = Source::from_path(path);
    match readers::read(&source, &mut ReadContext::default()) {
        Err(ReadError::UnknownFormat { .. }) => TilesetReader.read(&source, &mut ReadContext::default()),
        other => other,
    }
}

fn worst(outcome: &ReadOutcome) -> Option<Severity> {
    outcome.inspection.faults.iter().map(|fault| fault.severity).max()
}

#[test]
fn every_tileset_of_the_validator_is_read_or_refused_for_the_reason_its_name_says() {
    let Some(root) = shared("3d-tiles/validator-tilesets") else { return };
    let mut found = Vec::new();
    tilesets(&root, &mut found);
    let mut wrong = Vec::new();
    let mut counts = [0; 4];
    for path in &found {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        let result = read(path);
        let is_listed = |list: &[&str]| list.contains(&name.as_str());
        let file = path.file_name().unwrap().to_string_lossy();
        let is_sound = is_listed(&SOUND)
            || ((file.starts_with("valid") || name.contains("validTileset")) && !is_listed(&UNSOUND_INSIDE));
        let (kind, is_right) = match &result {
            _ if is_listed(&NOT_READ) => (3, result.as_ref().is_ok_and(|o| worst(o) < Some(Severity::Error))),
            Ok(outcome) if is_sound => (0, worst(outcome) < Some(Severity::Error)),
            Err(_) if is_sound => (0, false),
            Ok(outcome) if is_listed(&WARNED) || is_listed(&WARNED_TOO) => {
                (1, worst(outcome) == Some(Severity::Warning))
            }
            Ok(outcome) => {
                let mut errors = outcome.inspection.faults.iter().filter(|f| f.severity == Severity::Error);
                (2, errors.any(|fault| !fault.location.is_empty() && !fault.message.is_empty()))
            }
            Err(error) => (2, !error.to_string().contains("please report")),
        };
        counts[kind] += 1;
        if !is_right {
            let told = match &result {
                Ok(outcome) => format!("{:?}", outcome.inspection.faults),
                Err(error) => error.to_string(),
            };
            wrong.push(format!("{name} (sound: {is_sound}): {told}"));
        }
    }
    println!(
        "{} sound, {} warned, {} refused or with errors, {} rules not read",
        counts[0], counts[1], counts[2], counts[3]
    );
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), found.len(), wrong.join("\n"));
    assert!(found.len() >= 170 && counts[2] >= 100, "{counts:?}");
    // A list that names a file that is not there hides nothing, but is wrong.
    let names: BTreeSet<String> =
        found.iter().map(|path| path.strip_prefix(&root).unwrap().display().to_string()).collect();
    for listed in SOUND.iter().chain(&UNSOUND_INSIDE).chain(&WARNED).chain(&WARNED_TOO).chain(&NOT_READ) {
        assert!(names.contains(*listed), "{listed}");
    }
}

/// A few names and the words that the fault must have: the thing is named, not only noticed.
#[test]
fn faults_name_the_thing() {
    for (name, words) in [
        ("boundingVolumeBoxInvalidArrayLength.json", ["root.boundingVolume.box", "12 numbers"]),
        ("tileGeometricErrorNegative.json", ["root.geometricError", "-1"]),
        ("extensionRequiredButNotUsed.json", ["extensionsRequired", "EXAMPLE_EXTENSION_NOT_IN_USED"]),
        (
            "implicitTilingSubdivisionSchemeInvalidValue.json",
            ["root.implicitTiling.subdivisionScheme", "QUADTREE"],
        ),
        ("implicitTilingSubtreesUriTemplateVariableMissing.json", ["subtrees.uri", "{"]),
        (
            "tileContentBoundingVolumeNotInTileBoundingVolume.json",
            ["root.content.boundingVolume", "sticks out"],
        ),
        ("statisticsClassesPropertiesPropertyNameInvalid.json", ["statistics.classes", "found \""]),
        ("tilesetMetadataEntityPropertyEnumInvalidValue.json", ["metadata.properties", "enum"]),
        ("tileTransformNotAffine.json", ["root.transform", "affine"]),
        ("tilesetWithCycleA.json", ["tilesetWithCycleC.json", "inside itself"]),
        ("tileRefineInvalidValue.json", ["root.refine", "INVALID_VALUE"]),
        ("groupClassIdInvalid.json", ["groups[0].class", "EXAMPLE_INVALID_CLASS_ID"]),
        ("propertiesMinimumLargerThanMaximum.json", ["properties.", "minimum up to maximum"]),
        ("validTilesetWithInvalidB3dm.json", ["tiles/b3dm/invalid.b3dm", "version 1"]),
    ] {
        let Some(path) = shared(&format!("3d-tiles/validator-tilesets/{name}")) else { return };
        let outcome = read(&path).unwrap();
        let is_named = outcome.inspection.faults.iter().any(|fault| {
            let text = format!("{} {}", fault.location, fault.message);
            fault.severity == Severity::Error && words.iter().all(|word| text.contains(word))
        });
        assert!(is_named, "{name}: {:?}", outcome.inspection.faults);
    }
}

#[test]
fn packages_hold_the_same_as_their_folder() {
    let Some(root) = shared("3d-tiles/validator-tilesets/packages") else { return };
    let folder = read(&root.join("validTilesetPackage/tileset.json")).unwrap();
    for package in ["Package.3tz", "PackageZipped.3tz", "Package.3dtiles", "PackageZipped.3dtiles"] {
        let outcome = read(&root.join(format!("validTileset{package}"))).unwrap();
        assert_eq!(outcome.inspection.format, "3d-tiles");
        assert_eq!(outcome.inspection.counts, folder.inspection.counts, "{package}");
        assert_eq!(outcome.inspection.bbox, folder.inspection.bbox, "{package}");
        assert!(worst(&outcome) < Some(Severity::Error), "{package}");
    }
}

#[test]
fn the_samples_of_the_validator_open() {
    let Some(root) = shared("3d-tiles/validator-samples") else { return };
    let triangles = |name: &str| {
        let outcome = read(&root.join(name)).unwrap_or_else(|error| panic!("{error}"));
        (outcome.inspection.counts["triangles"], worst(&outcome))
    };
    let (whole, fault) = triangles("TilesetOfTilesets/tileset.json");
    assert!(fault < Some(Severity::Error), "{fault:?}");
    assert_eq!(triangles("TilesetGzipped/tileset.json").0, whole, "the same buildings, gzipped");
    let (left, fault) = triangles("TilesetOfTilesetsWithError/tileset.json");
    assert_eq!(fault, Some(Severity::Error));
    assert!(left < whole && left > 0, "the sound tiles are read: {left} of {whole}");
    // Of the five contents that its subtree (with an outside buffer) lists, the stored copy lacks one.
    let implicit = read(&root.join("ImplicitTileMetadata/tileset_1.1.json")).unwrap();
    assert_eq!((implicit.inspection.counts["tiles"], implicit.inspection.counts["contents read"]), (5, 4));
    let errors: Vec<_> =
        implicit.inspection.faults.iter().filter(|f| f.severity == Severity::Error).collect();
    assert!(
        errors.len() == 1 && errors[0].message.contains("content/1/1/0.b3dm\" is not there"),
        "{errors:?}"
    );
    assert_eq!(triangles("SparseImplicitQuadtree/tileset.json").0, 64, "32 squares");
    for padding in ["A", "B", "C", "D", "E"] {
        let name = format!("PaddingIssues/tileset{padding}.json");
        let outcome = read(&root.join(&name)).unwrap();
        println!("{name}: {:?} {:?}", outcome.inspection.counts["triangles"], outcome.inspection.faults);
    }
}
