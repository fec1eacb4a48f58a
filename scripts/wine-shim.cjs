// For Windows Node under Wine 8, which refuses keep-alive on a socket that is not connected yet
// (the call fails as “connect UNKNOWN”): wait for the connection. Loaded by test-windows.mjs only.
'use strict';
const { Socket } = require('node:net');

const original = Socket.prototype.setKeepAlive;

Socket.prototype.setKeepAlive = function setKeepAliveOnceConnected(...args) {
  if (!this.connecting && !this.pending) return original.apply(this, args);
  this.once('connect', () => original.apply(this, args));
  return this;
};
