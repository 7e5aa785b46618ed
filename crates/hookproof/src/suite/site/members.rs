//! The members of a payload as rows of a table, read out of its JSON Schema with every reference
//! followed.

use std::collections::BTreeMap;

use hookproof_contract::schema;
use serde_json::{Map, Value};

/// References and nested members that are followed. Deeper means that a schema holds itself.
const DEPTH_MAX: usize = 24;

/// Example values that are shown of a member.
const EXAMPLES_MAX: usize = 6;

/// One member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// Names from the outside in, with `[]` for the items of an array. Empty: the value itself.
    pub(super) path: Vec<String>,
    /// What it may be, such as `string or null`.
    pub(super) kind: String,
    pub(super) presence: Presence,
    /// Sentences about it.
    pub(super) notes: Vec<String>,
    /// What tells its anchor from those of other bodies on the same page.
    pub(super) scope: Option<String>,
}

/// Whether a member must be there, given that what it stands in is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    Optional,
    Forbidden,
}

impl Member {
    /// The path as people write it: `items[].sku`.
    pub(super) fn name(&self) -> String {
        self.path.join(".").replace(".[]", "[]")
    }

    /// The anchor of its row.
    pub(super) fn anchor(&self) -> String {
        let anchor = anchor(self.path.iter().map(String::as_str));
        self.scope.iter().fold(anchor, |anchor, scope| format!("{scope}.{anchor}"))
    }
}

/// The anchor of the member that a JSON pointer leads to; an index stands for every item.
pub(super) fn anchor_of_pointer(pointer: &str) -> String {
    let is_index = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    anchor(pointer.split('/').skip(1).map(|part| if is_index(part) { "[]" } else { part }))
}

fn anchor<'a>(path: impl Iterator<Item = &'a str>) -> String {
    path.fold("m".to_owned(), |anchor, part| anchor + "." + if part == "[]" { "-" } else { part })
}

/// The value that the schema at a path of `spec/` describes, and its members in their order.
pub(super) fn members(path: &str) -> Vec<Member> {
    let documents: BTreeMap<&str, &Value> = schema::documents().collect();
    let Some(document) = documents.get(path) else { return Vec::new() };
    let mut walk = Walk { documents: &documents, found: Vec::new() };
    walk.member(&walk.resolved(path, document, 0), Vec::new(), Presence::Required, 0);
    walk.found
}

/// A schema with its references put in place: what is said beside a reference adds to it.
#[derive(Default)]
struct Shape<'a> {
    /// The file and the members of each schema that applies, the outermost first.
    layers: Vec<(&'a str, &'a Map<String, Value>)>,
    forbidden: bool,
}

impl<'a> Shape<'a> {
    /// The outermost word on a keyword.
    fn get(&self, keyword: &str) -> Option<&'a Value> {
        self.layers.iter().find_map(|(_, layer)| layer.get(keyword))
    }

    fn text(&self, keyword: &str) -> Option<&'a str> {
        self.get(keyword).and_then(Value::as_str)
    }

    /// All names that any layer requires.
    fn requires(&self, name: &str) -> bool {
        self.layers.iter().any(|(_, layer)| names(layer.get("required")).any(|it| it == name))
    }
}

struct Walk<'a> {
    documents: &'a BTreeMap<&'a str, &'a Value>,
    found: Vec<Member>,
}

impl<'a> Walk<'a> {
    fn resolved(&self, file: &'a str, schema: &'a Value, depth: usize) -> Shape<'a> {
        let mut shape = Shape { forbidden: schema == &Value::Bool(false), ..Shape::default() };
        let Some(layer) = schema.as_object().filter(|_| depth < DEPTH_MAX) else { return shape };
        shape.layers.push((file, layer));
        let referred = layer.get("$ref").and_then(Value::as_str);
        if let Some((file, schema)) = referred.and_then(|to| self.follow(file, to)) {
            shape.layers.extend(self.resolved(file, schema, depth + 1).layers);
        }
        for part in list(layer.get("allOf")) {
            shape.layers.extend(self.resolved(file, part, depth + 1).layers);
        }
        shape
    }

    /// Where a reference leads: `../common/money.schema.json#/$defs/share`.
    fn follow(&self, file: &'a str, reference: &str) -> Option<(&'a str, &'a Value)> {
        let (to, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let mut path: Vec<&str> = file.split('/').collect();
        if !to.is_empty() {
            path.pop();
            for part in to.split('/') {
                match part {
                    ".." => path.truncate(path.len().saturating_sub(1)),
                    part => path.push(part),
                }
            }
        }
        let (file, document) = self.documents.get_key_value(path.join("/").as_str())?;
        Some((file, document.pointer(pointer)?))
    }

    /// The row of a member, and those of what is in it.
    fn member(&mut self, shape: &Shape<'a>, path: Vec<String>, presence: Presence, depth: usize) {
        let presence = if shape.forbidden { Presence::Forbidden } else { presence };
        let (kind, notes) = (kind(shape, &self.alternatives(shape, depth)), notes(shape));
        self.found.push(Member { path: path.clone(), kind, presence, notes, scope: None });
        if depth < DEPTH_MAX {
            self.inside(shape, &path, depth + 1);
        }
    }

    fn inside(&mut self, shape: &Shape<'a>, path: &[String], depth: usize) {
        let mut properties: Vec<(&'a str, Shape<'a>)> = Vec::new();
        for (file, layer) in &shape.layers {
            for (name, schema) in members_of(layer.get("properties")) {
                let resolved = self.resolved(file, schema, depth);
                match properties.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, known)) => known.layers.extend(resolved.layers),
                    None => properties.push((name, resolved)),
                }
            }
        }
        for (name, member) in properties {
            let required = shape.requires(name);
            let presence = if required { Presence::Required } else { Presence::Optional };
            self.member(&member, longer(path, name), presence, depth);
        }
        for (file, layer) in &shape.layers {
            if let Some(items) = layer.get("items") {
                let item = self.resolved(file, items, depth);
                self.item(&item, path, depth);
            }
        }
        for alternative in self.alternatives(shape, depth) {
            // An array of things, or one such thing: the items say it all.
            if alternative.get("items").is_some() {
                self.inside(&alternative, path, depth + 1);
            }
        }
    }

    fn alternatives(&self, shape: &Shape<'a>, depth: usize) -> Vec<Shape<'a>> {
        let layers = shape.layers.iter();
        layers
            .flat_map(|(file, layer)| list(layer.get("anyOf")).map(|it| (*file, it)))
            .map(|(file, alternative)| self.resolved(file, alternative, depth))
            .collect()
    }

    /// The items of an array: rows for their members, or one for the item where it has none.
    fn item(&mut self, item: &Shape<'a>, path: &[String], depth: usize) {
        let path = longer(path, "[]");
        if item.layers.iter().any(|(_, layer)| layer.contains_key("properties")) {
            self.inside(item, &path, depth + 1);
        } else {
            self.member(item, path, Presence::Optional, depth);
        }
    }
}

fn longer(path: &[String], name: &str) -> Vec<String> {
    path.iter().cloned().chain([name.to_owned()]).collect()
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn names(value: Option<&Value>) -> impl Iterator<Item = &str> {
    list(value).filter_map(Value::as_str)
}

fn members_of(value: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten().map(|(name, it)| (name.as_str(), it))
}

fn kind(shape: &Shape<'_>, alternatives: &[Shape<'_>]) -> String {
    if shape.forbidden {
        return "absent".to_owned();
    }
    if let Some(value) = shape.get("const") {
        return value.to_string();
    }
    let mut kinds = kinds(shape);
    if kinds.is_empty() && shape.get("properties").is_some() {
        kinds.push("object");
    }
    // Where one alternative allows anything, so does the whole.
    if kinds.is_empty() && alternatives.iter().all(|it| !self::kinds(it).is_empty()) {
        kinds.extend(alternatives.iter().flat_map(self::kinds));
    }
    if kinds.is_empty() { "anything".to_owned() } else { kinds.join(" or ") }
}

fn kinds<'a>(shape: &Shape<'a>) -> Vec<&'a str> {
    match shape.get("type") {
        Some(Value::String(kind)) => vec![kind.as_str()],
        kinds => names(kinds).collect(),
    }
}

/// What the keywords say, as sentences.
fn notes(shape: &Shape<'_>) -> Vec<String> {
    let mut notes: Vec<String> = shape.text("description").map(str::to_owned).into_iter().collect();
    let one_of: Vec<String> = shape
        .layers
        .iter()
        .flat_map(|(_, layer)| list(layer.get("anyOf")))
        .flat_map(|alternative| names(alternative.get("required")))
        .map(|name| format!("`{name}`"))
        .collect();
    if !one_of.is_empty() {
        notes.push(format!("At least one of {} must be there.", one_of.join(", ")));
    }
    if let Some(values) = shape.get("enum") {
        notes.push(format!("One of {}.", values_of(values)));
    }
    notes.extend(range(shape));
    // Where there is a format, the pattern says the same in a way that nobody reads.
    if let Some(pattern) = shape.text("pattern").filter(|_| shape.get("format").is_none()) {
        notes.push(format!("As text: `{pattern}`."));
    }
    if let Some(examples) = shape.get("examples") {
        notes.push(format!("For example {}.", values_of(examples)));
    }
    notes
}

/// The bounds of a number; those of an id in words, since nobody reads nineteen digits.
fn range(shape: &Shape<'_>) -> Option<String> {
    let (least, most) = (shape.get("minimum"), shape.get("maximum"));
    match (least, most) {
        (Some(_), Some(most)) if most.as_i64() == Some(i64::MAX) => {
            Some("As a number: a positive one of up to 63 bits.".to_owned())
        }
        (Some(least), Some(most)) => Some(format!("From {least} to {most}.")),
        (Some(least), None) => Some(format!("At least {least}.")),
        (None, Some(most)) => Some(format!("At most {most}.")),
        (None, None) => shape.get("minLength").map(|_| "Not empty.".to_owned()),
    }
}

fn values_of(values: &Value) -> String {
    let shown: Vec<String> =
        list(Some(values)).take(EXAMPLES_MAX).map(|value| format!("`{value}`")).collect();
    let more = list(Some(values)).count() > shown.len();
    shown.join(", ") + if more { ", …" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, name: &str, kind: &str, presence: Presence, note: &str) {
        let members = members(path);
        let member = members.iter().find(|member| member.name() == name).expect("it is a member");
        assert_eq!((member.kind.as_str(), member.presence), (kind, presence));
        assert!(member.notes.iter().any(|it| it.contains(note)), "{:?}", member.notes);
    }

    #[test]
    fn references_are_followed() {
        let order = "notifications/order_paid/payload.schema.json";
        check(order, "items[].sku", "string", Presence::Required, "For a game key");
        check(order, "order.invoice_id", "string or integer or null", Presence::Required, "free");
        check(order, "billing", "object", Presence::Optional, "Combined mode only.");
        check(
            order,
            "billing.payment_details.payment.currency",
            "string",
            Presence::Required,
            "ISO 4217",
        );
        let separate = "notifications/order_paid/payload.separate.schema.json";
        let members = members(separate);
        let billing = members.iter().find(|member| member.name() == "billing").expect("a row");
        assert_eq!(billing.presence, Presence::Forbidden);
    }

    #[test]
    fn alternatives_and_arrays_have_rows() {
        let payment = "notifications/payment/payload.schema.json";
        check(payment, "purchase.pin_codes", "array or object", Presence::Optional, "Game keys");
        check(
            payment,
            "custom_parameters.payment_type",
            "anything",
            Presence::Optional,
            "recurring",
        );
        check(payment, "purchase.pin_codes[].drm", "string", Presence::Optional, "open set");
        check("answers/catalog.schema.json", "[].sku", "string", Presence::Optional, "sword_01");
        let catalog = "notifications/partner_side_catalog/payload.schema.json";
        check(catalog, "user", "object", Presence::Required, "At least one of `user_id`, `id`");
    }

    #[test]
    fn a_pointer_leads_to_the_row_of_its_member() {
        let members = members("notifications/order_paid/payload.schema.json");
        let anchor = anchor_of_pointer("/items/0/sku");
        assert_eq!(anchor, "m.items.-.sku");
        assert!(members.iter().any(|member| member.anchor() == anchor));
    }
}
