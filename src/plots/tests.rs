//! What holds for every plot, of whatever data.

use test_support::page::Page;

use super::*;
use crate::domain::PerMetric;

/// Entries of falling quality over as many cases, every second one diseased.
fn comparison(entries: usize, cases: usize) -> Comparison {
    let entry = |at: usize| {
        let of_case = |case: usize| PerMetric {
            dice: 0.9 - 0.01 * at as f64 - 0.002 * case as f64,
            hd95: 3.0 + at as f64 + 0.1 * case as f64,
        };
        let five = |low: f64, step: f64| Five {
            min: low,
            q25: low + step,
            median: low + 2.0 * step,
            q75: low + 3.0 * step,
            max: low + 4.0 * step,
            mean: low + 2.2 * step,
        };
        Entry {
            name: format!("Team {at}"),
            label: (at + 1).to_string(),
            values: PerMetric {
                dice: five(0.8 - 0.01 * at as f64, 0.02),
                hd95: five(2.0 + at as f64, 1.0),
            },
            spread: Spread {
                means: PerMetric { dice: Some([0.79, 0.86]), hd95: Some([3.0, 6.0]) },
                position: [1.0, entries as f64],
                median_position: at as f64 + 1.0,
                positions: vec![(1, 0.25), (at + 1, 0.75)],
            },
            cases: (0..cases).map(of_case).collect(),
        }
    };
    let map: Vec<Vec<bool>> =
        (0..entries).map(|row| (0..entries).map(|column| row < column).collect()).collect();
    Comparison {
        about: "a phase, all cases".to_owned(),
        entries: (0..entries).map(entry).collect(),
        cases: (0..cases).map(|at| Case { id: at.to_string(), diseased: at % 2 == 1 }).collect(),
        better: PerMetric { dice: map.clone(), hd95: map },
        draws: 1000,
        reference: Some(annotators()),
    }
}

fn annotators() -> Reference {
    let level = |mean| Some(Level { mean, std: None });
    Reference {
        name: "annotators".to_owned(),
        levels: PerMetric { dice: level(0.856), hd95: level(5.92) },
    }
}

fn history(of: &[(f64, f64, f64)]) -> Progress {
    let sent = |&(at, dice, hd95): &(f64, f64, f64)| {
        let name = format!("Team {}", at as usize % 3);
        Sent {
            own: name == "Team 1",
            name,
            at: 1.78e9 + 86_400.0 * at,
            means: PerMetric { dice, hd95 },
        }
    };
    Progress {
        about: "a phase".to_owned(),
        sent: of.iter().map(sent).collect(),
        left_out: 0,
        reference: Some(annotators()),
    }
}

fn all(of: &Comparison, over_time: &Progress) -> [Plot; 7] {
    [
        values(of),
        podium(of),
        ranks(of),
        significance(of),
        metrics(of),
        progress(over_time),
        progress_of(over_time, "Team 1"),
    ]
}

/// Whether every element that begins ends, in the right order, and the places in it are numbers.
fn assert_well_formed(svg: &str) {
    let mut open = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("an end of a tag");
        let name = tag.trim_start_matches('/').split([' ', '/']).next();
        match tag {
            _ if tag.starts_with('?') || tag.ends_with('/') => {}
            _ if tag.starts_with('/') => assert_eq!(open.pop(), name, "{tag}"),
            _ => open.push(name.expect("a name")),
        }
    }
    assert!(open.is_empty(), "{open:?} does not end");
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
}

/// How many shapes a part draws, over all parts of this name.
fn marks(plot: &Plot, part: &str) -> usize {
    Page::of(&plot.inline()).texts(&format!("g.{part} path")).len()
}

#[test]
fn every_plot_is_drawn_as_it_was() {
    let over_time = history(&[(0.0, 0.8, 6.0), (1.0, 0.82, 5.0), (40.0, 0.7, 9.0)]);
    for plot in all(&comparison(3, 4), &over_time) {
        insta::assert_snapshot!(plot.name, plot.file());
    }
}

#[test]
fn a_submission_stands_among_all_entries_only_where_these_may_be_seen() {
    let five = Five { min: 0.5, q25: 0.6, median: 0.7, q75: 0.8, max: 0.9, mean: 0.7 };
    let cases = |entries: Option<Five>| -> Vec<Among> {
        let of = |at: usize| Among {
            case: Case { id: format!("<{at}>"), diseased: at % 2 == 1 },
            own: 0.75 + 0.01 * at as f64,
            entries,
        };
        (0..20).map(of).collect()
    };
    for (entries, boxes, columns) in [(Some(five), 20, 7), (None, 0, 2)] {
        let plot = among("a phase", &cases(entries));
        let page = Page::of(&plot.inline());
        assert_well_formed(&plot.file());
        assert_eq!((marks(&plot, "own"), page.texts("g.box rect").len()), (20, boxes));
        assert_eq!(plot.numbers[0].rows.len(), 20);
        assert!(plot.numbers[0].rows.iter().all(|row| row.len() == columns));
        assert_eq!(plot.numbers[0].head.len(), columns);
    }
    // What is no number is left out, and the rest stays.
    let mut odd = cases(Some(five));
    odd[3].own = f64::NAN;
    odd[4].entries = Some(Five { max: f64::INFINITY, ..five });
    let plot = among("a phase", &odd);
    assert_well_formed(&plot.inline());
    assert_eq!(marks(&plot, "own"), 19);
    assert_well_formed(&among("a phase", &[]).inline());
}

#[test]
fn entries_beside_each_other_have_a_mark_in_each_case() {
    let entry = |name: &str, dice: f64, cases: usize| {
        let values =
            |at: usize| PerMetric { dice: dice + 0.001 * at as f64, hd95: 2.0 + at as f64 };
        (name.to_owned(), (0..cases).map(values).collect::<Vec<_>>())
    };
    let of = |entries: usize, cases: usize| Beside {
        about: "a phase".into(),
        entries: (0..entries).map(|at| entry("<b>&", 0.5 + 0.05 * at as f64, cases)).collect(),
        cases: (0..cases).map(|at| Case { id: at.to_string(), diseased: at % 2 == 1 }).collect(),
    };
    for (entries, cases, drawn) in [(2, 20, 20), (6, 3, 3), (2, 100, 60)] {
        let plot = beside(&of(entries, cases));
        assert_well_formed(&plot.file());
        assert_eq!(marks(&plot, "cases"), 2 * entries * drawn);
        assert_eq!(plot.cut.is_some(), cases > drawn);
        assert_eq!(plot.numbers[1].rows.len(), cases);
    }
    // Nothing of a case that has no number.
    let mut odd = of(2, 4);
    odd.entries[0].1[1].hd95 = f64::NAN;
    odd.entries[1].1.pop();
    let plot = beside(&odd);
    assert_well_formed(&plot.inline());
    assert_eq!(marks(&plot, "cases"), 2 * 8 - 1 - 2);
    assert_well_formed(&beside(&of(0, 0)).inline());
}

#[test]
fn every_plot_is_well_formed_and_says_what_it_is() {
    let over_time = history(&[(0.0, 0.8, 6.0), (1.0, 0.82, 5.0), (40.0, 0.7, 9.0)]);
    for plot in all(&comparison(5, 10), &over_time) {
        let (inline, file) = (plot.inline(), plot.file());
        for svg in [&inline, &file] {
            assert_well_formed(svg);
            assert!(svg.contains(&format!("<title id=\"{}-title\">{}", plot.name, plot.title)));
            assert!(svg.contains("role=\"img\"") && svg.contains("<desc "));
            assert!(!svg.contains("style="), "the pages' policy forbids it");
        }
        assert!(file.starts_with("<?xml") && file.contains("xmlns") && !inline.contains("xmlns"));
        let table = plot.numbers.first();
        assert_eq!(table.is_none(), plot.name == "significance");
        for table in &plot.numbers {
            assert!(table.rows.iter().all(|row| row.len() == table.head.len()), "{table:?}");
        }
    }
}

#[test]
fn data_at_the_edge_still_make_a_plot() {
    let mut equal = comparison(3, 4);
    let first = equal.entries[0].clone();
    equal.entries.iter_mut().for_each(|entry| *entry = first.clone());
    let mut perfect = comparison(1, 1);
    perfect.entries[0].values = PerMetric {
        dice: Five { min: 1.0, q25: 1.0, median: 1.0, q75: 1.0, max: 1.0, mean: 1.0 },
        hd95: Five::default(),
    };
    let mut huge = comparison(4, 6);
    huge.entries[2].values.hd95.max = 1e6;
    huge.entries[2].cases[3].hd95 = 1e6;
    let mut nan = comparison(2, 2);
    nan.entries[1].values.dice.mean = f64::NAN;
    nan.entries[1].cases[0].hd95 = f64::NAN;
    nan.entries[0].spread.means = PerMetric { dice: Some([f64::NAN; 2]), hd95: None };
    nan.entries[0].spread.position = [f64::NAN; 2];
    for of in [Comparison::default(), comparison(1, 0), comparison(1, 1), equal, perfect, huge, nan]
    {
        for over_time in [history(&[]), history(&[(1.0, 0.8, 5.0)]), history(&[(1.0, 0.8, 0.0); 3])]
        {
            all(&of, &over_time).iter().for_each(|plot| assert_well_formed(&plot.file()));
        }
    }
}

#[test]
fn where_single_cases_may_not_be_seen_none_is_drawn() {
    let seen = values(&comparison(3, 8));
    assert_eq!(marks(&seen, "cases"), 2 * 3 * 8);
    assert_eq!(seen.numbers.len(), 3);
    let mut of = comparison(3, 8);
    of.cases.clear();
    of.entries.iter_mut().for_each(|entry| entry.cases.clear());
    let unseen = values(&of);
    assert_eq!((marks(&unseen, "cases"), unseen.numbers.len()), (0, 2));
    assert_eq!(marks(&unseen, "median"), 2 * 3);
    assert!(podium(&of).file().contains("Single cases are not shown"));
}

#[test]
fn normal_and_diseased_cases_differ_in_shape() {
    let svg = values(&comparison(1, 2)).file();
    let dots = svg.split("<g class=\"cases ").nth(1).unwrap();
    let paths: Vec<&str> = dots.split("<path d=\"").skip(1).take(2).collect();
    assert!(paths[0].contains('a') && !paths[1].split('"').next().unwrap().contains('a'));
}

#[test]
fn a_podium_has_every_case_once_for_every_entry_and_connects_it() {
    let plot = podium(&comparison(3, 8));
    assert_eq!(marks(&plot, "cases"), 2 * 3 * 8);
    assert_eq!(marks(&plot, "connections"), 2 * 8);
    assert_eq!(plot.numbers[0].rows[1], ["Team 1", "0", "8", "0"]);
}

#[test]
fn equal_entries_share_their_place_on_the_podium() {
    let mut of = comparison(3, 4);
    of.entries[1].cases = of.entries[0].cases.clone();
    let table = &podium(&of).numbers[0];
    let places: Vec<&[String]> = table.rows.iter().map(|row| &row[1..]).collect();
    assert_eq!(places, [["4", "0", "0"], ["4", "0", "0"], ["0", "0", "4"]]);
}

#[test]
fn blobs_grow_by_area() {
    let svg = ranks(&comparison(2, 0)).file();
    let radius = |said: &str| {
        let of = svg.split(said).nth(1).unwrap().split("<path d=\"").nth(1).unwrap();
        of.split('a').nth(1).unwrap().split(' ').next().unwrap().parse::<f64>().unwrap()
    };
    let (quarter, rest) = (radius("Team 1: position 1 in 25.0 %"), radius("position 2 in 75.0 %"));
    assert!((rest / quarter - 3f64.sqrt()).abs() < 0.02, "{quarter} {rest}");
}

#[test]
fn significance_is_told_by_a_plus_and_hatching() {
    let plot = significance(&comparison(4, 0));
    // Two lines to a plus; one path to a hatching. Six of twelve pairs, in two maps.
    assert_eq!((marks(&plot, "plus"), marks(&plot, "worse")), (2 * 2 * 6, 2 * 6));
}

#[test]
fn of_many_entries_the_first_are_drawn_and_that_is_said() {
    let plots = all(&comparison(40, 3), &history(&[]));
    for plot in plots.iter().take(5) {
        let most = if plot.name == "podium" { MAX_ON_PODIUM } else { MAX_DRAWN };
        let said = format!("The first {most} of 40 entries are drawn.");
        assert!(plot.description.contains(&said), "{}: {}", plot.name, plot.description);
        assert!(plot.cut.as_ref().is_some_and(|cut| cut.starts_with(&said)), "{}", plot.name);
        assert!(!plot.file().contains("Team 35"), "{}", plot.name);
    }
}

#[test]
fn names_are_escaped_and_long_ones_are_cut_with_the_whole_in_a_title() {
    let mut of = comparison(2, 3);
    of.entries[0].name = "<script>&\"".to_owned();
    let long = "A team with a name that goes on and on for ever";
    of.entries[1].name = long.to_owned();
    let mut over_time = history(&[(0.0, 0.8, 6.0)]);
    over_time.sent[0].name = of.entries[0].name.clone();
    for plot in all(&of, &over_time).iter().take(6) {
        let svg = plot.file();
        assert_well_formed(&svg);
        assert!(svg.contains("&lt;script&gt;&amp;&quot;"), "{}", plot.name);
    }
    for plot in [values(&of), ranks(&of), significance(&of), metrics(&of)] {
        let svg = plot.file();
        assert!(svg.contains(&format!("<title>{long}</title>")) || plot.name == "significance");
        assert!(svg.contains('…') && !svg.contains(&format!(">{long}</text>")), "{}", plot.name);
    }
}

#[test]
fn the_frontier_is_named_and_one_teams_plot_has_everybodys_behind() {
    let over_time =
        history(&[(0.0, 0.70, 9.0), (1.0, 0.75, 8.0), (2.0, 0.72, 7.0), (4.0, 0.80, 8.5)]);
    let plot = progress(&over_time);
    assert_eq!(marks(&plot, "submissions"), 2 * 4);
    assert_eq!(marks(&plot, "best"), 3 + 3);
    assert_eq!(plot.file().matches("class=\"everybody ").count(), 0);
    let own = progress_of(&over_time, "Team 1");
    assert_eq!((marks(&own, "submissions"), marks(&own, "everybody")), (2 * 2, 2));
}

#[test]
fn what_people_reach_is_a_line_in_the_plots_over_time_if_it_is_known() {
    let mut over_time = history(&[(0.0, 0.70, 9.0), (1.0, 0.75, 8.0)]);
    for plot in [progress(&over_time), progress_of(&over_time, "Team 1")] {
        assert_eq!(marks(&plot, "reference"), 2, "{}", plot.name);
        assert_eq!(plot.file().matches(">annotators</text>").count(), 2 + 1, "{}", plot.name);
        assert!(plot.description.ends_with("A dashed straight line is the mean of annotators."));
    }
    over_time.reference = None;
    for plot in [progress(&over_time), progress_of(&over_time, "Team 1")] {
        assert_eq!((marks(&plot, "reference"), plot.description.contains("straight")), (0, false));
    }
}

#[test]
fn words_below_an_axis_stay_in_the_picture() {
    let mut seen = 0;
    // Of some lengths a moment stands at the very end of the axis.
    for seconds in 10..400 {
        let last = f64::from(seconds) / 86_400.0;
        let svg = progress(&history(&[(0.0, 0.70, 9.0), (last, 0.75, 8.0)])).file();
        for text in svg.split("<text x=\"").skip(1) {
            let (x, rest) = text.split_once('"').unwrap();
            let (attributes, rest) = rest.split_once('>').unwrap();
            let (words, _) = rest.split_once('<').unwrap();
            if attributes.contains("middle") {
                let (x, half) = (x.parse::<f64>().unwrap(), labels::width(words, 13.0) / 2.0);
                assert!(half <= x && x <= plot::WIDTH - half, "{words} at {x}, after {seconds} s");
                seen += 1;
            }
        }
    }
    assert!(seen > 1000, "{seen}");
}
