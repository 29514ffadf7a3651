// This browser's photos.

import { confirm } from "./dialogs.js";
import { makeButton } from "./buttons.js";
import { byId, element, icon } from "./dom.js";
import { announce } from "./words/announcer.js";
import { asApiError, sayError } from "./words/errors.js";
import { moment, percent } from "./words/format.js";
import { say, sayWith, t } from "./words/i18n.js";

const keepArchive = 60_000; // milliseconds in which the browser begins to save it

export class Gallery {
  #api;
  #list;
  #root;
  #current = null;
  #cards = new Map();
  #grid = element("ul", { class: "gallery-grid" });
  #title = element("h2", { id: "gallery-title", tabindex: "-1" });
  #error = element("p", { class: "message error", role: "alert", hidden: true });
  #download = makeButton("button", "download", "gallery.download", () => this.#downloadAll());

  /** @param list The JobList to show. */
  constructor(root, api, list) {
    this.#root = root;
    this.#api = api;
    this.#list = list;
    say(this.#title, "gallery.title");
    root.append(
      element("div", { class: "gallery-head" }, this.#title, this.#download),
      this.#error,
      this.#grid,
      element(
        "div",
        { class: "gallery-foot" },
        makeButton("button quiet", "trash", "gallery.clear", () => this.#removeAll()),
      ),
    );
    list.addEventListener("change", () => this.#show());
    this.#show();
  }

  /** Marks the job that is looked at. */
  mark(id) {
    this.#current = id;
    this.#show();
  }

  #show() {
    const { entries } = this.#list;
    this.#root.hidden = entries.length === 0;
    this.#download.hidden = this.#finished.length === 0;
    for (const [id, card] of this.#cards) {
      if (entries.some((entry) => entry.id === id)) continue;
      card.element.remove();
      this.#cards.delete(id);
    }
    entries.forEach((entry, index) => {
      if (!this.#cards.has(entry.id)) this.#cards.set(entry.id, new JobCard(entry.id, () => this.#remove(entry)));
      const card = this.#cards.get(entry.id);
      card.show(entry, entry.id === this.#current);
      if (this.#grid.children[index] !== card.element)
        this.#grid.insertBefore(card.element, this.#grid.children[index] ?? null);
    });
  }

  get #finished() {
    return this.#list.entries.filter((entry) => entry.state === "done" && !entry.gone);
  }

  async #downloadAll() {
    this.#error.hidden = true;
    this.#download.disabled = true;
    try {
      const url = URL.createObjectURL(await this.#api.archive(this.#finished.map(({ id }) => id)));
      element("a", { href: url, download: "diffbir.zip" }).click();
      setTimeout(() => URL.revokeObjectURL(url), keepArchive);
    } catch (error) {
      sayError(this.#error, asApiError(error));
    } finally {
      this.#download.disabled = false;
    }
  }

  async #remove(entry) {
    if (!(await confirm("gallery.confirm", "gallery.delete", { name: entry.name }))) return;
    const next =
      this.#cards.get(entry.id).element.nextElementSibling ?? this.#cards.get(entry.id).element.previousElementSibling;
    if (!(await this.#forget([entry]))) return;
    announce("gallery.deleted", { name: entry.name });
    (next?.querySelector("a") ?? byId("stage")).focus();
  }

  async #removeAll() {
    const { entries } = this.#list;
    if (!(await confirm("gallery.confirm-all", "gallery.delete-all", { count: entries.length }))) return;
    if (await this.#forget(entries)) byId("stage").focus();
  }

  /** Deletes jobs on the server, then here; whether all are gone. */
  async #forget(entries) {
    this.#error.hidden = true;
    try {
      for (const entry of entries) {
        await this.#api.remove(entry.id).catch((error) => {
          if (error.status !== 404 && error.status !== 410) throw error;
        });
        this.#list.remove(entry.id);
        if (entry.id === this.#current) location.hash = "#/";
      }
      return true;
    } catch (error) {
      sayError(this.#error, asApiError(error));
      return false;
    }
  }
}

class JobCard {
  #link;
  #picture = element("img", { alt: "", class: "card-picture", hidden: true });
  #placeholder = element("span", { class: "card-placeholder" }, icon("picture"));
  #name = element("span", { class: "card-name", dir: "auto" });
  #state = element("span", { class: "card-state" });
  #bar = element("progress", { max: "1", class: "card-bar", "aria-hidden": "true", hidden: true });
  #remove;

  constructor(id, onRemove) {
    this.#remove = element(
      "button",
      { type: "button", class: "icon-button card-remove", on: { click: onRemove } },
      icon("trash"),
    );
    this.#link = element(
      "a",
      { class: "card-link", href: `#/jobs/${id}` },
      element("span", { class: "card-frame" }, this.#placeholder, this.#picture, this.#bar),
      this.#name,
      this.#state,
    );
    this.element = element("li", { class: "job-card" }, this.#link, this.#remove);
  }

  show(entry, isCurrent) {
    const state = entry.gone ? "expired" : entry.state;
    this.element.dataset.state = state;
    if (isCurrent) this.#link.setAttribute("aria-current", "true");
    else this.#link.removeAttribute("aria-current");
    if (entry.thumbnail && this.#picture.getAttribute("src") !== entry.thumbnail) this.#picture.src = entry.thumbnail;
    this.#picture.hidden = !entry.thumbnail;
    this.#placeholder.hidden = Boolean(entry.thumbnail);
    this.#bar.hidden = state !== "running";
    this.#bar.value = entry.fraction;
    this.#name.textContent = entry.name;
    sayWith(this.#state, () => {
      if (state === "queued") return t("state.queued", { position: entry.position ?? "…" });
      if (state === "running") return t("state.running", { part: percent(entry.fraction) });
      return state === "done" ? moment(entry.created) : t(`state.${state}`);
    });
    say(this.#remove, "gallery.delete-one", { name: entry.name }, "aria-label");
  }
}
