//! The form around a list: rows that were ticked, and one decision about all of them.

use std::str::FromStr;

use crate::domain::{Code, Error};

/// The fields as they were sent.
pub struct Ticked(pub Vec<(String, String)>);

impl Ticked {
    pub fn value(&self, name: &str) -> &str {
        self.0.iter().find(|field| field.0 == name).map_or("", |field| &field.1)
    }

    /// The rows that were ticked.
    pub fn ids<Id: FromStr>(&self, name: &str) -> Vec<Id> {
        let ticked = self.0.iter().filter(|field| field.0 == name);
        ticked.filter_map(|field| field.1.parse().ok()).collect()
    }

    pub fn decision<D: FromStr>(&self) -> Result<D, Error> {
        self.value("decision").parse().map_err(|_| {
            Error::new(
                Code::FieldInvalid,
                "one of the listed decisions",
                "another one",
                "Choose one from the list.",
            )
        })
    }
}
