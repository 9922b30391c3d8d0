// What only some answers need is loaded when the first of them is there.
(() => {
  const log = document.querySelector('#log, .sheet');
  if (!log || !CSS.highlights) return;

  async function look() {
    if (log.querySelector('.code > figcaption')) (await import('/lazy/colours.js')).colour(log);
  }

  new MutationObserver(look).observe(log, { childList: true });
  look();
})();
