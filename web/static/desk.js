// Improves the chat page: the answer arrives without a new page. Without this file everything works by forms.
// XMLHttpRequest, because it parses a fragment without a Trusted Types sink: no markup is ever made from a string.

const find = (name) => document.getElementById(name);
const form = find('ask');
const box = find('question');
const send = form.querySelector('button[type=submit]');
const status = find('status');
const trouble = find('trouble');
const jump = find('jump');
const transcript = find('transcript');
const counter = find('counter');
const PATIENCE = 90_000;
// A double click must not send the emptied box after a quick answer.
const REST = 700;
let busy = false;
let rested = 0;

function count() {
  counter.firstElementChild.textContent = Array.from(box.value.trim()).length.toLocaleString('ja');
}

function post(address, data) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', address);
    request.responseType = 'document';
    request.timeout = PATIENCE;
    request.setRequestHeader('X-Madoguchi-Part', '1');
    request.onload = () => (request.response ? resolve(request.response) : reject(new Error('empty')));
    request.onerror = request.ontimeout = request.onabort = () => reject(new Error('network'));
    request.send(data);
  });
}

function working(now) {
  busy = now;
  transcript.setAttribute('aria-busy', String(now));
  if (now) send.setAttribute('aria-disabled', 'true');
  else send.removeAttribute('aria-disabled');
}

function show(article) {
  const before = find('latest');
  if (before) before.removeAttribute('id');
  const same = find(article.getAttribute('aria-labelledby'));
  if (same) same.closest('article').remove();
  transcript.append(article);
  article.scrollIntoView({ block: 'start' });
}

async function ask(data) {
  if (busy || performance.now() < rested) return;
  working(true);
  trouble.textContent = '';
  jump.hidden = true;
  status.textContent = status.dataset.making;
  try {
    const answer = await post(form.action, data);
    const article = answer.querySelector('article');
    if (article) {
      show(document.adoptNode(article));
      status.textContent = status.dataset.arrived;
      jump.hash = 'latest';
      jump.hidden = false;
      box.value = '';
      count();
    } else {
      status.textContent = '';
      trouble.textContent = answer.getElementById('sentence')?.textContent ?? trouble.dataset.network;
    }
  } catch {
    status.textContent = '';
    trouble.textContent = trouble.dataset.network;
  }
  working(false);
  rested = performance.now() + REST;
}

async function feedback(sent) {
  const said = document.createElement('p');
  said.setAttribute('role', 'status');
  sent.append(said);
  const button = sent.querySelector('button');
  button.disabled = true;
  try {
    const answer = await post(sent.action, new FormData(sent));
    said.textContent = answer.getElementById('sentence')?.textContent ?? trouble.dataset.network;
  } catch {
    button.disabled = false;
    said.textContent = trouble.dataset.network;
  }
}

async function copy(button) {
  const reply = button.closest('article').querySelector('.reply').cloneNode(true);
  reply.querySelectorAll('rp, rt').forEach((reading) => reading.remove());
  const words = Array.from(reply.querySelectorAll('p, li'), (line) => line.textContent.trim());
  try {
    await navigator.clipboard.writeText(words.join('\n'));
    button.textContent = button.dataset.copied;
  } catch {
    button.hidden = true;
  }
}

document.addEventListener('submit', (event) => {
  const sent = event.target;
  if (sent.matches('[data-ask]')) {
    event.preventDefault();
    const data = new FormData(sent);
    if (event.submitter?.name) data.append(event.submitter.name, event.submitter.value);
    ask(data);
  } else if (sent.matches('[data-feedback]')) {
    event.preventDefault();
    feedback(sent);
  }
});

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-copy]');
  if (button) copy(button);
  const mark = event.target.closest('a.mark');
  if (mark) find(mark.hash.slice(1))?.querySelector('details')?.setAttribute('open', '');
});

// Enter makes a new line; while an input method converts, Enter belongs to it (keyCode 229 in older browsers).
box.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229) return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    form.requestSubmit();
  }
});
box.addEventListener('input', count);
count();
