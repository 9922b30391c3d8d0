// Tells the server the time zone of a person who has none yet; on the account page it is chosen in the list as well.
const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const token = document.querySelector('[name=__RequestVerificationToken]')?.value;
if (timeZone && token) {
  const body = new URLSearchParams({ timeZone, __RequestVerificationToken: token });
  fetch('/account/zone', { method: 'POST', body, keepalive: true }).catch(() => {});
  const list = document.getElementById('time-zone');
  if ([...list?.options ?? []].some((option) => option.value === timeZone)) list.value = timeZone;
}
