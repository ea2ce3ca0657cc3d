// A Messenger thread in a browser: asks for the thread several times a second and shows what
// changed. What people wrote reaches the page by textContent alone.
"use strict";

const EVERY = 400; // ms between two looks at the thread
const APART = 10 * 60 * 1000; // ms of silence after which the time is shown
const JUMBO = /^(\p{Extended_Pictographic}[\p{Emoji_Modifier}\uFE0F\u200D]*){1,3}$/u;
const LABELS = { sent: "Sent", delivered: "Delivered", seen: "Seen" };

const psid = new URLSearchParams(location.search).get("psid");
const at = (id) => document.getElementById(id);
const rows = new Map(); // message id → its elements
let shown = ""; // the thread last shown, as JSON
let acts = Promise.resolve(); // what the customer does, one after the other
let dots = null; // the row of typing dots, while there is one

function make(tag, classes, text = "") {
  const element = document.createElement(tag);
  element.className = classes;
  element.textContent = text;
  return element;
}

function initial() {
  return (document.title || "?").trim().charAt(0).toUpperCase();
}

// What the customer does

function act(name, details = {}) {
  const attempt = acts.then(async () => {
    const answer = await fetch(`/api/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ psid, ...details }),
    });
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    await look();
  });
  acts = attempt.catch((error) => console.error(error));
  return attempt;
}

function compose() {
  const empty = !at("text").value.trim();
  at("send").hidden = empty;
  at("like").hidden = !empty;
}

at("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("text").value;
  if (!text.trim()) return;
  at("text").value = "";
  compose();
  act("write", { text }).catch(() => {
    at("text").value ||= text; // not lost: it can be sent again
    compose();
  });
});
at("text").addEventListener("input", compose);
for (const name of ["sticker", "photo", "like", "start"]) {
  at(name).addEventListener("click", () => act(name).catch(() => {}));
}

// What the customer sees

function makeRow(bubble) {
  const side = bubble.mine ? "mine" : "theirs";
  const row = make("li", `row ${side}${shown ? " new" : ""}`);
  const body = make("div", `bubble ${side} ${bubble.kind}`);
  const stack = make("div", "stack");
  body.dataset.mid = bubble.mid;
  stack.append(body);
  if (!bubble.mine) {
    row.append(make("span", "avatar tiny", initial()));
    body.addEventListener("dblclick", () => {
      const emoji = rows.get(bubble.mid).reaction.textContent ? "" : "❤\uFE0F";
      act("react", { mid: bubble.mid, emoji }).catch(() => {});
    });
  }
  row.append(stack);
  const parts = { row, stack, body, reaction: make("span", "reaction"), mark: make("div", "mark") };
  rows.set(bubble.mid, parts);
  at("bubbles").append(row);
  return parts;
}

function fill(body, bubble) {
  const picture = at(`kind-${bubble.kind}`);
  if (bubble.unsent) {
    body.replaceChildren(`${bubble.mine ? "You" : "They"} unsent a message`);
  } else if (picture) {
    if (!body.firstChild) body.append(picture.content.firstElementChild.cloneNode(true));
  } else {
    const text = bubble.text || "Attachment";
    if (body.textContent !== text) body.textContent = text;
  }
  body.classList.toggle("unsent", bubble.unsent);
  body.classList.toggle("jumbo", bubble.kind === "text" && JUMBO.test(bubble.text));
}

function place(element, parent, wanted) {
  if (wanted && element.parentNode !== parent) parent.append(element);
  if (!wanted) element.remove();
}

function time(milliseconds) {
  const moment = new Date(milliseconds);
  const today = moment.toDateString() === new Date().toDateString();
  const day = today ? {} : { weekday: "short", day: "numeric", month: "short" };
  return moment.toLocaleString([], { ...day, hour: "2-digit", minute: "2-digit" });
}

function showBubbles(bubbles) {
  const lastMine = bubbles.findLast((one) => one.mine);
  const lastSeen = bubbles.findLast((one) => one.mine && one.mark === "seen");
  bubbles.forEach((bubble, index) => {
    const before = bubbles[index - 1];
    const after = bubbles[index + 1];
    const pause = !before || bubble.at - before.at > APART;
    const known = rows.get(bubble.mid);
    if (!known && pause) at("bubbles").append(make("li", "when", time(bubble.at)));
    const { row, stack, body, reaction, mark } = known || makeRow(bubble);
    fill(body, bubble);
    row.classList.toggle("first", pause || before.mine !== bubble.mine);
    row.classList.toggle(
      "last",
      !after || after.mine !== bubble.mine || after.at - bubble.at > APART,
    );
    stack.classList.toggle("edited", bubble.edited && !bubble.unsent);
    reaction.textContent = bubble.reaction;
    place(reaction, stack, bubble.reaction);
    mark.textContent = LABELS[bubble.mark];
    mark.className = `mark ${bubble.mark}`;
    place(mark, stack, bubble === lastMine || bubble === lastSeen);
  });
}

function showTyping(typing) {
  if (typing && !dots) {
    dots = make("li", "row theirs first last typing");
    const body = make("div", "dots");
    body.append(make("i", ""), make("i", ""), make("i", ""));
    const stack = make("div", "stack");
    stack.append(body);
    dots.append(make("span", "avatar tiny", initial()), stack);
    dots.setAttribute("aria-label", "typing");
  }
  if (typing) at("bubbles").append(dots); // below whatever came
  if (!typing && dots) {
    dots.remove();
    dots = null;
  }
}

function showChips(chips) {
  const offered = JSON.stringify(chips);
  if (at("chips").dataset.offered === offered) return;
  at("chips").dataset.offered = offered;
  at("chips").replaceChildren(
    ...chips.map((chip) => {
      const button = make("button", "chip", chip.title);
      button.type = "button";
      button.addEventListener("click", () => {
        at("chips").replaceChildren(); // they vanish at the tap, not at the answer
        act("tap", { choice: chip.payload || chip.title }).catch(() => {});
      });
      return button;
    }),
  );
}

function show(thread) {
  const box = at("thread");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 120;
  document.title = thread.page;
  for (const element of document.querySelectorAll("[data-page]")) {
    element.textContent = thread.page;
  }
  for (const element of document.querySelectorAll("[data-initial]")) {
    element.textContent = initial();
  }
  document.querySelector("[data-customer]").textContent = thread.customer.name;
  at("start").hidden = thread.bubbles.length > 0;
  showBubbles(thread.bubbles);
  showTyping(thread.typing);
  showChips(thread.chips);
  if (atEnd) box.scrollTop = box.scrollHeight;
}

function present(online) {
  at("presence").textContent = online ? "Active now" : "Connecting…";
  document.body.classList.toggle("offline", !online);
}

async function look() {
  const answer = await fetch(`/api/thread?psid=${encodeURIComponent(psid)}`);
  if (!answer.ok) throw new Error(`thread: ${answer.status}`);
  const text = await answer.text();
  const thread = JSON.parse(text);
  if (text !== shown) {
    show(thread);
    shown = text;
  }
  const unread = thread.bubbles.some((one) => !one.mine && one.mark !== "seen");
  if (unread && document.visibilityState === "visible") {
    await fetch("/api/seen", { method: "POST", body: JSON.stringify({ psid }) });
  }
}

async function watch() {
  await look().then(() => present(true), () => present(false));
  setTimeout(watch, EVERY);
}

compose();
watch();
