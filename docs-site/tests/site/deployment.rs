//! The values of a deployment on the pages.

use mailkey_docs_site::{Language, SiteVariables, address_in, build};

use super::{between, built, html_of, variables};

#[test]
fn the_note_for_the_it_department_names_the_sender() {
    let with_addresses = built();
    let without = build(&SiteVariables { sending_ips: Vec::new(), ..variables() }).unwrap_or_else(|e| panic!("{e}"));
    for (site, address) in [(&with_addresses, "192.0.2.1"), (&without, "")] {
        for path in ["/de/guide/", "/fr/guide/", "/es/guide/", "/ar/guide/"] {
            let html = html_of(site, path);
            let note = between(html, "<code class=\"language-note\">", "</code>");
            assert!(note.matches("mail.portal.example").count() == 3 && note.contains(address), "{path}: {note}");
            assert!(!note.contains("allow") && !note.contains('#'), "{path}: {note}");
        }
    }
    // The text after the address shows that the message ends at the end of its line.
    let unknown = "IP addresses: not fixed; please allow the domain\n\nThese are";
    for (site, addresses) in [(&with_addresses, "IP addresses: 192.0.2.1"), (&without, unknown)] {
        for path in ["/guide/", "/findings/probably-in-junk/"] {
            let html = html_of(site, path);
            let note = between(html, "<code class=\"language-note\">", "</code>");
            assert!(note.contains("Sending domain: mail.portal.example") && note.contains(addresses), "{path}: {note}");
        }
    }
}

#[test]
fn the_password_form_shows_the_minimum_length() {
    let site = build(&SiteVariables { min_password_length: 12, ..variables() }).unwrap_or_else(|e| panic!("{e}"));
    for path in ["/reset-password/", "/activate/"] {
        assert!(html_of(&site, path).contains("At least 12 characters."), "{path}");
        for language in Language::ALL {
            let html = html_of(&site, &address_in(language, path));
            assert!(between(html, " id=\"new-password-hint\">", "</ul>").contains("12"), "{path}");
        }
    }
}
