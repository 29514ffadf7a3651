// Whether faces in a photo are restored by themselves.

import { element } from "../dom.js";
import { say } from "../words/i18n.js";

export class FaceChoice {
  #box = element("input", { id: "faces", type: "checkbox", "aria-describedby": "faces-help" });

  constructor() {
    const [label, help] = [element("label", { for: "faces" }), element("p", { id: "faces-help", class: "hint" })];
    say(label, "faces.label");
    say(help, "faces.help");
    this.element = element("div", { class: "field" }, element("div", { class: "check" }, this.#box, label), help);
  }

  /** Whether they are; false where the model cannot. */
  get isOn() {
    return this.#box.checked && !this.element.hidden;
  }

  get value() {
    return this.isOn ? "true" : undefined;
  }

  set value(text) {
    this.#box.checked = text === "true";
  }

  /** Offers it where a model can. */
  offer(model) {
    this.element.hidden = !model?.tasks.includes("face");
  }
}
