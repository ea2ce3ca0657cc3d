"use strict";
// Follows the gateway's log. Polls without news are marked, and shown only if wished.
const log = document.getElementById("log");
const polls = document.getElementById("polls");
polls.addEventListener("change", () => log.classList.toggle("polls", polls.checked));
let next = 0;

function show(text) {
  const line = document.createElement("div");
  const [, stamp, level, rest] = text.match(/^\S+ (\S+) - (\w+): ([^]*)$/) ?? [null, "", "debug", text];
  line.className = `line ${level}`;
  const idle = /^No events from SocialMiner|^Received chat events[^]*chatEvents: '' }$/.test(rest);
  line.classList.toggle("poll", idle);
  const time = document.createElement("span");
  time.className = "stamp";
  time.textContent = `${stamp} `;
  line.append(time, rest);
  log.append(line);
}

async function follow() {
  try {
    const answer = await (await fetch(`/demo/log?after=${next}`)).json();
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    answer.lines.forEach(show);
    next = answer.next;
    while (log.childElementCount > 2000) log.firstChild.remove();
    if (atEnd && answer.lines.length) log.scrollTop = log.scrollHeight;
  } catch {
    // The demo has ended, or is being restarted: ask again.
  }
  setTimeout(follow, 400);
}

follow();
