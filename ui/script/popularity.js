// How much the list is corrected for popularity; null is as the server is set.

const TUNING = "tastemaker-popularity";
const tune = find(".tune");
const slider = find("#popularity");
let strength = readStrength();

function readStrength() {
  const chosen = kept("localStorage", TUNING);
  return typeof chosen === "number" && chosen >= 0 && chosen <= 1 ? chosen : null;
}

function setStrength(chosen) {
  strength = chosen;
  keep("localStorage", TUNING, chosen);
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
