use base64::prelude::BASE64_STANDARD;
use proptest::prelude::*;

use super::*;

fn base64_word(text: &str) -> String {
    format!("=?UTF-8?B?{}?=", BASE64_STANDARD.encode(text))
}

/// Subjects as portals send them: the header, the code in it as a person would type it, and what is stored.
const SUBJECTS: &[(&str, &str, &str)] = &[
    ("Your code is 483920", "483920", "Your code is ••••••"),
    ("483920 is your Example code", "483920", "•••••• is your Example code"),
    ("G-48 39 20", "G-48 39 20", "•-•• •• ••"),
    ("G-483920 is your verification code", "G-483920", "•-•••••• is your verification code"),
    ("Ihr Code: 48-39-20", "48-39-20", "Ihr Code: ••-••-••"),
    ("Ihr Bestätigungscode lautet 483 920", "483 920", "Ihr [removed] lautet ••• •••"),
    ("Votre code : 483.920", "483.920", "Votre code : •••.•••"),
    ("Tu código es 4839", "4839", "Tu código es ••••"),
    ("Uw code is 48 39 20", "48 39 20", "Uw code is •• •• ••"),
    ("Il tuo codice è 0483920", "0483920", "Il tuo codice è •••••••"),
    ("Twój kod: 483920.", "483920", "Twój kod: ••••••."),
    ("(483920) Sign in to Example", "483920", "(••••••) Sign in to Example"),
    ("[Example] 483920", "483920", "[Example] ••••••"),
    ("Code:483920", "483920", "Code:••••••"),
    ("PIN#4839", "4839", "•••#••••"),
    ("رمز التحقق ٤٨٣٩٢٠", "٤٨٣٩٢٠", "رمز التحقق ••••••"),
    ("کد شما ۴۸۳۹۲۰ است", "۴۸۳۹۲۰", "کد شما •••••• است"),
    ("आपका कोड ४८३९२० है", "४८३९२०", "आपका कोड •••••• है"),
    ("আপনার কোড ৪৮৩৯২০", "৪৮৩৯২০", "আপনার কোড ••••••"),
    ("รหัสของคุณคือ ๔๘๓๙๒๐", "๔๘๓๙๒๐", "รหัสของคุณคือ ••••••"),
    ("認証コード：483920", "483920", "認証コード:••••••"),
    ("認証コードは４８３９２０です", "４８３９２０", "認証コードは••••••です"),
    ("您的验证码是483920", "483920", "您的验证码是••••••"),
    ("인증 코드 483920", "483920", "인증 코드 ••••••"),
    ("Ваш код: 483920", "483920", "Ваш код: ••••••"),
    ("Ο κωδικός σας: 483920", "483920", "Ο κωδικός σας: ••••••"),
    ("Code ④⑧③⑨②⓪", "④⑧③⑨②⓪", "Code ••••••"),
    ("Code 𝟒𝟖𝟑𝟗𝟐𝟎", "𝟒𝟖𝟑𝟗𝟐𝟎", "Code ••••••"),
    ("Code 4\u{200B}8\u{200B}3\u{200B}9", "4839", "Code ••••"),
    ("Your code is X7K2-9QPL", "X7K2-9QPL", "Your code is ••••-••••"),
    ("Use ABCD-1234-EFGH to sign in", "ABCD-1234-EFGH", "Use ••••-••••-•••• to sign in"),
    ("Your code: a1b2c3", "a1b2c3", "Your code: ••••••"),
    ("Einmalpasswort 7QX4MR", "7QX4MR", "Einmalpasswort ••••••"),
    ("Invitation code FRIEND2026", "FRIEND2026", "Invitation code ••••••••••"),
    ("Recovery key: kqwzpxrtnvbmlshd", "kqwzpxrtnvbmlshd", "Recovery key: [removed]"),
    ("Recovery key: KQWZ PXRT 4NVB", "4NVB", "Recovery key: KQWZ PXRT ••••"),
    ("Token Q29kZTogNDgzOTIw", "Q29kZTogNDgzOTIw", "Token [removed]"),
    ("Confirm 8f14e45fceea167a5a36dedd4bea2543", "8f14e45fceea167a5a36dedd4bea2543", "Confirm [removed]"),
    ("Confirm 123e4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000", "Confirm [removed]"),
    (
        "Open https://portal.example/c/Ab0-_Cd1-_Ef2-_Gh3",
        "Ab0-_Cd1-_Ef2-_Gh3",
        "Open https://portal.example/c/[removed]",
    ),
    ("eyJhbGci.eyJzdWIi.c2lnbmF0dXJl1", "eyJhbGci.eyJzdWIi.c2lnbmF0dXJl1", "[removed]"),
    ("=?UTF-8?B?WW91ciBjb2RlIGlzIDQ4MzkyMA==?=", "483920", "Your code is ••••••"),
    ("=?utf-8?b?WW91ciBjb2RlIGlzIDQ4MzkyMA?=", "483920", "Your code is ••••••"),
    ("=?UTF-8?Q?Ihr_Code:_48=2D39=2D20?=", "48-39-20", "Ihr Code: ••-••-••"),
    ("=?iso-8859-1?Q?Ihr_Schl=FCssel_4839?=", "4839", "Ihr Schlüssel ••••"),
    ("=?UTF-8?Q?Your_code_4=38?=\r\n =?UTF-8?Q?3920?=", "483920", "Your code ••••••"),
    ("=?UTF-8?B?w?= =?UTF-8?B?7w=?= 483920", "483920", "[removed] ••••••"),
    ("=?x-unknown?B?NDgzOTIw?=", "NDgzOTIw", "[removed]"),
    ("Code =?UTF-8?B?NDgz!!OTIw?= today", "NDgz", "Code [removed] today"),
    ("Code =?UTF-8?B?NDgzOTIw", "NDgzOTIw", "Code [removed]"),
    ("=?UTF-8?Q?=3D=3FUTF-8=3FB=3FNDgzOTIw=3F=3D?=", "NDgzOTIw", "••••••"),
    ("Code\u{202E}483920", "483920", "••••••••••"),
];

#[test]
fn no_code_is_left_in_fifty_subjects() {
    assert!(SUBJECTS.len() >= 50);
    for (raw, code, expected) in SUBJECTS {
        let stored = masked_subject(raw).unwrap();
        assert_eq!(stored, *expected, "{raw}");
        assert!(!stored.contains(code), "{stored} has {code}");
        assert!(!stored.chars().any(char::is_numeric), "{stored}");
    }
}

#[test]
fn ordinary_subjects_stay_readable() {
    for (raw, expected) in [
        ("Welcome to Example Portal!", "Welcome to Example Portal!"),
        ("Passwort zurücksetzen – Example", "Passwort zurücksetzen – Example"),
        ("=?UTF-8?B?UGFzc3dvcnQgenVyw7xja3NldHplbg==?=", "Passwort zurücksetzen"),
        ("パスワードの再設定のご案内とお問い合わせについて", "パスワードの再設定のご案内とお問い合わせについて"),
        ("Re: Ihre Rechnung vom 3. März", "Re: Ihre Rechnung vom •. März"),
        ("  two\r\n\tlines ", "two lines"),
        ("a =? b", "a [removed] b"),
    ] {
        assert_eq!(masked_subject(raw).as_deref(), Some(expected), "{raw}");
    }
    for empty in ["", "  ", "\u{200B}", "=?UTF-8?B??="] {
        assert_eq!(masked_subject(empty), None, "{empty:?}");
    }
    assert_eq!(masked_subject(&"word ".repeat(10_000)).map(|kept| kept.chars().count()), Some(LONGEST));
}

proptest! {
    #[test]
    fn no_digit_and_no_long_token_ever_remains(text in "\\PC{0,60}", code in "[0-9]{4,8}", token in "[a-zA-Z0-9]{16,40}") {
        let raw = format!("{text} {code} {token}");
        for raw in [raw.clone(), base64_word(&raw), base64_word(&base64_word(&raw))] {
            let stored = masked_subject(&raw).unwrap();
            prop_assert!(!stored.chars().any(char::is_numeric), "{stored}");
            prop_assert!(!stored.contains(&token), "{stored}");
            let runs = stored.split(|c| !is_of_a_token(c));
            prop_assert!(runs.clone().all(|run| run.chars().count() < TOKEN), "{stored}");
        }
    }

    #[test]
    fn any_header_is_read_without_fault(raw in "(=\\?|\\?=|\\?B\\?|\\?Q\\?|UTF-8|[ -~]|\\PC){0,40}") {
        let stored = masked_subject(&raw).unwrap_or_default();
        prop_assert!(!stored.chars().any(char::is_numeric) && stored.chars().count() <= LONGEST);
    }
}
