#!/usr/bin/env node
// Starts the command. Its modules lie in the folder cli; each run loads those that it needs.
import('./cli/main.mjs').catch((error) => {
  process.stderr.write(`Cannot load the command: ${error.message}\n`);
  // 1 would mean that the answer is no.
  process.exitCode = 3;
});
