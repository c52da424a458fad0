// Says politely that new cases wait, or that something came to the case that is open. Without this file everything
// works: the page shows what there was when it came.

const news = document.getElementById('news');
const EVERY = 20_000;
// Asking counts as use of the session: who has left the desk for so long is not asked for any more.
const AWAY = 20 * 60_000;
let used = Date.now();
let said = '';

function ask() {
  if (document.hidden || Date.now() - used > AWAY) return;
  const request = new XMLHttpRequest();
  request.open('GET', news.dataset.news);
  request.responseType = 'document';
  request.timeout = EVERY;
  request.setRequestHeader('X-Madoguchi-Part', '1');
  request.onload = () => {
    const sentence = request.status === 200 ? request.response?.getElementById('sentence') : null;
    if (!sentence || sentence.textContent === said) return;
    said = sentence.textContent;
    news.replaceChildren(document.adoptNode(sentence));
  };
  request.send();
}

if (news?.dataset.news) {
  for (const kind of ['pointerdown', 'keydown']) document.addEventListener(kind, () => { used = Date.now(); });
  document.addEventListener('visibilitychange', ask);
  setInterval(ask, EVERY);
}
