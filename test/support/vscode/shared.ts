/**
 * The fake `vscode` of a test that is one bundle: the client's bundle, which is loaded beside it, asks for the same one, and finds it
 * where scripts/wine-shim.cjs looks. (Where tests are no bundles, test/support/vscode-hook.mjs gives one module to both.)
 */
import * as fake from '../fake-vscode.ts';

Object.assign(globalThis, { refpointFakeVscode: fake });

export * from '../fake-vscode.ts';
