//! Centrelines of full-size phantoms against the axes they were drawn from: a short form of
//! `cargo run --release -p vessel-centreline --example phantoms -- 101 110`.

mod measure;

use coronary_phantom::{Phantom, Size};

#[test]
fn centrelines_of_phantoms_are_their_axes() {
    for (seed, case) in [(1, 0), (1, 1), (3, 0)] {
        let (measured, _) = measure::measure(&Phantom::new(seed, case, 2, Size::FULL));
        let within = measured.to_truth[0] <= 0.2
            && measured.to_truth[1] <= 0.5
            && measured.to_found[0] <= 0.2
            && measured.to_found[1] <= 0.5
            && measured.ov >= 0.95
            && measured.ot >= 0.95
            && measured.ai <= 0.2
            && measured.radius[0].abs() <= 0.05
            && measured.root <= 2.0
            && measured.components == 2
            && measured.false_ends <= 8;
        assert!(within, "seed {seed} case {case}: {measured:#?}");
    }
}
