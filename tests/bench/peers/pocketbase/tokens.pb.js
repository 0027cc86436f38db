// Emails aren't sent; /tokens returns the tokens they would contain.
onMailerRecordPasswordResetSend((e) => {
  const tokens = $app.store().get("tokens") || [];
  tokens.push(e.meta.token);
  $app.store().set("tokens", tokens);
}, "users");
routerAdd("GET", "/tokens", (e) => {
  const tokens = $app.store().get("tokens") || [];
  $app.store().set("tokens", []);
  return e.json(200, tokens);
});
