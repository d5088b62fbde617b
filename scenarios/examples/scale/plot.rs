//! The table as a picture: seconds and memory against links, both on logarithmic axes.

use std::fmt::Write;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 420.0;
/// Left, top, right and bottom edge of the axes.
const FRAME: [f64; 4] = [64.0, 28.0, 560.0, 368.0];
const SECONDS: [f64; 2] = [1e-3, 30.0];
const LINKS: [f64; 2] = [4e3, 130e3];
/// Columns of the table with their words, the class of their line, and the target at 100,000 links.
const LINES: [(&str, &str, &str, Option<f64>); 5] = [
    ("baseline_s", "baseline, once", "a", None),
    ("answer_s", "edit to answer", "b", Some(5.0)),
    ("preview_s", "edit to preview", "c", Some(1.0)),
    ("undo_s", "undo", "d", Some(0.05)),
    ("peak_mb", "peak memory", "e", None),
];

/// An SVG that is dark on light paper and light on dark paper.
pub fn draw(table: &str) -> String {
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    let number = |row: usize, column: &str| -> Option<f64> {
        let place = rows[0].iter().position(|name| *name == column)?;
        rows[row].get(place)?.parse().ok()
    };
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">
<style>
  .paper {{ fill: #ffffff }} text {{ fill: #24292f }} .grid {{ stroke: #d0d7de; stroke-width: 1 }}
  .line {{ fill: none; stroke-width: 2.5 }} .goal {{ stroke-width: 1.5; stroke-dasharray: 4 4 }}
  .a {{ stroke: #6e7781 }} .b {{ stroke: #0a58ca }} .c {{ stroke: #1a7f37 }} .d {{ stroke: #bc4c00 }} .e {{ stroke: #8250df }}
  .dot {{ stroke-width: 6; stroke-linecap: round }}
  @media (prefers-color-scheme: dark) {{
    .paper {{ fill: #0d1117 }} text {{ fill: #e6edf3 }} .grid {{ stroke: #30363d }}
    .a {{ stroke: #9198a1 }} .b {{ stroke: #58a6ff }} .c {{ stroke: #3fb950 }} .d {{ stroke: #f0883e }} .e {{ stroke: #bc8cff }}
  }}
</style>
<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>
"#
    );
    let [left, top, right, bottom] = FRAME;
    let along = |value: f64, [low, high]: [f64; 2]| (value / low).ln() / (high / low).ln();
    let x = |links: f64| left + (right - left) * along(links, LINKS);
    let y = |seconds: f64| bottom - (bottom - top) * along(seconds.max(SECONDS[0]), SECONDS);
    for (seconds, name) in [
        (1e-3, "1 ms"),
        (1e-2, "10 ms"),
        (0.05, "50 ms"),
        (0.1, "0.1 s"),
        (1.0, "1 s"),
        (5.0, "5 s"),
        (10.0, "10 s"),
    ] {
        let at = y(seconds);
        writeln!(svg, r#"<path class="grid" d="M{left} {at:.1}H{right}"/>"#).ok();
        writeln!(svg, r#"<text x="{}" y="{:.1}" text-anchor="end">{name}</text>"#, left - 8.0, at + 4.5).ok();
    }
    for links in [5e3, 10e3, 20e3, 50e3, 100e3] {
        let at = x(links);
        writeln!(svg, r#"<path class="grid" d="M{at:.1} {top}V{bottom}"/>"#).ok();
        let name = format!("{},000", links / 1e3);
        writeln!(svg, r#"<text x="{at:.1}" y="{}" text-anchor="middle">{name}</text>"#, bottom + 20.0).ok();
    }
    writeln!(
        svg,
        r#"<text x="{}" y="{}" text-anchor="middle">links of the street network</text>"#,
        f64::midpoint(left, right),
        bottom + 42.0
    )
    .ok();
    // Words beside the ends of lines, moved apart where lines end together.
    let mut labels: Vec<(f64, String)> = Vec::new();
    for (column, words, class, goal) in LINES {
        // Memory in GB lies on the axis of the seconds: 1 GB at 1 s.
        let unit = if column == "peak_mb" { 1e-3 } else { 1.0 };
        let points: Vec<(f64, f64, f64)> = (1..rows.len())
            .filter_map(|row| {
                let value = number(row, column)?;
                Some((x(number(row, "links")?), y(value * unit), value))
            })
            .collect();
        let path: Vec<String> = points.iter().map(|(x, y, _)| format!("{x:.1} {y:.1}")).collect();
        writeln!(svg, r#"<path class="line {class}" d="M{}"/>"#, path.join("L")).ok();
        writeln!(
            svg,
            r#"<path class="dot {class}" d="{}"/>"#,
            path.iter().fold(String::new(), |dots, point| dots + "M" + point + "h0")
        )
        .ok();
        if let Some(seconds) = goal {
            let (from, to, at) = (x(80e3), x(125e3), y(seconds));
            writeln!(svg, r#"<path class="goal {class}" d="M{from:.1} {at:.1}H{to:.1}"/>"#).ok();
        }
        if let Some(&(_, at, value)) = points.last() {
            let value = match (column, value) {
                ("peak_mb", value) => format!("{value:.0} MB"),
                (_, value) if value < 0.1 => format!("{:.0} ms", value * 1e3),
                (_, value) => format!("{value:.1} s"),
            };
            labels.push((at, format!("{words}, {value}")));
        }
    }
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut lowest = f64::NEG_INFINITY;
    for (at, words) in labels {
        lowest = at.max(lowest + 17.0);
        writeln!(svg, r#"<text x="{}" y="{:.1}">{words}</text>"#, right + 10.0, lowest + 4.5).ok();
    }
    svg.push_str(
        "<text x=\"64\" y=\"18\">seconds on the clock, two cores; dashed: to reach; memory: 1 GB at 1 s</text>\n</svg>\n",
    );
    svg
}
