// Loaded before every test. To find the test that an uncaught error belongs to, Node's test runner follows each promise and socket of
// the process through async_hooks: that took a quarter of the processor time of a test that reads a chain of 60 points (9.1 s of 12.4 s
// are left). Here it follows them only while a file is loaded, so that a test within `describe` finds its suite. An uncaught error still
// fails the file, and the summary quotes it.
'use strict';
const asyncHooks = require('node:async_hooks');

const original = asyncHooks.createHook;

asyncHooks.createHook = function createHook(callbacks) {
  const hook = original(callbacks);
  if (!/node:internal\/test_runner\//.test(new Error('caller').stack ?? '')) return hook;
  const enable = hook.enable.bind(hook);
  hook.enable = () => {
    setImmediate(() => hook.disable()).unref();
    return enable();
  };
  return hook;
};
