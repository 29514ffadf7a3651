// The server's HTTP interface.

import { recall, remember } from "../memory/storage.js";
import { readEvents } from "./events.js";

/** A request failed. `code` is the server's, or "unreachable" where no answer came, or "unexpected". */
export class ApiError extends Error {
  constructor({ code, status = 0, detail = "", retryAfter = null }) {
    super(detail || code);
    Object.assign(this, { name: "ApiError", code, status, detail, retryAfter });
  }

  /** Whether the same request may succeed later. */
  get isTemporary() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const silence = 45_000; // milliseconds; the server sends a sign of life every 15 seconds

export class Api {
  #key = sessionStorageKey() ?? recall("key");
  #client = clientId();

  /** Called when the server wants a key; resolves when the user has given one. */
  onUnauthorized = () => Promise.reject(new ApiError({ code: "unauthorized", status: 401 }));

  /** Sends this key from now on. */
  useKey(key, keep) {
    this.#key = key;
    try {
      sessionStorage.setItem("diffbir.key", key);
    } catch {
      // Then it is asked for again after a reload.
    }
    remember("key", keep ? key : null);
  }

  options = () => this.#json("/api/options");
  models = () => this.#json("/api/models");
  samples = () => this.#json("/api/samples");
  job = (id) => this.#json(jobPath(id));
  cancel = (id) => this.#json(jobPath(id, "cancel"), { method: "POST" });

  /** Deletes a job; `keepalive`: even while the page closes. */
  async remove(id, { keepalive = false } = {}) {
    await this.#send(jobPath(id), { method: "DELETE", keepalive });
  }

  /** About how long a photo takes with each model. */
  estimates({ width, height }, options) {
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ width, height, options });
    return this.#json("/api/estimates", { method: "POST", body, headers });
  }

  /** A small upright picture of a file that the browser cannot show. */
  async thumbnail(file, signal) {
    const form = new FormData();
    form.append("image", file, file.name);
    const response = await this.#send("/api/thumbnails", { method: "POST", body: form, signal });
    return reached(() => response.blob());
  }

  /** A file of the server. */
  async blob(path, signal) {
    const response = await this.#send(path, { signal });
    return reached(() => response.blob());
  }

  /** The original as browsers can show it; `download`: as it was uploaded. */
  original = (id, { download = false } = {}, signal) =>
    this.blob(jobPath(id, `original${download ? "?download=1" : ""}`), signal);

  /** The result's file; `view`: in a form that browsers can show. */
  result = (id, { view = false } = {}, signal) => this.blob(jobPath(id, `result${view ? "?view=1" : ""}`), signal);

  /** The results of many jobs as one zip. */
  async archive(ids) {
    const headers = { "Content-Type": "application/json" };
    const response = await this.#send("/api/archive", { method: "POST", body: JSON.stringify({ ids }), headers });
    return reached(() => response.blob());
  }

  /** A face that was restored by itself; `state`: before or after. */
  face = (id, number, state, signal) => this.blob(jobPath(id, `faces/${number}/${state}`), signal);

  /** Finds the faces of a file. */
  faces(file, signal) {
    const form = new FormData();
    form.append("image", file, file.name);
    return this.#json("/api/faces", { method: "POST", body: form, signal });
  }

  /** An image from the middle of the work. */
  intermediate = (id, kind, signal) => this.blob(jobPath(id, `intermediates/${kind}`), signal);

  /** A job's events, until its stream ends, breaks or falls silent. */
  async *events(id, signal) {
    const dead = new AbortController();
    const until = AbortSignal.any([signal, dead.signal]);
    let timer = setTimeout(() => dead.abort(), silence);
    const alive = new TransformStream({
      transform(chunk, controller) {
        clearTimeout(timer);
        timer = setTimeout(() => dead.abort(), silence);
        controller.enqueue(chunk);
      },
    });
    try {
      const response = await this.#send(jobPath(id, "events"), { signal: until, cache: "no-store" });
      yield* readEvents(response.body.pipeThrough(alive, { signal: until }));
    } catch (error) {
      if (error instanceof ApiError || signal.aborted) throw error;
      throw new ApiError({ code: "unreachable" });
    } finally {
      clearTimeout(timer);
      dead.abort();
    }
  }

  /**
   * Starts the restoration of a file.
   * @param options Text by option name.
   * @param onSent Called with the sent part, from 0 to 1.
   * @returns The job.
   */
  async submit(file, options, { onSent = () => {}, signal } = {}) {
    const form = new FormData();
    for (const [name, value] of Object.entries(options)) form.append(name, value);
    form.append("image", file, file.name);
    for (;;) {
      try {
        return await this.#upload(form, onSent, signal);
      } catch (error) {
        if (error.code !== "unauthorized") throw error;
        await this.onUnauthorized();
      }
    }
  }

  // XMLHttpRequest, because fetch does not say how much it has sent.
  #upload(form, onSent, signal) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", "/api/restorations");
      for (const [name, value] of Object.entries(this.#headers())) request.setRequestHeader(name, value);
      request.upload.onprogress = (event) => event.lengthComputable && onSent(event.loaded / event.total);
      request.onload = () =>
        request.status === 202
          ? resolve(JSON.parse(request.responseText))
          : reject(toError(request.status, request.responseText, request.getResponseHeader("Retry-After")));
      request.onerror = () => reject(new ApiError({ code: "unreachable" }));
      request.onabort = () => reject(new DOMException("Stopped by the user.", "AbortError"));
      signal?.addEventListener("abort", () => request.abort());
      request.send(form);
    });
  }

  async #json(path, init) {
    const response = await this.#send(path, init);
    return reached(() => response.json());
  }

  async #send(path, init = {}) {
    for (;;) {
      const response = await reached(() => fetch(path, { ...init, headers: { ...init.headers, ...this.#headers() } }));
      if (response.ok) return response;
      if (response.status !== 401)
        throw toError(response.status, await response.text(), response.headers.get("Retry-After"));
      await this.onUnauthorized();
    }
  }

  #headers() {
    return { "X-Client-Id": this.#client, ...(this.#key ? { Authorization: `Bearer ${this.#key}` } : {}) };
  }
}

const jobPath = (id, part = "") => `/api/restorations/${encodeURIComponent(id)}${part && `/${part}`}`;

/** Tells a broken connection from an answer. */
async function reached(read) {
  try {
    return await read();
  } catch (error) {
    throw error.name === "AbortError" ? error : new ApiError({ code: "unreachable" });
  }
}

function toError(status, body, retryAfter) {
  let problem = {};
  try {
    problem = JSON.parse(body);
  } catch {
    // A proxy's page or nothing at all.
  }
  return new ApiError({
    code: typeof problem.code === "string" ? problem.code : "unexpected",
    status,
    detail: typeof problem.detail === "string" ? problem.detail : "",
    retryAfter: Number(retryAfter) || null,
  });
}

function sessionStorageKey() {
  try {
    return sessionStorage.getItem("diffbir.key");
  } catch {
    return null;
  }
}

function clientId() {
  let id = recall("client");
  if (!id) {
    id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    remember("client", id);
  }
  return id;
}
