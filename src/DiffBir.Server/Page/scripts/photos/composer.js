// Where photos are chosen before they are restored.

import { byId, element, icon } from "../dom.js";
import { chooseFaces } from "../faces/face-dialog.js";
import { send } from "../server/sender.js";
import { asApiError } from "../words/errors.js";
import { has, say, sayWith, t } from "../words/i18n.js";
import { PhotoCard } from "./photo-card.js";

/** The chosen photos; sends "change" when their number, size or state changes. */
export class Composer extends EventTarget {
  #api;
  #maxBytes = Infinity;
  #findsFaces = false;
  #cards = [];
  #invitation;
  #chosen;
  #list = element("ul", { class: "photos" });
  #input = element("input", {
    type: "file",
    accept: "image/*,.tif,.tiff,.heic,.heif,.avif",
    multiple: true,
    hidden: true,
  });

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

  /** Takes over what the server can: files larger than its limit are refused before they are sent. */
  suit({ limits, findsFaces }) {
    this.#maxBytes = limits.maxBytes ?? Infinity;
    this.#findsFaces = findsFaces;
  }

  /** Offers to choose faces where they are restored. */
  offerFaces(isOn) {
    for (const card of this.#cards) card.offerFaces(isOn, this.#findsFaces);
  }

  /** Adds photos to those chosen; their PhotoCards. */
  add(files) {
    const added = files.map(
      (file) =>
        new PhotoCard(file, {
          onRemove: (card) => this.#remove(card, true),
          onKnown: () => this.#changed(),
          onFaces: (card) => this.#chooseFaces(card),
        }),
    );
    this.#cards.push(...added);
    this.#list.append(...added.map((card) => card.element));
    this.#changed();
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
    if (card.signal.aborted) return;
    if (card.file.size > this.#maxBytes) {
      card.refuse({ code: "image-too-large" });
      return;
    }
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

  async #chooseFaces(card) {
    const find = (signal) => this.#api.faces(card.file, signal);
    card.faces = await chooseFaces(card, this.#findsFaces ? find : null);
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

  #makeInvitation() {
    const [title, text, choose, hint] = [
      element("h1"),
      element("p", { class: "lead" }),
      element("span"),
      element("p", { class: "hint" }),
    ];
    say(title, "compose.title");
    say(text, "compose.text");
    say(choose, "compose.choose");
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
      { id: "choose", type: "button", class: "button primary large", on: { click: () => this.#input.click() } },
      icon("picture"),
      choose,
    );
    return element("div", { class: "invitation" }, art, title, text, button, hint);
  }

  #makeChosen() {
    const [title, more] = [element("h1", { tabindex: "-1" }), element("span")];
    this.addEventListener("change", () => say(title, "compose.chosen", { count: this.#cards.length }));
    say(more, "compose.more");
    const button = element(
      "button",
      { type: "button", class: "button quiet", on: { click: () => this.#input.click() } },
      icon("plus"),
      more,
    );
    return element(
      "div",
      { class: "chosen", hidden: true },
      element("div", { class: "stage-head" }, title, button),
      this.#list,
    );
  }
}
