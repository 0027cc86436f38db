//! The command that carries out a suggested fix. People paste it into a shell, and strangers choose the addresses, so
//! every word that a shell could interpret is quoted.

use serde_json::Value;

use crate::{json::text_at, output::clean};

/// The command line for a request. `None` if no command sends it, or if it contains control characters.
pub(super) fn command(action: &Value, user: Option<&Value>) -> Option<String> {
    let path = text_at(action, "/path");
    let segments = path.strip_prefix('/')?.split('/').map(decoded).collect::<Option<Vec<_>>>()?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let ["api", "admin", rest @ ..] = segments.as_slice() else { return None };
    let line = match (text_at(action, "/method").as_str(), rest) {
        ("GET", ["sender"]) => line(&["sender"], "", &[]),
        ("GET", ["email-log", id]) => line(&["email-log", "show"], id, &[]),
        ("POST", ["email-log", id, "resend"]) => line(&["email-log", "resend"], id, &[]),
        ("GET", ["users", id]) => line(&["users", "show"], &name(id, user), &[]),
        // The reader fills in the address.
        ("PATCH", ["users", id]) if text_at(action, "/input") == "email" => {
            line(&["users", "edit"], &name(id, user), &[("email", "NEW-ADDRESS")])
        }
        ("PATCH", ["users", id]) => edit(&name(id, user), action.get("body")?)?,
        ("POST", ["users", id, "reset-password"]) => line(&["reset"], &name(id, user), &[]),
        ("POST", ["users", id, "resend-activation"]) => line(&["resend-activation"], &name(id, user), &[]),
        ("POST", ["users", id, "unlock"]) => line(&["unlock"], &name(id, user), &[]),
        ("GET", ["suppressions", address]) => line(&["suppressions", "show"], address, &[]),
        ("PUT", ["suppressions", address]) => {
            line(&["suppressions", "add"], address, &[("reason", action.pointer("/body/reason")?.as_str()?)])
        }
        ("DELETE", ["suppressions", address]) => line(&["suppressions", "remove"], address, &[]),
        ("POST", ["suppressions", address, "remove-and-resend"]) => {
            line(&["suppressions", "remove", "--resend"], address, &[])
        }
        _ => return None,
    };
    (clean(&line) == line).then_some(line)
}

/// The command that diagnoses an address.
pub(super) fn diagnose(address: &str) -> String {
    clean(&line(&["diagnose"], address, &[]))
}

/// The address for the diagnosed user, the id for others.
fn name(id: &str, user: Option<&Value>) -> String {
    let user = user.filter(|user| text_at(user, "/id") == id);
    user.map(|user| text_at(user, "/email")).filter(|email| email.contains('@')).unwrap_or_else(|| id.to_owned())
}

fn edit(user: &str, body: &Value) -> Option<String> {
    let changes = body.as_object()?.iter().map(|(name, value)| Some((name.as_str(), value.as_str()?)));
    let mut changes = changes.collect::<Option<Vec<_>>>()?;
    match changes.as_slice() {
        [] => return None,
        [("status", "active")] => return Some(line(&["users", "activate"], user, &[])),
        [("status", "inactive")] => return Some(line(&["users", "deactivate"], user, &[])),
        _ => {}
    }
    for (name, _) in &mut changes {
        *name = match *name {
            "email" => "email",
            "display_name" => "name",
            "role" => "role",
            _ => return None,
        };
    }
    Some(line(&["users", "edit"], user, &changes))
}

/// Writes subjects and values that start with a dash so that clap doesn't read them as options.
fn line(command: &[&str], subject: &str, options: &[(&str, &str)]) -> String {
    let mut words: Vec<String> = [&["mailkey"], command].concat().into_iter().map(str::to_owned).collect();
    let is_dashed = subject.starts_with('-');
    if !subject.is_empty() && !is_dashed {
        words.push(quoted(subject));
    }
    words.extend(options.iter().map(|(name, value)| {
        let between = if value.starts_with('-') { '=' } else { ' ' };
        format!("--{name}{between}{}", quoted(value))
    }));
    if is_dashed {
        words.extend(["--".to_owned(), quoted(subject)]);
    }
    words.join(" ")
}

/// Quotes a word for a POSIX shell (IEEE 1003.1, 2.2.2).
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@._+-%/:,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Decodes a percent-encoded path segment (RFC 3986, 2.1).
fn decoded(segment: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::with_capacity(segment.len()), segment.as_bytes());
    while let [first, behind @ ..] = rest {
        let (byte, behind) = match (first, behind) {
            (b'%', [high, low, behind @ ..]) => (hex(*high)? * 16 + hex(*low)?, behind),
            (b'%', _) => return None,
            _ => (*first, behind),
        };
        bytes.push(byte);
        rest = behind;
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use serde_json::json;

    use super::*;
    use crate::options::Options;

    const ID: &str = "01JC000000000000000000000A";

    fn command_for(method: &str, path: &str, body: Value) -> Option<String> {
        let user = json!({ "id": ID, "email": "alice@example.com" });
        let action = json!({ "method": method, "path": format!("/api/admin/{path}"), "body": body });
        command(&action, Some(&user))
    }

    #[test]
    fn each_request_has_its_command() {
        let user = format!("users/{ID}");
        for (method, path, body, expected) in [
            ("POST", &*format!("{user}/reset-password"), Value::Null, "reset alice@example.com"),
            ("POST", &format!("{user}/resend-activation"), Value::Null, "resend-activation alice@example.com"),
            ("POST", &format!("{user}/unlock"), Value::Null, "unlock alice@example.com"),
            ("GET", &user, Value::Null, "users show alice@example.com"),
            ("PATCH", &user, json!({ "status": "active" }), "users activate alice@example.com"),
            ("PATCH", &user, json!({ "status": "inactive" }), "users deactivate alice@example.com"),
            ("PATCH", &user, json!({ "email": "a@x.example" }), "users edit alice@example.com --email a@x.example"),
            ("PATCH", &user, json!({ "display_name": "A B" }), "users edit alice@example.com --name 'A B'"),
            ("POST", "users/01JC000000000000000000000B/unlock", Value::Null, "unlock 01JC000000000000000000000B"),
            ("DELETE", "suppressions/a%2Bb@x.example", Value::Null, "suppressions remove a+b@x.example"),
            ("DELETE", "suppressions/a+b%40x.example", Value::Null, "suppressions remove a+b@x.example"),
            ("GET", "suppressions/a@x.example", Value::Null, "suppressions show a@x.example"),
            (
                "POST",
                "suppressions/a@x.example/remove-and-resend",
                Value::Null,
                "suppressions remove --resend a@x.example",
            ),
            (
                "PUT",
                "suppressions/a@x.example",
                json!({ "reason": "Don't write" }),
                r"suppressions add a@x.example --reason 'Don'\''t write'",
            ),
            ("POST", &format!("email-log/{ID}/resend"), Value::Null, &format!("email-log resend {ID}")),
            ("GET", &format!("email-log/{ID}"), Value::Null, &format!("email-log show {ID}")),
            ("GET", "sender", Value::Null, "sender"),
        ] {
            let command = command_for(method, path, body);
            assert_eq!(command.as_deref(), Some(&*format!("mailkey {expected}")), "{method} {path}");
            if !expected.contains('\'') {
                Options::try_parse_from(format!("mailkey {expected}").split(' ')).unwrap();
            }
        }
    }

    #[test]
    fn other_requests_have_no_command() {
        let user = format!("users/{ID}");
        for (method, path, body) in [
            ("DELETE", &*user, Value::Null),
            ("PATCH", &user, Value::Null),
            ("PATCH", &user, json!({})),
            ("PATCH", &user, json!({ "status": "pending" })),
            ("PATCH", &user, json!({ "status": "active", "role": "admin" })),
            ("PATCH", &user, json!({ "role": 1 })),
            ("PUT", "suppressions/a@x.example", Value::Null),
            ("DELETE", "suppressions/a%4", Value::Null),
            ("DELETE", "suppressions/a%ff@x.example", Value::Null),
            ("DELETE", "suppressions/a%1b%5b2J@x.example", Value::Null),
            ("GET", "sender?x=y", Value::Null),
            ("GET", "", Value::Null),
        ] {
            assert_eq!(command_for(method, path, body), None, "{method} {path}");
        }
        assert_eq!(command(&json!({}), None), None);
    }

    #[test]
    fn the_reader_fills_in_an_address_that_nobody_knows_yet() {
        let user = json!({ "id": ID, "email": "alice@example.com" });
        let action = json!({ "method": "PATCH", "path": format!("/api/admin/users/{ID}"), "input": "email" });
        let command = command(&action, Some(&user));
        assert_eq!(command.as_deref(), Some("mailkey users edit alice@example.com --email NEW-ADDRESS"));
    }

    #[test]
    fn no_address_is_interpreted_by_the_shell() {
        for (address, expected) in [
            ("$(id)@x.example", "remove '$(id)@x.example'"),
            ("`id`@x.example", "remove '`id`@x.example'"),
            ("o'neil@x.example", r"remove 'o'\''neil@x.example'"),
            ("a&b|c@x.example", "remove 'a&b|c@x.example'"),
            ("~a!#*?{}@x.example", "remove '~a!#*?{}@x.example'"),
            ("a\u{a0}b@x.example", "remove 'a\u{a0}b@x.example'"),
            ("--all@x.example", "remove -- --all@x.example"),
        ] {
            let path = format!("suppressions/{address}");
            let expected = format!("mailkey suppressions {expected}");
            assert_eq!(command_for("DELETE", &path, Value::Null), Some(expected));
        }
        let dashed = command_for("PATCH", &format!("users/{ID}"), json!({ "email": "-a@x.example" }));
        assert_eq!(dashed.as_deref(), Some("mailkey users edit alice@example.com --email=-a@x.example"));
        Options::try_parse_from("mailkey suppressions remove -- --all@x.example".split(' ')).unwrap();
    }
}
