// Sends photos to the server, one after the other, and waits where the server is full.

import { asApiError } from "../words/errors.js";
import { sleep } from "./job-watch.js";

const usualPause = 5; // seconds, where the server does not say how long to wait

/**
 * Sends one photo; waits and tries again while the server's queue is full.
 * @param report onSent(part) while sending, onFull(seconds) before each second of waiting.
 * @returns The job.
 * @throws {ApiError} The server refuses the photo or cannot be reached.
 */
export async function send(api, file, options, report, signal) {
  for (;;) {
    try {
      return await api.submit(file, options, { onSent: report.onSent, signal });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      if (asApiError(error).status !== 429) throw error;
      for (let left = error.retryAfter ?? usualPause; left > 0; left--) {
        report.onFull(left);
        await sleep(1000, signal);
        signal.throwIfAborted();
      }
    }
  }
}
