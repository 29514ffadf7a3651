// Which faces of a photo are restored by themselves, and where they are.

import { makeButton } from "../buttons.js";
import { byId, element } from "../dom.js";
import { asApiError, sayError } from "../words/errors.js";
import { say } from "../words/i18n.js";
import { FaceBoard } from "./face-board.js";
import { foundFaces, newFace } from "./marks.js";

/**
 * Shows a photo's faces until the user is content with them.
 * @param photo { url, width, height, faces }: faces are those chosen before; undefined if nobody looked.
 * @param find Finds the photo's faces, as POST /api/faces gives them; null where the server cannot.
 * @returns The faces; undefined if the user closed the dialog before any were there.
 */
export function chooseFaces(photo, find) {
  const dialog = byId("faces-dialog");
  const hint = element("p", { class: "hint", role: "status" });
  const foundBy = element("p", { class: "hint", hidden: true });
  const error = element("p", { class: "message error", role: "alert", hidden: true });
  const stop = new AbortController();
  let isKnown = photo.faces !== undefined;
  const board = new FaceBoard(() => {
    const count = board.faces.filter(({ isOn }) => isOn).length;
    if (isKnown) say(hint, board.faces.length === 0 ? "faces.none" : "faces.count", { count });
  });
  const add = makeButton("button quiet", "plus", "faces.add", () => {
    isKnown = true;
    board.add(newFace(photo, board.faces));
  });
  const done = makeButton("button primary", null, "faces.done", () => dialog.close("done"));
  const title = element("h2", { id: "faces-title" });
  say(title, "faces.title");
  dialog.replaceChildren(title, hint, foundBy, error, board.element, element("div", { class: "dialog-buttons" }, add, done));
  board.show(photo.url, photo, photo.faces?.map(({ isOn, points }) => ({ isOn, points: [...points] })) ?? []);
  if (!isKnown) look();
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () => {
      stop.abort();
      resolve(isKnown ? board.faces : undefined);
    };
  });

  async function look() {
    if (!find) {
      say(hint, "faces.mark");
      return;
    }
    say(hint, "faces.looking");
    add.disabled = true;
    try {
      const found = await find(stop.signal);
      isKnown = true;
      foundBy.hidden = false;
      say(foundBy, `faces.by-${found.foundBy}`);
      board.show(photo.url, photo, foundFaces(found.faces));
    } catch (problem) {
      if (stop.signal.aborted) return;
      say(hint, "faces.mark");
      sayError(error, asApiError(problem));
    } finally {
      add.disabled = false;
    }
  }
}
