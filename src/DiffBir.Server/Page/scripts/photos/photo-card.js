// A photo that was chosen but is not yet the server's.

import { element, icon } from "../dom.js";
import { toText } from "../faces/marks.js";
import { sayError } from "../words/errors.js";
import { bytes, nameOf, percent, size } from "../words/format.js";
import { say, sayWith } from "../words/i18n.js";

const fileFaults = ["not-an-image", "image-broken"]; // of the server's answers

export class PhotoCard {
  #url;
  #facts = element("span", { class: "photo-facts" });
  #state = element("p", { class: "photo-state", hidden: true });
  #error = element("p", { class: "message error", role: "alert", hidden: true });
  #stop = new AbortController();
  #isHopeless = false;
  #isTooLarge = false;
  #facesText = element("span");
  #facesButton;
  #findsFaces = false;
  #placeholder = null; // where the browser cannot show the photo

  /**
   * @param file The photo.
   * @param onRemove Called with the card when the user takes the photo back.
   * @param onKnown Called with the card when its size is known; a browser cannot read every format that the server can.
   * @param onUnshown Called with the card when the browser cannot show it.
   * @param onFaces Called with the card when the user wants to choose its faces.
   */
  constructor(file, { onRemove, onKnown, onUnshown, onFaces }) {
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
      onKnown(this);
    });
    picture.addEventListener("error", () => {
      this.#placeholder = element("span", { class: "photo-placeholder" }, icon("picture"));
      picture.replaceWith(this.#placeholder);
      onUnshown(this);
    });
    this.#facesButton = element(
      "button",
      { type: "button", class: "button quiet photo-faces", hidden: true, on: { click: () => onFaces(this) } },
      icon("face"),
      this.#facesText,
    );
    this.element = element(
      "li",
      { class: "photo" },
      element("div", { class: "photo-frame" }, picture, remove),
      element("p", { class: "photo-caption" }, element("span", { class: "photo-name", dir: "auto" }, nameOf(file)), this.#facts),
      this.#facesButton,
      this.#state,
      this.#error,
    );
    this.#showFacts();
  }

  /** The faces that the user chose; undefined if nobody looked. */
  faces;

  /** Whether there is no picture of the photo. */
  get lacksPicture() {
    return this.#placeholder !== null;
  }

  /** Shows a picture that the server made of the photo. */
  illustrate(blob) {
    const url = URL.createObjectURL(blob);
    const picture = element("img", { src: url, alt: "" });
    picture.addEventListener("load", () => URL.revokeObjectURL(url));
    this.#placeholder?.replaceWith(picture);
    this.#placeholder = null;
  }

  /** The photo as browsers show it. */
  get url() {
    return this.#url;
  }

  /** Offers to choose faces, where they are restored and the photo can be shown. */
  offerFaces(isOn, findsFaces) {
    this.#findsFaces = findsFaces;
    this.#facesButton.hidden = !isOn || !this.width;
    const count = this.faces?.filter((face) => face.isOn).length;
    say(this.#facesText, this.faces ? "compose.faces" : findsFaces ? "compose.faces.look" : "compose.faces.mark", { count });
  }

  /** What the photo adds to the options: its own faces, where some were chosen. */
  options(options) {
    if (!options.faces || !this.faces) return options;
    const { faces, ...others } = options;
    return { ...others, "face-landmarks": toText(this.faces) };
  }

  /** Whether its faces must be marked before it can be sent. */
  lacksFaces(options) {
    return Boolean(options.faces) && !this.faces && !this.#findsFaces;
  }

  /** Whether the photo may be sent: nothing is known yet that the server would refuse. */
  get canBeSent() {
    return !this.#isHopeless && !this.#isTooLarge;
  }

  /** Says, or no longer, that the result would be larger than the server makes. */
  limit(isTooLarge) {
    if (this.#isHopeless || isTooLarge === this.#isTooLarge) return;
    this.#isTooLarge = isTooLarge;
    if (isTooLarge) this.refuse({ code: "output-too-large" });
    else this.#error.hidden = true;
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

  /**
   * Says why the photo could not be sent.
   * @param isHopeless Whether the file itself is at fault, so that neither other settings nor another time help.
   */
  refuse(error, isHopeless = fileFaults.includes(error.code)) {
    this.#state.hidden = true;
    this.#isHopeless ||= isHopeless;
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
