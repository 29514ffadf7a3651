// This browser's jobs, newest first: what is needed to show them even when the server has forgotten them.

import { hasEnded } from "../server/job-watch.js";
import { onRemembered, recall, remember } from "./storage.js";

const most = 200;

/**
 * Entries are {id, name, created, state, fraction, thumbnail, expires, gone, photo, model, options}; `photo` is the same for jobs of
 * one photo, `gone` says that the server no longer has
 * the job. Sends "change" when anything changes, by this tab or another.
 */
export class JobList extends EventTarget {
  #removed = new Set(); // news of them may still be on the way

  constructor() {
    super();
    onRemembered("jobs", () => this.#changed());
  }

  get entries() {
    return recall("jobs", []);
  }

  get active() {
    return this.entries.filter((entry) => !entry.gone && !hasEnded(entry));
  }

  /** The other results of a job's photo, newest first. */
  otherResults(id) {
    const photo = this.find(id)?.photo;
    return this.entries.filter((entry) => entry.id !== id && entry.photo === photo && entry.state === "done" && !entry.gone);
  }

  find = (id) => this.entries.find((entry) => entry.id === id);

  /** Takes over what the server says about a job; adds it if it is new. */
  put(job) {
    if (this.#removed.has(job.id)) return;
    const news = {
      id: job.id,
      name: job.input.name,
      created: job.created,
      state: job.state,
      position: job.position,
      fraction: job.progress?.fraction ?? 0,
      photo: [job.input.name, job.input.bytes, job.input.width, job.input.height].join(" "),
      model: job.model,
      options: job.options,
      expires: job.expires,
      gone: false,
    };
    if (this.find(job.id)) this.change(job.id, news);
    else this.#store([news, ...this.entries].slice(0, most));
  }

  /** Changes an entry; without effect if there is none. */
  change(id, news) {
    const entries = this.entries;
    const entry = entries.find((candidate) => candidate.id === id);
    if (!entry || Object.entries(news).every(([name, value]) => isSame(entry[name], value))) return;
    Object.assign(entry, news);
    this.#store(entries);
  }

  remove(id) {
    this.#removed.add(id);
    this.#store(this.entries.filter((entry) => entry.id !== id));
  }

  #store(entries) {
    remember("jobs", entries);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

const isSame = (value, other) => value === other || JSON.stringify(value) === JSON.stringify(other);
