//! The same JSON text in other bytes: what must not change its meaning.

/// Without any blank between its tokens.
pub fn squeezed(text: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(text.len());
    for (byte, in_string) in tokens(text) {
        if in_string || !is_blank(byte) {
            result.push(byte);
        }
    }
    result
}

/// With further blanks wherever they may stand.
pub fn spread(text: &[u8]) -> Vec<u8> {
    let mut result = b" \r\n".to_vec();
    for (byte, in_string) in tokens(text) {
        let sign = !in_string && b"{}[]:,".contains(&byte);
        if sign {
            result.push(b'\t');
        }
        result.push(byte);
        if sign {
            result.extend_from_slice(b" \n");
        }
    }
    result
}

/// With one more member in front, of a name that nobody reads. The text is an object.
pub fn with_news(object: &[u8]) -> Vec<u8> {
    let inside = object.iter().position(|byte| *byte == b'{').map_or(0, |at| at + 1);
    let (head, tail) = object.split_at(inside);
    [head, br#""fuzz_news":{"id":[1e400,"\u0000"]},"#, tail].concat()
}

/// Blanks of JSON.
pub fn is_blank(byte: u8) -> bool {
    b" \t\r\n".contains(&byte)
}

/// Each byte of a JSON text, and whether it belongs to a string.
fn tokens(text: &[u8]) -> impl Iterator<Item = (u8, bool)> {
    let (mut inside, mut escaped) = (false, false);
    text.iter().map(move |byte| {
        let was_inside = inside;
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            _ => {}
        }
        (*byte, was_inside || inside)
    })
}
