// How much of the page the head and the box cover: turns begin below the one and fill the page down to the other.

const bands = { "--top": find(".top"), "--dock": find(".dock") };
const root = document.documentElement;
const measure = () => {
  for (const [name, band] of Object.entries(bands)) {
    const covers = getComputedStyle(band).position === "sticky" ? band.offsetHeight : 0;
    root.style.setProperty(name, `${covers}px`);
  }
};
const watcher = new ResizeObserver(measure);
Object.values(bands).forEach((band) => watcher.observe(band));
measure();
