// What the agent's page is made of. Whatever people wrote goes in as textContent, never as markup.

export const byId = (id) => document.getElementById(id);

/** An element with a class and children; strings become text. */
export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

/** Seconds as 0:07, 12:30, 1:02:30. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A customer's initials on a colour of their own. */
export function dress(avatar, name) {
  const words = name.trim().split(/\s+/).map((word) => [...word][0] ?? "");
  avatar.textContent = (words.length > 1 ? words[0] + words.at(-1) : words[0]).toUpperCase();
  let hue = 0;
  for (const letter of name) hue = (hue * 31 + letter.codePointAt(0) * 47) % 360;
  avatar.style.setProperty("--hue", hue);
  return avatar;
}

/** Shows a rating of 1 to 5 as stars and a number. */
export function rate(element, rating) {
  element.hidden = rating === null;
  element.dataset.rating = rating ?? "";
  element.textContent = rating === null ? "" : "★".repeat(rating) + "☆".repeat(5 - rating) + ` ${rating}/5`;
  element.title = rating === null ? "" : `Rated ${rating} of 5`;
  return element;
}

/** One row in a list: who, which queue, and what else is given. */
export function row(chat, className, ...extras) {
  const name = make("strong", "customer", chat.customer);
  const queue = make("small", "queue", chat.queueName || "no queue");
  const element = make("div", className, dress(make("span", "avatar"), chat.customer), make("div", "who", name, queue), ...extras);
  element.dataset.contact = chat.id;
  element.dataset.queue = chat.queue;
  return element;
}

/** How long ago something was: kept up to date by `tick`. */
export function age(since) {
  const element = make("time", "age");
  element.dataset.since = since;
  return element;
}

/** Brings all ages up to date. */
export function tick(now) {
  for (const element of document.querySelectorAll("time.age")) {
    element.textContent = duration(now - Number(element.dataset.since));
  }
}

/** One text said. */
export function bubble(line, me) {
  const customer = line.who === "customer";
  const time = new Date(line.at * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const other = !customer && line.who !== me ? make("b", "name", line.who) : "";
  const element = make("div", `bubble ${customer ? "customer" : "agent"}`, other, make("span", "text", line.text), make("time", "", time));
  element.dataset.who = line.who;
  return element;
}

const drawn = new WeakMap();

/** Fills a container only when what it shows has changed, so that nothing moves under a finger. */
export function fill(container, shown, children) {
  const signature = JSON.stringify(shown);
  if (drawn.get(container) === signature) return;
  drawn.set(container, signature);
  container.replaceChildren(...children());
}
