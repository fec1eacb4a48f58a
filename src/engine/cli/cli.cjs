#!/usr/bin/env node
// The command: its modules lie in the folder cli, and each run loads those that it needs.
void import('./cli/main.mjs');
