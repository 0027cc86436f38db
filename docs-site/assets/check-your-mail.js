// Shows the typed address. The page is complete without it.

import { recall } from "./asked.js";
import { fillIn } from "./form.js";

const address = recall();
if (address) {
  const asked = document.querySelector("[data-asked]");
  fillIn(asked, { address });
  asked.hidden = false;
}
