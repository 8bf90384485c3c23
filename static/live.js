/*
 * An open page follows what others change: it asks for the list that it shows, as a program would, and the answer is
 * mostly that nothing is new. Without this file a page is as new as when it was opened.
 */

const main = document.querySelector('main[data-live]:not([data-live=""])');
const every = Number(main?.dataset.liveEvery || 7000);
let etags = new Map();
/* Times are those of the server's clock: the one here may be wrong. */
let since = main?.dataset.liveSince;
let served = since;
let touched = false;
let timer;

/* What somebody has begun to type is never exchanged. */
main?.addEventListener("input", () => { touched = true; });

/* Says whether the list at this address is another one than at the last look, or newer than the page. */
const isNew = async (address) => {
  const before = etags.get(address);
  const answer = await fetch(address, { cache: "no-store", headers: before ? { "If-None-Match": before } : {} });
  served = answer.headers.get("Date") || served;
  if (answer.status !== 200) return false;
  etags.set(address, answer.headers.get("ETag"));
  if (before) return before !== answer.headers.get("ETag");
  const { data } = await answer.json();
  return data.some((row) => Date.parse(row.updated_at) > Date.parse(since));
};

/* People are told in a moment what happened, so their newest notification is the best sentence for it. */
const whatHappened = async () => {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const answer = await fetch("/api/notifications?filter=unread&limit=1", { cache: "no-store" });
    const [newest] = answer.ok ? (await answer.json()).data : [];
    if (newest && Date.parse(newest.created_at) >= Date.parse(since) - every) return newest.title;
    await new Promise((done) => { setTimeout(done, 800); });
  }
  return "Something on this page has changed.";
};

const announce = (text, stale) => {
  const region = document.querySelector(".messages");
  const notice = document.createElement("div");
  notice.className = "notice notice-quiet notice-live";
  const words = document.createElement("p");
  words.className = "notice-text";
  words.textContent = text;
  notice.append(words);
  if (stale) {
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

const exchange = async () => {
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (touched) return;
  const old = document.querySelector("[data-live-part]");
  const open = [...old.querySelectorAll("details[open]")].map(place);
  const focused = old.contains(document.activeElement) ? place(document.activeElement) : null;
  old.replaceChildren(...page.querySelector("[data-live-part]").childNodes);
  for (const path of open) old.querySelector(path)?.setAttribute("open", "");
  if (focused) old.querySelector(focused)?.focus({ preventScroll: true });
  for (const part of [".site-nav", ".bell"]) {
    const shown = document.querySelector(part);
    const fresh = page.querySelector(part);
    if (shown && fresh && !shown.contains(document.activeElement)) shown.replaceWith(fresh);
  }
};

const look = async () => {
  clearTimeout(timer);
  if (document.hidden) return;
  try {
    const news = await Promise.all(main.dataset.live.split(" ").map(isNew));
    if (news.some(Boolean)) {
      const stale = touched;
      if (!stale) await exchange();
      announce(await whatHappened(), stale || touched);
      since = served;
    }
  } catch {
    /* The network is away for a moment, or the server is: the next look will tell. */
  }
  timer = setTimeout(look, every);
};

if (main) {
  document.addEventListener("visibilitychange", look);
  look();
}
