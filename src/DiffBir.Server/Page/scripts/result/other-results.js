// Other results of the same photo, to compare with.

import { element } from "../dom.js";
import { say, sayWith } from "../words/i18n.js";

export class OtherResults {
  #select = element("select", { id: "other-result" });

  /** @param onChoose Called with the id of the job that was chosen; null for none. */
  constructor(onChoose) {
    const label = element("label", { for: "other-result" });
    say(label, "others.label");
    this.#select.addEventListener("change", () => onChoose(this.#select.value || null));
    this.element = element("div", { class: "other-results", hidden: true }, label, this.#select);
  }

  /** @param results Each with its id and `write`, which says what it is in the page's language. */
  offer(results) {
    const none = element("option", { value: "" });
    say(none, "others.none");
    const options = results.map(({ id, write }) => {
      const option = element("option", { value: id });
      sayWith(option, write);
      return option;
    });
    this.#select.replaceChildren(none, ...options);
    this.element.hidden = results.length === 0;
  }

  /** Chooses none. */
  reset() {
    this.#select.value = "";
  }

  set disabled(isDisabled) {
    this.#select.disabled = isDisabled;
  }
}
