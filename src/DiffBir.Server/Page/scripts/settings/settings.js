// How the next photos are restored: what everybody may want to choose, in plain words, and the rest under "Advanced".

import { byId } from "../dom.js";
import { recall, remember } from "../memory/storage.js";
import { asApiError } from "../words/errors.js";
import { say } from "../words/i18n.js";
import { DialControl } from "./dial-control.js";
import { DialSamples } from "./dial-samples.js";
import { FaceChoice } from "./face-choice.js";
import { defaultOf } from "./model-defaults.js";
import { ModelChoice } from "./model-choice.js";
import { OptionsForm } from "./options-form.js";
import { TaskChoice } from "./task-choice.js";
import { UpscaleChoice } from "./upscale-choice.js";

const everyday = ["task", "upscale", "size", "longest-side", "guidance-scale", "faces"];
const ofFaces = ["background", "only-largest-face", "min-face"]; // without effect where faces are not restored
const usualUpscale = 4; // where no model says better

/** The settings; the browser remembers them. */
export class Settings {
  #task;
  #upscale;
  #dial = new DialControl();
  #faces = new FaceChoice();
  #model;
  #advanced;
  #photos = [];
  #samples;
  #estimate;
  #asked = ""; // for what the times are known, or will be
  #askLater = 0;

  /**
   * @param schema Of GET /api/options.
   * @param models Of GET /api/models.
   */
  constructor(form, { options, limits }, models, api) {
    this.#estimate = (photo, values) => api.estimates(photo, values);
    this.#samples = new DialSamples(api, (position) => this.#choosePosition(position));
    const described = (name) => options.find((option) => option.name === name);
    this.#task = new TaskChoice(described("task"));
    this.#upscale = new UpscaleChoice(described("upscale"), limits);
    this.#model = new ModelChoice(models);
    byId("settings-everyday").append(
      this.#task.element,
      this.#upscale.element,
      this.#dial.element,
      this.#samples.element,
      this.#faces.element,
    );
    byId(this.#model.isChoice ? "settings-everyday" : "settings-advanced").append(this.#model.element);
    this.#advanced = new OptionsForm(
      byId("settings-advanced"),
      options.filter(({ name }) => !everyday.includes(name)),
      (name) => this.#modelDefault(name),
    );
    byId("advanced").hidden = false;
    this.#set(recall("settings", {}));
    form.addEventListener("input", () => this.#changed());
    byId("advanced-reset").addEventListener("click", () => {
      this.#advanced.set({});
      this.#changed();
    });
  }

  /** Whether faces are restored by themselves. */
  get restoresFaces() {
    return this.#faces.isOn;
  }

  /** The options to send: text by name, without those left to the model. */
  values() {
    const chosen = {
      model: this.#model.value,
      task: this.#task.value,
      ...this.#upscale.values,
      "guidance-scale": this.#dial.element.hidden ? undefined : this.#dial.value,
      faces: this.#faces.value,
    };
    return { ...this.#advanced.values(), ...Object.fromEntries(Object.entries(chosen).filter(([, value]) => value)) };
  }

  /** Takes over what suits a photo. */
  suit({ task, upscale }) {
    if (task) this.#task.value = task;
    if (upscale) this.#upscale.values = { upscale: String(upscale) };
    this.#changed();
  }

  /** Takes over what made a job. */
  take({ model, options }) {
    this.#set({ ...options, model });
    this.#changed();
  }

  /** Whether the server would make as large a result of a photo as is asked for. */
  fits = (photo) => this.#upscale.fits(photo);

  /** Says what size photos would get. */
  showSizes(photos) {
    this.#photos = photos;
    this.#upscale.update(photos);
    this.#showPieces();
    this.#askForTimes();
  }

  /** Marks what is impossible and moves there; whether all is possible. */
  check() {
    const wrong = this.#upscale.check() ?? this.#advanced.check();
    if (!wrong) return true;
    if (byId("settings-advanced").contains(wrong)) byId("advanced").open = true;
    wrong.focus();
    return false;
  }

  #set(values) {
    this.#model.value = values.model;
    if (values.task) this.#task.value = values.task;
    const { upscale = String(this.#modelDefault("upscale") ?? usualUpscale), size } = values;
    this.#upscale.values = { upscale, size };
    this.#dial.value = values["guidance-scale"];
    this.#faces.value = values.faces;
    this.#advanced.set(values);
    this.#update();
  }

  #changed() {
    this.#update();
    remember("settings", this.values());
  }

  #update() {
    this.#task.offer(this.#model.model);
    this.#faces.offer(this.#model.model);
    this.#upscale.update(this.#photos);
    const withoutEffect = [...(this.#model.model?.withoutEffect ?? []), ...(this.#faces.isOn ? [] : ofFaces)];
    this.#dial.element.hidden = this.#model.model?.regenerates === false || withoutEffect.includes("guidance-scale");
    this.#dial.update(this.#modelDefault("guidance-scale") ?? 0, this.#modelDefault("strongest-guidance") ?? 1);
    this.#advanced.update(withoutEffect);
    const count = Object.keys(this.#advanced.values()).length;
    byId("advanced-changed").hidden = count === 0;
    byId("advanced-reset").disabled = count === 0;
    say(byId("advanced-changed"), "advanced.changed", { count });
  }

  #choosePosition(position) {
    this.#dial.choose(position);
    this.#changed();
  }

  #showPieces() {
    const photo = this.#photos.find(({ file, width }) => file && width);
    const isOf = this.#dial.element.hidden ? undefined : photo;
    this.#samples.offer(isOf, this.values(), this.#modelDefault("strongest-guidance") ?? 1);
  }

  // Not at every turn of the dial, and nobody waits for it.
  #askForTimes() {
    const photo = this.#photos.find(({ width }) => width);
    const { model, ...options } = this.values();
    const question = photo ? JSON.stringify([photo.width, photo.height, options]) : "";
    if (question === this.#asked) return;
    this.#asked = question;
    clearTimeout(this.#askLater);
    this.#model.showTimes([]);
    if (photo) this.#askLater = setTimeout(() => this.#ask(photo, options, question), 500);
  }

  async #ask(photo, options, question) {
    try {
      const estimates = await this.#estimate(photo, options);
      if (question === this.#asked) this.#model.showTimes(estimates);
    } catch (error) {
      asApiError(error); // then nothing is said of times
    }
  }

  #modelDefault(option) {
    return defaultOf(this.#model.model, option);
  }
}
