//! Lists the files of the site in `$OUT_DIR/files.rs`, so that new files are compiled in without a list to maintain.

use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    let code = [
        table("ASSETS", "assets", "", "str")?,
        table("CONSOLE", "console", "", "str")?,
        table("LOCALES", "locales", ".ftl", "str")?,
        table("PAGES", "content", ".md", "str")?,
        table("PICTURES", "content/pictures", "", "bytes")?,
    ];
    fs::write(Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join("files.rs"), code.concat())
}

/// A table of names and contents, for all files of a folder whose names end in `extension`.
fn table(name: &str, folder: &str, extension: &str, kind: &str) -> io::Result<String> {
    tell(&format!("cargo::rerun-if-changed={folder}"));
    let mut files = Vec::new();
    collect(Path::new(folder), folder, &mut files)?;
    files.retain(|file| file.ends_with(extension));
    files.sort();
    let content = if kind == "str" { "str" } else { "[u8]" };
    let mut code = format!("pub(crate) static {name}: &[(&str, &{content})] = &[\n");
    for file in files {
        code += &format!("({file:?}, include_{kind}!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/{folder}/{file}\"))),\n");
    }
    Ok(code + "];\n")
}

/// Adds the paths of all files in a folder, relative to `root`.
fn collect(folder: &Path, root: &str, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, root, files)?;
        } else {
            files.push(path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/"));
        }
    }
    Ok(())
}

#[allow(clippy::print_stdout, reason = "cargo reads what a build script prints")]
fn tell(line: &str) {
    println!("{line}");
}
