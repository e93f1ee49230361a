// Is everything up?

const READY_POLL = 30_000;
const LOADING_POLL = 2_000;

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

document.addEventListener("visibilitychange", poll);
