// What not everybody needs is loaded when somebody does.
(() => {
  const load = (name) => import(`/lazy/${name}.js`);
  document.addEventListener('input', ({ target }) => target.id === 'text' && load('drafts'));
  if (document.documentElement.dataset.zone) load('zone');
  document.addEventListener('toggle', ({ target }) => target.matches('.message-menu') && load('actions'), true);

  const log = document.querySelector('#log, .sheet');
  if (!log) return;
  const look = () => {
    if (CSS.highlights && log.querySelector('.code > figcaption')) load('colours').then((it) => it.colour(log));
    if (log.querySelector('.message:not([aria-busy]) .math')) load('maths').then((it) => it.set(log));
  };
  addEventListener('load', () => {
    new MutationObserver(look).observe(log, { childList: true });
    look();
  });
})();
