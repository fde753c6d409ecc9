// Connections to the hosts in MOCKSERVER_INTERCEPT go to mockserver, whichever HTTP client opens them: versions of Node
// before 22.21 and 24.5 know no proxy variables. The server sees from the first byte whether a client speaks TLS.
'use strict';
const net = require('net');
const [address, list] = (process.env.MOCKSERVER_INTERCEPT || '').split(' ');
if (address && list) {
  const at = address.lastIndexOf(':');
  const to = {host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1))};
  const names = list.split(',');
  const intercepted = (host) => typeof host === 'string' && names.some((name) =>
    name.startsWith('*.') ? host.toLowerCase().endsWith(name.slice(1)) : host.toLowerCase() === name);
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...args) {
    const [options, done] = net._normalizeArgs(Array.isArray(args[0]) ? args[0] : args);
    if (!intercepted(options.host)) return connect.apply(this, args);
    return connect.call(this, {...options, ...to, path: undefined, lookup: undefined}, done);
  };
}
