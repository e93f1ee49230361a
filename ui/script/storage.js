// What the page keeps in this browser, and who and where its visitor is: random ids, kept by this browser and nothing
// else. Where storage is forbidden or full, all of it lasts until the page is closed.

function kept(storage, key) {
  try {
    return JSON.parse(window[storage].getItem(key));
  } catch {
    return null;
  }
}

function keep(storage, key, value) {
  try {
    if (value === null) window[storage].removeItem(key);
    else window[storage].setItem(key, JSON.stringify(value));
  } catch {
    // As said above.
  }
}

function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

const STORE = "tastemaker";
const known = kept("localStorage", STORE); // null at the first visit
const visitor = { user: randomId(), conversation: randomId(), ...known };

function remember(values) {
  Object.assign(visitor, values);
  keep("localStorage", STORE, visitor);
}
