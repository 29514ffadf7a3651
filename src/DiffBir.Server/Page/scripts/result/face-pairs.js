// The faces that were restored by themselves: a choice between the whole photo and each of them.

import { element } from "../dom.js";
import { say } from "../words/i18n.js";

export class FacePairs {
  #onChoose;
  #choices = element("div", { class: "segments face-pairs" });

  /** @param onChoose Called with a face's number, or 0 for the whole photo. */
  constructor(onChoose) {
    this.#onChoose = onChoose;
    const legend = element("legend", { class: "visually-hidden" });
    say(legend, "pairs.legend");
    this.element = element("fieldset", { hidden: true }, legend, this.#choices);
  }

  /** Offers a job's faces. */
  offer(count) {
    this.element.hidden = count === 0;
    this.#choices.replaceChildren(...Array.from({ length: count + 1 }, (_, number) => this.#makeChoice(number)));
  }

  #makeChoice(number) {
    const text = element("span");
    say(text, number === 0 ? "pairs.photo" : "pairs.face", { number });
    const radio = element("input", { type: "radio", name: "face-pair", value: number, checked: number === 0 });
    radio.addEventListener("change", () => this.#onChoose(number));
    return element("label", {}, radio, text);
  }
}
