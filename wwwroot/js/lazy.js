// What not everybody needs is loaded when somebody does.
(() => {
  const load = (name) => import(`/lazy/${name}.js`);
  document.addEventListener('input', ({ target }) => target.id === 'text' && load('drafts'));
  document.addEventListener('toggle', ({ target }) => target.matches('.message-menu') && load('actions'), true);
})();
