// Looks again every few seconds; the server answers 304 while nothing has changed. A page that nobody sees waits.
const board = document.getElementById('board');
let known = null;

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { headers: known ? { 'If-None-Match': known } : {}, cache: 'no-store' });
    if (answer.status === 200) {
      known = answer.headers.get('ETag');
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      board.innerHTML = page.getElementById('board').innerHTML;
    }
    board.classList.remove('stale');
  } catch {
    board.classList.add('stale');   // out of reach: what stands there may be old
  }
}

setInterval(look, Number(board.dataset.again) * 1000);
document.addEventListener('visibilitychange', look);
