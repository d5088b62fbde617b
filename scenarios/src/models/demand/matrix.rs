//! Trips from a table instead of from a gravity model: OD matrices as text, and balancing to totals (MODELS.md section 3).
//!
//! The caller reads the file; here its text becomes a matrix. Two layouts are known: one trip count a line
//! (`origin,destination,trips` with a heading), and a square with the zones in its first line and first column. Commas,
//! semicolons and tabs separate; the one that the first line has.

use std::collections::{BTreeMap, HashMap};

/// Faults that are told one by one; more are counted.
const TOLD: usize = 20;

/// Trips from zone to zone by the ids of the zones.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OdMatrix {
    /// In the order in which they first occur.
    pub zones: Vec<String>,
    /// Car trips in the peak hour (or whatever the table counts), row-major.
    pub trips: Vec<f64>,
}

/// Why a table is no matrix: everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", faults.join("\n"))]
pub struct OdError {
    pub faults: Vec<String>,
}

#[derive(Default)]
struct Faults {
    list: Vec<String>,
    more: usize,
}

impl Faults {
    fn add(&mut self, fault: String) {
        if self.list.len() < TOLD {
            self.list.push(fault);
        } else {
            self.more += 1;
        }
    }

    fn into_result(mut self) -> Result<(), OdError> {
        if self.more > 0 {
            self.list.push(format!("and {} more lines like these", self.more));
        }
        if self.list.is_empty() { Ok(()) } else { Err(OdError { faults: self.list }) }
    }
}

impl OdMatrix {
    pub fn get(&self, origin: usize, destination: usize) -> f64 {
        self.trips.get(origin * self.zones.len() + destination).copied().unwrap_or(0.0)
    }

    pub fn total(&self) -> f64 {
        self.trips.iter().sum()
    }

    /// From a matrix that was read, row-major, with the ids of its zones (such as an Open Matrix file). All faults come
    /// together: zones that occur twice, and what is no number of trips, by its zones.
    pub fn from_values(zones: Vec<String>, trips: Vec<f64>) -> Result<Self, OdError> {
        let mut faults = Faults::default();
        if trips.len() != zones.len() * zones.len() {
            let (found, count) = (trips.len(), zones.len());
            let fault = format!("expected {count} × {count} numbers for {count} zones, found {found}");
            return Err(OdError { faults: vec![fault] });
        }
        let mut place_of: HashMap<&str, usize> = HashMap::new();
        for (place, zone) in zones.iter().enumerate() {
            if let Some(first) = place_of.insert(zone, place) {
                let (first, place) = (first + 1, place + 1);
                faults
                    .add(format!("expected each zone once, found \"{zone}\" as number {first} and {place}"));
            }
        }
        for (place, &count) in trips.iter().enumerate() {
            if !count.is_finite() || count < 0.0 {
                faults.add(format!(
                    "from zone \"{}\" to \"{}\": expected a number of trips of at least 0, found {count}",
                    zones[place / zones.len()],
                    zones[place % zones.len()]
                ));
            }
        }
        faults.into_result()?;
        Ok(Self { zones, trips })
    }

    /// From text in one of the two layouts. Trips of a pair that occurs twice are added. All faults come together, with
    /// their lines.
    pub fn from_csv(text: &str) -> Result<Self, OdError> {
        let text = text.trim_start_matches('\u{feff}');
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let Some((_, first)) = lines.next() else {
            return Err(OdError {
                faults: vec!["expected a table of trips, found an empty text".to_owned()],
            });
        };
        let separator = [';', '\t', ','].into_iter().find(|&c| first.contains(c)).unwrap_or(',');
        let heading: Vec<String> = cells(first, separator);
        let place =
            |names: &[&str]| heading.iter().position(|cell| names.contains(&cell.to_lowercase().as_str()));
        let columns = (
            place(&["origin", "o", "from", "herkomst", "orig"]),
            place(&["destination", "d", "to", "bestemming", "dest"]),
            place(&["trips", "value", "car", "flow", "ritten", "demand"]),
        );
        match columns {
            (Some(origin), Some(destination), Some(trips)) => {
                Self::from_lines(lines, separator, heading.len(), [origin, destination, trips])
            }
            (None, None, None) if heading.len() > 2 => Self::from_square(lines, separator, &heading[1..]),
            _ => Err(OdError {
                faults: vec![format!(
                    "line 1: expected the columns \"origin\", \"destination\" and \"trips\", or zones from the second \
                     column on, found \"{}\"",
                    heading.join("\", \"")
                )],
            }),
        }
    }

    fn from_lines<'a>(
        lines: impl Iterator<Item = (usize, &'a str)>,
        separator: char,
        width: usize,
        [origin, destination, trips]: [usize; 3],
    ) -> Result<Self, OdError> {
        let mut faults = Faults::default();
        let mut place_of: HashMap<String, usize> = HashMap::new();
        let mut zones: Vec<String> = Vec::new();
        let mut pairs: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for (line, text) in lines {
            let cells = cells(text, separator);
            if cells.len() != width {
                faults.add(format!("line {}: expected {width} cells, found {}", line + 1, cells.len()));
                continue;
            }
            let Some(count) = number(&cells[trips]) else {
                faults.add(format!(
                    "line {}: expected a number of trips of at least 0, found \"{}\"",
                    line + 1,
                    cells[trips]
                ));
                continue;
            };
            let mut zone = |id: &String| {
                *place_of.entry(id.clone()).or_insert_with(|| {
                    zones.push(id.clone());
                    zones.len() - 1
                })
            };
            let pair = (zone(&cells[origin]), zone(&cells[destination]));
            *pairs.entry(pair).or_default() += count;
        }
        faults.into_result()?;
        let count = zones.len();
        let mut matrix = Self { zones, trips: vec![0.0; count * count] };
        for ((from, to), trips) in pairs {
            matrix.trips[from * count + to] = trips;
        }
        Ok(matrix)
    }

    fn from_square<'a>(
        lines: impl Iterator<Item = (usize, &'a str)>,
        separator: char,
        zones: &[String],
    ) -> Result<Self, OdError> {
        let mut faults = Faults::default();
        let count = zones.len();
        let mut matrix = Self { zones: zones.to_vec(), trips: vec![0.0; count * count] };
        let mut is_there = vec![false; count];
        for (line, text) in lines {
            let cells = cells(text, separator);
            let Some((id, values)) = cells.split_first() else { continue };
            let Some(row) = zones.iter().position(|zone| zone == id) else {
                faults.add(format!("line {}: expected a zone of the first line, found \"{id}\"", line + 1));
                continue;
            };
            if values.len() != count {
                faults.add(format!("line {}: expected {count} numbers, found {}", line + 1, values.len()));
                continue;
            }
            if std::mem::replace(&mut is_there[row], true) {
                faults.add(format!("line {}: zone \"{id}\" has a line already", line + 1));
                continue;
            }
            for (column, value) in values.iter().enumerate() {
                match number(value) {
                    Some(trips) => matrix.trips[row * count + column] = trips,
                    None => faults.add(format!(
                        "line {}, zone \"{}\": expected a number of trips of at least 0, found \"{value}\"",
                        line + 1,
                        zones[column]
                    )),
                }
            }
        }
        for (row, zone) in zones.iter().enumerate() {
            if !is_there[row] {
                faults.add(format!("expected a line for zone \"{zone}\", found none"));
            }
        }
        faults.into_result()?;
        Ok(matrix)
    }

    /// The matrix for zones in another order, by their ids. The error lists zones of the table with trips that are not
    /// among `zones`; zones without a line have no trips.
    pub fn in_order_of(&self, zones: &[String]) -> Result<Vec<f64>, OdError> {
        let place_of: HashMap<&str, usize> =
            zones.iter().enumerate().map(|(place, id)| (id.as_str(), place)).collect();
        let count = zones.len();
        let places: Vec<Option<usize>> =
            self.zones.iter().map(|id| place_of.get(id.as_str()).copied()).collect();
        let mut faults = Faults::default();
        for (zone, id) in self.zones.iter().enumerate() {
            let lost: f64 = (0..self.zones.len()).map(|k| self.get(zone, k) + self.get(k, zone)).sum();
            if places[zone].is_none() && lost > 0.0 {
                faults.add(format!(
                    "expected zone \"{id}\" among the {count} zones of the city, found none; {lost:.1} trips begin or \
                     end there"
                ));
            }
        }
        faults.into_result()?;
        let mut trips = vec![0.0; count * count];
        for (origin, from) in places.iter().enumerate() {
            for (destination, to) in places.iter().enumerate() {
                if let (Some(from), Some(to)) = (from, to) {
                    trips[from * count + to] = self.get(origin, destination);
                }
            }
        }
        Ok(trips)
    }
}

fn cells(line: &str, separator: char) -> Vec<String> {
    line.split(separator).map(|cell| cell.trim().trim_matches('"').trim().to_owned()).collect()
}

fn number(cell: &str) -> Option<f64> {
    cell.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0)
}

/// Iterative proportional fitting (Furness): `seed`, row-major, scaled until rows sum to `rows` and columns to `columns`,
/// each to 1e-7 of itself, or until 2,000 rounds are done; columns are first scaled to the total of the rows. A row or
/// column without any seed stays empty. `None` for sizes that do not fit, and for totals that are not above 0. Cost:
/// O(rounds · zones²).
pub fn fit_to_totals(seed: &[f64], rows: &[f64], columns: &[f64]) -> Option<Vec<f64>> {
    super::gravity::doubly_constrained(rows, columns, seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_layouts_give_the_same_matrix() {
        let lines = "origin;destination;trips\nA;B;10\nB;A;2.5\nA;B;1\nB;C;4\n";
        let square = "\u{feff}zone,A,B,C\nA,0,11,0\nB,2.5,0,4\nC,0,0,0\n";
        let matrix = OdMatrix::from_csv(lines).unwrap();
        assert_eq!(matrix, OdMatrix::from_csv(square).unwrap());
        assert_eq!((matrix.get(0, 1), matrix.get(1, 2), matrix.total()), (11.0, 4.0, 17.5));
        let order = ["C", "B", "A", "D"].map(str::to_owned);
        let other = matrix.in_order_of(&order).unwrap();
        assert_eq!((other[2 * 4 + 1], other[4], other.iter().sum::<f64>()), (11.0, 4.0, 17.5));
        assert!(matrix.in_order_of(&order[1..]).unwrap_err().faults[0].contains("zone \"C\""));
    }

    #[test]
    fn values_that_were_read_become_a_matrix_or_all_their_faults() {
        let zones = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let matrix = OdMatrix::from_values(zones(&["A", "B"]), vec![0.0, 11.0, 2.5, 0.0]).unwrap();
        assert_eq!(matrix, OdMatrix::from_csv("z,A,B\nA,0,11\nB,2.5,0\n").unwrap());
        let faults =
            OdMatrix::from_values(zones(&["A", "A"]), vec![0.0, f64::NAN, -1.0, 0.0]).unwrap_err().faults;
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(
            faults[0].contains("\"A\" as number 1 and 2") && faults[2].contains("found -1"),
            "{faults:?}"
        );
        assert!(OdMatrix::from_values(zones(&["A"]), vec![]).is_err());
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let bad = "from,to,trips\nA,B,-1\nA,B\nA,C,many\nB,A,NaN\nA,B,3\n";
        let faults = OdMatrix::from_csv(bad).unwrap_err().faults;
        assert_eq!(faults.len(), 4, "{faults:?}");
        for (fault, line) in faults.iter().zip(["line 2", "line 3", "line 4", "line 5"]) {
            assert!(fault.starts_with(line), "{fault}");
        }
        let square = "z,A,B\nA,0,x\nQ,1,1\nA,0,0\n";
        let faults = OdMatrix::from_csv(square).unwrap_err().faults;
        assert!(faults.iter().any(|f| f.contains("zone \"B\": expected a number")), "{faults:?}");
        assert!(faults.iter().any(|f| f.contains("found \"Q\"")) && faults.len() == 4, "{faults:?}");
        assert!(OdMatrix::from_csv("").is_err() && OdMatrix::from_csv("a,b\n1,2\n").is_err());
        let many = "o,d,trips\n".to_owned() + &"A,B,x\n".repeat(50);
        let faults = OdMatrix::from_csv(&many).unwrap_err().faults;
        assert_eq!((faults.len(), faults[20].as_str()), (21, "and 30 more lines like these"));
    }

    #[test]
    fn fitting_meets_both_totals_and_keeps_what_it_can_of_the_seed() {
        let seed = [1.0, 2.0, 3.0, 4.0, 0.0, 6.0, 7.0, 8.0, 9.0];
        let fitted = fit_to_totals(&seed, &[30.0, 20.0, 50.0], &[40.0, 25.0, 35.0]).unwrap();
        for i in 0..3 {
            let (row, column): (f64, f64) =
                ((0..3).map(|k| fitted[3 * i + k]).sum(), (0..3).map(|k| fitted[3 * k + i]).sum());
            assert!((row - [30.0, 20.0, 50.0][i]).abs() < 1e-5, "{row}");
            assert!((column - [40.0, 25.0, 35.0][i]).abs() < 1e-5, "{column}");
        }
        assert_eq!(fitted[4], 0.0);
        // Cross ratios are those of the seed.
        let ratio = |m: &[f64]| m[0] * m[5] / (m[2] * m[3]);
        assert!((ratio(&fitted) / ratio(&seed) - 1.0).abs() < 1e-9);
        assert_eq!(fit_to_totals(&seed, &[0.0; 3], &[1.0; 3]), None);
    }
}
