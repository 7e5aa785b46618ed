//! The attempts of a retry plan along the time since the first.
//!
//! Time runs on the scale of its square root: minutes at the beginning and days at the end can both
//! be seen.

use hookproof_contract::{derive, spec::Plan};

use super::{Anchor, Drawing, Shape, Style};
use crate::suite::site::parts::duration;

const WIDTH: f64 = 720.0;
const LEFT: f64 = 16.0;
const RIGHT: f64 = 700.0;
const AXIS: f64 = 44.0;
const DOT: f64 = 5.0;
/// The longest window of the plans that are drawn on one scale, in seconds.
const SCALE_S: u64 = 48 * 3600;
/// Where the axis is labelled, in seconds.
const MARKS_S: &[u64] =
    &[0, 300, 900, 1800, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 12 * 3600, 24 * 3600, 48 * 3600];

/// The attempts of a plan over its own window.
pub(in crate::suite::site) fn draw(plan: &Plan) -> Drawing {
    let id = format!("timeline-{}", plan.id);
    let mut drawing = Drawing::new(&id, &plan.title, described(plan), WIDTH);
    let scale = plan.window_s.max(1);
    axis(&mut drawing, scale, AXIS, AXIS + 14.0);
    attempts(&mut drawing, plan, scale, AXIS, true);
    drawing
}

/// Several plans on one scale, one beneath the other.
pub(in crate::suite::site) fn compare(plans: &[&Plan]) -> Drawing {
    let titles: Vec<String> = plans.iter().map(|plan| described(plan)).collect();
    let mut drawing =
        Drawing::new("timeline-all", "All plans on one scale", titles.join(" "), WIDTH);
    let mut y = 34.0;
    for plan in plans {
        drawing.text((LEFT, y - 14.0), &plan.title, Style::Plain, Anchor::Start);
        let (from, to) = ((LEFT, y), (RIGHT, y));
        drawing.add(Shape::Line { from, to, class: "d-rail", arrow: false });
        attempts(&mut drawing, plan, SCALE_S, y, false);
        y += 50.0;
    }
    axis(&mut drawing, SCALE_S, y - 20.0, y - 10.0);
    drawing
}

fn place(seconds: u64, scale: u64) -> f64 {
    let share = |seconds: u64| f64::from(u32::try_from(seconds).unwrap_or(u32::MAX)).sqrt();
    LEFT + (RIGHT - LEFT) * share(seconds) / share(scale)
}

fn axis(drawing: &mut Drawing, scale: u64, y: f64, labels: f64) {
    let line = Shape::Line { from: (LEFT, y), to: (RIGHT, y), class: "d-axis", arrow: false };
    drawing.add(line);
    let mut free = 0.0;
    for mark in MARKS_S.iter().filter(|mark| **mark <= scale) {
        let (x, text) = (place(*mark, scale), duration(*mark));
        let half = Style::Small.width(&text) / 2.0;
        let centre = x.clamp(half, WIDTH - half);
        if centre - half < free {
            continue;
        }
        free = centre + half + 8.0;
        drawing.add(Shape::Line { from: (x, y), to: (x, y + 5.0), class: "d-axis", arrow: false });
        drawing.text((centre, labels + 10.0), &text, Style::Small, Anchor::Middle);
    }
}

fn attempts(drawing: &mut Drawing, plan: &Plan, scale: u64, y: f64, numbered: bool) {
    let mut free = 0.0;
    for (index, offset) in derive::offsets(plan).enumerate() {
        let x = place(offset.as_secs(), scale);
        let class = if index == 0 { "d-first" } else { "d-again" };
        drawing.add(Shape::Dot { at: (x, y), radius: DOT, class });
        let number = (index + 1).to_string();
        let half = Style::Small.width(&number) / 2.0;
        if numbered && x - half >= free {
            drawing.text((x, y - 12.0), &number, Style::Small, Anchor::Middle);
            free = x + half + 2.0;
        }
    }
}

fn described(plan: &Plan) -> String {
    let offsets: Vec<String> =
        derive::offsets(plan).map(|offset| duration(offset.as_secs())).collect();
    format!("{}. Attempts after: {}.", plan.title, offsets.join(", "))
}

#[cfg(test)]
mod tests {
    use hookproof_contract::spec::Spec;

    use super::*;

    #[test]
    fn nothing_is_cut_off_and_no_texts_overlap() {
        let plans: Vec<&Plan> = Spec::embedded().plans.values().collect();
        for plan in &plans {
            draw(plan).assert_tidy();
        }
        compare(&plans).assert_tidy();
    }

    #[test]
    fn every_attempt_has_its_dot() {
        for plan in Spec::embedded().plans.values() {
            let dots = |shape: &&Shape| matches!(shape, Shape::Dot { .. });
            let drawing = draw(plan);
            assert_eq!(drawing.shapes.iter().filter(dots).count(), plan.offsets_s.len());
        }
    }
}
