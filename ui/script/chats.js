// Chats: each is a place in the browser's history, so that "back" finds the one before.

const here = () => ({ ...history.state, [STORE]: visitor.conversation });

function newChat() {
  if (turns.children.length) {
    leave(randomId());
    history.pushState(here(), "");
    welcome.hidden = false;
  }
  spoken.textContent = "New chat.";
  toBox();
}

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

async function restore() {
  const { conversation } = visitor;
  const said = await server.restore(visitor);
  verdicts = { ...(said?.verdicts ?? {}), ...verdicts };
  if (turns.children.length || conversation !== visitor.conversation) return; // already talking
  for (const { question, parts } of said?.turns ?? []) paint(addTurn(question, "done").answer, parts);
  if (said?.error) tell(said.error);
  if (said?.turns?.at(-1)?.question === box.value) box.value = ""; // it stands there, with a way to ask again
  fit();
  welcome.hidden = turns.children.length > 0;
  turns.lastElementChild?.scrollIntoView({ block: "start" });
}
