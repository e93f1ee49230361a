// The page in the browser: what is typed and pressed goes out as events, and what comes back is painted.
// Runs once, with `element`, `trigger`, `props`, `server` and `watch` as gr.HTML gives them. No text from outside is
// ever put in as HTML here; the parts of an answer arrive escaped.

const STORE = "tastemaker";
const TUNING = "tastemaker-popularity";
const UNSENT = "tastemaker-unsent";
const READY_POLL = 30_000;
const LOADING_POLL = 2_000;
const TOAST_MILLISECONDS = 6_000;
const limit = props.max_message_chars;

const find = (selector, root = element) => root.querySelector(selector);
const [turns, welcome, form, box, banner, toast, spoken, count] =
  [".turns", ".welcome", "form", "textarea", ".banner", ".toast", "[data-spoken]", "#count"].map((name) => find(name));

let verdicts = {};
let saving = Promise.resolve(); // what the next message waits for: feedback on its way, an answer that is stopping
let live = null; // the turn whose answer is streaming

// --- who and where: random ids, kept by this browser and nothing else

function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

function remember(values) {
  Object.assign(visitor, values);
  try {
    localStorage.setItem(STORE, JSON.stringify(visitor));
  } catch {
    // Without storage the conversation lasts until the page is closed.
  }
}

function recall() {
  try {
    return JSON.parse(localStorage.getItem(STORE)) ?? {};
  } catch {
    return {};
  }
}

const visitor = { user: randomId(), conversation: randomId(), ...recall() };
remember({});

// --- how much the list is corrected for popularity; null is as the server is set

const tune = find(".tune");
const slider = find("#popularity");
let strength = readStrength();

function readStrength() {
  try {
    const kept = JSON.parse(localStorage.getItem(TUNING));
    return typeof kept === "number" && kept >= 0 && kept <= 1 ? kept : null;
  } catch {
    return null;
  }
}

function setStrength(chosen) {
  strength = chosen;
  try {
    if (chosen === null) localStorage.removeItem(TUNING);
    else localStorage.setItem(TUNING, JSON.stringify(chosen));
  } catch {
    // Without storage it lasts until the page is closed.
  }
  showStrength();
}

function showStrength() {
  const percent = Math.round(100 * (strength ?? props.popularity_correction));
  slider.value = percent;
  slider.setAttribute("aria-valuetext", percent ? `${percent} percent` : "off");
  find("#popularity-told").textContent = percent ? `${percent}%` : "Off";
  find("[data-reset]").hidden = strength === null;
}

slider.addEventListener("input", () => setStrength(slider.value / 100));
tune.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !tune.open) return;
  tune.open = false;
  find("summary", tune).focus();
});
element.addEventListener("pointerdown", (event) => {
  if (!tune.contains(event.target)) tune.open = false;
});
tune.addEventListener("focusout", (event) => {
  if (event.relatedTarget && !tune.contains(event.relatedTarget)) tune.open = false;
});
showStrength();

// --- a picture that is shown: made small here, so that little travels, and kept nowhere

const PICTURE_SIDE = 768;
const LOOKS_LIKE_THIS = "Something that looks like this";
const tray = find(".shown");
const chooser = find("input[type=file]");
let picture = null; // a data URL

function setPicture(url) {
  picture = url;
  tray.hidden = !url;
  if (url) find("img", tray).src = url;
  else find("img", tray).removeAttribute("src");
  showCount();
}

async function showPicture(file) {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, PICTURE_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff"; // what is transparent is white, as on the server
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    setPicture(canvas.toDataURL("image/jpeg", 0.88));
    toBox();
  } catch {
    tell("That file can’t be read as a picture. Try a JPEG or a PNG.");
  }
}

function pictureIn(transfer) {
  return [...(transfer?.files ?? [])].find((file) => file.type.startsWith("image/"));
}

chooser.addEventListener("change", () => {
  if (chooser.files[0]) showPicture(chooser.files[0]);
  chooser.value = "";
});
element.addEventListener("paste", (event) => {
  const file = pictureIn(event.clipboardData);
  if (!file) return;
  event.preventDefault();
  showPicture(file);
});
for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => {
    if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
    event.preventDefault();
    element.classList.toggle("dropping", name === "dragover");
    const file = name === "drop" && pictureIn(event.dataTransfer);
    if (file) showPicture(file);
  });
}
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) element.classList.remove("dropping");
});

// --- painting

function paint(answer, parts) {
  for (const [name, html] of Object.entries(parts)) {
    let slot = find(`[data-slot="${name}"]`, answer);
    if (!slot) {
      slot = document.createElement("div");
      slot.dataset.slot = name;
      answer.append(slot);
    }
    if (slot.painted !== html) {
      slot.innerHTML = html;
      slot.painted = html;
      if (!html) slot.classList.add("late");
    }
  }
  showVerdicts(answer);
}

function addTurn(question, state, picture = null) {
  const turn = document.createElement("div");
  turn.className = "turn";
  turn.dataset.state = state;
  const asked = document.createElement("div");
  asked.className = "question";
  asked.innerHTML = '<h2 class="hidden">You said</h2><p dir="auto"></p>';
  find("p", asked).textContent = question;
  if (picture) {
    const image = document.createElement("img");
    image.src = picture;
    image.alt = "The picture that you showed";
    find("p", asked).before(image);
  }
  const answer = document.createElement("div");
  answer.className = "answer";
  answer.innerHTML = '<h2 class="hidden">Answer</h2>';
  turn.append(asked, answer);
  turns.append(turn);
  welcome.hidden = true;
  return { id: randomId(), question, turn, answer };
}

function showVerdicts(root) {
  for (const card of root.querySelectorAll("[data-item]")) {
    for (const button of card.querySelectorAll("[data-verdict]")) {
      const pressed = verdicts[card.dataset.item] === button.dataset.verdict;
      button.setAttribute("aria-pressed", String(pressed));
      button.title = pressed ? "Take it back" : button.getAttribute("aria-label");
    }
  }
}

function toTop(turn) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  turn.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}

let fading;
function tell(text, undo = null) {
  find("span", toast).textContent = text;
  find("button", toast).hidden = !undo;
  find("button", toast).onclick = () => {
    toast.hidden = true;
    undo();
  };
  toast.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => (toast.hidden = true), TOAST_MILLISECONDS);
}

function failed(text) {
  return { note: `<p class="failure">${text}</p><button type="button" data-retry>Try again</button>` };
}

// --- a turn

async function send(text, picture = null) {
  text = text.trim() || (picture ? LOOKS_LIKE_THIS : "");
  if (!text || live || [...text].length > limit) return false;
  const turn = addTurn(text, "waiting", picture);
  begin(turn);
  toTop(turn.turn);
  await saving;
  if (live === turn) trigger("submit", { ...visitor, turn: turn.id, text, picture, popularity_correction: strength });
  return true;
}

function begin(turn) {
  live = turn;
  spoken.textContent = "Looking for an answer.";
  showBusy();
  poll();
}

function end(state) {
  live.turn.dataset.state = state;
  live = null;
  showBusy();
  poll();
}

function showBusy() {
  const button = document.activeElement;
  find(".stop").hidden = !live;
  find(".send").hidden = Boolean(live);
  if (button?.hidden) toBox();
  showCount();
}

watch("value", () => {
  const news = props.value;
  if (!live || news?.turn !== live.id) return; // of an answer that was stopped or left
  paint(live.answer, news.parts);
  live.turn.dataset.state = "streaming";
  if (news.state === "streaming") return;
  spoken.textContent = news.spoken;
  end(news.state);
});

function halt() {
  const { id } = live;
  saving = saving.then(() => server.stop(id));
}

function stop() {
  if (!live) return;
  halt();
  paint(live.answer, { note: '<p class="notice">You stopped this answer.</p>' });
  spoken.textContent = "Stopped.";
  end("done");
}

function newChat() {
  if (turns.children.length) {
    leave(randomId());
    history.pushState(here(), "");
    welcome.hidden = false;
  }
  spoken.textContent = "New chat.";
  toBox();
}

// --- each chat is a place in the browser's history: "back" finds the one before

const here = () => ({ ...history.state, [STORE]: visitor.conversation });

function leave(conversation) {
  if (live) {
    halt();
    end("done");
  }
  remember({ conversation });
  setPicture(null);
  turns.replaceChildren();
}

window.addEventListener("popstate", (event) => {
  const conversation = event.state?.[STORE];
  if (!conversation || conversation === visitor.conversation) return;
  leave(conversation);
  restore();
});

// --- feedback

function judge(item, verdict, undoable = true) {
  const before = verdicts[item] ?? null;
  verdicts[item] = verdict;
  showVerdicts(turns);
  toast.hidden = true;
  const { user, conversation } = visitor;
  saving = saving.then(async () => {
    const reply = await server.judge({ user, conversation, item, verdict });
    if (reply?.saved) {
      if (verdict && undoable) tell("Noted for your next message.", () => judge(item, before, false));
      return;
    }
    if (verdicts[item] === verdict) verdicts[item] = before;
    showVerdicts(turns);
    tell(reply?.error ?? "The connection was lost, so this was not saved. Please try again.");
  });
}

// --- is everything up?

let next;
async function poll() {
  clearTimeout(next);
  if (document.hidden) return; // comes back with visibilitychange
  const status = (await server.readiness()) ?? { text: "The connection was lost. Trying again …", lost: true };
  clearTimeout(next);
  if (banner.textContent !== status.text) banner.textContent = status.text;
  banner.hidden = !status.text;
  if (status.lost && live) {
    halt();
    paint(live.answer, failed("The connection was lost."));
    end("failed");
  }
  next = setTimeout(poll, status.text || live ? LOADING_POLL : READY_POLL);
}

// --- the box

// Where a keyboard would cover half of the screen, it goes away instead of coming up unasked.
function toBox() {
  if (matchMedia("(pointer: fine)").matches) box.focus({ preventScroll: true });
  else box.blur();
}

function showCount() {
  const length = [...box.value].length;
  const over = length > limit;
  count.hidden = length < limit * 0.9;
  count.textContent = `${length.toLocaleString("en")} of ${limit.toLocaleString("en")} characters${over ? ": please shorten" : ""}`;
  count.classList.toggle("over", over);
  box.setAttribute("aria-invalid", String(over));
  find(".send").disabled = over || !(box.value.trim() || picture);
}

function fit() {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
  showCount();
}

async function submit() {
  const text = box.value;
  if (live || !(text.trim() || picture) || [...text.trim()].length > limit) return;
  const goes = picture;
  box.value = "";
  setPicture(null);
  fit();
  toBox();
  await send(text, goes);
}

box.addEventListener("input", fit);
box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submit();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("ask" in button.dataset) {
    send(button.dataset.ask || button.textContent);
    toBox();
  } else if ("verdict" in button.dataset) {
    const { item } = button.closest("[data-item]").dataset;
    judge(item, verdicts[item] === button.dataset.verdict ? null : button.dataset.verdict);
  }
  else if ("attach" in button.dataset) chooser.click();
  else if ("unshow" in button.dataset) {
    setPicture(null);
    toBox();
  } else if ("new" in button.dataset) newChat();
  else if ("stop" in button.dataset) stop();
  else if ("reset" in button.dataset) {
    setStrength(null);
    slider.focus();
  }
  else if ("retry" in button.dataset && !live) {
    const turn = button.closest(".turn");
    const question = find(".question p", turn).textContent;
    const picture = find(".question img", turn)?.src;
    turn.remove();
    send(question, picture);
    toBox();
  }
});
// A picture that can't be had leaves the drawn ground; `error` doesn't bubble, so it is caught on its way down.
element.addEventListener("error", (event) => event.target.matches?.(".poster img") && event.target.remove(), true);
document.addEventListener("visibilitychange", poll);

// How high the head and the box are: turns begin below the one and fill the page down to the other.
const bands = { "--top": find(".top"), "--dock": find(".dock") };
const measure = () =>
  Object.entries(bands).forEach(([name, band]) => element.style.setProperty(name, `${band.offsetHeight}px`));
const watcher = new ResizeObserver(measure);
Object.values(bands).forEach((band) => watcher.observe(band));
measure();

// --- start

// What was typed, or asked in vain, outlives a reload: Gradio reloads the page when its server comes back anew.
window.addEventListener("pagehide", () => {
  const last = turns.lastElementChild;
  const asked = last?.dataset.state === "failed" ? find(".question p", last).textContent : "";
  try {
    sessionStorage.setItem(UNSENT, box.value || asked);
  } catch {
    // Without storage it is typed again.
  }
});

function typeUnsent() {
  try {
    box.value = sessionStorage.getItem(UNSENT) ?? "";
    sessionStorage.removeItem(UNSENT);
  } catch {
    // As above.
  }
}

async function restore() {
  const { conversation } = visitor;
  const kept = await server.restore(visitor);
  verdicts = { ...(kept?.verdicts ?? {}), ...verdicts };
  if (turns.children.length || conversation !== visitor.conversation) return; // already talking
  for (const { question, parts } of kept?.turns ?? []) paint(addTurn(question, "done").answer, parts);
  if (kept?.error) tell(kept.error);
  if (kept?.turns?.at(-1)?.question === box.value) box.value = ""; // it stands there, with a way to ask again
  fit();
  welcome.hidden = turns.children.length > 0;
  turns.lastElementChild?.scrollIntoView({ block: "start" });
}

// A tab goes on with its own chat, whatever others of this browser have begun since.
remember({ conversation: history.state?.[STORE] ?? visitor.conversation });
history.replaceState(here(), "");
typeUnsent();
restore();
poll();
fit();
toBox();
