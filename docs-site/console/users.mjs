// User search, and adding a user.

import { checkAddress } from "./address-check.mjs";
import { call } from "./api.mjs";
import { ask, field } from "./dialog.mjs";
import { one } from "./dom.mjs";
import { hasMembers, open } from "./frame.mjs";
import { userSearch } from "./user-search.mjs";
import { LANGUAGE, ROLE, STAFF } from "./words.mjs";

async function add() {
  const user = await ask({
    title: hasMembers() ? "Add a user" : "Add staff",
    text: ["The new user gets an email with a link to choose a password."],
    fields: [
      field("Email address", { name: "email", type: "email", required: true, autocomplete: "off", autocapitalize: "none", spellcheck: "false" }),
      field("Name", { name: "display_name", required: true, autocomplete: "off", maxlength: 200 }),
      field("Role", { name: "role", value: hasMembers() ? "member" : "support" }, { options: hasMembers() ? ROLE : STAFF }),
      field("Language", { name: "locale", value: "en" }, { options: LANGUAGE }),
    ],
    confirm: hasMembers() ? "Add user and send link" : "Add and send link",
    act: (values) => call("POST", "/api/admin/users", { body: values }),
  });
  if (!user) return;
  await checkAddress(user);
  location.assign(`/admin/user/?id=${encodeURIComponent(user.id)}`);
}

await open(() => {
  userSearch(one("[data-user-search]"), { limit: 25, idle: true, inAddress: true });
  one("[data-add]").addEventListener("click", add);
});
