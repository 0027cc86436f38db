//! The portal's own name, colour and logo.

use std::fs;

use mailkey_tests::{ALICE, Folder, Setup};

/// The smallest part of a PNG file that is recognised as one.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

#[tokio::test]
async fn pages_and_emails_have_the_portals_name_colour_and_logo() {
    let folder = Folder::new();
    fs::write(folder.path().join("logo.png"), PNG).unwrap();
    let file = folder.path().join("branding.toml");
    fs::write(&file, "PortalName = \"Harbour\"\nBrandColour = \"#7a1fa2\"\nLogo = \"logo.png\"\n").unwrap();
    let mailkey = Setup::new().env("MAILKEY_BRANDING", file.to_str().unwrap()).start().await;

    let page = mailkey.get("/sign-in/").await.expect_status(200).text();
    assert!(page.contains("<strong>Harbour</strong>") && page.contains("src=\"/logo.png\""), "{page}");
    let sheet =
        page.split("href=\"").find(|part| part.starts_with("/assets/site.")).unwrap().split('"').next().unwrap();
    assert!(mailkey.get(sheet).await.expect_status(200).text().contains("--accent:#7a1fa2"));
    let logo = mailkey.get("/logo.png").await.expect_status(200);
    assert_eq!(logo.header("content-type"), Some("image/png"));
    // Webmail shows it on its own pages.
    assert_eq!(logo.header("cross-origin-resource-policy"), Some("cross-origin"));
    let icon = page.split("href=\"").find(|part| part.starts_with("/assets/icon.")).unwrap().split('"').next().unwrap();
    assert_eq!(mailkey.get(icon).await.header("cross-origin-resource-policy"), Some("same-origin"));

    mailkey.forgot_password(ALICE).await.expect_status(202);
    let mail = mailkey.mail_number(1, ALICE).await;
    assert!(mail.subject.contains("Harbour"), "{}", mail.subject);
    assert!(mail.html.contains("#7a1fa2") && mail.html.contains("/logo.png\""));
}
