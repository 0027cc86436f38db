// The way back to the portal: to the page that the user came from, or to the portal's own start page. `return_to` names that
// page. It stays in the URL of these pages, and is never stored, sent to the API or put into an email.

/**
 * Where a user continues. Only pages of the portal's own origin count, so nobody can make a link to us that ends elsewhere.
 * @param {string | undefined} portal its URL, if it is configured
 * @param {string} query of the page's URL
 * @returns {{wanted?: string, portal?: string}}
 */
export function destinations(portal, query) {
  if (!portal) return {};
  const wanted = new URLSearchParams(query).get("return_to");
  if (!wanted || !URL.canParse(wanted, portal)) return { portal };
  const url = new URL(wanted, portal);
  // A `blob:` URL has the origin inside it.
  const isOurs = /^https?:$/.test(url.protocol) && url.origin === new URL(portal).origin && !url.username && !url.password;
  return isOurs ? { wanted: url.href, portal } : { portal };
}

/** The page that was asked for, and the portal's own. */
export const { wanted, portal } = typeof document === "undefined" ? {} : destinations(document.body.dataset.portal, location.search);

/** The path of one of our forms, with the page that was asked for. */
export function carrying(path) {
  return wanted ? `${path}?${new URLSearchParams({ return_to: wanted })}` : path;
}

/** Lets the links between our forms, and those to the portal, lead to the page that was asked for. */
export function carry() {
  if (!wanted) return;
  for (const link of document.querySelectorAll("a[data-to-portal]")) link.href = wanted;
  for (const link of document.querySelectorAll("main a[href], .sign-in")) {
    if (/\/(sign-in|forgot-password)\/$/.test(link.pathname) && link.origin === location.origin) link.search = new URLSearchParams({ return_to: wanted });
  }
}
