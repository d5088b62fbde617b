//! `inspect`: what is in files, for people or as JSON.

use layers::readers::Severity;

use crate::jobs::load;

pub fn run(uris: &[String], json: bool) -> anyhow::Result<()> {
    let mut found = Vec::new();
    let mut failures = Vec::new();
    for uri in uris {
        if std::path::Path::new(uri)
            .extension()
            .is_some_and(|extension| extension == crate::project_file::EXTENSION)
        {
            failures.push(format!(
                "expected data, found a project of this program; open it, or inspect its sources. File: {uri}"
            ));
            continue;
        }
        match load::inspect(uri) {
            Ok(inspection) => found.push(inspection),
            Err(error) => failures.push(error.to_string()),
        }
    }
    if json {
        super::say(&serde_json::to_string_pretty(&found)?)?;
    } else {
        for inspection in &found {
            let say = |text: &str| super::say(&super::plain(text));
            say(&inspection.uri)?;
            say(&format!("  {} {}", inspection.format, inspection.version.as_deref().unwrap_or("")))?;
            say(&format!("  CRS {}", inspection.crs.as_deref().unwrap_or("not stated")))?;
            if let Some(bbox) = inspection.bbox {
                say(&format!("  box {bbox:?}"))?;
            }
            for (name, count) in &inspection.counts {
                say(&format!("  {name}: {count}"))?;
            }
            if !inspection.lods.is_empty() {
                say(&format!("  LoD {}", inspection.lods.join(", ")))?;
            }
            if let Some([from, to]) = &inspection.time {
                say(&format!("  time {from} to {to}"))?;
            }
            for fault in inspection.faults.iter().filter(|fault| fault.severity != Severity::Info) {
                say(&format!(
                    "  {:?} {}: {} ({})",
                    fault.severity, fault.code, fault.message, fault.location
                ))?;
            }
        }
    }
    anyhow::ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}
