//! What a deployment's own values are for.

use mailkey_docs_site::{Language, SiteVariables, address_in, build};

use super::{between, built, variables};

#[test]
fn the_note_for_the_it_department_names_the_sender() {
    let with_addresses = built();
    let without = build(&SiteVariables { sending_ips: Vec::new(), ..variables() }).unwrap_or_else(|e| panic!("{e}"));
    for (site, address) in [(&with_addresses, "192.0.2.1"), (&without, "")] {
        for path in ["/de/guide/", "/fr/guide/", "/es/guide/", "/ar/guide/"] {
            let html = String::from_utf8_lossy(&site[path].bytes).into_owned();
            let note = between(&html, "<code class=\"language-note\">", "</code>");
            assert!(note.matches("mail.portal.example").count() == 3 && note.contains(address), "{path}: {note}");
            assert!(!note.contains("allow") && !note.contains('#'), "{path}: {note}");
        }
    }
    // To the end of the line: what follows the words in their file, such as a comment, is no part of them.
    let unknown = "IP addresses: not fixed; please allow the domain\n\nThese are";
    for (site, addresses) in [(with_addresses, "IP addresses: 192.0.2.1"), (without, unknown)] {
        for path in ["/guide/", "/findings/probably-in-junk/"] {
            let html = String::from_utf8_lossy(&site[path].bytes).into_owned();
            let note = between(&html, "<code class=\"language-note\">", "</code>");
            assert!(note.contains("Sending domain: mail.portal.example") && note.contains(addresses), "{path}: {note}");
        }
    }
}

#[test]
fn the_rules_for_a_password_are_said_before_it_can_be_wrong() {
    let site = build(&SiteVariables { min_password_length: 12, ..variables() }).unwrap_or_else(|e| panic!("{e}"));
    for path in ["/reset-password/", "/activate/"] {
        assert!(String::from_utf8_lossy(&site[path].bytes).contains("At least 12 characters."), "{path}");
        for language in Language::ALL {
            let html = String::from_utf8_lossy(&site[&address_in(language, path)].bytes).into_owned();
            assert!(between(&html, " id=\"new-password-hint\">", "</ul>").contains("12"), "{path}");
        }
    }
}
