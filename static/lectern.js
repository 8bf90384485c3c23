/* Everything works without this file; it only makes a few things quicker. */

/* Screen readers announce what changes in a status region, not what was there when the page opened. */
for (const region of document.querySelectorAll("[data-announce]")) {
  setTimeout(() => region.append(...region.childNodes), 150);
}

/* An open menu closes with Escape, or when the attention goes elsewhere. */
const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details.menu[open], details.confirm-over[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
};
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest("details[open]");
  if (menu && menu.matches(".menu, .confirm-over")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

/* What is shown only once can be copied with one click. */
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.textContent = "Copied";
  });
}

/* Fields left empty stay out of a search's address. */
for (const form of document.querySelectorAll("form[method=get]")) {
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
  });
}

/* A new account starts with the device's time zone. */
const zoneField = document.querySelector("select[data-guess-zone]");
if (zoneField) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  /* A browser may know a place under an older name, such as Asia/Calcutta, which is taken, too. */
  if (![...zoneField.options].some((option) => option.value === zone)) {
    zoneField.add(new Option(zone.replace(/.*\//, "").replaceAll("_", " "), zone));
  }
  zoneField.value = zone;
}

/* A visitor reads times on their own clock; who chose another zone keeps that. */
const visitor = document.querySelector("main[data-visitor]");
if (visitor && !/(^|; )time-zone=/.test(document.cookie)) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `time-zone=${zone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  const { visitor: shown } = visitor.dataset;
  if (shown && shown !== zone && document.cookie.includes("time-zone=")) location.reload();
}

/* The chosen time is repeated beside the button, which may stand far below it. */
for (const said of document.querySelectorAll("[data-chosen]")) {
  const unsaid = said.textContent;
  said.closest("form").addEventListener("change", (event) => {
    if (event.target.name !== "starts_at") return;
    const { times } = event.target.dataset;
    const { day } = event.target.closest("[data-day]")?.dataset ?? {};
    said.textContent = times ? `${day}, ${times} · ${said.dataset.chosen}` : unsaid;
  });
}

/* Typing a time of one's own chooses it instead of one from the list. */
for (const own of document.querySelectorAll("[data-own-time]")) {
  own.addEventListener("input", () => { own.querySelector("input[type=radio]").checked = true; });
}

/* A note is not lost when somebody looks at another week; a long one would make the address too long. */
for (const link of document.querySelectorAll(".times a")) {
  link.addEventListener("click", () => {
    const note = link.closest("form")?.elements.note?.value;
    if (!note || note.length > 1000) return;
    const address = new URL(link.href);
    address.searchParams.set("note", note);
    link.href = address;
  });
}

/* Rows come and go without a new page; the last one is emptied instead of removed. */
for (const group of document.querySelectorAll("[data-rows]")) {
  group.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=row]");
    if (!button || button.value.startsWith("copy:")) return;
    event.preventDefault();
    const rows = group.querySelectorAll(".rows-row");
    const last = rows[rows.length - 1];
    const adds = button.value.startsWith("add:");
    const row = adds ? last.cloneNode(true) : button.closest(".rows-row");
    if (adds || rows.length === 1) {
      row.querySelector(".error")?.remove();
      for (const input of row.querySelectorAll("input")) {
        input.value = "";
        input.removeAttribute("aria-invalid");
      }
    }
    if (adds) {
      row.removeAttribute("id");
      last.after(row);
    } else if (rows.length > 1) {
      row.remove();
    }
    (adds ? row : group).querySelector("input").focus();
  });
}

/* A password can be looked at while it is typed; it is sent as a password all the same. */
for (const input of document.querySelectorAll("input[type=password]")) {
  const box = document.createElement("div");
  const button = document.createElement("button");
  box.className = "password";
  button.type = "button";
  button.className = "password-toggle";
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.textContent = shown ? "Hide" : "Show";
    button.setAttribute("aria-label", shown ? "Hide what is typed" : "Show what is typed");
  };
  show(false);
  button.addEventListener("click", () => show(input.type === "password"));
  input.form?.addEventListener("submit", () => show(false));
  input.replaceWith(box);
  box.append(input, button);
}
