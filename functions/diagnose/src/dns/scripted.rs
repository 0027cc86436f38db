//! A resolver that answers from a written zone.

use std::{future::ready, net::IpAddr, sync::Arc};

use mailkey::dns::{Answer, Mx, Zone};

use super::{Pending, Resolve};

/// Answers from a zone. A name that the zone doesn't know goes to the [fallback](Self::with_fallback), or is
/// [`Answer::Unknown`].
#[derive(Debug, Clone)]
pub struct ScriptedResolver {
    zone: Zone,
    fallback: Option<Arc<dyn Resolve>>,
}

impl ScriptedResolver {
    /// Answers from `zone` alone.
    pub fn new(zone: Zone) -> Self {
        Self { zone, fallback: None }
    }

    /// Asks another resolver about names that the zone doesn't know.
    #[must_use]
    pub fn with_fallback(mut self, fallback: Arc<dyn Resolve>) -> Self {
        self.fallback = Some(fallback);
        self
    }

    fn answer<'a, T: Send + 'a>(
        &'a self,
        name: &'a str,
        written: fn(&Zone, &str) -> Answer<T>,
        ask: fn(&'a dyn Resolve, &'a str) -> Pending<'a, T>,
    ) -> Pending<'a, T> {
        match &self.fallback {
            Some(fallback) if !self.zone.knows(name) => ask(fallback.as_ref(), name),
            _ => Box::pin(ready(written(&self.zone, name))),
        }
    }
}

impl Resolve for ScriptedResolver {
    fn mx<'a>(&'a self, name: &'a str) -> Pending<'a, Mx> {
        self.answer(name, Zone::mx, |fallback, name| fallback.mx(name))
    }

    fn txt<'a>(&'a self, name: &'a str) -> Pending<'a, String> {
        self.answer(name, Zone::txt, |fallback, name| fallback.txt(name))
    }

    fn cname<'a>(&'a self, name: &'a str) -> Pending<'a, String> {
        self.answer(name, Zone::cname, |fallback, name| fallback.cname(name))
    }

    fn addresses<'a>(&'a self, name: &'a str) -> Pending<'a, IpAddr> {
        self.answer(name, Zone::addresses, |fallback, name| fallback.addresses(name))
    }
}

#[cfg(test)]
mod tests {
    use mailkey::dns::ZoneName;

    use super::*;

    #[tokio::test]
    async fn only_a_name_that_the_zone_does_not_know_goes_to_the_fallback() {
        let behind = Zone::new().with_txt("both.test", &["behind"]).with_txt("other.test", &["behind"]);
        let zone = Zone::new().with_txt("both.test", &["in front"]).with("slow.test", ZoneName::Silent);
        let resolver = ScriptedResolver::new(zone).with_fallback(Arc::new(ScriptedResolver::new(behind)));
        assert_eq!(resolver.txt("both.test").await, Answer::Found(vec!["in front".to_owned()]));
        assert_eq!(resolver.txt("other.test").await, Answer::Found(vec!["behind".to_owned()]));
        assert_eq!(resolver.txt("slow.test").await, Answer::Unknown);
        assert_eq!(resolver.txt("none.test").await, Answer::Unknown);
    }
}
