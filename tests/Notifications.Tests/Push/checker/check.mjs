// Plays a browser: makes keys, reads what was sent to it (http_ece) and checks who sent it (jose). A line of JSON in, a line of JSON out.
import { createECDH, randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import ece from 'http_ece';
import { decodeProtectedHeader, importJWK, jwtVerify } from 'jose';

const bytes = text => Buffer.from(text, 'base64url');
const keys = new Map();

function subscribe() {
  const pair = createECDH('prime256v1');
  const p256dh = pair.generateKeys('base64url');
  const auth = randomBytes(16);
  keys.set(p256dh, { pair, auth });
  return { p256dh, auth: auth.toString('base64url') };
}

function decrypt({ p256dh, body }) {
  const { pair, auth } = keys.get(p256dh);
  return { text: ece.decrypt(bytes(body), { version: 'aes128gcm', privateKey: pair, authSecret: auth }).toString('utf8') };
}

async function verify({ authorization, audience, now }) {
  const [, token, key] = /^vapid t=([^,]+), k=(.+)$/.exec(authorization);
  const point = bytes(key);
  const jwk = { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') };
  const { payload } = await jwtVerify(token, await importJWK(jwk, 'ES256'), { audience, currentDate: new Date(now), algorithms: ['ES256'] });
  return { key, payload, header: decodeProtectedHeader(token) };
}

const work = { subscribe, decrypt, verify };
for await (const line of createInterface({ input: process.stdin })) {
  const { does, ...rest } = JSON.parse(line);
  let answer;
  try {
    answer = await work[does](rest);
  } catch (problem) {
    answer = { problem: `${problem.code ?? ''} ${problem.message}` };
  }
  console.log(JSON.stringify(answer));
}
