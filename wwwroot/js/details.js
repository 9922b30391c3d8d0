// What an answer took and cost, under its head: fetched from its own page when its time is pressed, put away by another press.
(() => {
  const log = document.querySelector('#log');
  if (!log) return;

  log.addEventListener('click', (event) => {
    const link = event.target.closest('[data-role="assistant"]:not([aria-busy]) .message-time');
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const open = link.closest('article').querySelector('.receipt');
    link.setAttribute('aria-expanded', !open);
    if (open) open.remove();
    else htmx.ajax('GET', link.getAttribute('href'), { target: link.closest('.message-head'), swap: 'afterend' });
  });
})();
