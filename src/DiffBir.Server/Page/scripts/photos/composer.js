// Where photos are chosen before they are restored.

import { byId, element, icon } from "../dom.js";
import { chooseFaces } from "../faces/face-dialog.js";
import { send } from "../server/sender.js";
import { asApiError } from "../words/errors.js";
import { has, say, sayWith, t } from "../words/i18n.js";
import { hasTooManyPixels, pickerTypes, problemOf } from "./acceptance.js";
import { PhotoCard } from "./photo-card.js";

const anyPicture = "image/*";
const fileFaults = [413, 415, 422]; // statuses

/** The chosen photos; sends "change" when their number, size or state changes. */
export class Composer extends EventTarget {
  #api;
  #schema = null; // until the server has said what it takes
  #cards = [];
  #invitation;
  #chosen;
  #list = element("ul", { class: "photos" });
  #title = element("h1", { tabindex: "-1" });
  #input = element("input", { type: "file", accept: anyPicture, multiple: true, hidden: true });

  constructor(root, api) {
    super();
    this.#api = api;
    this.#invitation = this.#makeInvitation();
    this.#chosen = this.#makeChosen();
    this.#input.addEventListener("change", () => {
      this.add([...this.#input.files]);
      this.#input.value = "";
    });
    root.append(this.#invitation, this.#chosen, this.#input);
    addEventListener("beforeunload", (event) => this.isSending && event.preventDefault());
  }

  isSending = false;

  get photos() {
    return [...this.#cards];
  }

  /** Those of the chosen photos that may be sent. */
  get sendable() {
    return this.#cards.filter((card) => card.canBeSent);
  }

  /** Takes over what the server takes: other files are told before anything is sent. */
  suit(schema) {
    this.#schema = schema;
    for (const card of this.#cards) {
      this.#check(card);
      if (card.lacksPicture) this.#illustrate(card);
    }
  }

  /** Marks photos whose results would be too large. */
  limit(fits) {
    for (const card of this.#cards) card.limit(!fits(card));
  }

  /** Offers to choose faces where they are restored. */
  offerFaces(isOn) {
    for (const card of this.#cards) card.offerFaces(isOn, Boolean(this.#schema?.findsFaces));
  }

  /** Adds photos to those chosen; their PhotoCards. */
  add(files) {
    const added = files.map(
      (file) =>
        new PhotoCard(file, {
          onRemove: (card) => this.#remove(card, true),
          onKnown: (card) => this.#look(card),
          onUnshown: (card) => this.#illustrate(card),
          onFaces: (card) => this.#chooseFaces(card),
        }),
    );
    this.#cards.push(...added);
    this.#list.append(...added.map((card) => card.element));
    const hadFocus = this.#invitation.contains(document.activeElement);
    this.#changed();
    if (hadFocus) this.#title.focus({ preventScroll: true });
    added.forEach((card) => this.#check(card));
    return added;
  }

  /** Offers the server's samples; `onChoose` gets the sample and its file. */
  offerSamples(samples, onChoose) {
    const list = element("ul", { class: "samples" });
    for (const sample of samples) {
      const picture = element("img", { alt: "", class: "sample-picture" });
      const load = this.#api.blob(sample.url);
      load.then(
        (blob) => (picture.src = URL.createObjectURL(blob)),
        () => {},
      );
      const choose = async () => {
        const blob = await load;
        const type = blob.type.split("/")[1] ?? "png";
        this.add([new File([blob], `${sample.name}.${type === "jpeg" ? "jpg" : type}`, { type: blob.type })]);
        onChoose(sample);
      };
      const title = element("span");
      sayWith(title, () => (has(`sample.${sample.name}`) ? t(`sample.${sample.name}`) : sample.title));
      const button = element("button", { type: "button", class: "sample", on: { click: choose } }, picture, title);
      list.append(element("li", {}, button));
    }
    const title = element("p", { id: "samples-title", class: "samples-title" });
    say(title, "compose.samples");
    list.setAttribute("aria-labelledby", "samples-title");
    if (samples.length > 0) this.#invitation.append(title, list);
  }

  /**
   * Sends some of the chosen photos with the same options. Those that the server accepts are no longer chosen; the
   * others stay and say why.
   * @param onJob Called with each job.
   */
  async send(cards, options, onJob) {
    this.isSending = true;
    for (const card of cards) card.wait();
    this.#changed();
    try {
      for (const card of cards) await this.#sendOne(card, options, onJob);
    } finally {
      this.isSending = false;
      this.#changed();
    }
  }

  async #sendOne(card, options, onJob) {
    await this.#check(card);
    if (card.signal.aborted || !card.canBeSent) return;
    if (card.lacksFaces(options)) {
      card.refuse({ code: "faces-unmarked" });
      return;
    }
    try {
      const job = await send(this.#api, card.file, card.options(options), card, card.signal);
      this.#remove(card);
      onJob(job);
    } catch (error) {
      if (error.name !== "AbortError") card.refuse(asApiError(error));
    }
  }

  /** Looks at a photo's file. */
  async #check(card) {
    if (!this.#schema || !card.canBeSent) return;
    const problem = await problemOf(card.file, this.#schema);
    if (!problem || card.signal.aborted) return;
    card.refuse(problem, true);
    this.#changed();
  }

  /** Gets a picture of a photo that the browser cannot show, such as a TIFF. */
  async #illustrate(card) {
    await this.#check(card);
    if (!this.#schema || !card.canBeSent || card.signal.aborted) return;
    try {
      card.illustrate(await this.#api.thumbnail(card.file, card.signal));
    } catch (error) {
      if (error.name === "AbortError") return;
      const problem = asApiError(error);
      if (fileFaults.includes(problem.status)) card.refuse(problem, true);
      this.#changed(); // else the placeholder stays, and sending says why
    }
  }

  /** Looks at a photo's size. */
  #look(card) {
    if (this.#schema && hasTooManyPixels(card, this.#schema)) card.refuse({ code: "image-too-large" }, true);
    this.#changed();
  }

  async #chooseFaces(card) {
    const find = (signal) => this.#api.faces(card.file, signal);
    card.faces = await chooseFaces(card, this.#schema.findsFaces ? find : null);
    this.#changed();
  }

  #remove(card, byUser = false) {
    const index = this.#cards.indexOf(card);
    this.#cards.splice(index, 1);
    card.discard();
    this.#changed();
    if (byUser)
      (this.#list.children[Math.min(index, this.#cards.length - 1)]?.querySelector("button") ?? byId("choose")).focus();
  }

  #changed() {
    const isEmpty = this.#cards.length === 0;
    this.#invitation.hidden = !isEmpty;
    this.#chosen.hidden = isEmpty;
    this.#list.classList.toggle("single", this.#cards.length === 1);
    this.dispatchEvent(new Event("change"));
  }

  #pick() {
    this.#input.removeAttribute("capture");
    this.#input.accept = this.#schema ? pickerTypes(this.#schema.formats) : anyPicture;
    this.#input.click();
  }

  // Phones open their camera for a picture of any kind, and give a JPEG.
  #photograph() {
    this.#input.setAttribute("capture", "environment");
    this.#input.accept = anyPicture;
    this.#input.click();
  }

  #makeInvitation() {
    const [title, text, choose, photograph, hint] = [
      element("h1"),
      element("p", { class: "lead" }),
      element("span"),
      element("span"),
      element("p", { class: "hint only-with-mouse" }),
    ];
    say(title, "compose.title");
    say(text, "compose.text");
    say(choose, "compose.choose");
    say(photograph, "compose.photograph");
    say(hint, "compose.hint");
    const art = element("img", {
      src: "/assets/images/invitation.svg",
      alt: "",
      class: "invitation-art",
      width: "220",
      height: "150",
    });
    const button = element(
      "button",
      { id: "choose", type: "button", class: "button primary large", on: { click: () => this.#pick() } },
      icon("picture"),
      choose,
    );
    const camera = element(
      "button",
      { id: "camera", type: "button", class: "button large only-with-fingers", on: { click: () => this.#photograph() } },
      icon("camera"),
      photograph,
    );
    return element("div", { class: "invitation" }, art, title, text, button, camera, hint);
  }

  #makeChosen() {
    const more = element("span");
    this.addEventListener("change", () => say(this.#title, "compose.chosen", { count: this.#cards.length }));
    say(more, "compose.more");
    const button = element(
      "button",
      { type: "button", class: "button quiet", on: { click: () => this.#pick() } },
      icon("plus"),
      more,
    );
    return element(
      "div",
      { class: "chosen", hidden: true },
      element("div", { class: "stage-head" }, this.#title, button),
      this.#list,
    );
  }
}
