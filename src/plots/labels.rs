//! How much room words need, and where there is some.

use std::borrow::Cow;

use super::drawing::Anchor;

/// Roughly, and rather too wide than too narrow: which font there will be is not known.
pub fn width(text: &str, size: f64) -> f64 {
    let em = |c: char| match c {
        'i' | 'j' | 'l' | 'f' | 't' | 'r' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!'
        | ' ' => 0.36,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.95,
        'A'..='Z' | '&' => 0.72,
        '\u{1100}'.. => 1.05,
        _ => 0.61,
    };
    text.chars().map(em).sum::<f64>() * size
}

/// The text, or its beginning and an ellipsis, so that it fits.
pub fn cut(text: &str, room: f64, size: f64) -> Cow<'_, str> {
    if width(text, size) <= room {
        return Cow::Borrowed(text);
    }
    let room = room - width("…", size);
    let mut used = 0.0;
    let fits = |c: &char| {
        used += width(c.encode_utf8(&mut [0; 4]), size);
        used <= room
    };
    let begin: String = text.chars().take_while(fits).collect();
    Cow::Owned(format!("{}…", begin.trim_end()))
}

#[derive(Clone, Copy, Debug)]
pub struct Area {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Area {
    fn around([x, y]: [f64; 2], radius: f64) -> Self {
        Self { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius }
    }

    fn meets(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    fn holds(&self, other: &Self) -> bool {
        self.left <= other.left
            && other.right <= self.right
            && self.top <= other.top
            && other.bottom <= self.bottom
    }
}

/// Finds places for labels beside marks, so that none covers another or a mark.
#[derive(Debug)]
pub struct Places {
    within: Area,
    taken: Vec<Area>,
    /// What is covered only where there is no other place.
    minor: Vec<Area>,
}

impl Places {
    pub fn new(within: Area) -> Self {
        Self { within, taken: Vec::new(), minor: Vec::new() }
    }

    pub fn take(&mut self, area: Area) {
        self.taken.push(area);
    }

    pub fn take_mark(&mut self, at: [f64; 2], radius: f64) {
        self.take(Area::around(at, radius));
    }

    pub fn take_minor_mark(&mut self, at: [f64; 2], radius: f64) {
        self.minor.push(Area::around(at, radius));
    }

    /// Where the words begin, have their middle or end, on their baseline; the nearest free place around a mark.
    pub fn beside(
        &mut self,
        mark: [f64; 2],
        radius: f64,
        words: &str,
        size: f64,
    ) -> Option<([f64; 2], Anchor)> {
        let free = |area: &Area, taken: &[Area]| !taken.iter().any(|taken| taken.meets(area));
        let fitting: Vec<(([f64; 2], Anchor), Area)> = places(mark, radius, size)
            .map(|(at, anchor)| ((at, anchor), covered(at, anchor, words, size)))
            .filter(|(_, area)| self.within.holds(area) && free(area, &self.taken))
            .collect();
        let best = fitting.iter().find(|(_, area)| free(area, &self.minor));
        let (place, area) = *best.or(fitting.first())?;
        self.take(area);
        Some(place)
    }
}

/// Places for words beside a mark, the nearest first.
fn places([x, y]: [f64; 2], radius: f64, size: f64) -> impl Iterator<Item = ([f64; 2], Anchor)> {
    let (above, below) = (0.75 * size, 0.25 * size);
    let at = move |away: f64| {
        let aslant = 0.7 * away;
        [
            ([x + away, y + 0.35 * size], Anchor::Start),
            ([x - away, y + 0.35 * size], Anchor::End),
            ([x, y - away - below], Anchor::Middle),
            ([x, y + away + above], Anchor::Middle),
            ([x + aslant, y - aslant - below], Anchor::Start),
            ([x + aslant, y + aslant + above], Anchor::Start),
            ([x - aslant, y - aslant - below], Anchor::End),
            ([x - aslant, y + aslant + above], Anchor::End),
        ]
    };
    [4.0, 14.0, 26.0].into_iter().flat_map(move |apart| at(radius + apart))
}

/// What words at a place cover.
fn covered([x, y]: [f64; 2], anchor: Anchor, words: &str, size: f64) -> Area {
    let wide = width(words, size);
    let left = match anchor {
        Anchor::Start => x,
        Anchor::Middle => x - wide / 2.0,
        Anchor::End => x - wide,
    };
    Area { left, top: y - 0.75 * size, right: left + wide, bottom: y + 0.25 * size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_ends_in_an_ellipsis_and_a_short_one_is_left_as_it_is() {
        assert_eq!(cut("Lumen", 100.0, 14.0), "Lumen");
        let long = "A team with a name that goes on and on";
        let short = cut(long, 100.0, 14.0);
        assert!(short.ends_with('…') && width(&short, 14.0) <= 100.0, "{short}");
        assert_eq!(cut("冠状動脈冠状動脈", 50.0, 14.0), "冠状…");
        assert_eq!(cut("anything", 0.0, 14.0), "…");
    }

    #[test]
    fn what_is_minor_is_covered_only_where_there_is_no_other_place() {
        let within = Area { left: 0.0, top: 0.0, right: 100.0, bottom: 20.0 };
        let words = |places: &mut Places| places.beside([10.0, 10.0], 4.0, "label", 14.0);
        let mut places = Places::new(within);
        places.take_minor_mark([20.0, 10.0], 2.0);
        assert!(words(&mut places).is_some_and(|(place, _)| place[0] > 22.0));
        let mut places = Places::new(within);
        places.take_minor_mark([50.0, 10.0], 50.0);
        assert!(words(&mut places).is_some());
        assert_eq!(words(&mut places), None);
    }

    #[test]
    fn labels_cover_neither_each_other_nor_marks() {
        let mut places = Places::new(Area { left: 0.0, top: 0.0, right: 200.0, bottom: 100.0 });
        places.take_mark([100.0, 50.0], 4.0);
        let mut found = Vec::new();
        while let Some(place) = places.beside([100.0, 50.0], 4.0, "a label", 14.0) {
            found.push(place);
        }
        assert!((4..30).contains(&found.len()), "{found:?}");
        for (at, area) in places.taken.iter().enumerate() {
            assert!(places.within.holds(area));
            assert!(!places.taken[..at].iter().any(|other| other.meets(area)));
        }
    }
}
