// One restoration: its progress, then its result.

import { byId, element, icon } from "../dom.js";
import { illustrate } from "../server/job-poll.js";
import { hasEnded, watch } from "../server/job-watch.js";
import { announce } from "../words/announcer.js";
import { asApiError, sayError, sayProblem } from "../words/errors.js";
import { bytes, duration, moment, size } from "../words/format.js";
import { join, say, sayWith, t } from "../words/i18n.js";
import { CompareSlider } from "./compare-slider.js";
import { MadeWith } from "./made-with.js";
import { Pictures } from "./pictures.js";
import { ProgressView } from "./progress-view.js";
import { ResultTools } from "./result-tools.js";
import { WorkingPicture } from "./working-picture.js";

const partKinds = { tiff: "page", avif: "picture" }; // frames in others
const faceSize = { width: 512, height: 512 }; // of a face by itself

export class JobView {
  #api;
  #list;
  #onConnection;
  #onChange;
  #pictures = new Pictures();
  #stop = new AbortController();
  #job = null;
  #working = null;
  #title = element("h1", { tabindex: "-1", class: "job-title", dir: "auto" });
  #stand = element("div", { class: "job-stand" });
  #error = element("p", { class: "message error", role: "alert", hidden: true });
  #notice = element("p", { class: "message", hidden: true });
  #part = element("p", { class: "hint job-part", hidden: true });
  #facts = element("p", { class: "facts" });
  #compare = new CompareSlider();
  #download;
  #progress;
  #tools;
  #madeWith;

  /**
   * @param list The JobList that keeps what is seen here.
   * @param listener onConnection(isThere); onChange(): `id`, `canRepeat` or `photos` may have changed; onUseSettings(job).
   */
  constructor(root, api, list, { onConnection, onChange, onUseSettings }) {
    this.#api = api;
    this.#list = list;
    this.#onConnection = onConnection;
    this.#onChange = onChange;
    this.#progress = new ProgressView(() => this.#cancel());
    this.#madeWith = new MadeWith(onUseSettings);
    this.#download = makeDownload(() => this.#attempt(() => this.#save()));
    this.#tools = new ResultTools(this.#compare, {
      onLeft: (kind) => this.#attempt(() => this.#showLeft(kind)),
      onOther: (id) => this.#attempt(() => this.#showOther(id)),
      onFace: (number) => this.#attempt(() => this.#showFace(number)),
    });
    const back = element("a", { class: "button quiet", href: "#/" }, icon("back"), element("span"));
    say(back.lastChild, "job.new");
    root.append(
      element("div", { class: "stage-head" }, this.#title, back, this.#download),
      this.#stand,
      this.#part,
      this.#progress.element,
      this.#error,
      this.#notice,
      this.#tools.element,
      this.#facts,
      this.#madeWith.element,
    );
  }

  /** Takes over what the server offers. */
  know(schema, models) {
    this.#madeWith.know(schema, models);
  }

  /** The job that is shown; null if there is none. */
  get id() {
    return this.#job?.id ?? null;
  }

  /** Whether the job's photo can be restored once more. */
  get canRepeat() {
    return Boolean(this.#job?.state) && hasEnded(this.#job);
  }

  /** The job's photo, with its size, as a list. */
  get photos() {
    return this.#job?.input ? [this.#job.input] : [];
  }

  /** The job's photo as it was uploaded. */
  async originalFile() {
    const { id, input } = this.#job;
    const blob = await this.#api.original(id, { download: true });
    return new File([blob], input.name, { type: blob.type });
  }

  /** Shows a job and follows it. */
  async open(id) {
    this.close();
    const { signal } = this.#stop;
    const known = this.#list.find(id);
    this.#job = { id };
    if (known) this.#title.textContent = known.name;
    else say(this.#title, "job.loading");
    this.#title.focus({ preventScroll: true });
    this.#comeIntoSight();
    try {
      await watch(
        this.#api,
        id,
        {
          onJob: (job) => this.#show(job, signal),
          onProgress: (progress) => {
            this.#progress.update(progress);
            this.#list.change(id, { state: "running", fraction: progress.fraction });
          },
          onPreview: () => this.#showMiddle("preview", signal),
          onConnection: this.#onConnection,
        },
        signal,
      );
    } catch (error) {
      if (!signal.aborted) this.#lose(asApiError(error), known);
    }
  }

  #comeIntoSight() {
    const { top } = byId("stage").getBoundingClientRect();
    if (top < 0 || top > innerHeight / 2) byId("stage").scrollIntoView({ behavior: "smooth" });
  }

  /** Stops following. */
  close() {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#pictures.release();
    this.#working?.discard();
    this.#job = this.#working = null;
    this.#stand.replaceChildren();
    this.#error.hidden = this.#notice.hidden = this.#part.hidden = true;
    this.#facts.replaceChildren();
    this.#progress.hide();
    this.#tools.hide();
    this.#madeWith.show(null);
    this.#download.hidden = true;
  }

  #show(job, signal) {
    const isNew = !this.#list.find(job.id);
    this.#job = job;
    this.#list.put(job);
    if (isNew) illustrate(this.#api, this.#list, job);
    this.#title.textContent = job.input.name;
    this.#showPart(job);
    this.#onChange();
    if (hasEnded(job)) this.#attempt(() => this.#finish(job, signal));
    else this.#work(job, signal);
  }

  #work(job, signal) {
    this.#progress.show(job);
    if (!this.#working) this.#startPicture(job, signal);
    if (job.previewStep !== null) this.#showMiddle("preview", signal);
    else if (job.intermediates.includes("clean")) this.#showMiddle("clean", signal);
  }

  #startPicture(job, signal) {
    const working = new WorkingPicture(job.input);
    this.#working = working;
    this.#stand.replaceChildren(working.element);
    this.#pictures
      .get("original", () => this.#api.original(job.id, {}, signal))
      .then(
        (url) => working.showOriginal(url),
        () => {},
      );
  }

  #showMiddle(kind, signal) {
    this.#working?.showPreview(() => this.#api.intermediate(this.#job.id, kind, signal));
  }

  async #finish(job, signal) {
    const hadFocus = this.#progress.element.contains(document.activeElement);
    const wasSeen = this.#working !== null;
    this.#progress.hide();
    if (job.state === "done") await this.#showResult(job, signal);
    else this.#showEnd(job, signal);
    if (signal.aborted) return;
    if (wasSeen) announce(`announce.${job.state}`, { name: job.input.name });
    if (hadFocus) this.#title.focus({ preventScroll: true });
  }

  async #showResult(job, signal) {
    const [before, after] = await this.#photoPair(job.id, signal);
    if (signal.aborted) return;
    this.#stand.replaceChildren(this.#compare.element);
    this.#compare.show({ before, after, size: job.output });
    this.#download.hidden = false;
    this.#showFacts(job);
    this.#madeWith.show(job);
    this.#tools.show(job, this.#others(job));
    illustrate(this.#api, this.#list, job);
  }

  #showEnd(job, signal) {
    if (!this.#working) this.#startPicture(job, signal);
    if (job.state === "failed")
      sayError(this.#error, { code: job.error?.code ?? "unexpected", detail: job.error?.message });
    else this.#say("job.cancelled");
  }

  // Of a file with several pictures one is restored.
  #showPart({ input: { format, pages }, options: { page } }) {
    this.#part.hidden = pages === 1;
    const kind = partKinds[format] ?? "frame";
    sayWith(this.#part, () =>
      join([t(`job.part.${kind === "picture" && !page ? "main" : kind}`, { number: page ?? 1, count: pages }), page ? "" : t("job.part.others")]),
    );
  }

  #showFacts({ input, output, secondsTaken }) {
    sayWith(this.#facts, () =>
      t("job.facts", {
        from: size(input),
        to: size(output),
        format: output.format.toUpperCase(),
        bytes: bytes(output.bytes),
        time: duration(secondsTaken),
      }),
    );
  }

  // The server no longer has the job: what this browser remembers is all there is.
  #lose(error, known) {
    this.#progress.hide();
    if (error.status !== 404 && error.status !== 410) {
      sayError(this.#error, error);
      return;
    }
    this.#list.change(this.#job.id, { gone: true });
    this.#job = { id: this.#job.id };
    this.#onChange();
    if (!known) say(this.#title, "job.unknown");
    if (known?.thumbnail)
      this.#stand.replaceChildren(element("img", { class: "working-remains", src: known.thumbnail, alt: "" }));
    this.#say("job.expired");
  }

  async #showFace(number) {
    const { signal } = this.#stop;
    const { id, output } = this.#job;
    const [before, after] = await (number === 0 ? this.#photoPair(id, signal) : this.#facePair(id, number, signal));
    if (!signal.aborted) this.#compare.show({ before, after, size: number === 0 ? output : faceSize });
  }

  #photoPair = (id, signal) =>
    Promise.all([
      this.#pictures.get("original", () => this.#api.original(id, {}, signal)),
      this.#pictures.get("result", () => this.#api.result(id, { view: true }, signal)),
    ]);

  #facePair = (id, number, signal) =>
    Promise.all(
      ["before", "after"].map((state) =>
        this.#pictures.get(`face ${number} ${state}`, () => this.#api.face(id, number, state, signal)),
      ),
    );

  async #showLeft(kind) {
    const { signal } = this.#stop;
    const { id } = this.#job;
    const url = await this.#pictures.get(kind, () =>
      kind === "original" ? this.#api.original(id, {}, signal) : this.#api.intermediate(id, kind, signal),
    );
    if (!signal.aborted) this.#compare.showBefore(url, `compare.${kind}`);
  }

  #others({ id }) {
    return this.#list.otherResults(id).map((entry) => ({
      id: entry.id,
      write: () => [moment(entry.created), this.#madeWith.difference(entry)].filter(Boolean).join(" · "),
    }));
  }

  async #showOther(id) {
    const { signal } = this.#stop;
    const url = await this.#pictures.get(`result ${id}`, () => this.#api.result(id, { view: true }, signal));
    if (!signal.aborted) this.#compare.showBefore(url, "compare.other");
  }

  async #cancel() {
    this.#progress.cancel.disabled = true;
    try {
      const job = await this.#api.cancel(this.#job.id);
      if (job.id === this.id && hasEnded(job)) this.#show(job, this.#stop.signal);
    } catch (error) {
      this.#progress.cancel.disabled = false;
      sayError(this.#error, asApiError(error));
    }
  }

  async #save() {
    const url = await this.#pictures.get("download", () => this.#api.result(this.#job.id));
    element("a", { href: url, download: this.#job.output.name }).click();
  }

  async #attempt(action) {
    const { signal } = this.#stop;
    try {
      this.#error.hidden = true;
      await action();
    } catch (error) {
      if (!signal.aborted) sayError(this.#error, asApiError(error));
    }
  }

  #say(key) {
    sayProblem(this.#notice, key);
  }
}

function makeDownload(onClick) {
  const text = element("span");
  say(text, "job.download");
  return element(
    "button",
    { type: "button", class: "button primary", hidden: true, on: { click: onClick } },
    icon("download"),
    text,
  );
}
