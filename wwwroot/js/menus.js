// Menus and the drawer close by Escape, which gives the focus back to their handle; a menu also by a click beside it.
(() => {
  const closing = '.room-menu[open], .message-menu[open], .outline[open]'; // also by a press beside them
  const menus = `${closing}, .rail-drawer[open]`;

  document.addEventListener('keydown', (event) => {
    const menu = event.key === 'Escape' && document.querySelector(menus);
    if (!menu) return;
    menu.open = false;
    menu.querySelector('summary').focus();
  });

  document.addEventListener('pointerdown', (event) => {
    for (const menu of document.querySelectorAll(closing)) if (!menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener('click', ({ target }) => {
    if (target.matches('.outline a')) target.closest('details').open = false;
  });
})();
