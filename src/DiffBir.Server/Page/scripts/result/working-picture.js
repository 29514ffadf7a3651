// The photo while it is restored: the original, and over it what the result would be by now.

import { element } from "../dom.js";
import { say } from "../words/i18n.js";

export class WorkingPicture {
  #original = element("img", { class: "working-layer shown", hidden: true });
  #previews = [
    element("img", { class: "working-layer", alt: "" }),
    element("img", { class: "working-layer", alt: "" }),
  ];
  #url = null;
  #isLoading = false;
  #isStale = false;
  #load;

  /** @param size The original's size. */
  constructor({ width, height }) {
    say(this.#original, "job.original-alt", {}, "alt");
    this.element = element("div", { class: "working", "data-previews": "0" }, this.#original, ...this.#previews);
    this.element.style.setProperty("--ratio", String(width / height));
  }

  showOriginal(url) {
    this.#original.src = url;
    this.#original.hidden = false;
  }

  /** Fades to a newer picture; those that come while one is loading are skipped, except for the last. */
  async showPreview(load) {
    this.#load = load;
    this.#isStale = this.#isLoading;
    if (this.#isLoading) return;
    this.#isLoading = true;
    try {
      do {
        this.#isStale = false;
        await this.#fadeTo(await this.#load());
      } while (this.#isStale);
    } catch {
      // The next preview comes with the next step.
    } finally {
      this.#isLoading = false;
    }
  }

  async #fadeTo(blob) {
    const [shown, hidden] = this.#previews;
    const url = URL.createObjectURL(blob);
    hidden.classList.remove("shown");
    hidden.src = url;
    await hidden.decode();
    this.element.append(hidden);
    hidden.getBoundingClientRect(); // lets the browser notice the start of the transition
    hidden.classList.add("shown");
    this.#previews = [hidden, shown];
    this.discard();
    this.#url = url;
    this.element.dataset.previews = String(Number(this.element.dataset.previews) + 1);
  }

  /** Lets go of the preview. */
  discard() {
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = null;
  }
}
