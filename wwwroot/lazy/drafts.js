// What is typed is kept on the server: a second after the last key, and when the page is left.
const pause = 1000; // milliseconds
const mostAtTheEnd = 60_000; // bytes that a browser still sends for a page that is gone
let timer;

async function save() {
  timer = clearTimeout(timer);
  const { text, draft, nonce, __RequestVerificationToken: token } = document.getElementById('compose').elements;
  if (!draft) return;
  const body = new URLSearchParams([text, draft, nonce, token].map(({ name, value }) => [name, value]));
  const answer = await fetch(`${location.pathname}/draft`, {
    method: 'POST', body, keepalive: `${body}`.length < mostAtTheEnd, headers: { 'HX-Request': 'true' },
  }).catch(() => null);
  if (answer?.status === 200) draft.value = await answer.text();
  if (answer?.status === 409) document.getElementById('notices').innerHTML = await answer.text();
}

function wait() {
  clearTimeout(timer);
  timer = setTimeout(save, pause);
}

// This was loaded by the first letter.
wait();
document.addEventListener('input', ({ target }) => target.id === 'text' && wait());
document.addEventListener('submit', () => { timer = clearTimeout(timer); });
document.addEventListener('visibilitychange', () => timer && save());
// Sooner than the request for the next page, which may have the same box.
addEventListener('beforeunload', () => timer && save());
