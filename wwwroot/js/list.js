// The chat list of an open page keeps up with the rail, unless somebody is at work in it; its menus close like others.
(() => {
  const list = () => document.getElementById('chat-list');
  // Where older pages were loaded below, a fresh first one would tear a hole.
  const isBusy = () => list().contains(document.activeElement) || list().querySelector(':checked, [open], .rename, [rel=first]');

  document.addEventListener('news', async () => {
    if (isBusy()) return;
    const answer = await fetch(location.href).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.getElementById('chat-list');
    if (!fresh || isBusy()) return;
    list().replaceWith(fresh);
    htmx.process(fresh);
  });

  const open = () => document.querySelector('.line-menu[open]');
  document.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape' || !open()) return;
    const menu = open();
    menu.open = false;
    menu.querySelector('summary').focus();
  });
  document.addEventListener('pointerdown', ({ target }) => {
    if (open() && !open().contains(target)) open().open = false;
  });
})();
