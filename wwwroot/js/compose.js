// The message box: Enter sends where there is a keyboard, the message stands on the page at once, what is typed while it is
// on its way is kept, and a request that came to nothing says so and gives the text back.
(() => {
  const hasKeyboard = matchMedia('(hover: hover) and (pointer: fine)');
  const imeKey = 229; // what some browsers report for the Enter that ends a composition
  const mostRows = 12;
  let sent = null; // the message on its way: its box, its text, and the article that shows it meanwhile

  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === imeKey || !hasKeyboard.matches) return;
    const box = event.target;
    if (box.id !== 'text' || !box.form) return;
    event.preventDefault();
    if (box.value.trim() && !box.form.querySelector('[type=submit]').disabled) box.form.requestSubmit();
  });

  if (!CSS.supports('field-sizing', 'content')) {
    document.addEventListener('input', ({ target }) => {
      if (target.id === 'text') target.rows = Math.min(mostRows, Math.max(2, target.value.split('\n').length));
    });
  }

  function showAtOnce(text) {
    const article = document.createElement('article');
    article.className = 'message pending';
    article.dataset.role = 'user';
    article.innerHTML = `<header class="message-head"><h2 class="message-author">You</h2><span>Sending…</span></header>
      <div class="message-body"><p class="plain" dir="auto"></p></div>`;
    article.querySelector('p').textContent = text;
    document.getElementById('log').append(article);
    return article;
  }

  document.addEventListener('htmx:before:request', ({ target }) => {
    if (target.id !== 'compose') return;
    const box = target.elements.text;
    sent = { box, text: box.value, article: showAtOnce(box.value) };
    box.value = '';
  });

  // Nothing came of it: the text goes back to where it was typed.
  function takeBack() {
    sent?.article.remove();
    if (sent) sent.box.value = sent.text + sent.box.value;
    sent = null;
  }

  // The real one is there, in the answer to the form or, sooner, in the stream.
  document.addEventListener('htmx:before:swap', ({ detail }) => {
    if (!sent) return;
    const isAnswer = detail.ctx.sourceElement.id === 'compose';
    if (isAnswer) sent.wasRefused = detail.ctx.response.status >= 400;
    const isThere = ({ fragment }) => [...fragment.querySelectorAll('[data-role="user"]')]
      .some((article) => !document.getElementById(article.id) && article.querySelector('.plain')?.textContent === sent.text);
    if (isAnswer || detail.tasks.some(isThere)) sent.article.remove();
  });

  // A new chat is a page of its own: until it is there, this one shows the question as that one will.
  document.addEventListener('submit', ({ target }) => {
    if (target.id !== 'compose' || document.getElementById('log')) return;
    const log = document.createElement('div');
    log.id = log.className = 'log';
    document.getElementById('composer').before(log);
    showAtOnce(target.elements.text.value);
    document.getElementById('main').classList.add('sent');
  });
  addEventListener('pageshow', ({ persisted }) => {
    document.getElementById('main').classList.remove('sent');
    if (persisted) document.querySelector('.start > .log')?.remove();
  });

  document.addEventListener('htmx:before:settle', ({ detail }) => {
    for (const part of detail.newContent) {
      const box = part.querySelector?.('#text');
      if (!box) continue;
      // On a phone the keyboard would come up again over the answer.
      if (!hasKeyboard.matches) box.removeAttribute('autofocus');
      // What was refused stands in the new box; else it holds at most a draft of what is typed by now.
      if (sent) box.value = sent.wasRefused ? box.value + sent.box.value : sent.box.value || box.value;
      sent = null;
      box.setSelectionRange(box.value.length, box.value.length);
    }
  });

  document.addEventListener('htmx:error', ({ target }) => {
    if (!target.matches?.('form')) return;
    if (target.id === 'compose') takeBack();
    say('The server cannot be reached. Try again in a moment: nothing is ever taken twice.');
  });

  document.addEventListener('htmx:response:error', ({ target, detail }) => {
    const { text, response } = detail.ctx;
    if (!target.matches?.('form') || text.includes('<hx-partial')) return;
    if (target.id === 'compose') takeBack();
    // The form had been open too long: sent plainly, it comes back with a fresh token and with what was typed.
    if (response.status === 400) return target.submit();
    const page = new DOMParser().parseFromString(text, 'text/html');
    say(page.querySelector('[data-notice]')?.textContent ?? `The server answered with an error (${response.status}). Try again in a moment.`);
  });

  function say(words) {
    const notice = document.createElement('p');
    notice.className = 'notice';
    notice.dataset.notice = 'error';
    notice.role = 'alert';
    notice.textContent = words;
    document.getElementById('notices')?.replaceChildren(notice);
  }
})();
