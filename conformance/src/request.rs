//! A request to the target: method, headers in their order and case, body, and how it travels.

/// One request, as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: &'static str,
    /// Headers besides `Host` and the framing, in their order and case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How the body is framed, and cut on its way.
    pub framing: Framing,
}

/// How the bytes of a request travel. None of this changes what the request says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Framing {
    /// Under its `Content-Length`, in one piece.
    #[default]
    Whole,
    /// Under its `Content-Length`, in several pieces with a pause between them: one begins at each of
    /// these places of the body. Place 0 parts the head from the body.
    Cut(Vec<usize>),
    /// With `Transfer-Encoding: chunked`, in chunks of these sizes; the last size counts for the rest.
    Chunked(Vec<usize>),
}

impl Request {
    /// The request as Xsolla sends it: JSON by POST, with the value of `Authorization` if there is one.
    pub fn webhook(body: Vec<u8>, authorization: Option<&str>) -> Self {
        let mut headers = vec![
            ("Accept".to_owned(), "application/json".to_owned()),
            ("Content-Type".to_owned(), "application/json".to_owned()),
        ];
        headers.extend(authorization.map(|value| ("Authorization".to_owned(), value.to_owned())));
        Self { method: "POST", headers, body, framing: Framing::Whole }
    }

    /// A request without headers and body.
    pub fn bare(method: &'static str) -> Self {
        Self { method, headers: Vec::new(), body: Vec::new(), framing: Framing::Whole }
    }

    /// The same request, framed or cut in another way.
    #[must_use]
    pub fn framed(self, framing: Framing) -> Self {
        Self { framing, ..self }
    }

    /// The values of `Authorization`, under any case of the header's name.
    pub(crate) fn authorizations(&self) -> impl Iterator<Item = &String> {
        let headers = self.headers.iter();
        headers
            .filter(|(name, _)| name.eq_ignore_ascii_case("authorization"))
            .map(|(_, value)| value)
    }

    /// Takes the value of `Authorization` out.
    pub fn take_authorization(&mut self) -> String {
        let place = self.headers.iter().position(|(name, _)| name == "Authorization");
        place.map_or_else(String::new, |place| self.headers.remove(place).1)
    }

    /// The same request with another value of one header, which is added if it is not there.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match self.headers.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.headers.push((name.to_owned(), value.to_owned())),
        }
        self
    }
}
