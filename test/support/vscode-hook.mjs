// Loaded before every test: in tests the module `vscode`, which only the editor has, is test/support/fake-vscode.ts.
import { registerHooks } from 'node:module';

const fake = new URL('fake-vscode.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vscode' ? { url: fake, shortCircuit: true } : next(specifier, context),
});
