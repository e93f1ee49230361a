// A turn: it is sent, streams in, and ends, is stopped or fails.

async function send(text, picture = null) {
  text = text.trim() || (picture ? LOOKS_LIKE_THIS : "");
  if (!text || live || [...text].length > limit) return false;
  toast.hidden = true; // what it told of is in this message
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

