// What came into the conversation since the page was made: asked for again and again while the page is looked at.
// Without this file the page shows it when it is loaded anew. No markup is made from a string (see desk.js).

const find = (name) => document.getElementById(name);
const status = find('status');
const STEP = 5_000;
const IDLE = 12;
let token = status?.dataset.news;
let quiet = 0;
let wait = 0;
let asking = false;

function news() {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('GET', `${status.dataset.path}?after=${encodeURIComponent(token)}`);
    request.responseType = 'document';
    request.timeout = STEP * 2;
    request.onload = () => (request.status < 300 ? resolve(request.response) : reject(new Error('refused')));
    request.onerror = request.ontimeout = request.onabort = () => reject(new Error('network'));
    request.send();
  });
}

// True where there was something that the page did not show yet.
function put(item) {
  const old = find(item.id);
  if (old?.isEqualNode(item)) return false;
  if (old) old.replaceWith(item);
  else if (item.dataset.in) find(item.dataset.in)?.closest('.reply').before(item);
  else find('transcript').append(item);
  return true;
}

function show(came) {
  const main = came?.querySelector('[data-news]');
  if (!main) return false;
  token = main.dataset.news;
  const refresh = find('refresh');
  if (refresh) {
    refresh.hidden = false;
    status.textContent = status.dataset.came;
    return true;
  }
  const items = Array.from(main.children).filter((item) => put(document.adoptNode(item)));
  const last = items.at(-1);
  if (!last) return false;
  status.textContent = status.dataset.came;
  const jump = find('jump');
  jump.hash = last.id;
  jump.hidden = false;
  return true;
}

async function look() {
  if (asking || document.hidden || find('transcript')?.ariaBusy === 'true') return;
  asking = true;
  try {
    quiet = show(await news()) ? 0 : quiet + 1;
    wait = document.querySelector('[data-live]') || find('refresh') ? Math.min(IDLE, Math.floor(quiet / IDLE)) : IDLE;
  } catch {
    wait = IDLE;
  }
  asking = false;
}

if (token !== undefined) {
  setInterval(() => {
    if (--wait <= 0) look();
  }, STEP);
  document.addEventListener('visibilitychange', () => {
    quiet = 0;
    wait = 0;
  });
}

document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-number]');
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.number);
    button.textContent = button.dataset.copied;
  } catch {
    button.hidden = true;
  }
});
