// What the server is doing with a photo, and how long it will take.

import { element } from "../dom.js";
import { announce } from "../words/announcer.js";
import { percent, timeLeft } from "../words/format.js";
import { say, sayWith, t } from "../words/i18n.js";

export class ProgressView {
  #stage = element("p", { class: "progress-stage" });
  #detail = element("p", { class: "progress-detail" });
  #bar = element("progress", { max: "1" });
  #announced = null;

  /** @param onCancel Called when the user wants no result any more. */
  constructor(onCancel) {
    this.cancel = element("button", { type: "button", class: "button", on: { click: onCancel } });
    say(this.cancel, "job.cancel");
    say(this.#bar, "progress.label", {}, "aria-label");
    this.element = element(
      "div",
      { class: "progress", hidden: true },
      element("div", { class: "progress-text" }, this.#stage, this.#detail),
      this.cancel,
      this.#bar,
    );
  }

  /** Shows a job that waits or runs. */
  show(job) {
    this.element.hidden = false;
    this.cancel.disabled = false;
    if (job.state === "queued") this.#showWaiting(job.position);
    else this.update(job.progress);
  }

  /** Shows how far a running job is; null if nobody knows yet. */
  update(progress) {
    const stage = progress?.stage ?? "starting";
    this.#fill(progress);
    sayWith(this.#stage, () => join([progress ? whichFace(progress) : "", t(`stage.${stage}`)]));
    sayWith(this.#detail, () => (progress ? detail(progress) : ""));
    this.#announce(stage, `stage.${stage}`);
    document.title = `${percent(progress?.fraction ?? 0)} · DiffBir`;
  }

  // As long as nobody can say how far it is, the bar shows that it goes on.
  #fill(progress) {
    if (!progress || (progress.fraction === 0 && progress.secondsLeft === null)) this.#bar.removeAttribute("value");
    else this.#bar.value = progress.fraction;
  }

  hide() {
    this.element.hidden = true;
    this.#announced = null;
    document.title = "DiffBir";
  }

  #showWaiting(position) {
    this.#bar.value = 0;
    say(this.#stage, "stage.waiting");
    say(this.#detail, position === 1 ? "progress.next" : "progress.position", { position: position ?? "…" });
    this.#announce(`waiting ${position}`, "stage.waiting");
  }

  // Each stage once: a screen reader that tells every step says nothing else any more.
  #announce(what, key) {
    if (this.#announced === what) return;
    this.#announced = what;
    announce(key);
  }
}

/** Which face is restored, or that what is around them is. */
function whichFace({ face, faces }) {
  if (faces === 0) return "";
  return face > 0 ? t("progress.face", { face, faces }) : t("progress.around");
}

const join = (parts) => parts.filter(Boolean).join(": ");

function detail({ step, steps, fraction, secondsLeft }) {
  const parts = [percent(fraction), timeLeft(secondsLeft)];
  return (steps > 1 ? [t("progress.step", { step, steps }), ...parts] : parts).join(" · ");
}
