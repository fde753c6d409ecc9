// Connections to the hosts in MOCKSERVER_INTERCEPT go to mockserver, whichever HTTP client opens them: versions of Node
// before 22.21 and 24.5 know no proxy variables. The server sees from the first byte whether a client speaks TLS. HTTP
// connections to other hosts are left to the proxy's decision, as with the proxy variables: it may refuse them.
'use strict';
const net = require('net');
const [address, list, others] = (process.env.MOCKSERVER_INTERCEPT || '').split(' ');
if (address && list) {
  const at = address.lastIndexOf(':');
  const proxy = {host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1))};
  const names = list.split(',');
  const direct = (process.env.NO_PROXY || '').toLowerCase().split(',').map((entry) => entry.trim()).filter(Boolean);
  const connect = net.Socket.prototype.connect;

  const bare = (host) => host.toLowerCase().replace(/^\[|\]$/g, '').replace(/\.$/, '');

  const intercepted = (host) => names.some((name) =>
    name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name);

  // Loopback addresses, the proxy itself and what NO_PROXY names are reached without the proxy.
  const isDirect = (host, port) => host === bare(proxy.host) || /^127\.[\d.]+$/.test(host) || direct.some((entry) =>
    [host, `${host}:${port}`].includes(entry) || host.endsWith(entry.replace(/^\*?\.?/, '.')));

  // Sockets of other protocols, such as a database's, have none of these: the ports of HTTP; what http.Agent adds to
  // its options; the protocols that TLS clients offer; what undici, and so fetch, sets for plain sockets.
  const speaksHTTP = (options) => [80, 443].includes(Number(options.port)) ||
    options._agentKey !== undefined || /^https?:$/.test(options.protocol) ||
    [].concat(options.ALPNProtocols || []).some((name) => name === 'h2' || name === 'http/1.1') ||
    'highWaterMark' in options && 'localAddress' in options;

  // ask sends a CONNECT request to the proxy and passes on why it refuses the host, or null.
  const ask = (host, done) => {
    const socket = new net.Socket();
    let answer = '';
    const finish = (reason) => { socket.destroy(); done(reason); };
    socket.on('error', () => finish('mockserver is not reached'));
    socket.on('data', (data) => { answer += data; });
    socket.on('end', () => {
      const [head, body] = answer.split('\r\n\r\n');
      try { finish(JSON.parse(body).detail); } catch { finish(head); }
    });
    connect.call(socket, proxy, () => socket.write(`CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`));
  };

  net.Socket.prototype.connect = function (...args) {
    const [options, done] = net._normalizeArgs(Array.isArray(args[0]) ? args[0] : args);
    if (typeof options.host !== 'string' || options.path) return connect.apply(this, args);
    const host = bare(options.host);
    if (intercepted(host)) return connect.call(this, {...options, ...proxy, path: undefined, lookup: undefined}, done);
    if (others !== 'refuse' || isDirect(host, options.port) || !speaksHTTP(options)) return connect.apply(this, args);
    this.connecting = true;
    ask(`${net.isIPv6(host) ? `[${host}]` : host}:${options.port}`, (reason) => this.destroy(new Error(reason)));
    return this;
  };
}
