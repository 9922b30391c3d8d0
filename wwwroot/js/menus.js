// Menus and the drawer close by Escape, which gives the focus back to their handle; a menu also by a click beside it.
(() => {
  const closing = '.room-menu[open], .message-menu[open]'; // also by a press beside them
  const menus = `${closing}, .rail-drawer[open]`;

  document.addEventListener('keydown', (event) => {
    const menu = event.key === 'Escape' && document.querySelector(menus);
    if (!menu) return;
    menu.open = false;
    menu.querySelector('summary').focus();
  });

  document.addEventListener('pointerdown', (event) => {
    const menu = document.querySelector(closing);
    if (menu && !menu.contains(event.target)) menu.open = false;
  });
})();
