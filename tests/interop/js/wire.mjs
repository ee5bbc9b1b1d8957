// What all parts need: everything of a list, and an error that must come.

import assert from "node:assert/strict";

export async function all(pages) {
  const found = [];
  for await (const one of pages) found.push(one);
  return found;
}

export async function refused(call, status, code) {
  let answer;
  try {
    answer = await call();
  } catch (error) {
    assert.equal(error.statusCode, status, `${error.statusCode}: ${error.message}`);
    if (code) assert.equal(error.code, code);
    return `${status} ${error.code}`;
  }
  assert.fail(`was not refused: ${JSON.stringify(answer)}`);
}
