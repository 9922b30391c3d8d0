// Files that are picked, pasted or dropped anywhere go to the message box. What lists them is a file of its own, loaded with the first.
(() => {
  const field = () => document.querySelector('#compose [name=files]');
  const take = (files) => import('/lazy/attach.js').then((list) => list.take(files));

  addEventListener('change', ({ target }) => {
    if (target === field()) take([...target.files]);
  });

  addEventListener('paste', (event) => {
    const { files, types } = event.clipboardData;
    // A spreadsheet brings a picture of its text along.
    if (!field() || !files.length || types.includes('text/plain')) return;
    event.preventDefault();
    take([...files]);
  });

  for (const type of ['dragover', 'dragleave', 'drop']) {
    addEventListener(type, (event) => {
      if (!field() || !event.dataTransfer.types.includes('Files')) return;
      event.preventDefault();
      field().form.classList.toggle('dropping', type === 'dragover');
      if (type === 'drop') take([...event.dataTransfer.files]);
    });
  }
})();
