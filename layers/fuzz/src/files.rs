//! How the bytes of the fuzzer become a file. Packed formats are given unpacked, so that a changed byte is a change of
//! the content and not only a wrong checksum.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

/// What lies between two files of one input. The first line of each is its name.
pub const CUT: &[u8] = b"\n--cut--\n";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// The bytes as they are.
    Plain,
    /// Pieces become the files of a zip; bytes that begin as a zip stay as they are.
    Zip,
    /// Pieces become files of a folder, of which the first is opened.
    Folder,
    /// Pieces become blocks of a PBF, with their type for a name; a file without pieces stays as it is.
    Pbf,
}

/// Name and content of each piece.
pub fn pieces(data: &[u8]) -> Vec<(String, &[u8])> {
    let mut rest = data;
    let mut found = Vec::new();
    while found.len() < 64 {
        let at = rest.windows(CUT.len()).position(|window| window == CUT);
        let piece = &rest[..at.unwrap_or(rest.len())];
        let (name, content) = match piece.iter().position(|&byte| byte == b'\n') {
            Some(end) => (&piece[..end], &piece[end + 1..]),
            None => (piece, &[][..]),
        };
        found.push((String::from_utf8_lossy(name).chars().take(80).collect(), content));
        match at {
            Some(at) => rest = &rest[at + CUT.len()..],
            None => break,
        }
    }
    found
}

/// Writes the input below `folder`, which is made anew, and returns the file to open.
pub fn put(folder: &Path, name: &str, data: &[u8], packing: Packing) -> PathBuf {
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).expect("the scratch folder can be made");
    let path = folder.join(name);
    let bytes = match packing {
        Packing::Plain => data.to_vec(),
        Packing::Zip if data.starts_with(b"PK") => data.to_vec(),
        Packing::Zip => zip(data),
        Packing::Pbf => pbf(data),
        Packing::Folder => {
            for (position, (piece, content)) in pieces(data).into_iter().enumerate() {
                // Never outside, whatever the fuzzer writes: each part of the name becomes a plain one.
                let plain = |part: &str| -> String {
                    let allowed =
                        |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
                    part.trim_start_matches('.').chars().map(allowed).take(60).collect()
                };
                let parts = piece.split('/').map(plain).filter(|part| !part.is_empty()).take(4);
                let target =
                    if position == 0 { path.clone() } else { folder.join(parts.collect::<PathBuf>()) };
                // What the fuzzer calls by the name of a folder, or of the first file, is left out.
                let is_new = position == 0 || !target.exists();
                let parent = target.parent().unwrap_or(folder);
                if is_new && std::fs::create_dir_all(parent).is_ok() {
                    std::fs::write(target, content).expect("the scratch folder is writable");
                }
            }
            return path;
        }
    };
    std::fs::write(&path, bytes).expect("the scratch folder is writable");
    path
}

fn zip(data: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, content) in pieces(data) {
        if zip.start_file(name, options).is_ok() {
            zip.write_all(content).expect("memory is writable");
        }
    }
    zip.finish().expect("memory is writable").into_inner()
}

fn pbf(data: &[u8]) -> Vec<u8> {
    if !data.windows(CUT.len()).any(|window| window == CUT) {
        return data.to_vec();
    }
    let varint = |mut value: usize, out: &mut Vec<u8>| {
        while value >= 0x80 {
            out.push((value & 0x7f | 0x80) as u8);
            value >>= 7;
        }
        out.push(value as u8);
    };
    let mut out = Vec::new();
    for (kind, content) in pieces(data) {
        // Blob: field 1, raw bytes. BlobHeader: field 1, type; field 3, size of the blob.
        let mut blob = vec![0x0a];
        varint(content.len(), &mut blob);
        blob.extend_from_slice(content);
        let mut header = vec![0x0a];
        varint(kind.len(), &mut header);
        header.extend_from_slice(kind.as_bytes());
        header.push(0x18);
        varint(blob.len(), &mut header);
        out.extend_from_slice(&(header.len() as u32).to_be_bytes());
        out.extend_from_slice(&header);
        out.extend_from_slice(&blob);
    }
    out
}
