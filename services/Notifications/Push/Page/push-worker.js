// Shows what was sent. The message has a kind and a link; what is to be read is fetched from the link, and when that cannot be, the kind alone says something.
'use strict';

const titles = {
  'booking.confirmed': 'Your booking is confirmed', 'booking.failed': 'Your booking was not completed', 'booking.cancelled': 'Your booking is cancelled',
  'booking.payment_due': 'A payment is due', 'booking.price_changed': 'The price of your booking changed', 'flight.cancelled': 'Your flight is cancelled',
  'flight.gate_changed': 'The gate of your flight changed', 'flight.time_changed': 'Your flight leaves at another time', 'flight.diverted': 'Your flight is diverted',
};

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()));

function read(data) {
  try {
    return data.json();
  } catch {
    return {};
  }
}

async function fetchNotice(link) {
  try {
    const address = new URL(link, self.location.origin);
    if (address.origin !== self.location.origin) return null;
    const response = await fetch(address, { cache: 'no-store', credentials: 'omit' });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

async function show(message) {
  const notice = message.link ? await fetchNotice(message.link) : null;
  await self.registration.showNotification(notice?.title ?? titles[message.kind] ?? 'News of your booking', {
    body: notice?.text ?? '',
    lang: notice?.language ?? 'en',
    tag: notice?.tag ?? message.kind ?? 'aerona',
    renotify: true,
    data: { path: notice?.path ?? null },
  });
}

self.addEventListener('push', event => event.waitUntil(show(event.data ? read(event.data) : {})));

self.addEventListener('notificationclick', event => {
  event.notification.close();
  const path = event.notification.data?.path;
  if (path?.startsWith('/')) event.waitUntil(self.clients.openWindow(path));
});
