//! Listeners that look first and act a little later: others act in between.

use crate::{
    behaviour::{Race, Refusal},
    event::Event,
    right::{Listener, RACE_WINDOW},
};

impl Listener {
    /// Handles an event in two steps. Its key is taken in the first, so that copies are not the fault.
    pub(crate) async fn run_race(&self, race: Race, event: &Event) -> Result<(), Refusal> {
        let seen = {
            let mut game = self.game();
            (self.behaviour.objects)(&game, event)?;
            if (self.behaviour.key)(event).is_some_and(|key| !game.done.insert(key)) {
                return Ok(());
            }
            let seen = game.seen_for(event);
            (race.read)(&mut game, event);
            seen
        };
        tokio::time::sleep(RACE_WINDOW).await;
        (race.write)(&mut self.game(), event, &seen);
        Ok(())
    }
}
