import { describe, it } from 'vitest';
import { findPython } from '../harness/python.ts';
import { runSuite } from '../harness/run-suite.ts';

/** Since 3.12 CPython has the newer challenge. */
const peers = {
  'CPython 3.12+': findPython((minor) => minor >= 12),
  'CPython 3.11-': findPython((minor) => minor < 12),
};

for (const [name, PYTHON] of Object.entries(peers)) {
  for (const FAMILY of ['tcp', 'unix', 'abstract']) {
    const title = `${name} as the peer, ${FAMILY}`;
    if (PYTHON !== undefined) runSuite(title, 'connection/python.mjs', { env: { FAMILY, PYTHON } });
    else describe(title, () => it.skip(`there is no ${name} here`, () => {}));
  }
}
