// The rail keeps up with the other rooms: it is asked for when somebody comes back to the page, when an answer ends before
// their eyes, and every few seconds while they look. What few need, renaming in place and the keys, is loaded with its first use.
(() => {
  const every = 20_000; // milliseconds
  const rail = document.getElementById('rail-chats');
  if (!rail) return;

  async function look() {
    if (document.hidden) return;
    const answer = await fetch(`/chats/rail?current=${rail.dataset.current ?? ''}&seen=${rail.firstElementChild.dataset.seen}`).catch(() => null);
    if (answer?.status !== 200 || answer.redirected) return;
    const news = await answer.text();
    const focused = rail.contains(document.activeElement) && document.activeElement.id;
    rail.innerHTML = news;
    if (focused) document.getElementById(focused)?.focus();
    document.dispatchEvent(new Event('news'));
  }
  setInterval(look, every);
  addEventListener('focus', look);
  document.addEventListener('visibilitychange', look);
  document.addEventListener('htmx:sse:before:message', ({ detail }) => { if (detail.message.event !== 'block') look(); }, true);

  let isLoading = false; // what is typed after F2 is for a field that is about to come
  async function act(event) {
    isLoading = true;
    try {
      (await import('/lazy/hands.js')).act(event);
    } finally {
      isLoading = false;
    }
  }
  document.addEventListener('click', (event) => { if (event.target.matches('#shortcuts, [data-rename]')) act(event); });
  document.addEventListener('dblclick', (event) => { if (event.target.id === 'chat-title') act(event); });
  // Single keys, unless they are turned off, and never while somebody types; with Alt and Shift everywhere and always.
  document.addEventListener('keydown', (event) => {
    const { key, altKey, target } = event;
    const both = altKey && event.shiftKey;
    if (event.ctrlKey || event.metaKey || !'?/bhnsxejk f2'.includes(key.toLowerCase())) return;
    if (!both && key !== 'F2' && (altKey || isLoading || localStorage.keys === 'off' || target.closest('textarea, select, input:not([type=checkbox]), dialog'))) return;
    if (both || key === '/') event.preventDefault();
    act(event);
  });
})();
