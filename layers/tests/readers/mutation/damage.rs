//! Ways to damage a file.

/// Words that mean something to one format or another, to be put where they do not belong.
const WORDS: [&[u8]; 24] = [
    b"NaN",
    b"1e999",
    b"-1",
    b"1e308",
    b"null",
    b"[[[[[[[[",
    b"{\"a\":",
    b"]]]",
    b"\"coordinates\":[]",
    b"\"type\":\"GeometryCollection\",\"geometries\":[",
    b"99999999999999999999",
    b"\\ud800",
    b"\xff\xfe",
    b"<!DOCTYPE x [<!ENTITY a \"b\">]>",
    b"<a><a><a>",
    b"</",
    b"&#x0;",
    b"&bogus;",
    b"\x00\x00\xff\xff",
    b"\xff\xff\xff\xff\x0f",
    b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
    b"25:99:99",
    b"\"\n\"",
    b",,,,,,",
];

/// Anything anywhere.
pub fn anything(bytes: &mut Vec<u8>, other: &[u8], random: &mut fastrand::Rng) {
    for _ in 0..random.usize(1..=6) {
        if bytes.is_empty() {
            return;
        }
        let at = random.usize(..bytes.len());
        match random.u8(..9) {
            0 => bytes[at] = random.u8(..),
            1 => bytes[at] ^= 1 << random.u8(..8),
            2 => bytes.truncate(at.max(1)),
            3 => {
                let end = (at + random.usize(1..=64)).min(bytes.len());
                bytes.drain(at..end);
            }
            4 => {
                let word = WORDS[random.usize(..WORDS.len())];
                bytes.splice(at..at, word.iter().copied());
            }
            5 => {
                let end = (at + random.usize(1..=200)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let times = random.usize(1..=20);
                bytes.splice(at..at, piece.repeat(times));
            }
            6 if !other.is_empty() => {
                let from = random.usize(..other.len());
                let to = (from + random.usize(1..=300)).min(other.len());
                bytes.splice(at..at, other[from..to].iter().copied());
            }
            7 => bytes[at] = *random.choice(b"0919[]{},\"-e.<>&:;\n").unwrap(),
            _ => {
                let end = (at + random.usize(1..=8)).min(bytes.len());
                let fill = *random.choice(&[0_u8, 0xff, b'9', b' ']).unwrap();
                bytes[at..end].fill(fill);
            }
        }
    }
}

/// Values that do not belong, put in the place of numbers and texts: the file stays sound, its meaning does not.
const VALUES: [&[u8]; 14] = [
    b"NaN",
    b"1e999",
    b"-1",
    b"1e308",
    b"null",
    b"[]",
    b"{}",
    b"\"x\"",
    b"0",
    b"-180.5",
    b"[[1,2],[3,4]]",
    b"true",
    b"99999999999999999999",
    b"\"\"",
];

/// Exchanges numbers and quoted texts for other values or for each other.
pub fn exchange(bytes: &mut Vec<u8>, random: &mut fastrand::Rng) {
    let is_number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    for _ in 0..random.usize(1..=4) {
        let mut spans: Vec<(usize, usize)> = Vec::new();
        let mut at = random.usize(..bytes.len().max(1));
        while at < bytes.len() && spans.len() < 40 {
            let start = at;
            if is_number(bytes[at]) {
                while at < bytes.len() && is_number(bytes[at]) {
                    at += 1;
                }
                spans.push((start, at));
            } else if bytes[at] == b'"' {
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += 1;
                }
                at = (at + 1).min(bytes.len());
                spans.push((start, at));
            } else {
                at += 1;
            }
        }
        let Some(&(from, to)) = spans.get(random.usize(..spans.len().max(1))) else { return };
        let value = if random.bool() {
            VALUES[random.usize(..VALUES.len())].to_vec()
        } else {
            let (a, b) = spans[random.usize(..spans.len())];
            bytes[a..b].to_vec()
        };
        bytes.splice(from..to, value);
    }
}

/// Headers, counts and offsets: numbers at their limits, and pieces twice or gone.
pub fn numbers(bytes: &mut Vec<u8>, random: &mut fastrand::Rng) {
    const VALUES: [u32; 10] =
        [0, 1, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, u32::MAX, 0x7f80_0000, 0x7fc0_0000];
    for _ in 0..random.usize(1..6) {
        if bytes.is_empty() {
            return;
        }
        // Headers and tables are at the beginning.
        let limit = if random.bool() { bytes.len().min(600) } else { bytes.len() };
        let at = random.usize(0..limit);
        match random.u8(0..9) {
            0 => bytes[at] ^= 1 << random.u8(0..8),
            1 => bytes[at] = random.u8(..),
            2 | 3 => {
                let value = VALUES[random.usize(0..VALUES.len())].to_le_bytes();
                for (byte, new) in bytes.iter_mut().skip(at).zip(value) {
                    *byte = new;
                }
            }
            4 => bytes.truncate(at),
            5 => {
                let end = (at + random.usize(1..64)).min(bytes.len());
                bytes.drain(at..end);
            }
            6 => {
                let end = (at + random.usize(1..64)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            // A digit in text: counts, offsets and indices.
            7 => {
                if let Some(digit) = bytes.iter_mut().skip(at).find(|byte| byte.is_ascii_digit()) {
                    *digit = b'0' + random.u8(0..10);
                }
            }
            _ => {
                if let Some(place) = bytes.iter().skip(at).position(u8::is_ascii_digit) {
                    let many = [&b"99999999999"[..], b"-1", b"1e999", b"null", b"[]", b"0.5"];
                    let new = many[random.usize(0..many.len())];
                    bytes.splice(at + place..=at + place, new.iter().copied());
                }
            }
        }
    }
}

/// Damage inside the blocks of a PBF, which are then stored unpacked.
pub fn blocks(bytes: &[u8], random: &mut fastrand::Rng) -> Option<Vec<u8>> {
    use std::io::Read;
    fn varint(bytes: &mut &[u8]) -> Option<usize> {
        let mut number = 0;
        for shift in (0..63).step_by(7) {
            let (&byte, rest) = bytes.split_first()?;
            *bytes = rest;
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }
    /// Fields of a message whose values are bytes or numbers.
    fn fields(mut bytes: &[u8]) -> Option<Vec<(usize, Vec<u8>, usize)>> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let key = varint(&mut bytes)?;
            let number = varint(&mut bytes)?;
            if key & 7 == 2 {
                found.push((key >> 3, bytes.get(..number)?.to_vec(), 0));
                bytes = bytes.get(number..)?;
            } else {
                found.push((key >> 3, Vec::new(), number));
            }
        }
        Some(found)
    }
    fn field(number: usize, content: &[u8]) -> Vec<u8> {
        let mut out = vec![(number << 3 | 2) as u8];
        let mut length = content.len();
        while length >= 0x80 {
            out.push((length & 0x7f | 0x80) as u8);
            length >>= 7;
        }
        out.push(length as u8);
        out.extend_from_slice(content);
        out
    }
    let mut rest = bytes;
    let mut out = Vec::new();
    while rest.len() > 4 {
        let length = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?) as usize;
        let header = fields(rest.get(4..4 + length)?)?;
        let kind = header.iter().find(|(number, ..)| *number == 1)?.1.clone();
        let size = header.iter().find(|(number, ..)| *number == 3)?.2;
        let blob = fields(rest.get(4 + length..4 + length + size)?)?;
        rest = &rest[4 + length + size..];
        let mut content = Vec::new();
        for (number, data, _) in &blob {
            match number {
                1 => content.clone_from(data),
                3 => {
                    flate2::read::ZlibDecoder::new(&data[..]).read_to_end(&mut content).ok()?;
                }
                _ => {}
            }
        }
        if kind == b"OSMData" {
            // Single bytes and bits: longer damage only ends the block.
            for _ in 0..random.usize(1..=5) {
                let at = random.usize(..content.len());
                if random.bool() {
                    content[at] = random.u8(..);
                } else {
                    content[at] ^= 1 << random.u8(..8);
                }
            }
        }
        let blob = field(1, &content);
        let mut head = field(1, &kind);
        head.push(0x18);
        let mut size = blob.len();
        while size >= 0x80 {
            head.push((size & 0x7f | 0x80) as u8);
            size >>= 7;
        }
        head.push(size as u8);
        out.extend_from_slice(&u32::try_from(head.len()).ok()?.to_be_bytes());
        out.extend_from_slice(&head);
        out.extend_from_slice(&blob);
    }
    Some(out)
}

/// Damage inside the tables of a zip, packed soundly again.
pub fn tables(bytes: &[u8], random: &mut fastrand::Rng) -> Vec<u8> {
    use std::io::{Read, Write};
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes.to_vec())).unwrap();
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let chosen = random.usize(..archive.len());
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let name = entry.name().to_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        if index == chosen || random.u8(..4) == 0 {
            anything(&mut content, b"stop_id,trip_id\n", random);
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&content).unwrap();
    }
    out.finish().unwrap().into_inner()
}
