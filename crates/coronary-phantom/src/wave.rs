use std::f64::consts::TAU;

use reproducible::Rng;

/// Smooth noise within [−1, 1]: three sines of unrelated wavelengths, the longest about 1.
#[derive(Clone, Debug)]
pub struct Wave([Sine; 3]);

#[derive(Clone, Debug)]
struct Sine {
    amplitude: f64,
    frequency: f64,
    phase: f64,
}

impl Wave {
    pub fn new(rng: &mut Rng) -> Self {
        let mut sine = |amplitude, frequency| Sine {
            amplitude,
            frequency: frequency * rng.between(0.8, 1.25),
            phase: rng.unit(),
        };
        Self([sine(0.5, 1.0), sine(0.3, 1.9), sine(0.2, 3.1)])
    }

    pub fn at(&self, t: f64) -> f64 {
        self.0.iter().map(|s| s.amplitude * (TAU * (s.frequency * t + s.phase)).sin()).sum()
    }
}
