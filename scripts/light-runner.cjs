// Loaded before every test. Node's test runner follows each promise by an async hook, to know the test that code belongs to. That costs
// 3 µs a promise. An AsyncLocalStorage tells the same, and needs no hook on Node 24. Tests run without this file too, slower.
'use strict';
const asyncHooks = require('node:async_hooks');

const { AsyncLocalStorage, AsyncResource, createHook, executionAsyncId } = asyncHooks;
const { runInAsyncScope } = AsyncResource.prototype;
const current = new AsyncLocalStorage();

// The first hook made is the runner's; its `init` maps the id of an async resource to a test if the resource is one. Tests are
// resources that run their function in their own scope.
asyncHooks.createHook = ({ init }) => {
  asyncHooks.createHook = createHook;
  AsyncResource.prototype.runInAsyncScope = function runInTest(run, receiver, ...args) {
    init(this.asyncId(), '', 0, this);
    const inside = (...given) => current.run(this, () => run.apply(receiver, given));
    return runInAsyncScope.call(this, inside, undefined, ...args);
  };
  const hook = { enable: () => hook, disable: () => hook };
  return hook;
};
asyncHooks.executionAsyncId = () => current.getStore()?.asyncId() ?? executionAsyncId();
