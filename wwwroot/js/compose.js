// The message box: Enter sends where there is a keyboard, what is typed while a message is on its way is kept, and a
// request that came to nothing says so.
(() => {
  const hasKeyboard = matchMedia('(hover: hover) and (pointer: fine)');
  const imeKey = 229; // what some browsers report for the Enter that ends a composition
  const mostRows = 12;
  let sent = null;

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

  document.addEventListener('htmx:before:request', ({ target }) => {
    if (target.id === 'compose') sent = { box: target.elements.text, text: target.elements.text.value };
  });

  document.addEventListener('htmx:before:settle', ({ detail }) => {
    for (const part of detail.newContent) {
      const box = part.querySelector?.('#text');
      if (!box) continue;
      // On a phone the keyboard would come up again over the answer.
      if (!hasKeyboard.matches) box.removeAttribute('autofocus');
      if (sent) box.value += sent.box.value.startsWith(sent.text) ? sent.box.value.slice(sent.text.length) : sent.box.value;
      sent = null;
      box.setSelectionRange(box.value.length, box.value.length);
    }
  });

  document.addEventListener('htmx:error', ({ target }) => {
    if (target.matches?.('form')) say('The server cannot be reached. Send it again in a moment: nothing is ever taken twice.');
  });

  document.addEventListener('htmx:response:error', ({ target, detail }) => {
    const { text, response } = detail.ctx;
    if (!target.matches?.('form') || text.includes('<hx-partial')) return;
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
