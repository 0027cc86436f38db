//! Makes style sheets smaller. The size limit for pages includes them.

/// Removes comments and unnecessary white space. Handles our own style sheets only: no string in them contains a
/// comment or several spaces in a row.
pub(crate) fn compact(sheet: &str) -> String {
    let mut out = String::with_capacity(sheet.len());
    for word in without_comments(sheet).split_whitespace() {
        // No space is needed next to a brace, a semicolon, a comma or `>`, or after a colon.
        let glued = out.is_empty()
            || out.ends_with(['{', '}', ';', ',', ':'])
            || word.starts_with(['{', '}', ';', ','])
            || (word == ">" || out.ends_with('>'));
        if !glued {
            out.push(' ');
        }
        out.push_str(word);
    }
    // `0.5` is the same number as `.5`.
    [" 0.", ":0.", ",0.", "(0.", "-0."]
        .iter()
        .fold(out.replace(";}", "}"), |sheet, zero| sheet.replace(zero, &zero.replace('0', "")))
}

fn without_comments(sheet: &str) -> String {
    let mut out = String::with_capacity(sheet.len());
    let mut rest = sheet;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::compact;

    #[test]
    fn only_what_has_no_meaning_is_removed() {
        for (written, expected) in [
            ("/* Why. */\na {\n  color: red;\n  margin: 0 auto;\n}\n", "a{color:red;margin:0 auto}"),
            ("ul > li + li, a::before { content: \" →\"; }", "ul>li + li,a::before{content:\" →\"}"),
            (
                "@media (min-width: 64rem) { a { b: clamp(1rem, 2rem + 1vw, 3rem) } }",
                "@media (min-width:64rem){a{b:clamp(1rem,2rem + 1vw,3rem)}}",
            ),
            ("a { b: 0.5em 10.5em -0.1em; c: calc(0.1em) }", "a{b:.5em 10.5em -.1em;c:calc(.1em)}"),
            ("a { b: c } /* never ends", "a{b:c}"),
        ] {
            assert_eq!(compact(written), expected);
        }
    }
}
