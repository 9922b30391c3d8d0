// A button on every finished block of code that copies it, where the browser lets a page do that.
(() => {
  const log = document.querySelector('#log, .sheet');
  const thanks = 2000; // milliseconds
  if (!log || !navigator.clipboard) return;

  function equip() {
    for (const block of log.querySelectorAll('.message:not([aria-busy]) .code:not(:has(.copy))')) {
      const button = document.createElement('button');
      button.className = 'copy';
      button.type = 'button';
      button.textContent = 'Copy';
      block.append(button);
    }
  }

  log.addEventListener('click', async ({ target }) => {
    if (!target.matches('.copy')) return;
    await navigator.clipboard.writeText(target.closest('.code').querySelector('code').textContent);
    target.textContent = 'Copied';
    setTimeout(() => { target.textContent = 'Copy'; }, thanks);
  });

  new MutationObserver(equip).observe(log, { childList: true });
  equip();
})();
