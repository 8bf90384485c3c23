/*
 * What is typed into a gig's editor is saved while it is typed: on the server, and in this browser until the server has
 * it. Without this file a gig is saved by its buttons alone.
 */

const form = document.querySelector("form[data-autosave]");
const state = form?.querySelector("[data-state]");
const address = form?.dataset.autosave;
const place = `lectern typed ${form?.dataset.keep}`;
const NOT_TYPED = new Set(["csrf_token", "typed_version", "based_on", "then", "compare"]);
const PAUSE = 800;
const LONGEST_PAUSE = 30000;

let timer;
let saving = Promise.resolve();
let pending = false;
let stopped = false;
let leaving = false;
let pause = PAUSE;
/* What was sent since the last answer. The server may have it all the same: only the answer may have been lost. */
let unanswered = [];

/* The fields by the API's names. What was typed is sent as it is: it need not make sense yet. */
const typed = () => {
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (NOT_TYPED.has(name) || /^(choose|other)-/.test(name)) continue;
    fields[name === "price" ? "price_cents" : name] = value;
  }
  return fields;
};

const same = (some, others) => [some, others].every((one) => Object.keys(one).every((name) => some[name] === others[name]));

const clock = () => new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

const say = (words, ...more) => state.replaceChildren(words, ...more);

/* The browser may be out of room, or may keep nothing; then the server alone has it. */
const keep = (fields) => {
  try {
    localStorage.setItem(place, JSON.stringify({ fields, version: form.elements.typed_version.value }));
  } catch { /* Nothing is kept here. */ }
};
const kept = () => {
  try { return JSON.parse(localStorage.getItem(place)); } catch { return null; }
};
const forget = () => {
  try { localStorage.removeItem(place); } catch { /* Nothing was kept here. */ }
};

const again = () => {
  pause = Math.min(2 * pause, LONGEST_PAUSE);
  timer = setTimeout(save, pause);
};

/* The server names another version that is there. If that came from here, its number is all that was missing. */
const takeOver = async (answer) => {
  const { current } = await answer.json();
  if (!current || !unanswered.some((fields) => same(fields, current.fields))) return false;
  form.elements.typed_version.value = current.version;
  unanswered = [];
  return true;
};

/* Another page has saved something since: the server shows both versions, to choose from. */
const stop = () => {
  stopped = true;
  if (form.dataset.keep.endsWith(" new")) {
    say("Another gig that you have begun is kept already. This one is kept in this browser until you save it.");
    return;
  }
  const button = document.createElement("button");
  button.className = "btn btn-quiet";
  button.name = "compare";
  button.value = "1";
  button.textContent = "Compare both versions";
  say("This gig was changed on another page, too. Nothing is lost. ", button);
};

const refused = async (answer) => {
  const { status } = answer;
  if (status === 409) return await takeOver(answer) ? send() : stop();
  if (status === 401 || status === 403) say("You are signed out. What you typed is kept in this browser; sign in on another page.");
  else say("Not saved yet: the server does not take it. What you typed is kept in this browser.");
  return again();
};

const send = async () => {
  const fields = typed();
  pending = false;
  if (!unanswered.some((sent) => same(sent, fields))) unanswered.push(fields);
  say("Saving…");
  try {
    const answer = await fetch(address, {
      method: "PUT",
      keepalive: leaving,
      headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrf_token.value },
      body: JSON.stringify({ version: Number(form.elements.typed_version.value), fields }),
    });
    if (!answer.ok) {
      pending = true;
      return await refused(answer);
    }
    unanswered = [];
    form.elements.typed_version.value = (await answer.json()).version;
    pause = PAUSE;
    if (pending) return keep(typed());
    forget();
    return say(`Saved ${clock()}. ${form.dataset.keep.endsWith(" new") ? "Only you can see it." : "Students see it once you press a button."}`);
  } catch {
    pending = true;
    say("Not saved yet: the server does not answer. What you typed is kept in this browser, and tried again.");
    return again();
  }
};

/* One after another: each names the version of the one before. */
const save = () => {
  clearTimeout(timer);
  saving = saving.then(() => (pending && !stopped ? send() : undefined));
  return saving;
};

const touch = () => {
  pending = true;
  keep(typed());
  if (stopped) return;
  clearTimeout(timer);
  timer = setTimeout(save, Math.max(PAUSE, pause));
};

/* A button waits for what is on its way, so that the server does not take this page for two. */
const submit = async (event) => {
  if (leaving) return;
  event.preventDefault();
  leaving = true;
  const { submitter } = event;
  await save();
  clearTimeout(timer);
  /* Not within this event: a form that is being sent takes no second request. */
  setTimeout(() => form.requestSubmit(submitter?.form === form ? submitter : undefined));
};

const putBack = (fields) => {
  for (const [name, value] of Object.entries(fields)) {
    const control = form.elements[name === "price_cents" ? "price" : name];
    if (control) control.value = value;
  }
  touch();
};

/* What this browser still has was typed here and never reached the server, because one of the two broke down. */
const offer = () => {
  const found = kept();
  const now = typed();
  /* Both versions stand there to choose from. */
  if (form.querySelector(".both-versions")) return;
  if (!found || !Object.entries(found.fields).some(([name, value]) => name in now && now[name] !== value)) {
    forget();
    return;
  }
  const back = document.createElement("button");
  back.type = "button";
  back.className = "btn btn-primary";
  back.textContent = "Put it back";
  const away = document.createElement("button");
  away.type = "button";
  away.className = "btn btn-quiet";
  away.textContent = "Discard it";
  const words = document.createElement("p");
  words.className = "notice-text";
  words.textContent = "What you typed last did not reach the server, but this browser has kept it.";
  const notice = document.createElement("section");
  notice.className = "notice notice-waiting";
  notice.append(words, back, away);
  back.addEventListener("click", () => { notice.remove(); putBack(found.fields); });
  away.addEventListener("click", () => { notice.remove(); forget(); });
  form.before(notice);
};

/* On a slow line somebody types before this file is there. A page that the browser brings back is not such a case. */
const typedEarly = () => performance.getEntriesByType("navigation")[0]?.type === "navigate"
  && [...form.elements].some((control) => (control.type === "radio" || control.type === "checkbox"
    ? control.checked !== control.defaultChecked
    : /^(text|textarea|number|email|url|tel|date|time)$/.test(control.type) && control.value !== control.defaultValue));

if (form) {
  form.addEventListener("input", touch);
  form.addEventListener("change", touch);
  form.addEventListener("submit", submit);
  addEventListener("online", save);
  addEventListener("pagehide", () => { leaving = true; if (pending) save(); });
  addEventListener("pageshow", () => { leaving = false; });
  offer();
  if (typedEarly()) touch();
}
