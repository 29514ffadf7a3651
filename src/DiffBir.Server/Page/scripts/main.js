// Puts the page together. Read this first.

import { showConnection } from "./connection.js";
import { askForKey } from "./dialogs.js";
import { byId } from "./dom.js";
import { Gallery } from "./gallery.js";
import { JobList } from "./memory/job-list.js";
import { Composer } from "./photos/composer.js";
import { takeDropsAndPastes } from "./photos/intake.js";
import { JobView } from "./result/job-view.js";
import { Api } from "./server/api.js";
import { illustrate, poll } from "./server/job-poll.js";
import { sleep } from "./server/job-watch.js";
import { Settings } from "./settings/settings.js";
import { bindTheme } from "./theme.js";
import { asApiError, sayError, sayProblem } from "./words/errors.js";
import { bindLanguage, say, start } from "./words/i18n.js";

const retryPause = 3_000; // milliseconds

bindTheme(byId("theme"));
await start();
bindLanguage(byId("language"));
const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
say(byId("privacy"), isLocal ? "footer.local" : "footer.remote", { host: location.host });

const api = new Api();
api.onUnauthorized = async () => {
  const { key, keep } = await askForKey();
  api.useKey(key, keep);
};

let settings = null; // until the server has said what there is to choose
const jobs = new JobList();
const composer = new Composer(byId("compose"), api);
const gallery = new Gallery(byId("gallery"), api, jobs);
const jobView = new JobView(byId("job"), api, jobs, {
  onConnection: showConnection,
  onChange: showAction,
  onUseSettings: (job) => settings?.take(job),
});

composer.addEventListener("change", showAction);
byId("settings").addEventListener("submit", restore);
byId("settings").addEventListener("input", () => showAction());
takeDropsAndPastes((files) => {
  location.hash = "#/";
  composer.add(files);
});
addEventListener("hashchange", showPlace);
showPlace();
poll(api, jobs, { isWatched: (id) => id === jobView.id, onConnection: showConnection });
settings = await loadSettings();
showAction();

/** Loads what the server offers; tries until it answers. */
async function loadSettings() {
  for (;;) {
    try {
      const [schema, models, samples] = await Promise.all([api.options(), api.models(), api.samples()]);
      const made = new Settings(byId("settings"), schema, models, api);
      composer.suit(schema);
      jobView.know(schema, models);
      composer.offerSamples(samples, (sample) => made.suit(sample));
      showConnection(true);
      return made;
    } catch (error) {
      if (asApiError(error).isTemporary) showConnection(false);
      else sayError(byId("settings-error"), error);
      await sleep(retryPause);
    }
  }
}

/** Shows what the address says: a job, or the place where photos are chosen. */
function showPlace() {
  const [, id = null] = /^#\/jobs\/([\w-]+)$/.exec(location.hash) ?? [];
  byId("compose").hidden = id !== null;
  byId("job").hidden = id === null;
  gallery.mark(id);
  if (id) jobView.open(id);
  else jobView.close();
  showAction();
}

/** Says what the settings' button would do now. */
function showAction() {
  const button = byId("restore");
  const again = jobView.id !== null;
  if (settings && !again) composer.limit(settings.fits);
  const count = again ? 1 : composer.sendable.length;
  button.disabled = !settings || composer.isSending || (again ? !jobView.canRepeat : count === 0);
  button.classList.toggle("primary", !again);
  say(button, composer.isSending ? "restore.sending" : again ? "restore.again" : "restore", {
    count: Math.max(1, count),
  });
  composer.offerFaces(Boolean(settings?.restoresFaces));
  settings?.showSizes(again ? jobView.photos : composer.photos);
}

/** Sends the chosen photos, or the one that is looked at once more. */
async function restore(event) {
  event.preventDefault();
  const message = byId("settings-error");
  message.hidden = true;
  if (byId("restore").disabled) return;
  if (!settings.check()) {
    sayProblem(message, "settings.wrong");
    return;
  }
  try {
    const cards = jobView.id ? composer.add([await jobView.originalFile()]) : composer.sendable;
    await send(cards);
  } catch (error) {
    sayError(message, asApiError(error));
  }
}

async function send(cards) {
  location.hash = "#/";
  let first = null;
  await composer.send(cards, settings.values(), (job) => {
    first ??= job;
    jobs.put(job);
    illustrate(api, jobs, job);
  });
  const wasRefused = cards.some((card) => card.isRefused);
  if (first && !wasRefused) location.hash = `#/jobs/${first.id}`;
}
