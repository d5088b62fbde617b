//! OSM PBF blocks → elements.

use std::{
    borrow::Cow,
    panic::{AssertUnwindSafe, catch_unwind},
};

use osmpbf::{BlobDecode, BlobReader, RelMemberType};

use super::element::{Element, Member, MemberKind, Tags};
use crate::readers::{ReadContext, ReadError, Source};

/// Calls `each` for every element in file order.
pub(super) fn for_each(
    source: &Source,
    context: &ReadContext,
    part: [f64; 2],
    each: &mut dyn FnMut(Element<'_>),
) -> Result<(), ReadError> {
    let error = |error: &osmpbf::Error, block: usize| ReadError::Malformed {
        path: source.path.clone(),
        expected: "an OpenStreetMap PBF block".to_owned(),
        found: error.to_string(),
        location: format!("block {block}"),
        advice: "the file is damaged or cut off; fetch it again".to_owned(),
    };
    let size = source.size().max(1) as f64;
    let file = std::io::BufReader::with_capacity(1 << 18, source.open()?);
    let mut reader = BlobReader::new_seekable(file).map_err(|e| error(&e, 0))?;
    let mut block = 0;
    for blob in &mut reader {
        let blob = blob.map_err(|e| error(&e, block))?;
        context.check_cancelled()?;
        if let Some(offset) = blob.offset() {
            context.progress.set(part[0] + (part[1] - part[0]) * offset.0 as f64 / size);
        }
        match blob.decode().map_err(|e| error(&e, block))? {
            BlobDecode::OsmHeader(header) => {
                let unknown = header
                    .required_features()
                    .iter()
                    .find(|feature| !matches!(feature.as_str(), "OsmSchema-V0.6" | "DenseNodes"));
                if let Some(feature) = unknown {
                    return Err(ReadError::Malformed {
                        path: source.path.clone(),
                        expected: "a PBF of current OpenStreetMap data".to_owned(),
                        found: format!("the required feature \"{feature}\""),
                        location: "the header block".to_owned(),
                        advice: "use an extract without history".to_owned(),
                    });
                }
            }
            BlobDecode::OsmData(data) => {
                // The decoder panics on member types that do not exist and on indexes beyond its tables.
                let read = AssertUnwindSafe(|| data.for_each_element(|element| each(convert(&element))));
                catch_unwind(read).map_err(|_| ReadError::Malformed {
                    path: source.path.clone(),
                    expected: "an OpenStreetMap PBF block".to_owned(),
                    found: "an element that contradicts its own tables".to_owned(),
                    location: format!("block {block}"),
                    advice: "the file is damaged; fetch it again".to_owned(),
                })?;
            }
            BlobDecode::Unknown(_) => {}
        }
        block += 1;
    }
    if block == 0 {
        return Err(ReadError::Malformed {
            path: source.path.clone(),
            expected: "OpenStreetMap PBF blocks".to_owned(),
            found: "none".to_owned(),
            location: "the beginning".to_owned(),
            advice: "fetch the file again".to_owned(),
        });
    }
    Ok(())
}

fn tags<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Tags<'a> {
    Tags(pairs.map(|(key, value)| (Cow::Borrowed(key), Cow::Borrowed(value))).collect())
}

fn convert<'a>(element: &osmpbf::Element<'a>) -> Element<'a> {
    match element {
        osmpbf::Element::Node(node) => {
            Element::Node { id: node.id(), lon: node.lon(), lat: node.lat(), tags: tags(node.tags()) }
        }
        osmpbf::Element::DenseNode(node) => {
            Element::Node { id: node.id(), lon: node.lon(), lat: node.lat(), tags: tags(node.tags()) }
        }
        osmpbf::Element::Way(way) => {
            Element::Way { id: way.id(), refs: way.refs().collect(), tags: tags(way.tags()) }
        }
        osmpbf::Element::Relation(relation) => Element::Relation {
            id: relation.id(),
            members: relation
                .members()
                .map(|member| Member {
                    kind: match member.member_type {
                        RelMemberType::Node => MemberKind::Node,
                        RelMemberType::Way => MemberKind::Way,
                        RelMemberType::Relation => MemberKind::Relation,
                    },
                    id: member.member_id,
                    role: member.role().unwrap_or_default().to_owned(),
                })
                .collect(),
            tags: tags(relation.tags()),
        },
    }
}
