//! Any text as pdflatex sets it, and never obeys it.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::text::{is_ignorable, is_odd};

/// From this many characters on, a word may be broken anywhere.
const LONG_WORD: usize = 16;

/// What a document has to load for [`escaped`] texts: fonts of Latin letters, and the macro for characters that no font of
/// pdflatex has, where they occur.
pub const FONTS: &str = "\\usepackage[T1]{fontenc}";

/// The same where Cyrillic letters occur.
pub const FONTS_WITH_CYRILLIC: &str = "\\usepackage[T2A,T1]{fontenc}";

/// The first argument is the text itself, for engines with fonts of all scripts; the second what stands for it elsewhere.
pub const ANY_CHARACTER: &str =
    "\\providecommand{\\anychar}[2]{\\ifdefined\\Umathchardef#1\\else#2\\fi}";

/// How a character is set.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Set {
    /// By this.
    As(String),
    /// By itself, in a font of Cyrillic letters.
    Cyrillic,
    /// By itself where a font has it, and otherwise by this.
    Instead(String),
    /// Not, and by its number where nothing else stands for it.
    ByNumber,
}

/// A text as pdflatex sets it with the fonts of `FONTS`: characters that mean something to TeX as commands, accents as commands where
/// no letter of the font has them, and what no font has inside `\anychar`.
pub fn escaped(text: &str) -> String {
    let characters: Vec<char> = text.nfc().filter(|c| !is_hidden(*c)).map(plain_space).collect();
    let mut made = String::with_capacity(text.len());
    let mut rest = characters.as_slice();
    while let Some((&first, after)) = rest.split_first() {
        let marks = after.iter().take_while(|c| is_combining_mark(**c)).count();
        let set = match marks {
            0 => set(first),
            _ => accented(rest.iter().take(1 + marks).copied()),
        };
        // Neighbours that are set alike share what stands around them.
        let alike = |set: &Set| matches!(set, Set::Cyrillic | Set::ByNumber);
        let after = after.iter().skip(marks);
        let more = after.clone().take_while(|c| alike(&set) && self::set(**c) == set).count();
        let (run, left) = rest.split_at(1 + marks + more);
        let text = String::from_iter(run);
        match set {
            Set::As(command) => {
                made += &command;
                // `--`, `,,` and `''` would become other characters.
                if "-,'".contains(first) && left.first() == Some(&first) {
                    made += "{}";
                }
            }
            Set::Cyrillic => made += &format!("{{\\fontencoding{{T2A}}\\selectfont {text}}}"),
            Set::Instead(other) => made += &format!("\\anychar{{{text}}}{{{other}}}"),
            Set::ByNumber => {
                let numbers: Vec<String> =
                    run.iter().map(|&c| format!("U+{:04X}", u32::from(c))).collect();
                made += &format!("\\anychar{{{text}}}{{[{}]}}", numbers.join(" "));
            }
        }
        rest = left;
    }
    made
}

/// The same for a narrow column: long words may be broken.
pub fn breakable(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let characters: Vec<char> = word.chars().collect();
        if characters.len() < LONG_WORD {
            return escaped(word);
        }
        let parts = characters.chunks(LONG_WORD / 4).map(|part| escaped(&String::from_iter(part)));
        parts.collect::<Vec<_>>().join("\\allowbreak{}")
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Not seen, and no control character, which stands for a space here.
fn is_hidden(c: char) -> bool {
    (is_odd(c) || is_ignorable(c)) && !c.is_control()
}

fn plain_space(c: char) -> char {
    if c.is_control() || c.is_whitespace() { ' ' } else { c }
}

fn set(c: char) -> Set {
    if let Some(command) = command(c) {
        return Set::As(command.to_owned());
    }
    if c.is_ascii() || is_in_font(c) {
        return Set::As(c.into());
    }
    if is_cyrillic(c) {
        return Set::Cyrillic;
    }
    if let Some(letter) = greek(c) {
        return Set::As(format!("\\ensuremath{{{letter}}}"));
    }
    if std::iter::once(c).nfd().any(|part| part != c) {
        return accented(std::iter::once(c));
    }
    let other: String = std::iter::once(c).nfkc().collect();
    if other != String::from(c) && other.chars().all(|c| matches!(set(c), Set::As(_))) {
        return Set::Instead(escaped(&other));
    }
    Set::ByNumber
}

/// A letter with marks above and below it.
fn accented(letter: impl Iterator<Item = char>) -> Set {
    let mut parts = letter.nfd();
    let base = parts.next().unwrap_or(' ');
    let Set::As(mut letter) = set(base) else { return Set::ByNumber };
    let mut whole = base.is_ascii_alphabetic();
    // The one next to the letter comes first.
    for mark in parts {
        match accent(mark) {
            Some(accent) if whole => letter = format!("\\{accent}{{{letter}}}"),
            _ => whole = false,
        }
    }
    if whole { Set::As(letter) } else { Set::Instead(letter) }
}

fn accent(mark: char) -> Option<char> {
    Some(match mark {
        '\u{300}' => '`',
        '\u{301}' => '\'',
        '\u{302}' => '^',
        '\u{303}' => '~',
        '\u{304}' => '=',
        '\u{306}' => 'u',
        '\u{307}' => '.',
        '\u{308}' => '"',
        '\u{30a}' => 'r',
        '\u{30b}' => 'H',
        '\u{30c}' => 'v',
        '\u{323}' => 'd',
        '\u{327}' => 'c',
        '\u{328}' => 'k',
        '\u{331}' => 'b',
        _ => return None,
    })
}

/// What means something to TeX, or has a command of its own.
fn command(c: char) -> Option<&'static str> {
    Some(match c {
        '\\' => "\\textbackslash{}",
        '~' => "\\textasciitilde{}",
        '^' => "\\textasciicircum{}",
        '`' => "\\textasciigrave{}",
        '&' => "\\&",
        '%' => "\\%",
        '$' => "\\$",
        '#' => "\\#",
        '_' => "\\_",
        '{' => "\\textbraceleft{}",
        '}' => "\\textbraceright{}",
        '<' => "\\textless{}",
        '>' => "\\textgreater{}",
        '|' => "\\textbar{}",
        '"' => "\\textquotedbl{}",
        '\u{2010}' | '\u{2011}' | '\u{2212}' => "-",
        '\u{2012}' | '\u{2013}' => "\\textendash{}",
        '\u{2014}' | '\u{2015}' => "\\textemdash{}",
        '\u{2018}' => "\\textquoteleft{}",
        '\u{2019}' => "\\textquoteright{}",
        '\u{201a}' => "\\quotesinglbase{}",
        '\u{201c}' => "\\textquotedblleft{}",
        '\u{201d}' => "\\textquotedblright{}",
        '\u{201e}' => "\\quotedblbase{}",
        '\u{2020}' => "\\textdagger{}",
        '\u{2021}' => "\\textdaggerdbl{}",
        '\u{2022}' => "\\textbullet{}",
        '\u{2026}' => "\\textellipsis{}",
        '\u{2039}' => "\\guilsinglleft{}",
        '\u{203a}' => "\\guilsinglright{}",
        '\u{20ac}' => "\\texteuro{}",
        '\u{2122}' => "\\texttrademark{}",
        '\u{2190}' => "\\ensuremath{\\leftarrow}",
        '\u{2191}' => "\\ensuremath{\\uparrow}",
        '\u{2192}' => "\\ensuremath{\\rightarrow}",
        '\u{2193}' => "\\ensuremath{\\downarrow}",
        '\u{2194}' => "\\ensuremath{\\leftrightarrow}",
        '\u{2202}' => "\\ensuremath{\\partial}",
        '\u{2207}' => "\\ensuremath{\\nabla}",
        '\u{2208}' => "\\ensuremath{\\in}",
        '\u{2211}' => "\\ensuremath{\\sum}",
        '\u{221a}' => "\\ensuremath{\\surd}",
        '\u{221e}' => "\\ensuremath{\\infty}",
        '\u{223c}' => "\\ensuremath{\\sim}",
        '\u{2248}' => "\\ensuremath{\\approx}",
        '\u{2260}' => "\\ensuremath{\\neq}",
        '\u{2264}' => "\\ensuremath{\\leq}",
        '\u{2265}' => "\\ensuremath{\\geq}",
        '\u{a0}' => "~",
        _ => return None,
    })
}

/// Whether pdflatex sets it with [`FONTS`] as it is: signs and letters of Latin-1, and the letters of the encoding T1.
fn is_in_font(c: char) -> bool {
    const LETTERS: &str = "ĂăĄąĆćČčĎďĐđĘęĚěĞğİıĹĺĽľŁłŃńŇňŊŋŐőŔŕŘřŚśŞşŠšŢţŤťŮůŰűŸŹźŻżŽžŒœĲĳ";
    (matches!(c, '\u{a1}'..='\u{ff}') && c != '\u{ad}') || LETTERS.contains(c)
}

/// Whether pdflatex sets it in the encoding T2A.
fn is_cyrillic(c: char) -> bool {
    matches!(c, '\u{401}'..='\u{40c}' | '\u{40e}'..='\u{44f}' | '\u{451}'..='\u{45c}' | '\u{45e}' | '\u{45f}' | '\u{490}' | '\u{491}')
}

/// A Greek letter as mathematics sets it.
fn greek(c: char) -> Option<&'static str> {
    const CAPITALS: [&str; 25] = [
        "\\mathrm{A}",
        "\\mathrm{B}",
        "\\Gamma",
        "\\Delta",
        "\\mathrm{E}",
        "\\mathrm{Z}",
        "\\mathrm{H}",
        "\\Theta",
        "\\mathrm{I}",
        "\\mathrm{K}",
        "\\Lambda",
        "\\mathrm{M}",
        "\\mathrm{N}",
        "\\Xi",
        "\\mathrm{O}",
        "\\Pi",
        "\\mathrm{P}",
        "",
        "\\Sigma",
        "\\mathrm{T}",
        "\\Upsilon",
        "\\Phi",
        "\\mathrm{X}",
        "\\Psi",
        "\\Omega",
    ];
    const SMALL: [&str; 25] = [
        "\\alpha",
        "\\beta",
        "\\gamma",
        "\\delta",
        "\\epsilon",
        "\\zeta",
        "\\eta",
        "\\theta",
        "\\iota",
        "\\kappa",
        "\\lambda",
        "\\mu",
        "\\nu",
        "\\xi",
        "o",
        "\\pi",
        "\\rho",
        "\\varsigma",
        "\\sigma",
        "\\tau",
        "\\upsilon",
        "\\phi",
        "\\chi",
        "\\psi",
        "\\omega",
    ];
    let (letters, first) = match c {
        '\u{391}'..='\u{3a9}' => (CAPITALS, 0x391),
        '\u{3b1}'..='\u{3c9}' => (SMALL, 0x3b1),
        _ => return None,
    };
    let letter = letters.get((u32::from(c) - first) as usize).copied();
    letter.filter(|letter| !letter.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_to_latex_is_only_set() {
        assert_eq!(
            escaped("R&D_1 50% {x} \\input"),
            "R\\&D\\_1 50\\% \\textbraceleft{}x\\textbraceright{} \\textbackslash{}input"
        );
        assert_eq!(escaped("a\n~^#$"), "a \\textasciitilde{}\\textasciicircum{}\\#\\$");
        assert_eq!(
            escaped("Dice>0.9 & HD95<1 | \"best\""),
            "Dice\\textgreater{}0.9 \\& HD95\\textless{}1 \\textbar{} \\textquotedbl{}best\\textquotedbl{}"
        );
    }

    #[test]
    fn no_two_characters_become_another_one() {
        assert_eq!(escaped("--x --- ,, '' ?`"), "-{}-x -{}-{}- ,{}, '{}' ?\\textasciigrave{}");
    }

    #[test]
    fn letters_stay_letters_as_far_as_fonts_go() {
        assert_eq!(escaped("Müller Łódź"), "Müller Łódź");
        assert_eq!(escaped("Mu\u{308}ller"), "Müller");
        assert_eq!(escaped("ễ ā x\u{302}"), "\\~{\\^{e}} \\={a} \\^{x}");
        assert_eq!(
            escaped("α-net ≤ Ω"),
            "\\ensuremath{\\alpha}-net \\ensuremath{\\leq} \\ensuremath{\\Omega}"
        );
        assert_eq!(escaped("Команда 1"), "{\\fontencoding{T2A}\\selectfont Команда} 1");
        assert_eq!(escaped("ơ ά"), "\\anychar{ơ}{o} \\anychar{ά}{\\ensuremath{\\alpha}}");
        assert_eq!(escaped("Ａ"), "\\anychar{Ａ}{A}");
        assert_eq!(escaped("中文🫀"), "\\anychar{中文🫀}{[U+4E2D U+6587 U+1FAC0]}");
    }

    #[test]
    fn what_is_not_seen_is_left_out() {
        assert_eq!(escaped("a\u{200d}b\u{202e}c\u{ad}d"), "abcd");
    }

    #[test]
    fn long_words_may_be_broken() {
        let word = "a".repeat(40);
        assert_eq!(breakable(&word).matches("\\allowbreak{}").count(), 9);
        assert_eq!(breakable("short words stay"), "short words stay");
    }
}
