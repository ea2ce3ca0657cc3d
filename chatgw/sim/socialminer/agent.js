// The agent's page: asks for the agent's state twice a second, and tells the contact centre what the agent does.

import { age, bubble, byId, dress, fill, make, rate, row, tick } from "/agent/view.js";

const POLL = 500; // ms
const PAUSE = 3000; // ms without a key until the agent has "paused"

const me = (new URLSearchParams(location.search).get("name") ?? "").trim();
const drafts = new Map(); // by contact id
let state = { now: 0, waiting: [], chats: [], finished: [], others: [], queues: [] };
let open = null; // the contact id of the chat shown
let skew = 0; // seconds between the server's clock and ours

// -- Calls ----------------------------------------------------------------------------------------

async function post(path, values) {
  const answer = await fetch(`/agent/api/${path}`, { method: "POST", body: JSON.stringify({ agent: me, ...values }) });
  if (!answer.ok) throw new Error((await answer.json()).error);
}

// What the agent does is done in order, one thing after another.
let doing = Promise.resolve();
function act(contact, action, values = {}) {
  const tell = (text) => action === "typing" || complain(text); // typing that comes too late is no problem
  doing = doing.then(() => post(`contacts/${contact}/${action}`, values)).then(() => tell(""), (error) => tell(error.message));
  return doing.then(refresh);
}

async function refresh() {
  try {
    const answer = await fetch(`/agent/api/state?agent=${encodeURIComponent(me)}`);
    if (answer.status === 404) {
      await post("login", {});
      return refresh();
    }
    state = await answer.json();
    skew = state.now - Date.now() / 1000;
    online(true);
    draw();
  } catch (error) {
    online(false);
    complain(error instanceof TypeError ? "" : error.message);
  }
}

// -- Drawing --------------------------------------------------------------------------------------

function online(yes) {
  byId("status").className = byId("status").textContent = yes ? "online" : "offline";
}

function complain(text) {
  byId("problem").hidden = !text;
  byId("problem").textContent = text;
}

function draw() {
  open ??= state.chats[0]?.id ?? null;
  byId("queues").textContent = state.queues.map((queue) => queue.name).join(" · ");
  for (const name of ["waiting", "chats", "finished"]) byId(`${name}-count`).textContent = state[name].length;
  drawWaiting();
  fill(byId("chats"), [open, state.chats.map((chat) => [chat.id, chat.lines.length, chat.ended, chat.customerPresent])], () => state.chats.map(drawMine));
  fill(byId("finished"), [open, state.finished.map((chat) => [chat.id, chat.rating])], () => state.finished.map(drawFinished));
  drawConversation();
  tick(Date.now() / 1000 + skew);
}

function drawWaiting() {
  fill(byId("waiting"), state.waiting.map((chat) => chat.id), () =>
    state.queues.flatMap((queue) => {
      const rows = state.waiting.filter((chat) => chat.queue === queue.id).map((chat) => {
        const accept = make("button", "accept primary", "Accept");
        accept.onclick = () => {
          show(chat.id);
          act(chat.id, "accept");
        };
        return row(chat, "contact", age(chat.since), accept);
      });
      return rows.length ? [make("h3", "queue-name", queue.name, make("b", "count", String(rows.length))), ...rows] : [];
    }),
  );
}

function drawMine(chat) {
  const last = chat.lines.at(-1);
  const unread = chat.id !== open && last?.who === "customer";
  const gone = chat.ended || !chat.customerPresent;
  return clickable(row(chat, `chat${unread ? " unread" : ""}`, gone ? make("span", "gone", "ended") : age(chat.since)));
}

function drawFinished(chat) {
  return clickable(row(chat, "chat", rate(make("span", "rating"), chat.rating)));
}

function clickable(element) {
  element.tabIndex = 0;
  element.classList.toggle("open", element.dataset.contact === open);
  element.onclick = () => show(element.dataset.contact);
  element.onkeydown = (event) => {
    if (event.key === "Enter") show(element.dataset.contact);
  };
  return element;
}

function show(contact) {
  paused(open);
  drafts.set(open, byId("say").value);
  open = contact;
  byId("say").value = drafts.get(contact) ?? "";
  byId("lines").replaceChildren();
  draw();
  byId("say").focus();
}

function drawConversation() {
  const mine = state.chats.find((chat) => chat.id === open);
  const chat = mine ?? state.finished.find((one) => one.id === open);
  byId("conversation").hidden = !chat;
  byId("nothing").hidden = Boolean(chat);
  if (!chat) return;
  const present = Boolean(mine) && !chat.ended && chat.customerPresent;
  byId("conversation").dataset.contact = chat.id;
  dress(byId("avatar"), chat.customer);
  byId("customer").textContent = chat.customer;
  byId("about").textContent = [chat.queueName, chat.title, ...chat.agents.filter((agent) => agent !== me).map((agent) => `with ${agent}`)].join(" · ");
  rate(byId("rating"), chat.rating);
  drawLines(chat);
  byId("typing").hidden = !(present && chat.customerTyping);
  byId("typing").lastElementChild.textContent = `${chat.customer} is typing`;
  byId("notice").textContent = notice(chat, mine);
  byId("notice").hidden = present;
  byId("composer").hidden = !present;
  byId("leave").hidden = !mine;
  fill(byId("transfer-to"), state.others, () => state.others.map((name) => new Option(name, name)));
  for (const id of ["transfer", "transfer-to"]) byId(id).hidden = !(present && state.others.length);
}

function notice(chat, mine) {
  if (chat.ended) return `Chat ended: ${chat.ended}.`;
  if (!chat.customerPresent) return "The customer has left the chat.";
  return mine ? "" : chat.agents.length ? `Handed over to ${chat.agents.join(", ")}.` : "You have left this chat.";
}

function drawLines(chat) {
  const lines = byId("lines");
  const fresh = chat.lines.slice(lines.childElementCount);
  if (!fresh.length) return;
  lines.append(...fresh.map((line) => bubble(line, me)));
  lines.scrollTop = lines.scrollHeight;
}

// -- What the agent does --------------------------------------------------------------------------

let pausing = 0; // the timer, while composing
function composing() {
  if (!pausing) act(open, "typing", { status: "composing" });
  clearTimeout(pausing);
  pausing = setTimeout(paused, PAUSE, open);
}

function paused(contact) {
  if (!pausing) return;
  clearTimeout(pausing);
  pausing = 0;
  act(contact, "typing", { status: "paused" });
}

function send(event) {
  event.preventDefault();
  const text = byId("say").value.trim();
  if (!text) return;
  byId("say").value = "";
  act(open, "say", { text });
  paused(open);
}

function depart(action, values) {
  paused(open);
  act(open, action, values);
}

function start() {
  byId(me ? "desk" : "login").hidden = false;
  if (!me) return;
  document.title = `${me} – Agent desk`;
  byId("agent").textContent = me;
  byId("composer").onsubmit = send;
  byId("say").oninput = composing;
  byId("say").onkeydown = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  };
  byId("leave").onclick = () => depart("leave");
  byId("transfer").onclick = () => depart("transfer", { to: byId("transfer-to").value });
  addEventListener("pagehide", () => navigator.sendBeacon("/agent/api/logout", JSON.stringify({ agent: me })));
  setInterval(refresh, POLL);
  refresh();
}

start();
