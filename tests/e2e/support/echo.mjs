// An app that knows nothing of sign-in: it tells what reached it, takes a body, gives a large file, echoes a WebSocket.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const CHUNK = Buffer.alloc(1 << 20, 'vestibule');

/** The same bytes as `/download?size=…` gives, hashed. */
export function hashOf(size) {
  const hash = createHash('sha256');
  for (let left = size; left > 0; left -= CHUNK.length) hash.update(CHUNK.subarray(0, Math.min(left, CHUNK.length)));
  return hash.digest('hex');
}

export async function startEcho() {
  const app = { requests: 0 };
  const server = createServer(async (req, res) => {
    app.requests += 1;
    const url = new URL(req.url, 'http://app');
    if (url.pathname === '/favicon.ico') return res.writeHead(204).end();
    if (url.pathname.endsWith('/download')) {
      const size = Number(url.searchParams.get('size'));
      res.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size });
      for (let left = size; left > 0; left -= CHUNK.length) {
        if (!res.write(CHUNK.subarray(0, Math.min(left, CHUNK.length)))) await once(res, 'drain');
      }
      return res.end();
    }
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of req) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    const told = { method: req.method, url: req.url, headers: req.rawHeaders, bytes, sha256: hash.digest('hex') };
    const json = JSON.stringify(told);
    if (!req.headers.accept?.includes('text/html')) return res.writeHead(200, { 'content-type': 'application/json' }).end(json);
    res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    return res.end(`<!doctype html><html lang="en"><title>App</title><pre id="told">${json.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</pre>`);
  });
  // The handshake of RFC 6455, and frames sent back as they came, unmasked.
  server.on('upgrade', (req, socket) => {
    app.requests += 1;
    const accept = createHash('sha1').update(req.headers['sec-websocket-key'] + GUID).digest('base64');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    socket.on('data', (frame) => {
      if ((frame[0] & 15) !== 1) return socket.end();
      const length = frame[1] & 127;
      const mask = frame.subarray(2, 6);
      const text = Buffer.from(frame.subarray(6, 6 + length).map((byte, at) => byte ^ mask[at % 4]));
      return socket.write(Buffer.concat([Buffer.from([129, length]), text]));
    });
    // An HTTP server's sockets may stay half open: whoever hangs up is hung up on.
    socket.on('end', () => socket.end());
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  app.port = server.address().port;
  app.stop = () => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  };
  return app;
}
