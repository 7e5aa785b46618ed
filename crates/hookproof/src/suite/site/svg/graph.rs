//! Boxes in columns with arrows between them: what is sent only after what has succeeded.

use hookproof_contract::{NotificationType, spec::Spec};

use super::{Anchor, Area, Drawing, Shape, Style};
use crate::suite::site::{context::Context, flow::Flow};

const BOX_WIDTH: f64 = 220.0;
const BOX_HEIGHT: f64 = 52.0;
const GAP_X: f64 = 44.0;
const GAP_Y: f64 = 18.0;
/// Space around everything, for the strokes.
const EDGE: f64 = 2.0;
/// From the top of a box to its first line of text.
const BASELINE: f64 = 22.0;
const LINE: f64 = 18.0;
const PADDING: f64 = 12.0;

/// Draws a flow; `own` is the box that stands out.
pub(in crate::suite::site) fn draw(
    context: &Context<'_>,
    id: &str,
    title: &str,
    flow: &Flow,
    own: Option<NotificationType>,
) -> Drawing {
    let columns = columns(flow);
    let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    let width = EDGE * 2.0 + count(columns.len()) * (BOX_WIDTH + GAP_X) - GAP_X;
    let height = count(rows) * (BOX_HEIGHT + GAP_Y) - GAP_Y;
    let mut drawing = Drawing::new(id, title, described(flow), width);
    let mut places = Vec::new();
    for (index, column) in columns.iter().enumerate() {
        let own_height = count(column.len()) * (BOX_HEIGHT + GAP_Y) - GAP_Y;
        for (row, kind) in column.iter().enumerate() {
            let x = EDGE + count(index) * (BOX_WIDTH + GAP_X);
            let y = EDGE + (height - own_height) / 2.0 + count(row) * (BOX_HEIGHT + GAP_Y);
            places.push((*kind, Area { x, y, width: BOX_WIDTH, height: BOX_HEIGHT }));
        }
    }
    let place = |kind| places.iter().find(|(known, _)| *known == kind).map(|(_, area)| *area);
    for (first, after) in flow.direct() {
        if let (Some(first), Some(after)) = (place(first), place(after)) {
            let from = (first.x + first.width, first.y + first.height / 2.0);
            let to = (after.x, after.y + after.height / 2.0);
            drawing.add(Shape::Curve { from, to, class: "d-edge" });
        }
    }
    for (kind, area) in &places {
        let class = if own == Some(*kind) { "d-box d-own" } else { "d-box" };
        drawing.add(Shape::Box { area: *area, class });
        let link = (own != Some(*kind)).then(|| context.to(&format!("types/{kind}.html")));
        let (x, y) = (area.x + PADDING, area.y + BASELINE);
        let (text, style) = (kind.as_str().to_owned(), Style::Name);
        drawing.add(Shape::Text { at: (x, y), text, style, anchor: Anchor::Start, link });
        drawing.text((x, y + LINE), subtitle(context.spec, *kind), Style::Small, Anchor::Start);
    }
    drawing
}

fn subtitle(spec: &Spec, kind: NotificationType) -> &str {
    spec.notifications.get(kind.as_str()).map_or("", |notification| notification.title.as_str())
}

/// A column for each depth. Within one, boxes stand near what leads to them.
fn columns(flow: &Flow) -> Vec<Vec<NotificationType>> {
    let mut columns: Vec<Vec<NotificationType>> = Vec::new();
    for kind in &flow.kinds {
        let depth = flow.depth(*kind);
        columns.resize_with(columns.len().max(depth + 1), Vec::new);
        columns[depth].push(*kind);
    }
    for index in 1..columns.len() {
        let (before, rest) = columns.split_at_mut(index);
        let row = |kind| before.iter().find_map(|column| column.iter().position(|it| *it == kind));
        rest[0].sort_by_key(|kind| {
            let first = flow.direct().into_iter().find(|(_, after)| after == kind);
            (first.and_then(|(first, _)| row(first)), *kind)
        });
    }
    columns
}

/// The arrows in words.
fn described(flow: &Flow) -> String {
    let sentences: Vec<String> = flow
        .direct()
        .into_iter()
        .map(|(first, after)| format!("{after} is sent only after {first} has succeeded."))
        .collect();
    if sentences.is_empty() {
        let names: Vec<&str> = flow.kinds.iter().map(|kind| kind.as_str()).collect();
        return format!("{} waits for nothing.", names.join(", "));
    }
    sentences.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_cut_off_and_no_boxes_overlap() {
        let context = Context::new(Spec::embedded(), "index.html");
        let flows = NotificationType::ALL
            .into_iter()
            .map(|kind| (Flow::around(context.spec, kind), Some(kind)))
            // What stands alone is not drawn.
            .filter(|(flow, _)| !flow.edges.is_empty())
            .chain([(Flow::whole(context.spec), None)]);
        for (flow, own) in flows {
            draw(&context, "graph", "Neighbours", &flow, own).assert_tidy();
        }
    }

    #[test]
    fn arrows_point_to_the_right() {
        let context = Context::new(Spec::embedded(), "index.html");
        let drawing = draw(&context, "graph", "All", &Flow::whole(context.spec), None);
        for shape in &drawing.shapes {
            if let Shape::Curve { from, to, .. } = shape {
                assert!(from.0 < to.0, "{shape:?}");
            }
        }
    }
}
