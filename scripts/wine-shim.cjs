// For tests under Windows Node in Wine; loaded by test-windows.mjs only. Wine 8 refuses keep-alive on a socket that is not connected yet
// (the call fails as “connect UNKNOWN”): wait for the connection.
'use strict';
void require('./lib/lean-runner.cjs');
const Module = require('node:module');
const path = require('node:path');
const { Socket } = require('node:net');

const memory = process.env.REFPOINT_WINE_TEMP;
if (memory) Object.assign(process.env, { TEMP: memory, TMP: memory });

const original = Reflect.get(Socket.prototype, 'setKeepAlive');

Socket.prototype.setKeepAlive = function setKeepAliveOnceConnected(...args) {
  if (!this.connecting && !this.pending) return original.apply(this, args);
  this.once('connect', () => original.apply(this, args));
  return this;
};

// The module that only the editor has: the fake of the test that runs (test/support/vscode/shared.ts).
const load = Module._load;
const KOFFI = path.join(__dirname, '..', 'build', 'windows', 'node_modules', 'koffi');

Module._load = function loadOrFake(request, ...rest) {
  if (request === 'vscode' && globalThis.refpointFakeVscode) return globalThis.refpointFakeVscode;
  // The command in dist would find the one of this system, which lacks the binary of Windows.
  if (request === 'koffi') return load.call(this, KOFFI, ...rest);
  return load.call(this, request, ...rest);
};
