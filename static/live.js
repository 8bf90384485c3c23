/*
 * An open page follows what others change. It asks whether anything of its reader's is new, and the answer is mostly
 * that nothing is. Otherwise it looks at itself anew, and if it shows something else now it says what has happened.
 * Without this file a page is as new as when it was opened.
 */

const main = document.querySelector('main[data-live]:not([data-live=""])');
const every = Number(main?.dataset.liveEvery || 7000);
/* What the server calls the state that this page shows, and when it was that, by the server's own clock. */
let version = main?.dataset.live;
let since = main?.dataset.liveSince;
let touched = false;
/* Whether it was said that something has changed, but not what. */
let unexplained = false;
let looking = false;
let timer;

/* What somebody has begun to type is never exchanged. */
document.querySelector("main").addEventListener("input", () => { touched = true; });

/*
 * What a part says, without what differs from one time to the next that the same is shown: what is marked as new is so
 * only once, but stays while its reader looks at it.
 */
const content = (part) => {
  const copy = part.cloneNode(true);
  for (const each of copy.querySelectorAll("input[name=csrf_token], .cal-now, [data-live-seen]")) each.remove();
  for (const each of copy.querySelectorAll(".message-unread")) each.classList.remove("message-unread");
  for (const each of copy.querySelectorAll("details[open]")) each.removeAttribute("open");
  return copy.innerHTML;
};
let shown = main && content(document.querySelector("[data-live-part]"));

/* Returns the present version if it is another one. One of null cannot be told, so it says nothing. */
const newVersion = async () => {
  const answer = await fetch(`/api/users/me/changes${main.dataset.liveOf}`, { cache: "no-store", headers: { "If-None-Match": `W/"${version}"` } });
  if (answer.status !== 200) return undefined;
  const present = (await answer.json()).version;
  return present === version && present !== null ? undefined : present;
};

/* People are told in a moment what happened, so their newest notification is the best sentence for it. */
const whatHappened = async (after) => {
  const answer = await fetch("/api/notifications?filter=unread&limit=1", { cache: "no-store" });
  const [newest] = answer.ok ? (await answer.json()).data : [];
  /* It may be noted in whole seconds. */
  return newest && Date.parse(newest.created_at) + 1000 > Date.parse(after) ? newest.title : null;
};

const explain = async (after, attempts) => {
  for (let left = attempts; left > 0; left -= 1) {
    const words = await whatHappened(after);
    if (words) return words;
    if (left > 1) await new Promise((done) => { setTimeout(done, 800); });
  }
  return null;
};

const announce = (text) => {
  const region = document.querySelector(".messages");
  const notice = document.createElement("div");
  notice.className = "notice notice-quiet notice-live";
  const words = document.createElement("p");
  words.className = "notice-text";
  words.textContent = text;
  notice.append(words);
  if (touched) {
    const link = document.createElement("a");
    link.className = "action-link";
    link.href = location.href;
    link.textContent = "Show";
    notice.append(link);
  }
  region.querySelector(".notice-live")?.remove();
  region.append(notice);
};

/* How something is found again in the new part: by its row, and by what it is called there. */
const place = (element) => {
  const row = element.closest("[data-lesson]")?.dataset.lesson;
  const around = row ? `[data-lesson="${row}"] ` : "";
  if (element.id) return `#${CSS.escape(element.id)}`;
  if (element.matches("details")) return `${around}details.${element.classList[0]}`;
  if (element.matches("summary")) return `${place(element.parentElement)} > summary`;
  if (element.matches("a[href]")) return `${around}a[href="${CSS.escape(element.getAttribute("href"))}"]`;
  return `${around}${element.tagName.toLowerCase()}`;
};

const exchange = (page) => {
  const old = document.querySelector("[data-live-part]");
  const open = [...old.querySelectorAll("details[open]")].map(place);
  const focused = old.contains(document.activeElement) ? place(document.activeElement) : null;
  old.replaceChildren(...page.querySelector("[data-live-part]").childNodes);
  for (const path of open) old.querySelector(path)?.setAttribute("open", "");
  if (focused) old.querySelector(focused)?.focus({ preventScroll: true });
};

/* Around the part: what waits, and what is unread. */
const exchangeFrame = (page) => {
  for (const name of [".site-nav", ".bell"]) {
    const old = document.querySelector(name);
    const fresh = page.querySelector(name);
    if (old && fresh && !old.contains(document.activeElement)) old.replaceWith(fresh);
  }
};

const follow = async (present) => {
  const answer = await fetch(location.href, { cache: "no-store" });
  /* A server that is in trouble is asked again. */
  if (answer.status >= 500) return;
  version = present;
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("main").dataset;
  const now = content(page.querySelector("[data-live-part]"));
  const before = since;
  const changed = now !== shown;
  if (changed && !touched) exchange(page);
  exchangeFrame(page);
  [version, since, shown] = [fresh.live, fresh.liveSince, now];
  if (!changed && !unexplained) return;
  const words = await explain(before, changed ? 3 : 1);
  unexplained = !words;
  if (words || changed) announce(words ?? "Something on this page has changed.");
};

const look = async () => {
  if (looking || document.hidden) return;
  looking = true;
  clearTimeout(timer);
  try {
    const present = await newVersion();
    if (present !== undefined) await follow(present);
  } catch {
    /* The network is away for a moment, or the server is: the next look will tell. */
  }
  looking = false;
  timer = setTimeout(look, every);
};

if (main) {
  document.addEventListener("visibilitychange", look);
  look();
}

/* What goes on by itself, such as numbers of the server, is looked at anew every so often. */
const refreshed = document.querySelector("[data-refresh]");
/* An open question, or a field in it, is not taken away from its reader. */
const asked = () => touched || document.querySelector("[data-live-part] details.confirm[open]");

const refresh = async () => {
  try {
    if (!document.hidden && !asked()) {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (answer.ok && !answer.redirected && !asked()) {
        exchange(new DOMParser().parseFromString(await answer.text(), "text/html"));
      }
    }
  } catch {
    /* As above: the next look will tell. */
  }
  setTimeout(refresh, refreshEvery);
};

const refreshEvery = Number(refreshed?.dataset.refresh);
if (refreshed) setTimeout(refresh, refreshEvery);
