// Turns on the page. The parts of an answer arrive as escaped HTML; no other text from outside is put in as HTML.

function paint(answer, parts) {
  let before = answer.firstElementChild; // parts stand in the order in which they are given, whenever they come
  for (const [name, html] of Object.entries(parts)) {
    let slot = find(`[data-slot="${name}"]`, answer);
    if (!slot) {
      slot = document.createElement("div");
      slot.dataset.slot = name;
      before.after(slot);
    }
    if (slot.parentElement === answer) before = slot;
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

function failed(text) {
  return { note: `<p class="failure">${text}</p><button type="button" data-retry>Try again</button>` };
}

// A picture that can't be had leaves the drawn ground; `error` doesn't bubble, so it is caught on its way down.
element.addEventListener("error", (event) => event.target.matches?.(".poster img") && event.target.remove(), true);
