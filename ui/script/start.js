// The start.

// What was typed, or asked in vain, outlives a reload: Gradio reloads the page when its server comes back anew.
const UNSENT = "tastemaker-unsent";
window.addEventListener("pagehide", () => {
  const last = turns.lastElementChild;
  const asked = last?.dataset.state === "failed" ? find(".question p", last).textContent : "";
  keep("sessionStorage", UNSENT, box.value || asked || null);
});
box.value = kept("sessionStorage", UNSENT) ?? "";
keep("sessionStorage", UNSENT, null);

// A tab goes on with its own chat, whatever others of this browser have begun since.
remember({ conversation: history.state?.[STORE] ?? visitor.conversation });
history.replaceState(here(), "");
welcome.hidden = Boolean(known); // somebody who was here before may have talked: `restore` knows
restore();
poll();
fit();
toBox();
