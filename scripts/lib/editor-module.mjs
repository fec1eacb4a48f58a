// An esbuild plugin: the editor's API is required as it is.
import { readFileSync } from 'node:fs';

const IMPORT = /^import \* as (\w+) from 'vscode';$/m;
const OTHER_IMPORT = /^import (?!type\b).* from 'vscode';$/m;

/**
 * Makes “import * as vscode” of an extension's source a plain require. Otherwise esbuild wraps it: each module that imports the
 * editor's API would copy some hundred properties into an object of its own, which takes most of the time of loading the bundle.
 */
export const editorModule = {
  name: 'editor-module',
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/]extension[\\/].*\.ts$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8').replace(IMPORT, "import $1 = require('vscode');");
      if (OTHER_IMPORT.test(contents)) {
        return { errors: [{ text: `${path}: write “import * as vscode from 'vscode';”` }] };
      }
      return { contents, loader: 'ts' };
    });
  },
};
