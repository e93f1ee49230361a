// A line that comes up for a while, with a way to undo what it tells.

const TOAST_MILLISECONDS = 6_000;
let fading;
function tell(text, undo = null) {
  find("span", toast).textContent = text;
  find("button", toast).hidden = !undo;
  find("button", toast).onclick = () => {
    toast.hidden = true;
    undo();
  };
  toast.hidden = false;
  fade();
}

function fade() {
  clearTimeout(fading);
  fading = setTimeout(() => (toast.hidden = true), TOAST_MILLISECONDS);
}

// It stays for as long as somebody is about to press its button.
for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, () => clearTimeout(fading));
for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, fade);
