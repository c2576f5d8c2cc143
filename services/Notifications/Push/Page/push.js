// Registers the service worker, says how this browser stands, and turns notifications on and off.
'use strict';

const english = {
  yes: 'Supported', no: 'Not supported', ready: 'Ready', failed: 'Could not be started', granted: 'Given', denied: 'Refused', default: 'Not asked yet',
  on: 'On', off: 'Off', turnOn: 'Turn notifications on', turnOff: 'Turn notifications off',
  needsLink: 'Open this page from the link of your booking to turn notifications on.',
  blocked: 'Notifications of this site are blocked in the settings of your browser.', unreachable: 'This did not work. Please try again later.',
};
const vietnamese = {
  title: 'Thông báo về chuyến bay của bạn',
  about: 'Trình duyệt này sẽ báo khi đặt chỗ được xác nhận, khi cửa ra máy bay thay đổi, khi chuyến bay bị chậm hoặc bị hủy. Nội dung gửi đi không có tên hay mã đặt chỗ.',
  browser: 'Trình duyệt', permission: 'Quyền', worker: 'Dịch vụ nền', state: 'Thông báo',
  yes: 'Được hỗ trợ', no: 'Không được hỗ trợ', ready: 'Sẵn sàng', failed: 'Không khởi động được', granted: 'Đã cho phép', denied: 'Đã từ chối', default: 'Chưa hỏi',
  on: 'Bật', off: 'Tắt', turnOn: 'Bật thông báo', turnOff: 'Tắt thông báo',
  needsLink: 'Hãy mở trang này từ liên kết của đặt chỗ để bật thông báo.',
  blocked: 'Thông báo của trang này bị chặn trong cài đặt trình duyệt.', unreachable: 'Không thực hiện được. Vui lòng thử lại sau.',
};
const isVietnamese = navigator.language.toLowerCase().startsWith('vi');
const words = isVietnamese ? vietnamese : english;
const code = location.pathname.split('/')[2] || null;
const button = document.getElementById('switch');
let registration = null;

function show(id, word) {
  const place = document.getElementById(id);
  place.textContent = words[word];
  place.dataset.value = word;
}

function hint(word) {
  const place = document.getElementById('hint');
  place.hidden = word === null;
  place.textContent = word === null ? '' : words[word];
}

// One subscription of the browser may serve several bookings: what is remembered is ours, by booking.
const remembered = () => localStorage.getItem(`push ${code}`);

async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
    body: body && JSON.stringify(body),
  });
  if (!response.ok && response.status !== 404) throw new Error(`${method} ${path}: ${response.status}`);
  return response;
}

async function turnOn() {
  if (await Notification.requestPermission() !== 'granted') return;
  const { publicKey } = await (await fetch('/v1/push-subscriptions/public-key')).json();
  const key = Uint8Array.from(atob(publicKey.replace(/-/g, '+').replace(/_/g, '/')), letter => letter.charCodeAt(0));
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const response = await call('POST', '/v1/push-subscriptions', { ...subscription.toJSON(), code, locale: navigator.language });
  if (!response.ok) throw new Error('unknown booking');
  localStorage.setItem(`push ${code}`, (await response.json()).id);
}

async function turnOff() {
  await call('DELETE', `/v1/push-subscriptions/${remembered()}?code=${encodeURIComponent(code)}`);
  localStorage.removeItem(`push ${code}`);
}

async function refresh() {
  show('permission', Notification.permission);
  const isOn = Boolean(code && remembered() && Notification.permission === 'granted' && await registration.pushManager.getSubscription());
  show('state', isOn ? 'on' : 'off');
  button.hidden = !code || Notification.permission === 'denied';
  button.textContent = words[isOn ? 'turnOff' : 'turnOn'];
  button.onclick = async () => {
    button.disabled = true;
    let problem = null;
    try {
      await (isOn ? turnOff() : turnOn());
    } catch (error) {
      console.error(error);
      problem = 'unreachable';
    }
    button.disabled = false;
    await refresh();
    if (problem) hint(problem);
  };
  hint(!code ? 'needsLink' : Notification.permission === 'denied' ? 'blocked' : null);
}

async function start() {
  if (isVietnamese) {
    document.documentElement.lang = 'vi';
    for (const place of document.querySelectorAll('[data-text]')) place.textContent = vietnamese[place.dataset.text];
  }
  const isSupported = 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;
  show('browser', isSupported ? 'yes' : 'no');
  if (!isSupported) {
    for (const id of ['permission', 'worker', 'state']) show(id, 'no');
    return;
  }
  try {
    registration = await navigator.serviceWorker.register('/push/worker.js', { scope: '/push/' });
    const worker = registration.active ?? registration.waiting ?? registration.installing;
    if (worker.state !== 'activated') {
      await new Promise((resolve, reject) => worker.addEventListener('statechange', () => {
        if (worker.state === 'activated') resolve();
        if (worker.state === 'redundant') reject(new Error('the service worker was thrown away'));
      }));
    }
    show('worker', 'ready');
  } catch (error) {
    console.error(error);
    show('worker', 'failed');
    show('state', 'off');
    show('permission', Notification.permission);
    return;
  }
  await refresh();
}

start();
