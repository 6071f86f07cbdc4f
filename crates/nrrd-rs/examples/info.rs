//! What a file is, by its header, and the range of its values.
//!
//!     cargo run -p nrrd-rs --example info -- scan.nrrd

use std::error::Error;

use nrrd_rs::{FileSource, Header, read};

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let source = FileSource(path.clone().into());
        let header = Header::read(&source)?;
        let sizes: Vec<String> = header.sizes.iter().map(usize::to_string).collect();
        println!("{path}: {} {}, {}", sizes.join(" × "), header.scalar, header.encoding);
        if let Some(space) = &header.space {
            println!("  space: {space}, origin {:?}", header.space_origin);
        }
        println!("  spacing: {:?}", header.spacing());
        for (key, value) in header.key_values() {
            println!("  {key} = {value}");
        }
        let (_, array) = read(&source)?;
        let range = |(low, high): (f64, f64), &value: &f64| (low.min(value), high.max(value));
        let (low, high) = array.to_f64().iter().fold((f64::INFINITY, f64::NEG_INFINITY), range);
        println!("  values: {low} to {high}");
    }
    Ok(())
}
