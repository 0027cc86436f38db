//! Log lines for CloudWatch: one JSON object each, with the request id and the metrics in embedded metric format.

use std::fmt;

use serde_json::{Map, Value, json};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    filter::Targets,
    fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields, format::Writer},
    layer::SubscriberExt,
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use mailkey::{
    Clock, SystemClock,
    metrics::{Metric, metric},
};

use crate::env::optional;

/// The namespace of our metrics.
const NAMESPACE: &str = "Mailkey";

/// Logs JSON lines to standard output, which Lambda sends to CloudWatch. `MAILKEY_LOG` sets the levels, such as
/// `info,mailkey=debug`. An invalid value is ignored: a log level must not keep a function from starting.
pub(crate) fn log_as_json() {
    let wanted = optional("MAILKEY_LOG").and_then(|wanted| wanted.parse().ok());
    let prefix = optional("MAILKEY_TABLE_PREFIX").unwrap_or_default();
    let lines = JsonLines { stack: prefix.trim_end_matches('-').to_owned() };
    let fields = tracing_subscriber::fmt::format::JsonFields::new();
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).fmt_fields(fields).event_format(lines);
    // `Targets` instead of `EnvFilter`, which would link a regular expression engine and slow down cold starts.
    tracing_subscriber::registry()
        .with(wanted.unwrap_or_else(|| Targets::new().with_default(tracing::Level::INFO)))
        .with(layer)
        .init();
}

struct JsonLines {
    /// The stack's name: the dimension of every metric.
    stack: String,
}

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let now = SystemClock.now();
        let metadata = event.metadata();
        let mut line = Map::new();
        line.insert("timestamp".to_owned(), now.to_string().into());
        line.insert("level".to_owned(), metadata.level().as_str().into());
        line.insert("target".to_owned(), metadata.target().into());
        // Our request id, from the span of the edge, and Lambda's id of the invocation.
        for (name, field) in [("request_id", "request_id"), ("lambda_request_id", "requestId")] {
            if let Some(id) = of_a_span(context, field) {
                line.insert(name.to_owned(), id);
            }
        }
        event.record(&mut Fields(&mut line));
        mark_metrics(&mut line, &self.stack, now.as_millisecond());
        writeln!(writer, "{}", Value::Object(line))
    }
}

/// The value of a field, from the innermost span that has it.
fn of_a_span<S, N>(context: &FmtContext<'_, S, N>, field: &str) -> Option<Value>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    context.event_scope()?.find_map(|span| {
        let extensions = span.extensions();
        let fields = extensions.get::<FormattedFields<N>>()?;
        serde_json::from_str::<Value>(&fields.fields).ok()?.get(field).cloned()
    })
}

/// Adds the embedded metric format to a line that contains metrics.
fn mark_metrics(line: &mut Map<String, Value>, stack: &str, at_ms: i64) {
    let counted = line.get("metric").and_then(Value::as_str).and_then(metric);
    if let Some(counted) = counted {
        line.entry(counted.name).or_insert(1.into());
    }
    let found: Vec<&Metric> = line.keys().filter_map(|field| metric(field)).collect();
    if found.is_empty() {
        return;
    }
    let directives: Vec<_> = found.into_iter().map(|metric| directive(metric, line)).collect();
    line.insert("Stack".to_owned(), stack.into());
    line.insert("_aws".to_owned(), json!({ "Timestamp": at_ms, "CloudWatchMetrics": directives }));
}

/// One metric of a line. Its dimensions are fields with capitalized names, like CloudWatch's own.
fn directive(metric: &Metric, line: &mut Map<String, Value>) -> Value {
    let mut dimensions = vec!["Stack".to_owned()];
    for field in metric.by {
        let mut name = (*field).to_owned();
        name[..1].make_ascii_uppercase();
        let value = line.get(*field).and_then(Value::as_str).unwrap_or("unknown").to_owned();
        line.insert(name.clone(), value.into());
        dimensions.push(name);
    }
    json!({
        "Namespace": NAMESPACE,
        "Dimensions": [dimensions],
        "Metrics": [{ "Name": metric.name, "Unit": metric.unit }],
    })
}

struct Fields<'a>(&'a mut Map<String, Value>);

impl Fields<'_> {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(line: Value) -> Value {
        let Value::Object(mut line) = line else { panic!("no object") };
        mark_metrics(&mut line, "mailkey-dev", 1_800_000_000_000);
        Value::Object(line)
    }

    #[test]
    fn a_line_that_counts_carries_its_metric_as_cloudwatch_wants_it() {
        let line = marked(
            json!({ "message": "sent", "metric": "Emails", "kind": "activation", "outcome": "sent", "TimeToAccept": 120 }),
        );
        insta::assert_snapshot!(serde_json::to_string_pretty(&line).unwrap());
    }

    #[test]
    fn a_line_that_counts_nothing_is_left_alone() {
        let line = json!({ "message": "signed in", "metric": "NoSuchMetric" });
        assert_eq!(marked(line.clone()), line);
    }
}
