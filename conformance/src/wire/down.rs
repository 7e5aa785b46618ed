//! What the wire has to know where the target's process comes and goes.

use std::time::Duration;

use super::{Connection, Held, Wire};

/// How long a connection that only asks whether somebody listens may take.
const KNOCK_MAX: Duration = Duration::from_millis(250);

impl Wire {
    /// Whether any of the endpoints accepts connections.
    pub async fn is_listening(&self) -> bool {
        for endpoint in &self.endpoints {
            if let Ok(connection) = self.connect(endpoint, KNOCK_MAX).await {
                connection.reset_on_close();
                return true;
            }
        }
        false
    }

    /// How many endpoints there are.
    pub fn targets(&self) -> usize {
        self.endpoints.len()
    }

    /// Closes the idle connections. A closed connection that waits out its time on the target's side
    /// would keep the port from a listener that does not take it over, so they are reset.
    pub fn forget_connections(&self) {
        for endpoint in &self.endpoints {
            for connection in endpoint.idle.borrow_mut().drain(..) {
                connection.reset_on_close();
            }
        }
    }
}

impl Held<'_> {
    /// Gives the request up: its last byte never comes.
    pub fn abandon(self) {
        self.connection.reset_on_close();
    }
}

impl Connection {
    /// Lets the connection vanish from both sides as soon as it is closed.
    pub(super) fn reset_on_close(&self) {
        // Where it cannot be set, the port may be free a minute later.
        let _ = self.stream.socket().set_zero_linger();
    }
}
