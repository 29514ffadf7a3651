// Questions that must be answered before anything else happens.

import { byId } from "./dom.js";
import { say } from "./words/i18n.js";

/** Asks whether to do something that cannot be undone. */
export function confirm(question, answer, parameters = {}) {
  say(byId("confirm-text"), question, parameters);
  say(byId("confirm-yes"), answer);
  return ask(byId("confirm"));
}

let asking = null;

/** Asks for the server's API key; questions that come meanwhile share the answer. */
export function askForKey() {
  asking ??= ask(byId("key-dialog"), { mustAnswer: true }).then(() => {
    asking = null;
    const { value } = byId("key");
    byId("key").value = "";
    return { key: value, keep: byId("key-keep").checked };
  });
  return asking;
}

function ask(dialog, { mustAnswer = false } = {}) {
  dialog.returnValue = "";
  dialog.oncancel = (event) => mustAnswer && event.preventDefault();
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () =>
      mustAnswer && dialog.returnValue !== "yes" ? dialog.showModal() : resolve(dialog.returnValue === "yes");
  });
}
