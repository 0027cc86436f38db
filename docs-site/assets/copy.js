// Adds a button to each block of code that copies it. Without this script, pages lack only the button.

/** How long the button says that it has copied, in milliseconds. */
const COPIED = 2000;

// Browsers offer the clipboard only to sites with HTTPS and to this machine.
for (const code of navigator.clipboard ? document.querySelectorAll("pre > code") : []) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent.replace(/\n$/, ""));
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), COPIED);
    } catch {
      // The browser denied access to the clipboard. Select the code instead.
      getSelection().selectAllChildren(code);
    }
  });
  code.before(button);
}
