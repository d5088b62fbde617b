//! DATEX II publications of road authorities as files: tables of measurement sites, measured values, and tables of
//! variable signs, as the Dutch NDW publishes them (versions 2 and 3), plain or packed.
//!
//! Source: <https://docs.datex2.eu>, <https://docs.ndw.nu>. Measured values say only a site and an index; what they mean and
//! where they are stands in the site table, which is read too when it lies beside the file. A value of -1 and one with
//! `dataError` are no data.

mod publication;

use std::path::Path;

use publication::Publication;

use super::{
    FormatReader, ReadContext, ReadError, ReadOutcome, Severity, Source,
    draft::{Draft, has_ending, iso_time},
    feed_xml::walk,
    input::with_checksum,
};
use crate::{crs::Epsg, model::Provenance};

/// DATEX II.
#[derive(Debug)]
pub struct DatexReader;

impl FormatReader for DatexReader {
    fn id(&self) -> &'static str {
        "datex"
    }

    fn title(&self) -> &'static str {
        "DATEX II"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["xml", "xml.gz"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        let text = String::from_utf8_lossy(head);
        [
            "datex2.eu/schema",
            "<d2LogicalModel",
            "<measurementSiteRecord",
            "<vmsUnitRecord",
            "<siteMeasurements",
        ]
        .iter()
        .any(|word| text.contains(word))
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let (publication, checksum) = with_checksum(source, || read_one(source, context));
        let mut publication = publication?;
        if publication.has_measurements() && !publication.has_sites() {
            let tables = tables_beside(source, context)?;
            let names: Vec<String> = tables.iter().map(|(name, _)| name.clone()).collect();
            let known = publication.take_sites(tables.into_iter().map(|(_, table)| table));
            if names.is_empty() {
                context.report.warn(
                    "site-table",
                    source.file_name(),
                    "the places of sites are in the measurement site table, which does not lie beside the file",
                );
            } else {
                context.report.add(
                    Severity::Info,
                    "site-table",
                    names.join(", "),
                    format!("{known} of {} sites are described there", publication.sites()),
                );
            }
        }
        let (sites, signs) = (publication.sites(), publication.signs());
        if sites + signs == 0 {
            return Err(ReadError::Malformed {
                path: source.path.clone(),
                expected: "measurement sites, measured values or variable signs".to_owned(),
                found: publication.kind.clone().unwrap_or_else(|| "none".to_owned()),
                location: "the whole file".to_owned(),
                advice: "other publications, such as situations, are not read yet".to_owned(),
            });
        }
        let mut draft = Draft::new(self.id(), Some(Epsg::WGS84));
        draft.version.clone_from(&publication.version);
        draft.count("sites", sites);
        draft.count("signs", signs);
        draft.provenance = Provenance {
            source: publication.supplier.clone().unwrap_or_else(|| source.file_name().to_owned()),
            date: publication.time.map(iso_time).unwrap_or_default(),
            ..Provenance::default()
        };
        let layer = publication.finish(&mut context.report);
        let title = if signs > sites { "variable signs" } else { "traffic measurement" };
        draft.add_sensors(title, layer);
        draft.features = (sites + signs) as u64;
        draft.finish(source, checksum, context)
    }

    fn reads_other_files(&self, _source: &Source) -> bool {
        true
    }
}

fn read_one(source: &Source, context: &mut ReadContext) -> Result<Publication, ReadError> {
    let mut publication = Publication::default();
    walk(source, context, "DATEX II", &mut |step, context| {
        publication.step(&step, context);
        Ok(())
    })?;
    Ok(publication)
}

/// Site tables among the XML files of the source's own folder, with their names.
fn tables_beside(
    source: &Source,
    context: &mut ReadContext,
) -> Result<Vec<(String, Publication)>, ReadError> {
    const MOST_FILES: usize = 200;
    const MOST_TABLES: usize = 8;
    let mut tables = Vec::new();
    let path = std::path::absolute(&source.path).unwrap_or_else(|_| source.path.clone());
    let Some(entries) = path.parent().and_then(|folder| std::fs::read_dir(folder).ok()) else {
        return Ok(tables);
    };
    let mut beside: Vec<_> = entries.flatten().take(MOST_FILES).map(|entry| entry.path()).collect();
    beside.sort_unstable();
    for candidate in beside {
        context.check_cancelled()?;
        let name = candidate.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let lower = name.to_ascii_lowercase();
        // Ordinary files only: a link could lead out of the folder.
        let is_file = std::fs::symlink_metadata(&candidate).is_ok_and(|metadata| metadata.is_file());
        let is_xml = has_ending(&lower, &["xml", "xml.gz"]);
        if !is_file
            || !is_xml
            || candidate == path
            || tables.len() >= MOST_TABLES
            || !is_site_table(&candidate)
        {
            continue;
        }
        match read_one(&Source::from_path(&candidate), context) {
            Ok(table) => tables.push((name, table)),
            Err(ReadError::Cancelled) => return Err(ReadError::Cancelled),
            Err(error) => context.report.error("site-table", name, error.to_string()),
        }
    }
    Ok(tables)
}

fn is_site_table(path: &Path) -> bool {
    let head = Source::from_path(path).head().unwrap_or_default();
    let text = String::from_utf8_lossy(&head);
    ["MeasurementSiteTablePublication", "<measurementSiteTable", "<measurementSiteRecord"]
        .iter()
        .any(|word| text.contains(word))
}
