//! Requests between Xsolla and the listener from top to bottom: what is asked, what counts as
//! success, and what a failure holds back.

use hookproof_contract::spec::{Notification, Spec};

use super::{Anchor, Area, Drawing, Shape, Style, wrapped};
use crate::suite::site::{context::Context, flow::Flow, parts};

const WIDTH: f64 = 380.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 328.0;
const MIDDLE: f64 = 190.0;
const ACTOR_WIDTH: f64 = 100.0;
const ACTOR_HEIGHT: f64 = 30.0;
/// From the border to a note.
const EDGE: f64 = 4.0;
/// From one line of a note to the next.
const LINE: f64 = 15.0;
/// Characters of a line of a note.
const COLUMNS: usize = 52;
const PADDING: f64 = 10.0;
/// From an arrow to what comes below it.
const STEP: f64 = 34.0;

/// Draws a flow whose webhooks come one after another.
pub(in crate::suite::site) fn draw(
    context: &Context<'_>,
    id: &str,
    title: &str,
    flow: &Flow,
) -> Drawing {
    let spec = context.spec;
    let steps: Vec<&Notification> =
        flow.kinds.iter().filter_map(|kind| spec.notifications.get(kind.as_str())).collect();
    let mut drawing = Drawing::new(id, title, described(&steps), WIDTH);
    let mut y = actors(&mut drawing);
    let lifelines = drawing.shapes.len();
    let last = steps.len().saturating_sub(1);
    for (index, step) in steps.iter().enumerate() {
        y = exchange(&mut drawing, context, step, y);
        y = failure(&mut drawing, spec, step, y + 14.0);
        if index < last {
            y = gate(&mut drawing, y + 12.0);
        }
    }
    let end = y + 10.0;
    for x in [LEFT, RIGHT] {
        let line =
            Shape::Line { from: (x, ACTOR_HEIGHT), to: (x, end), class: "d-life", arrow: false };
        // Beneath everything else.
        drawing.shapes.insert(lifelines, line);
    }
    drawing.height = drawing.height.max(end);
    drawing
}

fn actors(drawing: &mut Drawing) -> f64 {
    for (x, name) in [(LEFT, "Xsolla"), (RIGHT, "Your listener")] {
        let area =
            Area { x: x - ACTOR_WIDTH / 2.0, y: 1.0, width: ACTOR_WIDTH, height: ACTOR_HEIGHT };
        drawing.add(Shape::Box { area, class: "d-actor" });
        drawing.text((x, 20.0), name, Style::Plain, Anchor::Middle);
    }
    ACTOR_HEIGHT + 30.0
}

/// The request and its answer.
fn exchange(drawing: &mut Drawing, context: &Context<'_>, step: &Notification, y: f64) -> f64 {
    let text = step.kind.clone();
    let link = Some(context.to(&format!("types/{text}.html")));
    let (style, anchor) = (Style::Name, Anchor::Middle);
    drawing.add(Shape::Text { at: (MIDDLE, y - 7.0), text, style, anchor, link });
    let (from, to) = ((LEFT, y), (RIGHT, y));
    drawing.add(Shape::Line { from, to, class: "d-request", arrow: true });
    let back = y + STEP;
    drawing.text((MIDDLE, back - 7.0), &success(step), Style::Small, Anchor::Middle);
    let (from, to) = ((RIGHT, back), (LEFT, back));
    drawing.add(Shape::Line { from, to, class: "d-answer", arrow: true });
    back
}

fn success(step: &Notification) -> String {
    let statuses: Vec<String> = step.accepted.iter().map(u16::to_string).collect();
    let body = if step.answer_schema().is_some() { " with a body" } else { "" };
    format!("{}{body}", parts::either(&statuses))
}

/// What happens otherwise: a note over the whole width.
fn failure(drawing: &mut Drawing, spec: &Spec, step: &Notification, y: f64) -> f64 {
    let plan = step.plan_id().and_then(|id| spec.plans.get(id));
    let again = plan.map_or("No plan of repeats is published.", |plan| plan.title.as_str());
    let lines: Vec<String> = wrapped(&format!("Otherwise: {}", step.failure), COLUMNS)
        .into_iter()
        .chain(wrapped(&format!("{again}{}", if plan.is_some() { "." } else { "" }), COLUMNS))
        .collect();
    let count = f64::from(u32::try_from(lines.len()).unwrap_or(u32::MAX));
    let height = count * LINE + PADDING * 1.4;
    let area = Area { x: EDGE, y, width: WIDTH - 2.0 * EDGE, height };
    drawing.add(Shape::Box { area, class: "d-note" });
    let mut baseline = y + PADDING + 8.0;
    for line in lines {
        drawing.text((EDGE + PADDING, baseline), &line, Style::Small, Anchor::Start);
        baseline += LINE;
    }
    y + height
}

/// The next one waits.
fn gate(drawing: &mut Drawing, y: f64) -> f64 {
    let area = Area { x: MIDDLE - 84.0, y, width: 168.0, height: 22.0 };
    drawing.add(Shape::Box { area, class: "d-gate" });
    drawing.text((MIDDLE, y + 15.0), "only after success", Style::Small, Anchor::Middle);
    y + 22.0 + 34.0
}

fn described(steps: &[&Notification]) -> String {
    let sentences: Vec<String> = steps
        .iter()
        .map(|step| {
            format!(
                "Xsolla sends {}; the listener answers {}. Otherwise: {}",
                step.kind,
                success(step),
                step.failure
            )
        })
        .collect();
    sentences.join(" Only after that: ")
}

#[cfg(test)]
mod tests {
    use hookproof_contract::{Mode, NotificationType};

    use super::*;

    #[test]
    fn nothing_is_cut_off_and_no_texts_overlap() {
        let context = Context::new(Spec::embedded(), "flows.html");
        for kind in NotificationType::ALL {
            for mode in Mode::ALL {
                let flow = Flow::towards(context.spec, &[kind], Some(mode));
                draw(&context, "sequence", "A flow", &flow).assert_tidy();
            }
        }
    }
}
