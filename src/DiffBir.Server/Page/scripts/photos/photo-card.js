// A photo that was chosen but is not yet the server's.

import { element, icon } from "../dom.js";
import { sayError } from "../words/errors.js";
import { bytes, nameOf, percent, size } from "../words/format.js";
import { say, sayWith } from "../words/i18n.js";

export class PhotoCard {
  #url;
  #facts = element("span", { class: "photo-facts" });
  #state = element("p", { class: "photo-state", hidden: true });
  #error = element("p", { class: "message error", role: "alert", hidden: true });
  #stop = new AbortController();

  /**
   * @param file The photo.
   * @param onRemove Called with the card when the user takes the photo back.
   * @param onKnown Called when its size is known; a browser cannot read every format that the server can.
   */
  constructor(file, { onRemove, onKnown }) {
    this.file = file;
    this.#url = URL.createObjectURL(file);
    const picture = element("img", { src: this.#url, alt: "" });
    const remove = element(
      "button",
      { type: "button", class: "icon-button photo-remove", on: { click: () => onRemove(this) } },
      icon("close"),
    );
    say(remove, "compose.remove", { name: nameOf(file) }, "aria-label");
    picture.addEventListener("load", () => {
      Object.assign(this, { width: picture.naturalWidth, height: picture.naturalHeight });
      this.#showFacts();
      onKnown();
    });
    picture.addEventListener("error", () =>
      picture.replaceWith(element("span", { class: "photo-placeholder" }, icon("picture"))),
    );
    this.element = element(
      "li",
      { class: "photo" },
      element("div", { class: "photo-frame" }, picture, remove),
      element("p", { class: "photo-caption" }, element("span", { class: "photo-name", dir: "auto" }, nameOf(file)), this.#facts),
      this.#state,
      this.#error,
    );
    this.#showFacts();
  }

  /** Ends the sending when the photo is taken back. */
  get signal() {
    return this.#stop.signal;
  }

  /** Whether the server refused the photo. */
  get isRefused() {
    return !this.#error.hidden;
  }

  onSent = (part) => this.#showState("compose.sending", { part: () => percent(part) });
  onFull = (count) => this.#showState("compose.full", { count });

  /** Says that the photo waits for those before it. */
  wait() {
    this.#error.hidden = true;
    this.#showState("compose.waiting");
  }

  /** Says why the photo could not be sent. */
  refuse(error) {
    this.#state.hidden = true;
    sayError(this.#error, error);
  }

  /** Lets go of everything. */
  discard() {
    this.#stop.abort();
    URL.revokeObjectURL(this.#url);
    this.element.remove();
  }

  #showState(key, parameters) {
    this.#state.hidden = false;
    say(this.#state, key, parameters);
  }

  #showFacts() {
    sayWith(this.#facts, () => [this.width ? size(this) : null, bytes(this.file.size)].filter(Boolean).join(" · "));
  }
}
