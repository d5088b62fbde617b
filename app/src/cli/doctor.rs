//! `doctor`: whether everything the program leans on is there, and how to mend what is not.

use serde_json::{Value, json};

use crate::picture;

/// One thing looked at: name, whether it is well, what was found, how to mend it.
struct Finding {
    name: &'static str,
    is_well: bool,
    found: String,
    advice: &'static str,
}

pub fn run(json: bool) -> anyhow::Result<()> {
    let crs = layers::crs::status();
    let adapter = picture::adapter_name();
    let folders = directories::ProjectDirs::from("nl", "Stadsmaquette", "stadsmaquette");
    let findings = [
        Finding {
            name: "graphics",
            is_well: adapter.is_some(),
            found: adapter.unwrap_or_else(|| "no adapter".to_owned()),
            advice: "install a graphics driver with Vulkan; for software drawing on Debian or Ubuntu: \
                     apt-get install mesa-vulkan-drivers",
        },
        Finding {
            name: "coordinates",
            is_well: crs.is_exact(),
            found: format!(
                "PROJ {}, GDAL {}, grids in {}",
                crs.proj_version,
                crs.gdal_version,
                crs.grid_dir.as_ref().map_or_else(|| "none".to_owned(), |dir| dir.display().to_string())
            ),
            advice: "put the RDNAPTRANS2018 grids (nl_nsgi_rdcorr2018.tif, nl_nsgi_nlgeo2018.tif) in a folder and \
                     name it in STADSMAQUETTE_GRIDS; without them RD is 0.25 m coarse and heights are not converted",
        },
        Finding {
            name: "readers",
            is_well: !layers::readers::READERS.is_empty(),
            found: layers::readers::READERS.iter().map(|reader| reader.id()).collect::<Vec<_>>().join(", "),
            advice: "",
        },
        Finding {
            name: "fonts",
            is_well: true,
            found: "Inter and Phosphor, built in".to_owned(),
            advice: "",
        },
        Finding {
            name: "folders",
            is_well: folders.is_some(),
            found: folders
                .map(|f| {
                    let cache = crate::jobs::opening::options().cache.as_ref();
                    let cache = cache.map_or_else(|| "none".to_owned(), |c| c.folder().display().to_string());
                    format!("data {}, cache {cache}", f.data_dir().display())
                })
                .unwrap_or_default(),
            advice: "set HOME, so that settings and caches have a place",
        },
    ];
    if json {
        let list: Vec<Value> = findings
            .iter()
            .map(|f| {
                json!({"name": f.name, "ok": f.is_well, "found": f.found, "advice": if f.is_well { "" } else { f.advice }})
            })
            .collect();
        let text = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "gdal": crs.gdal_version,
            "proj": crs.proj_version,
            "adapter": findings[0].is_well.then_some(&findings[0].found),
            "grids_exact": crs.is_exact(),
            "findings": list,
        });
        super::say(&serde_json::to_string_pretty(&text)?)?;
    } else {
        for finding in &findings {
            super::say(&format!(
                "{} {}: {}",
                if finding.is_well { "ok  " } else { "MEND" },
                finding.name,
                finding.found
            ))?;
            if !finding.is_well {
                super::say(&format!("     {}", finding.advice))?;
            }
        }
    }
    Ok(())
}
